// SPDX-License-Identifier: GPL-2.0
/*
 * Binding a translation to a connection: what the packet is to look like is
 * chosen, and taken by inserting the key that its answers will have.
 */
#include <linux/export.h>
#include <linux/jhash.h>
#include <linux/random.h>

#include "nat/nat.h"
#include "nat/port.h"
#include "nf/net.h"
#include "nf/port_space.h"
#include "nf/probe_point.h"
#include "nf/table.h"

/* Ports that a search tries before it makes notes of them. */
#define TRIES_FEW	8
/* Where there is no room for notes: each search begins elsewhere. */
#define TRIES_BLIND	1024
/* Ports and addresses after which a packet goes on to no other address. */
#define TRIES_MAX	8192
/* Searches of more than that which a packet may make in vain. */
#define FULL_SEARCHES	4
/* Expired connections that it takes out of its way, each perhaps in vain. */
#define OBSTACLES_MAX	16
/* Addresses of a range that it looks at, most of which cost nothing. */
#define ADDRESSES_MAX	4096

/**
 * struct binding - a translation in the making
 * @cn: namespace
 * @conn: the connection, locked
 * @range: what the rule allows; NULL: only what can't be helped
 * @low: the lowest address of @range
 * @high: the highest
 * @manip: which end is translated
 * @packet: what packets look like before this translation
 * @obstacle: an expired connection that has a key which would be free, with a
 *	reference; the search stops there, and goes on when it is out of the way
 * @space: what is known of the ports that are searched; NULL when nothing
 * @start: where among the ports a search begins; see start_search()
 * @started: whether @start says so yet
 * @searches: how many were in vain, of those that took more than a few tries
 * @tries: ports that all searches tried
 */
struct binding {
	struct ctrack_net *cn;
	struct ctrack_conn *conn;
	const struct nf_nat_range2 *range;
	const union nf_inet_addr *low;
	const union nf_inet_addr *high;
	enum nf_nat_manip_type manip;
	struct ctrack_key packet;
	struct ctrack_conn *obstacle;
	struct ctrack_port_space *space;
	u32 start;
	bool started;
	unsigned int searches;
	u32 tries;
};

static bool range_says(const struct binding *binding, unsigned int flag)
{
	return binding->range && binding->range->flags & flag;
}

static unsigned int done_bit(enum nf_nat_manip_type manip)
{
	return manip == NF_NAT_MANIP_SRC ? IPS_SRC_NAT_DONE_BIT :
					   IPS_DST_NAT_DONE_BIT;
}

static bool has_identifier(const struct binding *binding)
{
	const struct ctrack_key *key = &binding->packet;

	/* An ICMP query has one identifier, and it is the sender's. */
	switch (key->protonum) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return binding->manip == NF_NAT_MANIP_SRC &&
		       ctrack_key_has_icmp_id(key);
	default:
		return ctrack_key_has_ports(key);
	}
}

static __be16 *identifier(const struct binding *binding, struct ctrack_key *key)
{
	return binding->manip == NF_NAT_MANIP_SRC ? &key->source_id.all :
						    &key->destination_id.all;
}

static union nf_inet_addr *address(const struct binding *binding,
				   struct ctrack_key *key)
{
	return binding->manip == NF_NAT_MANIP_SRC ? &key->source :
						    &key->destination;
}

/* Does @target leave the address as it is, so that @conn may have that port? */
static bool keeps_address(struct binding *binding, struct ctrack_key *target)
{
	return nf_inet_addr_cmp(address(binding, &binding->packet),
				address(binding, target));
}

/* Takes @target, which is what packets are to look like, if it is free. */
static bool take(struct binding *binding, const struct ctrack_key *target)
{
	const struct nf_conntrack_zone zone = ctrack_zone_of(&binding->conn->zone,
							     CTRACK_REPLY);
	enum ctrack_direction direction;
	struct ctrack_key reply;

	if (!ctrack_key_reverse(&reply, target))
		return false;
	switch (ctrack_table_rekey(binding->conn, &reply, binding->space)) {
	case CTRACK_TAKEN:
		return true;
	case CTRACK_TAKEN_BY_EXPIRED:
		binding->obstacle = ctrack_table_find(binding->cn, &reply,
						      &zone, &direction);
		/* Or is it gone by now? */
		return !binding->obstacle &&
		       ctrack_table_rekey(binding->conn, &reply,
					  binding->space) == CTRACK_TAKEN;
	case CTRACK_TAKEN_BY_OTHER:
		this_cpu_inc(binding->cn->counts->taken);
		return false;
	case CTRACK_TAKEN_NOT:
		break;
	}
	return false;
}

