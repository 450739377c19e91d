/* SPDX-License-Identifier: GPL-2.0 */
/* Which ports are known to be taken, where so many are that it takes long to find a free one. */
#ifndef CTRACK_PORT_SPACE_H
#define CTRACK_PORT_SPACE_H

#include "nf/net.h"

/**
 * enum ctrack_port_side - which identifier of a key is chosen
 * @CTRACK_PORT_SOURCE: the source's
 * @CTRACK_PORT_DESTINATION: the destination's
 * @CTRACK_PORT_SIDES: how many there are
 */
enum ctrack_port_side {
	CTRACK_PORT_SOURCE,
	CTRACK_PORT_DESTINATION,
	CTRACK_PORT_SIDES
};

/**
 * struct ctrack_port_space - the keys that differ in nothing but one port
 * @common: what they have in common; that port is 0; immutable
 * @zone: theirs; immutable
 * @side: which port it is; immutable
 * @used: jiffies, when it last spared a search more than a few tries
 * @doubted: jiffies, when ctrack_port_space_doubt() was last here
 * @taken: a bit for each port, in host order. It is 1 only while the table has
 *	the key with that port: set and cleared under that key's bucket lock, read
 *	without. That it is 0 says nothing
 * @rcu: for its end
 */
struct ctrack_port_space {
	struct ctrack_key common;
	u16 zone;
	u16 side;
	unsigned long used;
	unsigned long doubted;
	unsigned long *taken;
	struct rcu_head rcu;
};

void ctrack_port_spaces_age(struct ctrack_net *cn, unsigned long idle);

/* Return a space, which RCU keeps, or NULL. */
struct ctrack_port_space *ctrack_port_space_find(struct ctrack_net *cn,
						 const struct ctrack_key *key, u16 zone,
						 enum ctrack_port_side side);
struct ctrack_port_space *ctrack_port_space_make(struct ctrack_net *cn,
						 const struct ctrack_key *key, u16 zone,
						 enum ctrack_port_side side);
void ctrack_port_space_use(struct ctrack_port_space *space);
bool ctrack_port_space_doubt(struct ctrack_port_space *space);

/* Under the bucket lock of the key. */
void ctrack_port_space_take(struct ctrack_port_space *space, const struct ctrack_key *key);
void ctrack_port_spaces_release(struct ctrack_net *cn, const struct ctrack_key *key, u16 zone);

#endif
