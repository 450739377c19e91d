# SPDX-License-Identifier: GPL-2.0
"""The module hookload, see hookload/main.c; and the namespace in which it sends."""
import os

from tracker import command

FILE = "/sys/kernel/debug/hookload"
LINKS = """
link add in0 type dummy
link add out0 type dummy
link set in0 up
link set out0 up
address add 10.255.0.1/30 dev in0
address add 198.19.255.1/30 dev out0
route add 10.0.0.0/8 dev in0
route add 198.18.0.0/15 dev out0
"""
LINKS6 = """
address add 2001:db8:0:0:ffff::1/128 dev in0 nodad
route add 2001:db8:0::/64 dev in0
route add 2001:db8:0:1::/64 dev out0
"""
RULE = """
table inet bench {
    chain forward { type filter hook forward priority filter; ct state established accept; }
}
"""
# as much for nft to do, and nothing for a tracker
UNTRACKED = RULE.replace("ct state established", "meta mark 1")
TRANSLATED = {
    False: "table ip nat { chain post { type nat hook postrouting priority srcnat; oifname out0 snat to %s; }; }",
    True: "table ip6 nat { chain post { type nat hook postrouting priority srcnat; oifname out0 snat to %s; }; }",
}
ADDRESSES = {False: "203.0.113.1-203.0.113.100", True: "2001:db8:9::1-2001:db8:9::64"}


def links():
    command("ip", "-batch", "-", given=LINKS)
    command("ip", "-6", "-batch", "-", given=LINKS6)


def rules(traffic, addresses=None, rule=RULE):
    text = rule
    if traffic.translated:
        text += TRANSLATED[traffic.ipv6] % (addresses or ADDRESSES[traffic.ipv6])
    command("nft", "-f", "-", given=text)


class Traffic:
    """What flows are like: tcp4, tcp6, udp4, udp6; translated or not; more of what hookload knows."""

    def __init__(self, protocol, translated=False, **more):
        self.protocol, self.translated, self.more = protocol, translated, more
        self.tcp, self.ipv6 = protocol.startswith("tcp"), protocol.endswith("6")
        # How many packets it takes until a connection is established.
        self.opening = 3 if self.tcp else 2

    def words(self):
        return {"tcp": int(self.tcp), "ipv6": int(self.ipv6), "translated": int(self.translated), **self.more}


class Load:
    """Flows of one kind, in this namespace."""

    def __init__(self, traffic, flows):
        self.traffic, self.flows = traffic, flows
        self.next = 0
        self.file = os.open(FILE, os.O_RDWR)
        try:
            self.order(flows=flows, **traffic.words())
        except OSError:
            # It would keep the namespace, and the tracker with it.
            self.close()
            raise

    def close(self):
        os.close(self.file)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def order(self, **words):
        os.write(self.file, " ".join("%s=%d" % word for word in words.items()).encode())
        answer = os.read(self.file, 512).decode()
        return {name: int(value) for name, value in (word.split("=") for word in answer.split())}

    def establish(self, first, count, chunk=64):
        result = self.order(open=self.traffic.opening, first=first, count=count, chunk=chunk)
        if result["passed"] != result["packets"]:
            raise RuntimeError("%d of %d packets passed" % (result["passed"], result["packets"]))
        return result

    def open(self, first, count, **more):
        return self.order(open=1, first=first, count=count, **more)

    def data(self, count, first=None, **more):
        """Goes on where the last call ended."""
        if first is None:
            first = self.next
            self.next += count
        return self.order(data=1, first=first, count=count, **more)
