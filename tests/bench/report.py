# SPDX-License-Identifier: GPL-2.0
"""report.py DIRECTORY KERNEL...: from what was measured to the table, as text and as JSON."""
import fnmatch
import json
import os
import statistics
import sys

# What ctrack / nf_conntrack shall be at most: of instructions, of time.
GOALS = (
    ("established/*", 0.40, 0.45),
    ("new/*", 0.45, 0.45),
    ("established_translated/*", 0.40, 0.50),
    ("new_translated/*", 0.30, 0.35),
    ("dropped/*", 0.60, 0.60),
)
HEAD = ("work", "nf_conntrack", "ctrack", "", "ratio", "goal")


def read(path):
    """Of each row, the values of each tracker; and the lines that are no results."""
    rows, said = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("{"):
                result = json.loads(line)
                row = rows.setdefault(result["row"], {"unit": result["unit"]})
                row.setdefault(result["tracker"], []).append(result["value"])
            else:
                said.append(line.rstrip())
    return rows, said


def goal(name, timed):
    for pattern, counted_goal, timed_goal in GOALS:
        if fnmatch.fnmatch(name, pattern):
            return timed_goal if timed else counted_goal
    return None


def summary(kernel, rows):
    for name, row in rows.items():
        if "nf_conntrack" not in row or "ctrack" not in row:
            continue
        theirs, ours = statistics.median(row["nf_conntrack"]), statistics.median(row["ctrack"])
        yield {"kernel": kernel, "row": name, "unit": row["unit"], "nf_conntrack": theirs, "ctrack": ours,
               "ratio": round(ours / theirs, 3) if theirs else None, "goal": goal(name, kernel == "uml"),
               "rounds": min(len(row["nf_conntrack"]), len(row["ctrack"]))}


def number(value):
    return "%.0f" % value if value >= 100 else "%.3g" % value


def table(lines):
    cells = [HEAD] + [(line["row"].replace("/", " "), number(line["nf_conntrack"]), number(line["ctrack"]), line["unit"],
                       "" if line["ratio"] is None else "%.2f" % line["ratio"],
                       "" if line["goal"] is None else "%.2f" % line["goal"]) for line in lines]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    for row in cells:
        yield "  ".join(cell.ljust(width) if column in (0, 3) else cell.rjust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))).rstrip()


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("model name"):
                return "%s, %d CPUs" % (line.split(":", 1)[1].strip(), os.cpu_count())
    return "%d CPUs" % os.cpu_count()


def heading(kernel):
    if kernel == "uml":
        return "user-mode Linux, 2 CPUs: time, the median of chunks, and of rounds"
    return "Linux %s in QEMU, 1 CPU: instructions" % kernel


def main(directory, kernels):
    text, all_lines = ["ctrack / nf_conntrack on %s" % machine()], []
    for kernel in kernels:
        rows, said = read(os.path.join(directory, kernel + ".results"))
        lines = list(summary(kernel, rows))
        all_lines += lines
        text += ["", heading(kernel), ""] + list(table(lines)) + said
    with open(os.path.join(directory, "bench.json"), "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "rows": all_lines}, file, indent=1)
    with open(os.path.join(directory, "bench.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    print("\n".join(text))


main(sys.argv[1], sys.argv[2:])
