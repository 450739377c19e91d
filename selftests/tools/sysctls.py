# SPDX-License-Identifier: GPL-2.0
"""sysctls.py OTHER: the sysctls of this namespace and of another one, read and written."""
import sys

import cases
from cases import equal
from namespace import inside

# Their default, the lowest and the highest; the highest of a timeout, what jiffies can count, depends on the kernel.
SECONDS = 0, None
FLAG = 0, 1
SETTINGS = {
    "tcp_timeout_syn_sent": (120, *SECONDS),
    "tcp_timeout_syn_recv": (60, *SECONDS),
    "tcp_timeout_established": (432000, *SECONDS),
    "tcp_timeout_fin_wait": (120, *SECONDS),
    "tcp_timeout_close_wait": (60, *SECONDS),
    "tcp_timeout_last_ack": (30, *SECONDS),
    "tcp_timeout_time_wait": (120, *SECONDS),
    "tcp_timeout_close": (10, *SECONDS),
    "tcp_timeout_max_retrans": (300, *SECONDS),
    "tcp_timeout_unacknowledged": (300, *SECONDS),
    "udp_timeout": (30, *SECONDS),
    "udp_timeout_stream": (120, *SECONDS),
    "udp_timeout_dns": (10, *SECONDS),
    "icmp_timeout": (30, *SECONDS),
    "icmpv6_timeout": (30, *SECONDS),
    "sctp_timeout_closed": (10, *SECONDS),
    "sctp_timeout_cookie_wait": (70, *SECONDS),
    "sctp_timeout_cookie_echoed": (70, *SECONDS),
    "sctp_timeout_established": (210, *SECONDS),
    "sctp_timeout_shutdown_sent": (70, *SECONDS),
    "sctp_timeout_shutdown_recd": (70, *SECONDS),
    "sctp_timeout_shutdown_ack_sent": (70, *SECONDS),
    "sctp_timeout_heartbeat_sent": (30, *SECONDS),
    "dccp_timeout_request": (240, *SECONDS),
    "dccp_timeout_respond": (480, *SECONDS),
    "dccp_timeout_partopen": (480, *SECONDS),
    "dccp_timeout_open": (43200, *SECONDS),
    "dccp_timeout_closereq": (64, *SECONDS),
    "dccp_timeout_closing": (64, *SECONDS),
    "dccp_timeout_timewait": (240, *SECONDS),
    "gre_timeout": (30, *SECONDS),
    "gre_timeout_stream": (180, *SECONDS),
    "generic_timeout": (600, *SECONDS),
    "acct": (1, *FLAG),
    "checksum": (1, *FLAG),
    "timestamp": (0, *FLAG),
    "events": (1, 0, 2),
    "log_invalid": (0, 0, 255),
    "tcp_loose": (1, *FLAG),
    "tcp_be_liberal": (0, *FLAG),
    "tcp_max_retrans": (3, 0, 255),
    "tcp_ignore_invalid_rst": (0, *FLAG),
}


def path(name):
    return "/proc/sys/net/netfilter/nf_conntrack_" + name


def value(name):
    with open(path(name), encoding="ascii") as file:
        return int(file.read())


def taken(name, text):
    try:
        with open(path(name), "w", encoding="ascii", buffering=1) as file:
            file.write("%s\n" % text)
    except OSError:
        return False
    return True


def set_to(name, number):
    """What it is then."""
    taken(name, number)
    return value(name)


def each(other):
    for name, (default, lowest, highest) in SETTINGS.items():
        cases.group = name
        beyond = (1 << 31) - 1 if highest is None else highest + 1
        highest = default + 1 if highest is None else highest
        equal("%d" % default, default, value(name))
        wrong = [bad for bad in (-1, beyond, 4294967296, "x") if taken(name, bad)]
        equal("what it can't be is refused", [], wrong)
        equal("which left it as it was", default, value(name))
        equal("it is set", (lowest, highest), (set_to(name, lowest), set_to(name, highest)))
        with inside(other):
            equal("the other namespace has its own", default, value(name))


each(sys.argv[1])
