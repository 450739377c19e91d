// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/generic.h"
#include "proto/proto.h"

/**
 * generic_step - a packet of a protocol that has no file of its own
 * @direction: which way it goes
 *
 * Nothing is known of the protocol, so an answer says that there is a peer
 * and not that there is something to lose: such a connection is never
 * assured, as with the in-tree tracker.
 *
 * Return: always accepted.
 */
struct ctrack_step generic_step(enum ctrack_direction direction)
{
	return ctrack_step_accept(CTRACK_TIMEOUT_GENERIC, direction);
}
