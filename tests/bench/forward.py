# SPDX-License-Identifier: GPL-2.0
"""The whole way of a forwarded packet: pktgen sends it into one veth, and it comes out of another."""
import ipaddress
import os
import re
from contextlib import contextmanager

from load import RULE, UNTRACKED, Traffic, rules
from namespace import inside, namespace
from packets import tracked
from tracker import command, loaded, settle

PACKETS = {True: 20000, False: 400000}
CLIENT, SERVER = ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("198.18.0.1")
CLIENT_PORT, SERVER_PORT = 4000, 443
# Of the router's devices, and of nobody: what comes out is seen by the other end, and dropped as somebody else's.
IN, OUT, NOBODY = ("02:00:00:00:00:%02x" % last for last in (1, 2, 3))
DEVICES = """
link add in0 address {IN} type veth peer name client netns {ends}
link add out0 address {OUT} type veth peer name server netns {ends}
link set in0 addrgenmode none up
link set out0 addrgenmode none up
address add 10.255.0.1/30 dev in0
address add 198.19.255.1/30 dev out0
neighbour add 10.255.0.2 lladdr {NOBODY} dev in0 nud permanent
neighbour add 198.19.255.2 lladdr {NOBODY} dev out0 nud permanent
route add 10.0.0.0/8 via 10.255.0.2 dev in0
route add 198.18.0.0/15 via 198.19.255.2 dev out0
"""
ENDS = """
link set client addrgenmode none up
link set server addrgenmode none up
"""
RESULT = re.compile(r"Result: OK: (\d+)\(.*\) usec, (\d+) .*errors: (\d+)", re.DOTALL)


def sysctl(name, value):
    command("sysctl", "-qw", "%s=%s" % (name, value))


@contextmanager
def pktgen():
    """It has threads in each namespace, which are not to be there otherwise."""
    # while ksoftirqd waits for its turn, what comes in is to wait and not to be lost
    sysctl("net.core.netdev_max_backlog", 1000000)
    command("modprobe", "-a", "veth", "pktgen")
    try:
        yield
    finally:
        command("modprobe", "-r", "pktgen")


@contextmanager
def router():
    """Inside it is a router, between two devices of the namespace that it gives."""
    with namespace():
        ends = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            with namespace():
                yield ends
        finally:
            os.close(ends)


def wire(ends):
    path = "/proc/%d/fd/%d" % (os.getpid(), ends)
    command("ip", "-batch", "-", given=DEVICES.format(ends=path, IN=IN, OUT=OUT, NOBODY=NOBODY))
    with inside(ends):
        command("ip", "-batch", "-", given=ENDS)
    sysctl("net.ipv4.ip_forward", 1)


def received(device):
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, numbers = line.partition(":")
            if name.strip() == device:
                return int(numbers.split()[1])
    raise RuntimeError("there is no %s" % device)


def ask(file, *orders):
    for order in orders:
        with open("/proc/net/pktgen/" + file, "w", encoding="ascii") as control:
            control.write(order + "\n")


def addresses(server_sends, flows):
    """Each flow has a source address of its own; they come one after another, round and round."""
    source, destination = ("dst", "src") if server_sends else ("src", "dst")
    return ("%s_min %s" % (source, CLIENT), "%s_max %s" % (source, CLIENT + flows - 1),
            "%s_min %s" % (destination, SERVER), "%s_max %s" % (destination, SERVER),
            *("udp_%s_%s %d" % (source, end, CLIENT_PORT) for end in ("min", "max")),
            *("udp_%s_%s %d" % (destination, end, SERVER_PORT) for end in ("min", "max")))


def send(ends, count, flows, server_sends=False):
    """How long a packet takes in ns, all of which come out again."""
    device, other, gate = ("server", "client", OUT) if server_sends else ("client", "server", IN)
    with inside(ends):
        before = received(other)
        ask("kpktgend_0", "add_device %s" % device)
        ask(device, "count %d" % count, "flag NO_TIMESTAMP", "dst_mac %s" % gate, *addresses(server_sends, flows))
        ask("pgctrl", "start")
        with open("/proc/net/pktgen/" + device, encoding="ascii") as file:
            said = file.read()
        ask("kpktgend_0", "rem_device_all")
        passed = received(other) - before
    result = RESULT.search(said)
    if not result or int(result[2]) != count or int(result[3]):
        raise RuntimeError("pktgen: %s" % said)
    if passed != count:
        raise RuntimeError("%d of %d packets came out" % (passed, count))
    return int(result[1]) * 1000 / count


def forwarded(tracker, counted, work, protocol, flows):
    """forwarded/udp4/FLOWS: on established connections; forwarded_untracked: no rule asks for any."""
    flows = int(flows)
    without = work == "forwarded_untracked"
    with loaded(tracker, flows), pktgen(), router() as ends:
        settle()
        wire(ends)
        rules(Traffic(protocol), rule=UNTRACKED if without else RULE)
        send(ends, flows, flows)
        # an answer that is not to a connection would be one more
        send(ends, flows, flows, server_sends=True)
        tracked(0 if without else flows)
        took = send(ends, PACKETS[counted], flows)
    return took, "instructions" if counted else "ns", {}
