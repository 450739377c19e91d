# SPDX-License-Identifier: GPL-2.0
"""Cases that a tool decides: a line each, for the shell to count."""
import errno
import sys

# these say all by themselves; every other refusal comes with a text
PLAIN = (0, errno.ENOENT, errno.EEXIST)
# there are two names for one number
NAMES = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP", 0: "no error"}

group = ""


def case(good, text, found):
    """found: what was there, said when it is not good."""
    print("%s - %s: %s" % ("ok" if good else "not ok", group, text))
    if not good:
        print("# found: %s" % (found,))


def equal(text, expected, found):
    case(expected == found, text, "%r, expected: %r" % (found, expected))


def expect(text, error, answer):
    """answer: to a request that is granted, or refused with this error and the reason in words."""
    if error:
        text += ": " + NAMES[error]
    said = "%s (%s)" % (NAMES.get(answer.error, answer.error), answer.text or "without a text")
    case(answer.error == error and (error in PLAIN or answer.text), text, said)


def run(groups, *arguments):
    """Runs those groups that the command line names."""
    global group
    for function in sys.argv[1:]:
        group = function.replace("_", " ")
        groups[function](*arguments)
