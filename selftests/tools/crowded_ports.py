# SPDX-License-Identifier: GPL-2.0
"""Choosing ports where most are taken, or all. What it sends is the load of `make bench`."""
import os
import re
import sys
import threading
import time
from collections import namedtuple

import cases
from cases import case, equal

sys.path.insert(0, "/bench")
# pylint: disable=wrong-import-position
from load import Load, Traffic, links  # noqa: E402
from namespace import leave, namespace  # noqa: E402
from tracker import command, get, put  # noqa: E402

FIRST, PORTS = 20000, 128
RULES = "table %s nat { chain post { type nat hook postrouting priority srcnat; oifname out0 udp dport 443 snat to %s:%d-%d; }; }"
FAMILIES = {False: ("ip", "203.0.113.1"), True: ("ip6", "[2001:db8:9::1]")}
ENTRY = re.compile(r"src=(\S+) dst=(\S+) sport=(\d+) dport=\d+ .*src=\S+ dst=\S+ sport=\d+ dport=(\d+)")

Entry = namedtuple("Entry", "client server sport port")


def entries():
    found = (ENTRY.search(line) for line in command("ctctl", "dump", "proto", "udp").splitlines())
    return [Entry(*match.groups()) for match in found if match]


def delete(entry):
    command("ctctl", "delete", "src", entry.client, "sport", entry.sport)


def flush():
    command("ctctl", "flush", "all")


def all_once(text, servers=1):
    """Each port is taken, and by one connection toward each server."""
    ends = [(entry.server, int(entry.port)) for entry in entries()]
    wanted = {(server, port) for server, _ in ends for port in range(FIRST, FIRST + PORTS)}
    case(len(ends) == servers * PORTS and set(ends) == wanted, text,
         "%d connections, %d different of %d" % (len(ends), len(set(ends)), len(wanted)))


def refused():
    """How many packets found no port so far."""
    return int(re.search(r"nat_no_port\s+(\d+)", command("ctctl", "stats", "--all"))[1])


class Flows(Load):
    """Flows that nobody had before, from one to the next."""
    base, ipv6 = 0, False

    def __init__(self, count, servers=1):
        super().__init__(Traffic("udp6" if Flows.ipv6 else "udp4", base=Flows.base, servers=servers), count)
        Flows.base += count // 50 + 1

    def through(self, count):
        """How many of the next get through."""
        self.next += count
        return self.open(self.next - count, count)["passed"]


def exhausted():
    flush()
    with Flows(2 * PORTS) as flows:
        equal("as many connections as ports get one", PORTS, flows.through(PORTS))
        all_once("each another one")
        before = refused()
        equal("there is none for more", 0, flows.through(20))
        equal("which is counted", 20, refused() - before)
        for number in 0, PORTS // 3, PORTS - 1:
            entry = entries()[number]
            delete(entry)
            equal("one is deleted, and two come: one gets through", 1, flows.through(2))
            case(entry.port in [other.port for other in entries() if other.sport != entry.sport],
                 "by the port that was free", entry)
            all_once("no other was taken twice")
        some = entries()[::PORTS // 12]
        for entry in some:
            delete(entry)
        equal("some are deleted: as many get through", len(some), flows.through(PORTS // 2))
        all_once("by the ports that were free")


def toward_others():
    flush()
    with Flows(6 * PORTS, servers=3) as flows:
        equal("there are as many for each server", 3 * PORTS, flows.through(6 * PORTS))
        all_once("each port once toward each of them", servers=3)


def on_cpu(cpu, function):
    def run():
        os.sched_setaffinity(0, {cpu % os.cpu_count()})
        function()
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def in_parallel():
    """Two at once that want twice as many as there are."""
    for _ in range(4):
        flush()
        passed = []
        with Flows(PORTS) as first, Flows(PORTS) as second:
            threads = [on_cpu(cpu, lambda flows=flows: passed.append(flows.through(PORTS)))
                       for cpu, flows in enumerate((first, second))]
            for thread in threads:
                thread.join()
        equal("all ports are found between two processors", PORTS, sum(passed))
        all_once("and none twice")


def while_released():
    """Ports come and go on one processor while another looks for them."""
    flush()
    with Flows(20 * PORTS) as flows:
        flows.through(PORTS)

        def release():
            for _ in range(3):
                for entry in entries()[::PORTS // 5]:
                    delete(entry)
        thread = on_cpu(1, release)
        while thread.is_alive():
            # Who found none asks again.
            if flows.next == 18 * PORTS:
                flows.next = PORTS
            flows.through(64)
        thread.join()
        flows.next = 18 * PORTS
        free = PORTS - get("count")
        equal("then as many get through as are free", free, flows.through(PORTS))
        all_once("and all ports are taken")


def expired():
    put("udp_timeout", 1)
    flush()
    with Flows(PORTS) as flows:
        flows.through(PORTS)
    put("udp_timeout", 600)
    end = time.monotonic() + 60
    with Flows(PORTS) as flows:
        while flows.open(0, PORTS)["passed"] < PORTS and time.monotonic() < end:
            time.sleep(0.02)
        all_once("who comes later gets their ports")


def objects():
    """How many of 8 KiB there are in the slab: what is known of the ports of one address toward one server."""
    # KASAN keeps what was freed for a while, in the slab as well, and gives it back when asked to.
    with open("/sys/kernel/slab/kmalloc-8k/shrink", "w", encoding="ascii") as file:
        file.write("1")
    with open("/proc/slabinfo", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("kmalloc-8k "))


def rules(family, address, ports):
    command("nft", "-f", "-", given=RULES % (family, address, FIRST, FIRST + ports - 1))


def each_family(family, address):
    with namespace():
        links()
        put("udp_timeout", 600)
        rules(family, address, PORTS)
        for function in exhausted, toward_others, in_parallel, while_released, expired:
            cases.group = "%s: %s" % (family, function.__name__.replace("_", " "))
            function()


def crowded_by_many():
    """Many addresses' ports are taken, in a namespace that is left then."""
    with namespace():
        links()
        rules(*FAMILIES[False], 16)
        with Flows(60 * 32, servers=60) as flows:
            return flows.through(60 * 32)


def left():
    """What is known goes with the namespace; the slab may keep some of it at hand."""
    cases.group = "a namespace is left"
    Flows.ipv6 = False
    before = objects()
    equal("the ports toward each of 60 servers are taken", 60 * 16, crowded_by_many())
    first = objects()
    case(first - before > 40, "which is known of most", first - before)
    for _ in range(3):
        crowded_by_many()
    end = time.monotonic() + 60
    while objects() - first > 30 and time.monotonic() < end:
        time.sleep(0.1)
    case(objects() - first <= 30, "and is forgotten with it", "%d, %d and %d before" % (objects(), before, first))


# settings of all namespaces are written there
leave()
for Flows.ipv6 in False, True:
    each_family(*FAMILIES[Flows.ipv6])
left()
