# SPDX-License-Identifier: GPL-2.0
"""nflog.py: the prefix of each packet that nfnetlink_log tells of in this namespace, group 0, a line each."""
import struct

from netlink import Netlink, attribute, be32, u8

SUBSYSTEM, PACKET, CONFIGURE = 4, 0, 1
COMMAND, MODE, THRESHOLD = 1, 2, 5
BIND, COPY_PACKET = 1, 2
PREFIX = 10

listener = Netlink(SUBSYSTEM)
for setting in (u8(COMMAND, BIND), attribute(MODE, struct.pack("!IBx", 64, COPY_PACKET)), be32(THRESHOLD, 1)):
    answer = listener.talk(CONFIGURE, 0, setting)
    assert not answer.error, answer
listener.socket.settimeout(None)
print("ready", flush=True)
while True:
    for message in listener.receive():
        if message.subsystem == SUBSYSTEM and message.kind == PACKET:
            print(message.attributes[PREFIX].rstrip(b"\0").decode(), flush=True)
