# SPDX-License-Identifier: GPL-2.0
"""nf_tables without a library, for what nft has no words for: `ct timeout` objects of any protocol, and of none, and a
security mark that is a number."""
import socket

from netlink import ACK, CREATE, FAMILY_HEADER, HEADER, REQUEST, Answer, Netlink, attribute, attributes, be16, be32, host32, u8

SUBSYSTEM = 10
BATCH_BEGIN, BATCH_END = 16, 17
NEW_RULE, NEW_OBJECT, GET_OBJECT = 6, 18, 19
RULE_TABLE, RULE_CHAIN, RULE_EXPRESSIONS = 1, 2, 4
OBJECT_TABLE, OBJECT_NAME, OBJECT_TYPE, OBJECT_DATA = 1, 2, 3, 4
LIST_ELEMENT, EXPRESSION_NAME, EXPRESSION_DATA = 1, 1, 2
REFERENCE_TYPE, REFERENCE_NAME = 1, 2
IMMEDIATE_REGISTER, IMMEDIATE_DATA, DATA_VALUE = 1, 2, 1
META_KEY, META_SOURCE_REGISTER, SECMARK = 2, 3, 14
REGISTER = 8
TYPE_CT_TIMEOUT = 7
TIMEOUT_L3PROTO, TIMEOUT_L4PROTO, TIMEOUT_DATA = 1, 2, 3


def text(kind, value):
    return attribute(kind, value.encode() + b"\0")


class Nftables(Netlink):
    """Speaks about one table."""

    def __init__(self, table, family=socket.AF_INET):
        super().__init__(SUBSYSTEM)
        self.table = table
        self.family = family

    def change(self, kind, body):
        """One request as a batch of its own."""
        self.sequence += 1
        parts = ((BATCH_BEGIN, REQUEST, FAMILY_HEADER.pack(0, 0, SUBSYSTEM)),
                 (SUBSYSTEM << 8 | kind, REQUEST | ACK | CREATE, FAMILY_HEADER.pack(self.family, 0, 0) + body),
                 (BATCH_END, REQUEST, FAMILY_HEADER.pack(0, 0, SUBSYSTEM)))
        self.socket.send(b"".join(HEADER.pack(HEADER.size + len(content), number, flags, self.sequence, 0) + content
                                  for number, flags, content in parts))
        while True:
            for message in self.receive():
                if message.sequence == self.sequence and message.is_end:
                    return Answer(message.error(), message.text(), [])

    def _named(self, name):
        return text(OBJECT_TABLE, self.table) + text(OBJECT_NAME, name) + be32(OBJECT_TYPE, TYPE_CT_TIMEOUT)

    def add(self, name, *data):
        """An object `ct timeout`; data: its attributes."""
        return self.change(NEW_OBJECT, self._named(name) + attribute(OBJECT_DATA, list(data)))

    def rule(self, chain, *expressions):
        """A rule of expressions, each a name and its attributes."""
        elements = [attribute(LIST_ELEMENT, [text(EXPRESSION_NAME, name), attribute(EXPRESSION_DATA, data)])
                    for name, data in expressions]
        return self.change(NEW_RULE, text(RULE_TABLE, self.table) + text(RULE_CHAIN, chain) +
                           attribute(RULE_EXPRESSIONS, elements))

    def set_timeout(self, chain, name):
        """A rule `ct timeout set NAME`."""
        return self.rule(chain, ("objref", [be32(REFERENCE_TYPE, TYPE_CT_TIMEOUT), text(REFERENCE_NAME, name)]))

    def set_secmark(self, chain, mark):
        """A rule `meta secmark set MARK`."""
        value = attribute(IMMEDIATE_DATA, [host32(DATA_VALUE, mark)])
        return self.rule(chain, ("immediate", [be32(IMMEDIATE_REGISTER, REGISTER), value]),
                         ("meta", [be32(META_KEY, SECMARK), be32(META_SOURCE_REGISTER, REGISTER)]))

    def timeouts(self, name):
        """What an object says: its protocols, and seconds by attribute."""
        answer = self.talk(GET_OBJECT, 0, self._named(name), family=self.family)
        data = attributes(answer.messages[0].attributes[OBJECT_DATA])
        return (int.from_bytes(data[TIMEOUT_L3PROTO], "big"), data[TIMEOUT_L4PROTO][0],
                {kind: int.from_bytes(value, "big") for kind, value in attributes(data[TIMEOUT_DATA]).items()})


def l3proto(number):
    return be16(TIMEOUT_L3PROTO, number)


def l4proto(number):
    return u8(TIMEOUT_L4PROTO, number)


def seconds(*values):
    """In the order of the protocol's attributes; None leaves one out."""
    return attribute(TIMEOUT_DATA, [be32(kind, value) for kind, value in enumerate(values, 1) if value is not None])
