# SPDX-License-Identifier: GPL-2.0
"""What nf_tables tells of the connections of packets that it traces, a line an event:

    ID DIRECTION STATUS STATE

of which each is "-" where it is not told. nft has no words for it yet."""
from netlink import Netlink, number

SUBSYSTEM, GROUP = 10, 9
ID, DIRECTION, STATUS, STATE = 18, 19, 20, 21


def main():
    tracer = Netlink(SUBSYSTEM, groups=1 << GROUP - 1)
    tracer.socket.settimeout(None)
    print("ready", flush=True)
    while True:
        for message in tracer.receive():
            told = message.attributes
            kinds = ID, DIRECTION, STATUS, STATE
            print(*(number(told[kind]) if kind in told else "-" for kind in kinds), flush=True)


main()