static struct ctrack_ports eligible_ports(const struct binding *binding,
					  __be16 port)
{
	if (range_says(binding, NF_NAT_RANGE_PROTO_SPECIFIED))
		return ctrack_ports_between(ntohs(binding->range->min_proto.all),
					    ntohs(binding->range->max_proto.all));
	/* A destination port has a meaning: only a rule may change it. */
	if (binding->manip == NF_NAT_MANIP_DST)
		return ctrack_ports_between(ntohs(port), ntohs(port));
	if (!ctrack_key_has_ports(&binding->packet))
		return ctrack_ports_between(0, 65535);
	return ctrack_ports_like(ntohs(port));
}

/*
 * Where the first search begins: port maps keep the distance that the port has
 * in the range, and all others begin anywhere.
 */
static void start_search(struct binding *binding)
{
	if (binding->started)
		return;
	binding->started = true;
	binding->start = range_says(binding, NF_NAT_RANGE_PROTO_OFFSET) ?
			 (u16)(ntohs(binding->packet.destination_id.all) -
			       ntohs(binding->range->base_proto.all)) :
			 get_random_u32();
}

/* Which port of the answers' key it is that is chosen. */
static enum ctrack_port_side chosen_side(const struct binding *binding)
{
	/* An ICMP identifier comes back where it was. */
	return binding->manip == NF_NAT_MANIP_SRC &&
	       ctrack_key_has_ports(&binding->packet) ?
	       CTRACK_PORT_DESTINATION : CTRACK_PORT_SOURCE;
}

/* What is known of the ports that @target's may be chosen of; notes begin if @crowded. */
static struct ctrack_port_space *port_space(const struct binding *binding,
					    const struct ctrack_key *target,
					    bool crowded)
{
	u16 zone = ctrack_zone_id(&binding->conn->zone, CTRACK_REPLY);
	enum ctrack_port_side side = chosen_side(binding);
	struct ctrack_key reply;

	if (!crowded && !rcu_access_pointer(binding->cn->port_spaces))
		return NULL;
	if (!ctrack_key_reverse(&reply, target))
		return NULL;
	return crowded ? ctrack_port_space_make(binding->cn, &reply, zone, side) :
			 ctrack_port_space_find(binding->cn, &reply, zone, side);
}

static u32 next_port(const struct binding *binding,
		     const struct ctrack_ports *ports, u32 i)
{
	return ctrack_ports_next(ports, binding->start, i,
				 binding->space ? binding->space->taken : NULL);
}

/*
 * Tries one eligible port of an address after another, but for those that are
 * known to be taken: none that is free is missed, as long as notes can be made.
 */
static bool walk_ports(struct binding *binding, struct ctrack_key *target,
		       const struct ctrack_ports *ports, u32 *all_tries)
{
	__be16 *port = identifier(binding, target);
	bool found = false;
	u32 tries = 0;
	u32 i;

	for (i = next_port(binding, ports, 0); i < ports->count;
	     i = next_port(binding, ports, i + 1)) {
		if (tries++ == TRIES_FEW && !binding->space)
			binding->space = port_space(binding, target, true);
		if (tries > TRIES_BLIND && !binding->space)
			break;
		*port = htons(ctrack_ports_at(ports, binding->start, i));
		found = take(binding, target);
		if (found || binding->obstacle)
			break;
	}
	*all_tries += tries;
	if (binding->space && i > TRIES_FEW)
		ctrack_port_space_use(binding->space);
	if (binding->obstacle)
		binding->start = binding->start % ports->count + i;
	else if (!found && tries > TRIES_FEW)
		binding->searches++;
	return found;
}

