# SPDX-License-Identifier: GPL-2.0
"""Is the load of `make bench` what it seems? hookload.py nf_conntrack|ctrack"""
import errno
import json
import sys

import cases
from cases import equal

sys.path.insert(0, "/bench")
# pylint: disable=wrong-import-position
from load import Load, Traffic, links  # noqa: E402
from namespace import leave, namespace  # noqa: E402
from tracker import command, get, loaded, put, settle  # noqa: E402

FLOWS, DATA, NEW = 200, 1000, 50
# In rounds: more octets than any window
FAR = 200000
STATES = ("new", "established", "invalid", "untracked")
COUNTED = """
table inet bench {
    %s
    chain forward { type filter hook forward priority filter; %s }
}
table inet nat { chain post { type nat hook postrouting priority srcnat; oifname out0 %s; }; }
"""
FAMILY = {False: ("-f", "ipv4"), True: ("-f", "ipv6")}
SNAT = {False: "snat ip to 203.0.113.1-203.0.113.100", True: "snat ip6 to 2001:db8:9::1-2001:db8:9::64"}


def rules(traffic):
    counters = "".join("counter %s { };" % state for state in STATES)
    counting = " ".join("ct state %s counter name %s;" % (state, state) for state in STATES)
    verdict = SNAT[traffic.ipv6] if traffic.translated else "ct state new accept"
    command("nft", "-f", "-", given=COUNTED % (counters, counting, verdict))


def seen():
    """Packets of each state since this was asked last."""
    said = json.loads(command("nft", "-j", "reset", "counters", "table", "inet", "bench"))["nftables"]
    counters = {item["counter"]["name"]: item["counter"]["packets"] for item in said if "counter" in item}
    return {state: counters[state] for state in STATES if counters.get(state)}


def data(load, count, **more):
    """How much of it passed, and as what a rule saw it."""
    seen()
    return load.data(count, **more)["passed"], seen()


def flows(traffic):
    with Load(traffic, FLOWS) as load:
        load.order(open=traffic.opening, first=0, count=FLOWS)
        equal("as many connections as flows", FLOWS, get("count"))
        equal("data both ways is established", (DATA, {"established": DATA}), data(load, DATA))
        equal("and more where it ended", (DATA, {"established": DATA}), data(load, DATA))
        equal("and with a line of theirs in no cache", (DATA, {"established": DATA}), data(load, DATA, chunk=1, evict=1))
        equal("nobody sees any without the hooks", (DATA, {}), data(load, DATA, hooks=0))
        if traffic.translated:
            equal("they are translated", FLOWS, command("conntrack", "-L", "-n", *FAMILY[traffic.ipv6]).count(" mark="))
        elif traffic.tcp:
            equal("what is far ahead is invalid", (DATA, {"invalid": DATA}), data(load, DATA, first=FAR * FLOWS))


def new(traffic):
    """Flows of others, which no one answers."""
    traffic = Traffic(traffic.protocol, traffic.translated, base=1000)
    with Load(traffic, NEW) as load:
        seen()
        equal("first packets are new", (NEW, {"new": NEW}), (load.open(0, NEW)["passed"], seen()))
        equal("and each is a connection", FLOWS + NEW, get("count"))


def touching(traffic):
    """Two loads at once share what they touch; one of other flows has nothing to."""
    traffic = Traffic(traffic.protocol, base=2000, touch=1)
    with Load(traffic, FLOWS) as load, Load(traffic, FLOWS) as other:
        for packets in (load, other):
            equal("each packet touches what is its flow's", DATA, packets.data(DATA)["touched"])
        equal("and none without the hooks", 0, load.data(DATA, hooks=0)["touched"])
        try:
            Load(traffic, FLOWS + 1).close()
            equal("others' flows are refused", "EINVAL", "taken")
        except OSError as error:
            equal("others' flows are refused", errno.EINVAL, error.errno)
    with Load(traffic, FLOWS + 1) as load:
        equal("not when they are gone", DATA, load.data(DATA)["touched"])


def one(tracker, traffic):
    cases.group = "%s: %s%s" % (tracker, traffic.protocol, " translated" if traffic.translated else "")
    with namespace():
        settle()
        # what the devices say by themselves is no part of it
        command("sysctl", "-qw", "net.ipv6.conf.all.addr_gen_mode=1", "net.ipv6.conf.default.addr_gen_mode=1")
        links()
        rules(traffic)
        # what is counted is not what is left of it
        put("udp_timeout", 600)
        put("udp_timeout_stream", 600)
        flows(traffic)
        new(traffic)
        if not traffic.translated:
            touching(traffic)


def main(tracker):
    # settings of all namespaces are written there
    leave()
    with loaded(tracker, FLOWS):
        for protocol in ("udp4", "tcp4", "udp6", "tcp6"):
            for translated in (False, True):
                one(tracker, Traffic(protocol, translated))


main(sys.argv[1])
