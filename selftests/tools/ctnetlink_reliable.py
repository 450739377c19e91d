# SPDX-License-Identifier: GPL-2.0
"""Listeners that have no room for all they are to be told: who asks not to miss an end hears of each."""
import errno
import socket
import time

import conntrack as ct
from cases import case, equal
from conntrack import Conntrack, Entry
from netlink import ACK, CREATE, ECHO, PATIENCE

SOL_NETLINK, BROADCAST_ERROR, NO_ENOBUFS = 270, 4, 5
RCVBUFFORCE = 33
LASTS = ct.timeout(300)
LIMIT = "/proc/sys/net/netfilter/nf_conntrack_max"
# Many more than the buffer has room for.
MANY, SMALL_BUFFER = 300, 20000


def listener(*options, groups=ct.GROUP_DESTROY):
    found = Conntrack(groups)
    found.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    for option in options:
        found.socket.setsockopt(SOL_NETLINK, option, 1)
    return found


def open_many(tracker):
    for i in range(MANY):
        tracker.create(ct.tuples(sport=1000 + i) + LASTS)


def sources(messages):
    return [Entry(message.payload).ports(ct.TUPLE_ORIG)[0] for message in messages]


def heard(who, enough):
    """All that it is told until it has heard that many different ones, or nothing comes any more."""
    messages, different = [], set()
    while len(different) < enough:
        try:
            told = list(who.receive())
        except (TimeoutError, BlockingIOError):
            break
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            continue
        messages.extend(told)
        different.update(sources(told))
    return messages


def soon(function):
    """Whether it becomes true."""
    end = time.monotonic() + PATIENCE
    while not function():
        if time.monotonic() > end:
            return False
        time.sleep(.01)
    return True


def reliable(tracker):
    forgetful = listener()
    open_many(tracker)
    tracker.flush()
    # Whatever it is told it has been told by now.
    forgetful.socket.setblocking(False)
    case(len(heard(forgetful, MANY)) < MANY, "a listener without room misses ends", "all of them")
    equal("nothing is kept for it", 0, tracker.count())
    forgetful.close()

    careful = listener(BROADCAST_ERROR, NO_ENOBUFS)
    open_many(tracker)
    tracker.flush()
    dying = sources(tracker.dump(kind=ct.DYING).messages)
    case(0 < len(dying) < MANY, "what it could not be told is listed as dying", len(dying))
    equal("each once", len(dying), len(set(dying)))
    equal("and counts", len(dying), tracker.count())
    equal("but is in no listing", [], tracker.entries())
    messages = heard(careful, MANY)
    equal("who must not miss an end hears of each of %d" % MANY, list(range(1000, 1000 + MANY)),
          sorted(set(sources(messages))))
    equal("and whose doing it was", {tracker.port}, {message.port for message in messages})
    case(soon(lambda: not tracker.count()), "then nothing is kept any more", tracker.count())

    open_many(tracker)
    tracker.flush()
    case(tracker.count() > 0, "ends are kept for it once more", 0)
    careful.close()
    case(soon(lambda: not tracker.count()), "until it goes", tracker.count())
    at_the_limit(tracker)
    echoed(tracker)
    updates(tracker)


def at_the_limit(tracker):
    """What is kept for a listener has its place: to keep more makes no room for others."""
    with open(LIMIT, encoding="ascii") as file:
        limit = file.read()
    careful = listener(BROADCAST_ERROR, NO_ENOBUFS)
    open_many(tracker)
    tracker.flush()
    with open(LIMIT, "w", encoding="ascii") as file:
        file.write(str(MANY))
    for i in range(2 * MANY):
        tracker.create(ct.tuples(sport=2000 + i) + LASTS)
    case(tracker.count() <= MANY, "a listener that does not read: no more than nf_conntrack_max", tracker.count())
    careful.close()
    case(soon(lambda: not tracker.dump(kind=ct.DYING).messages), "nothing is kept once it has gone", "it is")
    for i in range(MANY):
        tracker.create(ct.tuples(sport=5000 + i) + LASTS)
    equal("and others make room again", 0, tracker.create(ct.tuples(sport=6000) + LASTS).error)
    case(tracker.count() <= MANY, "the limit holds", tracker.count())
    with open(LIMIT, "w", encoding="ascii") as file:
        file.write(limit)
    tracker.flush()


def echoed(tracker):
    """Who wants an echo and has no room for it misses it: others are not told over and over for that."""
    deaf, healthy = listener(groups=0), Conntrack(ct.GROUP_DESTROY)
    healthy.socket.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, 1 << 21)
    open_many(tracker)
    deaf.send(ct.DELETE, ACK | ECHO)
    case(soon(lambda: not tracker.count()), "for an echo that finds no room nothing is kept", tracker.count())
    told = sources(healthy.events())
    equal("all others hear of each end", MANY, len(set(told)))
    case(len(told) <= 2 * MANY, "and not over and over", len(told))
    deaf.close()
    healthy.close()


def updates(tracker):
    """A beginning that could not be told is told with the first change."""
    careful = listener(BROADCAST_ERROR, NO_ENOBUFS, groups=ct.GROUP_NEW | ct.GROUP_UPDATE)
    tracker.create(ct.tuples() + LASTS)
    for _ in range(MANY):
        tracker.update(ct.original() + ct.mark(5))
    tracker.create(ct.tuples(sport=7) + LASTS)
    case(7 not in sources(careful.events()), "the beginning of a connection is missed", "not missed")
    tracker.update(ct.original(sport=7) + ct.mark(6))
    equal("and told with its first change", [(7, CREATE)],
          [(sources([message])[0], message.flags & CREATE) for message in careful.events()])
    careful.close()
    tracker.flush()


GROUPS = {"reliable": reliable}