/**
 * ctrack_nat_search - look for a port that is free
 * @conn: the connection, locked
 * @binding: the translation in the making; what is known of the ports stands there
 * @target: what packets are to look like, but for the port, which is filled in
 * @tries: the ports that were tried are added there
 *
 * Return: 0, -EADDRINUSE when none is free, or -EAGAIN when an expired
 * connection has to go first.
 */
ctrack_probed int ctrack_nat_search(struct ctrack_conn *conn, struct binding *binding,
				    struct ctrack_key *target, u32 *tries)
{
	struct ctrack_ports ports = eligible_ports(binding,
						   *identifier(binding, target));
	bool found;

	start_search(binding);
	/* Its own port is one of those that it may find. */
	if (keeps_address(binding, target))
		ctrack_table_release(conn);
	found = walk_ports(binding, target, &ports, tries);
	if (!found && !binding->obstacle && binding->space &&
	    ctrack_port_space_doubt(binding->space))
		found = walk_ports(binding, target, &ports, tries);
	if (found)
		return 0;
	return binding->obstacle ? -EAGAIN : -EADDRINUSE;
}

static bool may_keep(const struct binding *binding, __be16 port)
{
	struct ctrack_ports ports = eligible_ports(binding, port);

	if (range_says(binding, NF_NAT_RANGE_PROTO_RANDOM_ALL |
				NF_NAT_RANGE_PROTO_OFFSET))
		return false;
	/* Without a word of the rule even port 0 may stay what it is. */
	return !range_says(binding, NF_NAT_RANGE_PROTO_SPECIFIED) ||
	       ctrack_ports_contain(&ports, ntohs(port));
}

/* By another: what it has itself may be known as taken, too. */
static bool is_known_taken(struct binding *binding, struct ctrack_key *target)
{
	return binding->space && !keeps_address(binding, target) &&
	       test_bit(ntohs(*identifier(binding, target)),
			binding->space->taken);
}

/* Takes an identifier at the address that @target has by now. */
static bool bind_identifier(struct binding *binding, struct ctrack_key *target)
{
	__be16 original;

	if (!has_identifier(binding))
		return take(binding, target);
	original = *identifier(binding, target);
	binding->space = port_space(binding, target, false);
	if (may_keep(binding, original) && !is_known_taken(binding, target) &&
	    take(binding, target))
		return true;
	if (!binding->obstacle &&
	    !ctrack_nat_search(binding->conn, binding, target, &binding->tries))
		return true;
	*identifier(binding, target) = original;
	return false;
}

/* A number below @span that is even enough; a span of 0 means 2^32. */
static u32 scale(u32 hash, u32 span)
{
	return span ? reciprocal_scale(hash, span) : hash;
}

/*
 * Some address between the two of the range, as @hash has it. Word by word:
 * bounds only bind while all words before lie on the bound.
 */
static void pick_address(const struct binding *binding, u32 hash,
			 union nf_inet_addr *picked)
{
	const union nf_inet_addr *min = binding->low;
	const union nf_inet_addr *max = binding->high;
	unsigned int words = binding->packet.l3num == NFPROTO_IPV4 ? 1 : 4;
	bool on_min = true, on_max = true;
	unsigned int i;

	for (i = 0; i < words; i++) {
		u32 low = on_min ? ntohl((__force __be32)min->all[i]) : 0;
		u32 high = on_max ? ntohl((__force __be32)max->all[i]) : ~0U;
		u32 word = low + scale(hash, high - low + 1);

		on_min = on_min && word == low;
		on_max = on_max && word == high;
		picked->all[i] = (__force u32)htonl(word);
		hash = jhash_1word(hash, i);
	}
}

/* Which address of a range a connection gets: the same for the same peers. */
static u32 address_hash(const struct binding *binding)
{
	const struct ctrack_key *key = &binding->packet;
	bool persistent = range_says(binding, NF_NAT_RANGE_PERSISTENT);

	return jhash2(key->source.all, ARRAY_SIZE(key->source.all),
		      persistent ? 0 : (__force u32)key->destination.all[3] ^
				       (__force u32)key->destination.all[0]);
}

