# SPDX-License-Identifier: GPL-2.0
"""The two trackers: loading one, its rules and timeouts, and unloading it again."""
import glob
import os
import subprocess
import time

from namespace import inside

MODULES = {
    "in-tree": ("nf_conntrack", "nf_conntrack_netlink", "nft_ct", "nft_chain_nat", "nft_nat", "nft_masq"),
    "ctrack": ("ctrack_nat",),
    # the one that is built into the kernel, to work on this tool without a machine
    "built-in": (),
}
UNLOAD = {
    "in-tree": ("nft_masq", "nft_nat", "nft_chain_nat", "nft_ct", "nf_conntrack_netlink", "nf_nat", "nf_conntrack"),
    "ctrack": ("ctrack_nat", "ctrack"),
    "built-in": (),
}
PATIENCE = 30
SYSCTL = "/proc/sys/net/netfilter/nf_conntrack_"
# how long they wait for each other, of IPv6
FRAGMENTS = SYSCTL + "frag6_timeout"

# TCP's in the order of their defaults, which in-tree compares with each other.
TIMEOUTS = ("tcp_timeout_close", "tcp_timeout_last_ack", "udp_timeout_dns", "udp_timeout", "icmp_timeout",
            "icmpv6_timeout", "tcp_timeout_close_wait", "tcp_timeout_syn_recv", "tcp_timeout_time_wait",
            "tcp_timeout_fin_wait", "tcp_timeout_syn_sent", "tcp_timeout_syn_sent2", "udp_timeout_stream",
            "tcp_timeout_none", "tcp_timeout_unacknowledged", "tcp_timeout_max_retrans", "generic_timeout",
            "tcp_timeout_established",
            "gre_timeout", "gre_timeout_stream", "sctp_timeout_closed", "sctp_timeout_cookie_wait",
            "sctp_timeout_cookie_echoed", "sctp_timeout_established", "sctp_timeout_shutdown_sent",
            "sctp_timeout_shutdown_recd", "sctp_timeout_shutdown_ack_sent", "sctp_timeout_heartbeat_sent",
            "dccp_timeout_request", "dccp_timeout_respond", "dccp_timeout_partopen", "dccp_timeout_open",
            "dccp_timeout_closereq", "dccp_timeout_closing", "dccp_timeout_timewait")
SHORT = [name.replace("_timeout", "").replace("tcp_", "") for name in TIMEOUTS]
# A timeout is worth CLASS seconds more than the one before it, and STEP more in each step: what is left of it tells
# which it is, and in which step it was set. A batch takes less than STEP.
STEP, CLASS = 400, 16000

# What a rule has seen is written into the packet's DSCP.
STATES = {1: "new", 2: "established", 3: "related", 4: "invalid", 5: "untracked"}
REPLY = 8


def rules():
    marks = []
    for ip in ("ip", "ip6"):
        for number, state in STATES.items():
            if number < 4:
                marks.append("ct direction reply ct state %s %s dscp set %d accept" % (state, ip, number + REPLY))
            marks.append("ct state %s %s dscp set %d accept" % (state, ip, number))
    return """
table inet seen {
    chain forward { type filter hook forward priority filter; %s; }
}
table ip nat {
    chain pre { type nat hook prerouting priority dstnat; ip saddr { 10.12.0.0/16, 10.13.0.0/16 } jump to_server; }
    chain to_server {
        meta l4proto { tcp, udp, udplite, sctp, dccp } ip daddr 10.40.0.0/16 dnat to 10.50.0.1:8080
        ip daddr 10.40.0.0/16 dnat to 10.50.0.1
    }
    chain post {
        type nat hook postrouting priority srcnat
        oifname r1 snat ip prefix to ip saddr map { 10.11.0.0/16 : 10.30.0.0/16, 10.13.0.0/16 : 10.30.0.0/16 }
        ip saddr 10.14.0.0/16 oifname r1 masquerade
    }
}
table ip6 nat {
    chain pre { type nat hook prerouting priority dstnat; ip6 saddr { fd00:c::/32, fd00:d::/32 } jump to_server; }
    chain to_server {
        meta l4proto { tcp, udp, udplite, sctp, dccp } ip6 daddr fd00:28::/32 dnat to [fd00:32::1]:8080
        ip6 daddr fd00:28::/32 dnat to fd00:32::1
    }
    chain post {
        type nat hook postrouting priority srcnat
        oifname r1 snat ip6 prefix to ip6 saddr map { fd00:b::/32 : fd00:1e::/32, fd00:d::/32 : fd00:1e::/32 }
        ip6 saddr fd00:e::/32 oifname r1 masquerade
    }
}
""" % "; ".join(marks)


def command(*words, given=None):
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(words), done.stdout))


class Tracker:
    """Loaded, with rules in the router's namespace."""

    def __init__(self, name, router):
        self.name, self.router = name, router
        self.timeouts = []

    def load(self):
        if MODULES[self.name]:
            command("modprobe", "-a", *MODULES[self.name])
        with inside(self.router):
            command("nft", "-f", "-", given=rules())
            if os.path.exists(FRAGMENTS):
                with open(FRAGMENTS, "w", encoding="ascii") as sysctl:
                    sysctl.write("1")
            for index, timeout in enumerate(TIMEOUTS):
                if os.path.exists(SYSCTL + timeout):
                    self.timeouts.append((index, os.open(SYSCTL + timeout, os.O_WRONLY)))

    def step(self, number):
        """From now on timeouts tell of this step, which is not above 30."""
        for index, sysctl in self.timeouts:
            os.pwrite(sysctl, b"%d" % ((index + 1) * CLASS + (number + 1) * STEP), 0)

    def set(self, setting, value):
        with inside(self.router), open(SYSCTL + setting, "w", encoding="ascii") as sysctl:
            sysctl.write(str(value))

    def unload(self):
        for _, sysctl in self.timeouts:
            os.close(sysctl)
        with inside(self.router):
            command("nft", "flush", "ruleset")
        unload_modules(self.name)


def unload_modules(name):
    deadline = time.monotonic() + PATIENCE
    while UNLOAD[name]:
        try:
            for module in UNLOAD[name]:
                if glob.glob("/sys/module/" + module):
                    command("modprobe", "-r", module)
            return
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def which_timeout(left):
    """Its name, and the step in which it was set."""
    whole = -(-left // STEP) * STEP
    index, rest = divmod(whole, CLASS)
    if not 0 < index <= len(TIMEOUTS):
        return "other", 0
    return SHORT[index - 1], rest // STEP - 1
