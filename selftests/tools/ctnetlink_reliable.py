# SPDX-License-Identifier: GPL-2.0
"""Listeners that have no room for all they are to be told: who asks not to miss an end hears of each."""
import errno
import socket
import time

import conntrack as ct
from cases import case, equal
from conntrack import Conntrack, Entry
from netlink import CREATE, PATIENCE

SOL_NETLINK, BROADCAST_ERROR, NO_ENOBUFS = 270, 4, 5
LASTS = ct.timeout(300)
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
    updates(tracker)


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
