# SPDX-License-Identifier: GPL-2.0
"""checkpoint.py: reads the lines of a checkpoint without heading, ending and checksums, and writes the file.

checkpoint.py COUNT NET [FILE]: writes one of COUNT UDP connections, from 10.NET.0.0 on, that last; behind those that are
in the checkpoint FILE.
"""
import itertools
import re
import sys
import zlib


def lines_of(count, net):
    for i in range(count):
        host, port = f"10.{net}.{i >> 8 & 255}.{i & 255}", 1024 + (i >> 16)
        yield (f"ipv4 udp src={host} dst=10.8.0.1 sport={port} dport=2 "
               f"reply-src=10.8.0.1 reply-dst={host} reply-sport=2 reply-dport={port} timeout=3000")


def lines_in(path):
    with open(path, encoding="ascii") as file:
        return [re.sub(" crc=.*\n", "", line) for line in file][1:-1]


def main():
    if len(sys.argv) > 1:
        lines = itertools.chain(*map(lines_in, sys.argv[3:]), lines_of(int(sys.argv[1]), int(sys.argv[2])))
    else:
        lines = (line.rstrip("\n") for line in sys.stdin)
    crc = 0
    for line in sealed_lines(lines):
        crc = zlib.crc32(line.encode(), crc)
        seal = f" crc={crc:08x}\n"
        crc = zlib.crc32(seal.encode(), crc)
        sys.stdout.write(line + seal)


def sealed_lines(lines):
    yield "ctrack-save 1"
    count = 0
    for line in lines:
        count += 1
        yield line
    yield f"end {count}"


main()
