#!/usr/bin/env -S python3 -ESsB
# SPDX-License-Identifier: GPL-2.0
"""manual.py: what ctctl's help says is in ctctl(8), and the other way round: verbs, options, words. TAP."""
import itertools
import os
import re
import shlex
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OPTION = r"(?<![\w|-])--?[a-z][a-z-]*|(?<![\w|-])-V"
WORD = r"[a-z][a-z0-9_-]*"
PLACEHOLDER = r"\\fI.*?\\fR"
numbers = itertools.count(1)


def same(text, in_help, in_manual):
    good = in_help and in_help == in_manual
    print("%s %d - %s" % ("ok" if good else "not ok", next(numbers), text))
    if not good:
        print("# only in the help: %s; only in the manual: %s" % (in_help - in_manual, in_manual - in_help))


def help_of(*words):
    return subprocess.run([TOP + "/build/ctctl", *words, "--help"], check=True, capture_output=True, text=True).stdout


def usage(verb):
    return help_of(verb).splitlines()[0].partition("ctctl ")[2]


def find(pattern, text):
    return set(re.findall(pattern, text))


class Manual:
    """Sections by name, each a list of lines without the marks that mean nothing here."""

    def __init__(self, path):
        self.sections, lines = {}, []
        with open(path, encoding="utf-8") as file:
            for line in file.read().replace("\\-", "-").splitlines():
                if line.startswith(".SH"):
                    lines = self.sections.setdefault(line[4:].strip('"'), [])
                else:
                    lines.append(line)

    def text(self, section):
        """Without fonts."""
        return re.sub(r"\\f.", "", "\n".join(self.sections[section]))

    def entries(self, section):
        """What stands behind each .TP: its heading, and the lines below."""
        found = []
        for line in self.sections[section]:
            if line == ".TP":
                found.append([])
            elif found:
                found[-1].append(line)
        return [(entry[0], entry[1:]) for entry in found]


def bold(line):
    """The words of .B, and every second one of .BR; no examples of several words."""
    macro, _, arguments = line.partition(" ")
    words = shlex.split(arguments) if macro in (".B", ".BR") else []
    return {word for word in (words if macro == ".B" else words[::2]) if " " not in word}


def all_bold(lines):
    return set().union(*map(bold, lines))


def words_of_heading(line):
    """Keywords and the values that are listed; no placeholders."""
    return find(WORD, re.sub(PLACEHOLDER + r"|\\f.", "", line.partition(" ")[2]))


def words_of_filter(text):
    """The same of the lines that are the help's; columns stand two spaces apart."""
    found = set()
    for line in re.findall(r"^  (\S.*)", text, re.MULTILINE):
        first, *others = re.split(r" {2,}", line)
        for cell in [first] + [cell for cell in others if re.fullmatch(WORD + r" \S+", cell)]:
            found |= find(WORD, cell)
    return found


def list_behind(pattern, text):
    """Names that a sentence lists, to its end."""
    sentence = re.search(pattern + r"([^.]*?)(\.|;|, with)", text)[1]
    return find(WORD, sentence) - {"or"}


def main():
    manual = Manual(TOP + "/Documentation/ctctl.8")
    helps = help_of()
    verbs = find(r"(?m)^  ([a-z]+) ", helps)
    lines = {verb: line for line in manual.text("SYNOPSIS").splitlines() if line.startswith("ctctl ")
             for verb in line.split()[1].split("|")}
    same("the verbs of the synopsis", verbs, set(lines))
    same("the verbs that are explained", verbs, set().union(*(bold(heading) for heading, _ in manual.entries("VERBS"))))
    for verb in sorted(verbs):
        same("the options of " + verb, find(OPTION, usage(verb)) | {"ctctl"}, find(OPTION, lines[verb]) | {"ctctl"})
    headings = "\n".join(re.sub(r'[",]', " ", heading) for heading, _ in manual.entries("OPTIONS"))
    every_help = "\n".join([helps, *map(usage, sorted(verbs))])
    same("all options", find(OPTION, every_help), find(OPTION, headings))
    same("the formats", set().union(*(part.split("|") for part in re.findall(r"-o ([a-z|]+)", every_help))),
         set(re.search(r"--output\s+([a-z|]+)", headings)[1].split("|")))
    same("what is sorted by", list_behind(r"KEY: ", help_of("list")), list_behind(r"By ", manual.text("OPTIONS")))

    own = manual.text("FILTER").partition("Only")[0].count("\n.TP")
    of_filter = [words_of_heading(heading) for heading, _ in manual.entries("FILTER")]
    same("the words of a filter", words_of_filter(help_of("list")), set().union(*of_filter[:own]))
    same("those of trace", words_of_filter(help_of("trace")), set().union(*of_filter))
    same("the events of trace", list_behind(r"event NAME\[,NAME\]", re.sub(r"\n  reason", ".", help_of("trace"))),
         list_behind(r"\.BR event .*\n", manual.text("FILTER")))
    of_get = find(WORD, re.sub(r"\[-o.*", "", usage("get")))
    same("the words of a connection", of_get | {"why"}, all_bold(manual.sections["CONNECTION"]))
    same("the words that add has besides", find(WORD, usage("add")) - of_get - {"add"} | {"get"},
         all_bold(dict(manual.entries("VERBS"))[".B add"]))
    print("1..%d" % (next(numbers) - 1))


main()
