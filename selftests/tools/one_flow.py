# SPDX-License-Identifier: GPL-2.0
"""Two processors that send packets of one UDP stream. What they send is the load of `make bench`."""
import json
import os
import re
import sys
import threading
import time

import cases
from cases import equal

sys.path.insert(0, "/bench")
# pylint: disable=wrong-import-position
from load import Load, Traffic, links  # noqa: E402
from namespace import leave, namespace  # noqa: E402
from tracker import command, get, put  # noqa: E402

RULES = "table inet t { chain forward { type filter hook forward priority filter; ct state established accept; }; }"
PACKETS = 40000


def packets():
    """Of the only connection, in both directions."""
    return sum(int(number) for number in re.findall(r"\bpackets=(\d+)", command("conntrack", "-L", "-p", "udp")))


def opened():
    """How many connections there were so far."""
    return json.loads(command("ctctl", "stats", "-o", "json"))["opened"]


class Stream:
    """A flow that either side has used for longer than two seconds, and two that send in it."""

    def __init__(self):
        self.loads = [Load(Traffic("udp4"), 1) for _ in range(2)]
        self.loads[0].establish(0, 1)
        time.sleep(2.5)
        self.loads[0].data(2)
        self.opened = opened()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        for load in self.loads:
            load.close()

    def send(self, beside=None, least=PACKETS):
        """Each sends as many packets, and goes on while something is done beside; how many were sent, and lost."""
        sent, lost = [], []
        done = threading.Event()

        def run(cpu, load):
            os.sched_setaffinity(0, {cpu % os.cpu_count()})
            while not done.is_set() or sum(sent) < least:
                result = load.data(2000)
                sent.append(result["packets"])
                lost.append(result["packets"] - result["passed"])
        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(self.loads)]
        for thread in threads:
            thread.start()
        if beside:
            beside()
        done.set()
        for thread in threads:
            thread.join()
        return sum(sent), sum(lost)


def counted(stream):
    put("acct", 1)
    stream.send(least=4000)
    before = packets()
    sent, lost = stream.send()
    equal("none is lost", 0, lost)
    equal("each is counted", sent, packets() - before)


def counted_at_times(stream):
    def toggle():
        for number in range(60):
            put("acct", number % 2)
            time.sleep(0.01)
    _, lost = stream.send(toggle)
    equal("none is lost", 0, lost)
    equal("it is the same connection", stream.opened, opened())
    put("acct", 0)


def lives_on(stream):
    """As long as there are packets, though its timeout is shorter than that."""
    put("udp_timeout_stream", 2)
    # counted, so that it has that timeout whatever is written of others
    put("acct", 1)
    stream.send(least=4000)
    put("acct", 0)
    _, lost = stream.send(lambda: time.sleep(5))
    equal("none is lost", 0, lost)
    equal("it is the same connection", stream.opened, opened())
    put("udp_timeout_stream", 600)
    stream.send(least=4000)


def deleted(stream):
    def delete():
        for _ in range(30):
            command("ctctl", "flush", "all")
            time.sleep(0.02)
    _, lost = stream.send(delete)
    equal("none is lost", 0, lost)
    equal("there is one connection", 1, get("count"))


def ends(stream):
    put("udp_timeout_stream", 1)
    put("udp_timeout", 1)
    stream.send(least=4000)
    end = time.monotonic() + 30
    while get("count") and time.monotonic() < end:
        time.sleep(0.1)
    equal("without packets it ends", 0, get("count"))


# settings of all namespaces are written there
leave()
with namespace():
    links()
    put("acct", 0)
    put("udp_timeout", 600)
    put("udp_timeout_stream", 600)
    command("nft", "-f", "-", given=RULES)
    with Stream() as one:
        cases.group = "a stream"
        equal("is one connection", 1, one.opened)
        for function in counted, counted_at_times, lives_on, deleted, ends:
            cases.group = function.__name__.replace("_", " ")
            function(one)
