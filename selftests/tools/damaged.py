# SPDX-License-Identifier: GPL-2.0
"""damaged.py FILE: gives ctctl restore the file with each line damaged in turn, and each cut off.

Prints how many were taken for good; none may be.
"""
import random
import subprocess
import sys


def damaged(lines):
    """One octet changed in each line, each line cut off, left out, doubled, and exchanged with the next."""
    rng = random.Random(1)
    for number, line in enumerate(lines):
        place = rng.randrange(len(line))
        octet = bytes([line[place] ^ 1 << rng.randrange(7)])
        yield number, lines[:number] + [line[:place] + octet + line[place + 1:]] + lines[number + 1:]
        yield number, lines[:number] + [line[:rng.randrange(len(line))]]
        yield number, lines[:number] + lines[number + 1:]
        yield number, lines[:number] + [line, line] + lines[number + 1:]
        if number + 1 < len(lines):
            yield number, lines[:number] + [lines[number + 1], line] + lines[number + 2:]


def main():
    with open(sys.argv[1], "rb") as file:
        lines = file.readlines()
    taken = tried = 0
    for number, wrong in damaged(lines):
        run = subprocess.run(["ctctl", "restore"], input=b"".join(wrong), capture_output=True, check=False)
        tried += 1
        said = run.stderr.decode()
        if run.returncode != 1 or run.stdout or "line " not in said or "nothing is restored" not in said:
            taken += 1
            print(f"line {number + 1}: exit status {run.returncode}: {said}")
    print(f"{taken} of {tried} damaged files were taken")


main()
