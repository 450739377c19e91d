# SPDX-License-Identifier: GPL-2.0
"""TCP sequences: two ends that talk through a router that sees, delays and loses what they send."""
from packet import OTHER, Segment

SIDES = ("client", "server")
CHANCE_LOST_BEFORE, CHANCE_LOST_BEHIND, CHANCE_TWICE, CHANCE_LATE = 0.04, 0.06, 0.05, 0.15


class End:
    """What an end of a connection knows. Numbers are relative to the first sequence numbers."""

    def __init__(self, random):
        self.state = "closed"
        self.first, self.next, self.unacknowledged, self.expected = 0, 0, 0, 0
        self.window = random.choice((100, 1000, 8000, 65535))
        # what it may send: up to this number; and by how much the other end's windows are scaled
        self.allowed, self.scale = 0, 0
        # acknowledgments, if both ends said so
        self.selective = False
        self.timestamps = random.random() < 0.5
        self.options = [("mss", 1460)]
        if random.random() < 0.6:
            self.options.append(("wscale", random.choice((0, 1, 7, 14))))
        if random.random() < 0.6:
            self.options.append(("sackok", 0))
        self.clock = random.randrange(1, 1000)
        self.sent = []


class Conversation:
    """router: the segments that come to the router, in their order."""

    def __init__(self, random, length):
        self.random, self.length = random, length
        self.router, self.under_way = [], []
        self.ends = {side: End(random) for side in SIDES}

    def chance(self, of):
        return self.random.random() < of

    # --- sending

    def send(self, side, flags, payload=0, seq=None, options=(), again=False, **more):
        end = self.ends[side]
        seq = end.next if seq is None else seq
        options = tuple(options)
        if end.timestamps:
            end.clock += 1
            options += (("ts", end.clock),)
        more.setdefault("window", end.window)
        segment = Segment(side, flags, seq=seq, ack=end.expected if "A" in flags else 0, payload=payload,
                          options=options, **more)
        after = seq + payload + ("S" in flags) + ("F" in flags)
        if after > end.next:
            end.next = after
        if after > seq and not again:
            end.sent.append(segment)
        if not self.chance(CHANCE_LOST_BEFORE):
            self.under_way.append(segment)

    def syn(self, side, **more):
        self.ends[side].state = "syn sent"
        self.send(side, "S", options=self.ends[side].options, **more)

    # --- the network

    def carry(self):
        """One segment comes to the router, and perhaps to its receiver."""
        place = 0
        if len(self.under_way) > 1 and self.chance(CHANCE_LATE):
            place = self.random.randrange(len(self.under_way))
        segment = self.under_way.pop(place)
        self.router.append(segment)
        if self.chance(CHANCE_TWICE):
            self.under_way.append(segment)
        if not self.chance(CHANCE_LOST_BEHIND):
            self.arrive(OTHER[segment.side], segment)

    def arrive(self, side, segment):
        end = self.ends[side]
        flags = segment.flags
        if "R" in flags:
            end.state = "closed"
            return
        if "A" in flags and segment.ack > end.unacknowledged:
            end.unacknowledged = min(segment.ack, end.next)
        if "S" in flags:
            self.arrive_syn(side, end, segment)
            return
        if "A" in flags:
            end.allowed = max(end.allowed, segment.ack + (segment.window << end.scale))
        if end.state == "closed":
            if self.chance(0.7):
                self.send(side, "R", seq=segment.ack)
            return
        if end.state in ("syn sent", "syn received"):
            end.state = "open"
        after = segment.seq + segment.payload + ("F" in flags)
        if segment.seq <= end.expected < after:
            end.expected = after
            if "F" in flags:
                end.state = "peer closed" if end.state == "open" else "time wait"
        if after > segment.seq and self.chance(0.8):
            self.acknowledge(side, segment)

    def arrive_syn(self, side, end, segment):
        scales = [dict(options).get("wscale") for options in (end.options, segment.options)]
        end.scale = 0 if None in scales else scales[1]
        end.selective = ("sackok", 0) in end.options and ("sackok", 0) in segment.options
        end.allowed = segment.ack + segment.window if "A" in segment.flags else segment.window
        if end.state in ("closed", "listening"):
            end.expected = segment.seq + 1 + (segment.payload if self.chance(0.7) else 0)
            end.state = "syn received"
            options = [option for option in end.options
                       if option[0] == "mss" or any(option[0] == theirs[0] for theirs in segment.options)]
            self.send(side, "SA", options=options)
        elif end.state == "syn sent":
            end.expected = max(end.expected, segment.seq + 1)
            if "A" in segment.flags:
                end.state = "open"
                self.send(side, "A")
            else:
                end.state = "syn received"
                self.send(side, "SA", seq=end.first, options=end.options, again=True)
        else:
            # a challenge
            self.send(side, "A")

    def acknowledge(self, side, segment):
        end = self.ends[side]
        options = ()
        if segment.seq > end.expected and end.selective:
            options = (("sack", (segment.seq, segment.seq + segment.payload)),)
        self.send(side, "A", options=options)

    # --- what ends do by themselves

    def act(self):
        side = self.random.choice(SIDES)
        end = self.ends[side]
        if end.state == "syn sent":
            self.syn(side, seq=end.first, again=True)
        elif end.state == "syn received":
            self.send(side, "SA", seq=end.first, options=end.options, again=True)
        elif end.state in ("open", "peer closed"):
            self.act_open(side, end)
        elif end.state in ("fin", "last"):
            self.repeat(side, end)
        elif self.chance(0.15):
            self.reopen(side)

    def act_open(self, side, end):
        dice = self.random.random()
        if dice < 0.40:
            for _ in range(self.random.choice((1, 1, 2, 3))):
                # one octet may probe a window
                room = end.allowed - end.next or 1
                payload = min(self.random.choice((1, 10, 100, 700)), room)
                if payload > 0:
                    self.send(side, self.random.choice(("A", "PA")), payload=payload)
        elif dice < 0.50:
            self.repeat(side, end)
        elif dice < 0.55:
            self.send(side, "A", seq=end.next - 1, payload=self.random.choice((0, 1)), again=True)
        elif dice < 0.62:
            end.window = self.random.choice((0, 0, 1, 500, 65535))
            self.send(side, "A")
        elif dice < 0.88:
            self.send(side, "FA", payload=min(self.random.choice((0, 0, 20)), max(0, end.allowed - end.next)))
            end.state = "fin" if end.state == "open" else "last"
        elif dice < 0.96:
            self.send(side, self.random.choice(("R", "RA")))
            end.state = "closed"
        else:
            end.state = "closed"    # it was turned off, and forgets all

    def repeat(self, side, end):
        for segment in end.sent:
            if segment.seq + segment.payload + 1 > end.unacknowledged:
                self.send(side, segment.flags, seq=segment.seq, payload=segment.payload, again=True)
                return

    def reopen(self, side):
        """The same ports, later: numbers go on well above the old ones, or, with bad luck, anywhere."""
        jump = self.random.choice((1, 100, 70000, 2000000, -5000, (1 << 31) - (1 << 21)))
        for end in self.ends.values():
            end.sent = []
        end = self.ends[side]
        end.first = end.next = end.unacknowledged = end.next + jump
        end.expected = 0
        end.allowed = 0
        other = self.ends[OTHER[side]]
        if other.state in ("time wait", "last", "closed"):
            other.state = "closed"
            other.first = other.next = other.unacknowledged = other.next + self.random.choice((1, 100000))
        self.syn(side)

    # --- all of it

    def run(self):
        patience = 8 * self.length
        while len(self.router) < self.length and patience:
            patience -= 1
            if self.under_way and self.chance(0.8):
                self.carry()
            else:
                self.act()
        return self.router


def generate(random, length):
    talk = Conversation(random, length)
    client, server = talk.ends["client"], talk.ends["server"]
    server.state = "listening"
    dice = random.random()
    if dice < 0.68:
        talk.syn("client")
    elif dice < 0.74:
        talk.syn("client", payload=random.choice((0, 50)))
        if random.random() < 0.5:
            client.options.append(("fastopen", 0))
    elif dice < 0.82:
        talk.syn("client")
        talk.syn("server")
    elif dice < 0.93:
        # begun before the router was there
        for end in (client, server):
            end.state = "open"
            end.next = end.unacknowledged = end.expected = 1
            end.allowed = 1000
    elif dice < 0.96:
        talk.syn("server")
        client.state = "listening"
    else:
        server.state = "closed"
        talk.syn("client")
        talk.send("server", "RA", seq=0)
    return talk.run()
