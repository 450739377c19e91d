# SPDX-License-Identifier: GPL-2.0
"""The two trackers that are measured: loading one, its settings, unloading it again."""
import glob
import os
import subprocess
import time
from contextlib import contextmanager

NAMES = ("nf_conntrack", "ctrack")
# What only one of them does, or neither; measured with that one.
ONLY = {"moved": ("ctrack",), "tracing": ("ctrack",), "touched": ("ctrack",)}
LOAD = {
    "nf_conntrack": ("nf_conntrack_netlink", "nft_ct", "nft_chain_nat", "nft_nat"),
    "ctrack": ("ctrack_nat",),
}
UNLOAD = {
    "nf_conntrack": ("nft_nat", "nft_chain_nat", "nft_ct", "nf_conntrack_netlink", "nf_nat", "nf_conntrack"),
    "ctrack": ("ctrack_nat", "ctrack"),
}
SYSCTL = "/proc/sys/net/netfilter/nf_conntrack_"
LIMIT = 4000000
# What is measured is not what expires meanwhile.
SETTINGS = {"max": LIMIT, "udp_timeout": 7200, "udp_timeout_stream": 7200, "acct": 0, "timestamp": 0}


def trackers_of(row):
    """With whom a row is measured."""
    return ONLY.get(row.split("/")[0], NAMES)


def command(*words, given=None):
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(words), done.stdout))
    return done.stdout


def get(setting):
    with open(SYSCTL + setting, encoding="ascii") as file:
        return int(file.read())


def put(setting, value):
    with open(SYSCTL + setting, "w", encoding="ascii") as file:
        file.write(str(value))


def settle(**changes):
    """For this namespace."""
    for setting, value in {**SETTINGS, **changes}.items():
        # the limit is the first namespace's alone with one of them
        if os.access(SYSCTL + setting, os.W_OK):
            put(setting, value)


def buckets_for(flows):
    """A table for nf_conntrack, which does not grow: a bucket for each flow, and never less than it has by itself."""
    return max(65536, 1 << (flows - 1).bit_length())


@contextmanager
def loaded(name, flows, modules=None):
    """Inside it is there, with room for as many flows; all of it, or those modules."""
    if name == "nf_conntrack":
        command("modprobe", "nf_conntrack", "hashsize=%d" % buckets_for(flows))
    command("modprobe", "-a", *(modules or LOAD[name]))
    put("max", LIMIT)
    try:
        yield
    finally:
        unload(name)


def wait_until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise RuntimeError("not in %d s" % seconds)
        time.sleep(0.05)


def unloaded(name):
    """It can't be before the last namespace is gone."""
    for module in UNLOAD[name]:
        if glob.glob("/sys/module/" + module):
            subprocess.run(("modprobe", "-r", module), stderr=subprocess.DEVNULL, check=False)
    return not glob.glob("/sys/module/" + UNLOAD[name][-1])


def unload(name):
    wait_until(lambda: unloaded(name), 300)
