# SPDX-License-Identifier: GPL-2.0
"""report.py DIRECTORY KERNEL...: from what was measured to the table, as text and as JSON."""
import fnmatch
import json
import os
import statistics
import sys

from tracker import trackers_of

# What is wanted, of instructions and of time: RATIO, ctrack / nf_conntrack is at most this; or ctrack alone is.
RATIO, MOST, LEAST = "ratio <=", "ctrack <=", "ctrack >="
GOALS = (
    ("established/*", RATIO, 0.40, 0.45),
    ("new/*", RATIO, 0.45, 0.45),
    ("established_translated/*", RATIO, 0.40, 0.50),
    ("new_translated/*", RATIO, 0.30, 0.35),
    ("dropped/*", RATIO, 0.60, 0.60),
    ("memory/*", RATIO, 1.05, 1.05),
    ("memory_all/*", RATIO, 0.75, 0.75),
    ("dump/*", RATIO, 0.25, 0.25),
    ("delete/*", RATIO, 0.05, 0.05),
    ("idle/*", RATIO, 1.00, 1.00),
    ("lateness/*", MOST, 2, 2),
    ("scale/different_flows", LEAST, 1.9, 1.9),
    ("scale/one_flow", LEAST, 1.3, 1.3),
    ("scale/one_destination", LEAST, 1.8, 1.8),
    ("removal/*", MOST, 2, 2),
    ("ports", MOST, 2, 2),
    ("moved/*", MOST, 0, 0),
    ("tracing/off", MOST, 0, 0),
)
# From this part of the time on that others had, two processors were not really together.
DISTURBED = 0.2
HEAD = ("work", "nf_conntrack", "ctrack", "", "ratio", "alone", "limit", "goal", "")


def read(path):
    """Of each row, the values of each tracker; and the lines that are no results."""
    rows, said = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("{"):
                result = json.loads(line)
                row = rows.setdefault(result["row"], {"unit": result["unit"]})
                row.setdefault(result["tracker"], []).append(result["value"])
                if result["details"].get("disturbed", 0) > DISTURBED:
                    row["disturbed"] = True
            else:
                said.append(line.rstrip())
    return rows, said


def of_rounds(row, tracker):
    """What else a computer does, or its neighbours do to its memory, only adds to a time: the least is true."""
    return min(row[tracker]) if row["unit"] in ("ns", "s") else statistics.median(row[tracker])


def goal(name, timed):
    """Of what, and how much; or None."""
    for pattern, kind, counted_goal, timed_goal in GOALS:
        if fnmatch.fnmatch(name, pattern):
            return kind, timed_goal if timed else counted_goal
    return None


def is_met(wanted, ours, ratio):
    kind, bound = wanted
    if kind == LEAST:
        return ours >= bound
    return (ratio if kind == RATIO else ours) <= bound


def alone(name, rows, theirs, ours):
    """The ratio without what is there without tracking, which no tracker can save; None where that means nothing."""
    work, *where = name.split("/")
    if len(where) != 2 or not work.startswith(("established", "new", "dropped")) and work != "forwarded":
        return None
    base = rows.get("%suntracked/udp%s/1000" % ("forwarded_" if work == "forwarded" else "", where[0][-1:]))
    if not base or "nf_conntrack" not in base or "ctrack" not in base:
        return None
    least = min(of_rounds(base, "nf_conntrack"), of_rounds(base, "ctrack"))
    return round((ours - least) / (theirs - least), 3)


def limit(name, rows, theirs):
    """Of who does no more than touch what a packet of a connection has to; None where that was not measured."""
    work, *where = name.split("/")
    least = rows.get("/".join(["touched"] + where)) if work.startswith("established") else None
    return least and round(of_rounds(least, "ctrack") / theirs, 3)


def summary(kernel, rows):
    for name, row in rows.items():
        if any(tracker not in row for tracker in trackers_of(name)):
            continue
        ours = of_rounds(row, "ctrack")
        theirs = of_rounds(row, "nf_conntrack") if "nf_conntrack" in row else None
        ratio = None if theirs is None else ours / theirs if theirs else 1.0 if not ours else float("inf")
        wanted = goal(name, kernel == "uml")
        yield {"kernel": kernel, "row": name, "unit": row["unit"], "nf_conntrack": theirs, "ctrack": ours,
               "ratio": ratio if ratio is None else round(ratio, 3),
               "alone": None if theirs is None else alone(name, rows, theirs, ours),
               "limit": None if theirs is None else limit(name, rows, theirs),
               "goal": wanted and "%s %.4g" % wanted, "met": wanted and is_met(wanted, ours, ratio),
               "rounds": min(len(row[tracker]) for tracker in trackers_of(name))}


def number(value):
    if value is None:
        return ""
    return "%.0f" % value if value >= 100 else "%.3g" % value


def table(lines):
    cells = [HEAD] + [(line["row"].replace("/", " "), number(line["nf_conntrack"]), number(line["ctrack"]), line["unit"],
                       *("" if line[column] is None else "%.2f" % line[column] for column in ("ratio", "alone", "limit")),
                       line["goal"] or "",
                       {None: "", True: "met", False: "missed"}[line["met"]]) for line in lines]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    for row in cells:
        yield "  ".join(cell.ljust(width) if column in (0, 3, 7, 8) else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))).rstrip()


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("model name"):
                return "%s, %d CPUs" % (line.split(":", 1)[1].strip(), os.cpu_count())
    return "%d CPUs" % os.cpu_count()


def heading(kernel):
    if kernel == "uml":
        return "user-mode Linux, 2 CPUs: time, the median of chunks, the least of rounds"
    return "Linux %s in QEMU, 1 CPU: instructions" % kernel


def main(directory, kernels):
    text, all_lines = ["ctrack / nf_conntrack on %s" % machine()], []
    for kernel in kernels:
        rows, said = read(os.path.join(directory, kernel + ".results"))
        lines = list(summary(kernel, rows))
        said += ["# %s: the computer was busy with something else" % name for name, row in rows.items()
                 if row.get("disturbed")]
        all_lines += lines
        text += ["", heading(kernel), ""] + list(table(lines)) + said
    with open(os.path.join(directory, "bench.json"), "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "rows": all_lines}, file, indent=1)
    with open(os.path.join(directory, "bench.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    print("\n".join(text))


main(sys.argv[1], sys.argv[2:])