/* How many addresses a search may go on to; see ADDRESSES_MAX. */
static u32 address_count(const struct binding *binding)
{
	u32 span;

	if (nf_inet_addr_cmp(binding->low, binding->high) ||
	    range_says(binding, NF_NAT_RANGE_PERSISTENT))
		return 1;
	if (binding->packet.l3num != NFPROTO_IPV4)
		return ADDRESSES_MAX;
	span = ntohl(binding->high->ip) - ntohl(binding->low->ip) + 1;
	return span && span < ADDRESSES_MAX ? span : ADDRESSES_MAX;
}

static void next_address(const struct binding *binding, u32 hash, u32 i,
			 union nf_inet_addr *picked)
{
	u32 low, span;

	if (binding->packet.l3num != NFPROTO_IPV4) {
		pick_address(binding, jhash_1word(hash, i), picked);
		return;
	}
	low = ntohl(binding->low->ip);
	span = ntohl(binding->high->ip) - low + 1;
	picked->ip = htonl(low + (ntohl(picked->ip) - low + 1) % (span ?: ~0U));
}

static bool is_below(const union nf_inet_addr *a, const union nf_inet_addr *b)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(a->all) - 1; i++)
		if (a->all[i] != b->all[i])
			break;
	return ntohl((__force __be32)a->all[i]) < ntohl((__force __be32)b->all[i]);
}

/*
 * A source that is what a rule with more than one address allows already stays
 * so, if that is free: whatever address the hash has for it.
 */
static bool keep_source(struct binding *binding, struct ctrack_key *target)
{
	const union nf_inet_addr *own = address(binding, target);

	if (binding->manip != NF_NAT_MANIP_SRC ||
	    nf_inet_addr_cmp(binding->low, binding->high) ||
	    is_below(own, binding->low) || is_below(binding->high, own) ||
	    range_says(binding, NF_NAT_RANGE_PROTO_RANDOM_ALL))
		return false;
	if (has_identifier(binding) &&
	    !may_keep(binding, *identifier(binding, target)))
		return false;
	return take(binding, target);
}

static bool bind_address(struct binding *binding, struct ctrack_key *target)
{
	u32 hash, count, i;

	binding->space = NULL;
	if (!range_says(binding, NF_NAT_RANGE_MAP_IPS))
		return bind_identifier(binding, target);
	if (keep_source(binding, target))
		return true;
	if (binding->obstacle)
		return false;

	hash = address_hash(binding);
	count = address_count(binding);
	pick_address(binding, hash, address(binding, target));
	for (i = 0; ; i++) {
		if (bind_identifier(binding, target))
			return true;
		if (binding->obstacle || i + 1 >= count ||
		    binding->searches >= FULL_SEARCHES ||
		    i + binding->tries >= TRIES_MAX)
			return false;
		next_address(binding, hash, i, address(binding, target));
	}
}

static void mark_translated(const struct binding *binding)
{
	struct ctrack_key now;

	if (ctrack_key_reverse(&now, ctrack_conn_key(binding->conn, CTRACK_REPLY)) &&
	    !ctrack_key_equal(&now, &binding->packet))
		set_bit(binding->manip == NF_NAT_MANIP_SRC ? IPS_SRC_NAT_BIT :
							     IPS_DST_NAT_BIT,
			&binding->conn->status);
}

/* What packets are to look like is @target, though its answers' key is taken. */
static void bind_unreserved(struct binding *binding,
			    const struct ctrack_key *target)
{
	struct ctrack_key reply;

	if (ctrack_key_reverse(&reply, target))
		ctrack_table_rekey_unreserved(binding->conn, &reply);
}

/*
 * A destination is where the rule says it is, whether or not the answers' key
 * is free: the source, translated later, may still make the difference.
 */
static bool bind_destination_anyway(struct binding *binding,
				    struct ctrack_key *target)
{
	if (binding->manip != NF_NAT_MANIP_DST || binding->obstacle)
		return false;
	if (has_identifier(binding) &&
	    range_says(binding, NF_NAT_RANGE_PROTO_SPECIFIED) &&
	    !may_keep(binding, target->destination_id.all))
		target->destination_id.all = binding->range->min_proto.all;
	bind_unreserved(binding, target);
	return true;
}

