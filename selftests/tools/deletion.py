# SPDX-License-Identifier: GPL-2.0
"""Deleting the connections of one address among many, and walks while the table grows. What it sends is the load of
`make bench`."""
import json
import os
import re
import socket
import sys
import threading
from contextlib import contextmanager

import cases
import conntrack as ct
from cases import case, equal
from conntrack import Conntrack
from netlink import DUMP, DUMP_INTERRUPTED

sys.path.insert(0, "/bench")
# pylint: disable=wrong-import-position
from load import Load, Traffic, links, rules  # noqa: E402
from namespace import leave, namespace  # noqa: E402
from tracker import LIMIT, command, get, put, wait_until  # noqa: E402

FLOWS, MORE = 1000, 10000
# In a table of 64 buckets more of each than a walk takes at once.
CROWD = 7000
WORKERS, REALTIME = "/sys/devices/virtual/workqueue/cpumask", "/proc/sys/kernel/sched_rt_runtime_us"
# Of each second, what newer kernels keep for who is not real-time.
FAIR = "/sys/kernel/debug/sched/fair_server/cpu0/runtime"
# Of one source address.
EACH, SOURCES = 50, 20
WORDS = {"src": ("orig", "src"), "dst": ("orig", "dst"), "reply-src": ("reply", "src"), "reply-dst": ("reply", "dst")}


def connections(*words):
    return [json.loads(line) for line in command("ctctl", "list", "-o", "json", *words).splitlines()]


def stats(name):
    return json.loads(command("ctctl", "stats", "-o", "json"))[name]


def examined():
    return stats("examined")


def delete(*words):
    return int(re.match(r"(\d+) entr", command("ctctl", "delete", *words))[1])


def one_address(word):
    """Of those that are there, the address of any."""
    half, end = WORDS[word]
    before = [entry[half][end] for entry in connections()]
    address = before[len(before) // 2]
    wanted = before.count(address)
    looked = examined()
    deleted = delete(word, address)
    looked = examined() - looked
    equal("%s: all that have the address are deleted" % word, wanted, deleted)
    left = [entry[half][end] for entry in connections()]
    equal("%s: and no other" % word, (0, len(before) - wanted), (left.count(address), len(left)))
    case(deleted <= looked <= deleted + len(before) // 8, "%s: few others were looked at" % word,
         "%d of %d, to delete %d" % (looked, len(before), deleted))


@contextmanager
def tracking(traffic):
    with namespace():
        links()
        rules(traffic)
        # what is deleted is not what expires meanwhile
        put("udp_timeout", 600)
        put("udp_timeout_stream", 600)
        yield


def among_many(protocol, prefix):
    cases.group = "among many, " + protocol
    traffic = Traffic(protocol, translated=True)
    with tracking(traffic), Load(traffic, FLOWS) as load:
        load.establish(0, FLOWS)
        for word in WORDS:
            one_address(word)
        before = examined()
        there = len(connections("src", prefix))
        case(examined() - before >= there > FLOWS / 2, "of a prefix, which the kernel does not know, all are looked at",
             "%d of %d" % (examined() - before, there))


def while_opening(load, first, word, address):
    """Deletes while others of its share are opened."""
    thread = threading.Thread(target=lambda: load.open(first, MORE // SOURCES))
    thread.start()
    deleted = delete(word, address)
    thread.join()
    return deleted


def while_it_grows():
    cases.group = "while the table grows"
    mine, others = Traffic("udp4", base=FLOWS), Traffic("udp4")
    with tracking(others), Load(mine, SOURCES * EACH) as stand, Load(others, MORE) as load:
        stand.establish(0, SOURCES * EACH)
        addresses = sorted({entry["orig"]["src"] for entry in connections()})
        equal("so many addresses have connections", SOURCES, len(addresses))
        small = stats("buckets")
        # Nothing is translated: answers go to the same address.
        deleted = [while_opening(load, number * MORE // SOURCES, word, address)
                   for number, (word, address) in enumerate(zip(("src", "reply-dst") * SOURCES, addresses))]
        large = stats("buckets")
        case(large >= 4 * small, "it has meanwhile", "%d buckets, %d before" % (large, small))
        equal("all of each address are deleted", [EACH] * SOURCES, deleted)
        equal("and all others are there", MORE, get("count"))


def replaced(path, text):
    """What stood there before."""
    with open(path, "r+", encoding="ascii") as file:
        before = file.read()
        file.seek(0)
        file.write(text)
    return before


@contextmanager
def no_worker():
    """The kernel's workers may run on one processor, which this thread does not leave: no table grows."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    settings = [(path, replaced(path, text)) for path, text in ((WORKERS, "1"), (REALTIME, "-1"), (FAIR, "0"))
                if os.path.exists(path)]
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        for path, text in settings:
            replaced(path, text)
        os.sched_setaffinity(0, processors)


class Listing:
    """All connections, as the kernel tells of them."""

    def __init__(self):
        self.socket = Conntrack()
        self.identifiers, self.interrupted = [], False
        self.socket.send(ct.GET, DUMP, family=socket.AF_UNSPEC)

    def some(self, size=65536):
        """One packet of it; whether there are more."""
        for message in self.socket.receive(size):
            self.interrupted |= bool(message.flags & DUMP_INTERRUPTED)
            if message.is_end:
                self.socket.close()
                return False
            self.identifiers.append(message.attributes[ct.ID])
        return True

    def rest(self):
        while self.some():
            pass


def within_a_bucket():
    """A listing that has shown a part of a bucket when the table is replaced shows some of it again, and says so."""
    cases.group = "a listing whose place is within a bucket"
    traffic = Traffic("udp4")
    with tracking(traffic), Load(traffic, CROWD) as load:
        with no_worker():
            load.open(0, CROWD)
            undisturbed, overtaken = Listing(), Listing()
            undisturbed.rest()
            # as little as there can be
            overtaken.some(4096)
            small = get("buckets")
        wait_until(lambda: get("buckets") > CROWD / 4, 60)
        overtaken.rest()
        standing = set(undisturbed.identifiers)
        equal("the table had no time to grow", 64, small)
        equal("all are shown once", (CROWD, CROWD), (len(standing), len(undisturbed.identifiers)))
        equal("and nothing says otherwise", False, undisturbed.interrupted)
        equal("while it grows all are shown", standing, set(overtaken.identifiers))
        case(len(overtaken.identifiers) > CROWD, "some of them twice", len(overtaken.identifiers))
        equal("which is said", True, overtaken.interrupted)


def to_itself():
    """From a port to the same, of the same address, answers look like what they answer: such a connection has one key."""
    cases.group = "an address that talks to itself"
    with tracking(Traffic("udp4")):
        for words in "sport 5 dport 5", "sport 5 dport 6":
            command("ctctl", "add", "proto", "udp", "src", "10.7.0.1", "dst", "10.7.0.1", *words.split(), "timeout", "600")
        for word in WORDS:
            equal("%s: its connections are listed once" % word, [5, 6],
                  sorted(entry["orig"]["dport"] for entry in connections(word, "10.7.0.1")))
        equal("and deleted", 2, delete("reply-src", "10.7.0.1", "reply-dst", "10.7.0.1"))


# settings of all namespaces are written there
leave()
put("max", LIMIT)
among_many("udp4", "10.0.0.0/8")
among_many("tcp6", "2001:db8::/32")
while_it_grows()
within_a_bucket()
to_itself()