static bool bind_locked(struct binding *binding)
{
	struct ctrack_conn *conn = binding->conn;
	struct ctrack_key target;

	if (!binding->range && ctrack_table_reserve(conn))
		return true;

	if (!ctrack_key_reverse(&binding->packet,
				ctrack_conn_key(conn, CTRACK_REPLY)))
		return false;
	target = binding->packet;
	if (!bind_address(binding, &target) &&
	    !bind_destination_anyway(binding, &target)) {
		bind_unreserved(binding, &binding->packet);
		return false;
	}
	mark_translated(binding);
	return true;
}

/* Binds, unless it is done or too late; true when nothing is left to do. */
static bool try_setup(struct binding *binding)
{
	struct ctrack_conn *conn = binding->conn;
	unsigned int done = done_bit(binding->manip);
	bool bound = true;

	spin_lock_bh(&conn->lock);
	if (!test_bit(done, &conn->status) && !ctrack_conn_committed(conn)) {
		bound = bind_locked(binding);
		/* Whoever sees that it is done sees what was done. */
		smp_mb__before_atomic();
		if (bound)
			set_bit(done, &conn->status);
	}
	spin_unlock_bh(&conn->lock);
	return bound;
}

/* A map can hand out a range whose ends are swapped. */
static void order_addresses(struct binding *binding)
{
	const struct nf_nat_range2 *range = binding->range;
	bool swapped = is_below(&range->max_addr, &range->min_addr);

	binding->low = swapped ? &range->max_addr : &range->min_addr;
	binding->high = swapped ? &range->min_addr : &range->max_addr;
}

static void begin(struct binding *binding, struct ctrack_conn *conn,
		  const struct nf_nat_range2 *range, enum nf_nat_manip_type manip)
{
	binding->cn = ctrack_net_rcu(ctrack_conn_net(conn));
	binding->conn = conn;
	binding->range = range;
	binding->manip = manip;
	binding->obstacle = NULL;
	binding->started = false;
	binding->searches = 0;
	binding->tries = 0;
	if (range)
		order_addresses(binding);
}

/* No rule asked for another destination: that stands from now on. */
static void keep_destination(struct ctrack_conn *conn)
{
	spin_lock_bh(&conn->lock);
	if (!ctrack_conn_committed(conn))
		set_bit(IPS_DST_NAT_DONE_BIT, &conn->status);
	spin_unlock_bh(&conn->lock);
}

/**
 * ctrack_nat_setup - bind a translation to a connection
 * @conn: a connection in the table; when it is committed, or bound at this end
 *	already, it stays as it is
 * @range: what it may be translated to; NULL binds none, but still finds a
 *	free source port for a connection whose own is taken
 * @manip: which end
 *
 * Return: %CTRACK_REASON_NONE, or %CTRACK_REASON_nat_no_port.
 * Context: RCU held, @conn's lock not.
 */
ctrack_probed enum ctrack_reason
ctrack_nat_setup(struct ctrack_conn *conn, const struct nf_nat_range2 *range,
		 enum nf_nat_manip_type manip)
{
	struct binding binding __uninitialized;
	unsigned int tries;
	bool bound;

	if (!range && manip == NF_NAT_MANIP_DST) {
		keep_destination(conn);
		return CTRACK_REASON_NONE;
	}
	begin(&binding, conn, range, manip);
	for (tries = 0; tries < OBSTACLES_MAX; tries++) {
		bound = try_setup(&binding);
		if (!binding.obstacle)
			return bound ? CTRACK_REASON_NONE :
				       CTRACK_REASON_nat_no_port;
		/* Not under the lock: an end is told to listeners. */
		ctrack_conn_expire(binding.obstacle);
		ctrack_conn_put(binding.obstacle);
		binding.obstacle = NULL;
	}
	return CTRACK_REASON_nat_no_port;
}
EXPORT_SYMBOL_GPL(ctrack_nat_setup);

/* nf/trace_point.c reads these arguments, but can't see the functions. */
static_assert(__same_type(ctrack_nat_search,
			  int (struct ctrack_conn *conn, struct binding *binding,
			       struct ctrack_key *target, u32 *tries)));
static_assert(__same_type(ctrack_nat_setup,
			  enum ctrack_reason (struct ctrack_conn *conn,
					      const struct nf_nat_range2 *range,
					      enum nf_nat_manip_type manip)));
