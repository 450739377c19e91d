// SPDX-License-Identifier: GPL-2.0
/* Keys as ctnetlink writes them: CTA_TUPLE_* with what is inside. */
#include "nf/netlink_parse.h"

static const struct nla_policy tuple_policy[CTA_TUPLE_MAX + 1] = {
	[CTA_TUPLE_IP]		= { .type = NLA_NESTED },
	[CTA_TUPLE_PROTO]	= { .type = NLA_NESTED },
	[CTA_TUPLE_ZONE]	= { .type = NLA_U16 },
};

static const struct nla_policy ip_policy[CTA_IP_MAX + 1] = {
	[CTA_IP_V4_SRC]		= { .type = NLA_U32 },
	[CTA_IP_V4_DST]		= { .type = NLA_U32 },
	[CTA_IP_V6_SRC]		= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[CTA_IP_V6_DST]		= NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
};

static const struct nla_policy proto_policy[CTA_PROTO_MAX + 1] = {
	[CTA_PROTO_NUM]		= { .type = NLA_U8 },
	[CTA_PROTO_SRC_PORT]	= { .type = NLA_U16 },
	[CTA_PROTO_DST_PORT]	= { .type = NLA_U16 },
	[CTA_PROTO_ICMP_ID]	= { .type = NLA_U16 },
	[CTA_PROTO_ICMP_TYPE]	= { .type = NLA_U8 },
	[CTA_PROTO_ICMP_CODE]	= { .type = NLA_U8 },
	[CTA_PROTO_ICMPV6_ID]	= { .type = NLA_U16 },
	[CTA_PROTO_ICMPV6_TYPE]	= { .type = NLA_U8 },
	[CTA_PROTO_ICMPV6_CODE]	= { .type = NLA_U8 },
};

/* A zone of one direction only; a connection has no more than one zone. */
static int tuple_zone(const struct ctrack_request *rq, unsigned int type,
		      const struct nlattr *attr, struct nf_conntrack_zone *zone)
{
	if (!attr)
		return 0;
	if (!zone)
		return ctrack_request_wrong(rq, attr, "no zone can be given here");
	if (zone->id != NF_CT_DEFAULT_ZONE_ID)
		return ctrack_request_wrong(rq, attr,
					    "another zone is given already");
	zone->id = ntohs(nla_get_be16(attr));
	zone->dir = type == CTA_TUPLE_REPLY ? NF_CT_ZONE_DIR_REPL :
					      NF_CT_ZONE_DIR_ORIG;
	return 0;
}

static int read_addresses(const struct ctrack_request *rq,
			  const struct nlattr *nest, u32 parts,
			  struct ctrack_key *key)
{
	bool v4 = key->l3num == NFPROTO_IPV4;
	const struct nlattr *source, *destination;
	struct nlattr *attr[CTA_IP_MAX + 1];
	int err;

	err = ctrack_netlink_nest(nest, attr, CTA_IP_MAX, ip_policy, rq->extack);
	if (err)
		return err;
	source = attr[v4 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC];
	destination = attr[v4 ? CTA_IP_V6_DST : CTA_IP_V4_DST];
	if (source || destination)
		return ctrack_request_wrong(rq, source ?: destination,
			       "address of another family than the message's");

	source = attr[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC];
	destination = attr[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST];
	if (parts & CTRACK_PART_SOURCE) {
		if (!source)
			return ctrack_request_wrong(rq, nest, "source address is missing");
		nla_memcpy(&key->source, source, sizeof(key->source));
	}
	if (parts & CTRACK_PART_DESTINATION) {
		if (!destination)
			return ctrack_request_wrong(rq, nest,
				       "destination address is missing");
		nla_memcpy(&key->destination, destination,
			   sizeof(key->destination));
	}
	return 0;
}

/* What each protocol has behind its number, as CTA_PROTO_* and as part. */
struct identifiers {
	u8 source, destination, type, code;
	u32 source_part, destination_part, type_part, code_part;
};

static const struct identifiers port_identifiers = {
	.source = CTA_PROTO_SRC_PORT,
	.source_part = CTRACK_PART_SOURCE_PORT,
	.destination = CTA_PROTO_DST_PORT,
	.destination_part = CTRACK_PART_DESTINATION_PORT,
};

static const struct identifiers icmp_identifiers = {
	.source = CTA_PROTO_ICMP_ID,
	.source_part = CTRACK_PART_ICMP_ID,
	.type = CTA_PROTO_ICMP_TYPE,
	.type_part = CTRACK_PART_ICMP_TYPE,
	.code = CTA_PROTO_ICMP_CODE,
	.code_part = CTRACK_PART_ICMP_CODE,
};

static const struct identifiers icmpv6_identifiers = {
	.source = CTA_PROTO_ICMPV6_ID,
	.source_part = CTRACK_PART_ICMPV6_ID,
	.type = CTA_PROTO_ICMPV6_TYPE,
	.type_part = CTRACK_PART_ICMPV6_TYPE,
	.code = CTA_PROTO_ICMPV6_CODE,
	.code_part = CTRACK_PART_ICMPV6_CODE,
};

static const struct identifiers no_identifiers;

static const struct identifiers *identifiers_of(const struct ctrack_key *key)
{
	switch (key->protonum) {
	case IPPROTO_ICMP:
		return &icmp_identifiers;
	case IPPROTO_ICMPV6:
		return &icmpv6_identifiers;
	case IPPROTO_GRE:
		return &port_identifiers;
	default:
		return ctrack_key_has_ports(key) ? &port_identifiers :
						   &no_identifiers;
	}
}

/* No attribute and no part may be asked for that this protocol hasn't. */
static int check_identifiers(const struct ctrack_request *rq,
			     struct nlattr *const *attr, u32 parts,
			     const struct identifiers *ids)
{
	u32 known = ids->source_part | ids->destination_part | ids->type_part |
		    ids->code_part;
	unsigned int type;

	for (type = CTA_PROTO_SRC_PORT; type <= CTA_PROTO_MAX; type++) {
		if (attr[type] && type != ids->source &&
		    type != ids->destination && type != ids->type &&
		    type != ids->code)
			return ctrack_request_wrong(rq, attr[type],
				       "attribute of another protocol");
	}
	if (parts != CTRACK_PART_ALL && parts & CTRACK_PART_IDENTIFIERS & ~known)
		return ctrack_request_wrong(rq, attr[CTA_PROTO_NUM],
			       "filter by what this protocol does not have");
	return 0;
}

static int read_identifiers(const struct ctrack_request *rq,
			    const struct nlattr *nest,
			    struct nlattr *const *attr, u32 parts,
			    struct ctrack_key *key)
{
	const struct identifiers *ids = identifiers_of(key);
	int err = check_identifiers(rq, attr, parts, ids);

	if (err)
		return err;
	if (parts & ids->source_part) {
		if (!attr[ids->source])
			return ctrack_request_wrong(rq, nest, "source port or id is missing");
		key->source_id.all = nla_get_be16(attr[ids->source]);
	}
	if (parts & ids->destination_part) {
		if (!attr[ids->destination])
			return ctrack_request_wrong(rq, nest, "destination port is missing");
		key->destination_id.all = nla_get_be16(attr[ids->destination]);
	}
	if (parts & ids->type_part) {
		if (!attr[ids->type])
			return ctrack_request_wrong(rq, nest, "ICMP type is missing");
		key->destination_id.icmp.type = nla_get_u8(attr[ids->type]);
	}
	if (parts & ids->code_part) {
		if (!attr[ids->code])
			return ctrack_request_wrong(rq, nest, "ICMP code is missing");
		key->destination_id.icmp.code = nla_get_u8(attr[ids->code]);
	}
	return 0;
}

static int read_proto(const struct ctrack_request *rq,
		      const struct nlattr *nest, u32 parts,
		      struct ctrack_key *key)
{
	struct nlattr *attr[CTA_PROTO_MAX + 1];
	int err;

	err = ctrack_netlink_nest(nest, attr, CTA_PROTO_MAX, proto_policy,
				  rq->extack);
	if (err)
		return err;
	if (!attr[CTA_PROTO_NUM])
		return ctrack_request_wrong(rq, nest, "protocol number is missing");
	key->protonum = nla_get_u8(attr[CTA_PROTO_NUM]);
	return read_identifiers(rq, nest, attr, parts, key);
}

/**
 * ctrack_request_key_parts - read some parts of a key
 * @rq: request, whose family is IPv4 or IPv6
 * @type: the key's attribute, which is there
 * @parts: enum ctrack_part: those that have to be there and are read; zones
 *	may be there
 * @key: filled in; parts that were not read are zero
 * @zone: the zone that is given with a key is left here; NULL where none may be
 *
 * Return: 0 or -errno.
 */
int ctrack_request_key_parts(const struct ctrack_request *rq,
			     unsigned int type, u32 parts,
			     struct ctrack_key *key,
			     struct nf_conntrack_zone *zone)
{
	const u32 addresses = CTRACK_PART_SOURCE | CTRACK_PART_DESTINATION;
	const struct nlattr *nest = rq->attr[type];
	struct nlattr *attr[CTA_TUPLE_MAX + 1];
	int err;

	memset(key, 0, sizeof(*key));
	key->l3num = rq->family;
	key->direction = type == CTA_TUPLE_REPLY ? CTRACK_REPLY :
						   CTRACK_ORIGINAL;
	if (rq->family == NFPROTO_UNSPEC) {
		NL_SET_ERR_MSG_ATTR(rq->extack, nest,
				    "a tuple needs the message's family");
		return -EOPNOTSUPP;
	}
	err = ctrack_netlink_nest(nest, attr, CTA_TUPLE_MAX, tuple_policy,
				  rq->extack);
	if (err)
		return err;
	if (parts & addresses) {
		if (!attr[CTA_TUPLE_IP])
			return ctrack_request_wrong(rq, nest, "addresses are missing");
		err = read_addresses(rq, attr[CTA_TUPLE_IP], parts, key);
		if (err)
			return err;
	}
	if (parts & CTRACK_PART_PROTOCOL) {
		if (!attr[CTA_TUPLE_PROTO])
			return ctrack_request_wrong(rq, nest, "protocol is missing");
		err = read_proto(rq, attr[CTA_TUPLE_PROTO], parts, key);
		if (err)
			return err;
	}
	if (!(parts & CTRACK_PART_ZONE))
		return 0;
	return tuple_zone(rq, type, attr[CTA_TUPLE_ZONE], zone);
}

/**
 * ctrack_request_key - read a whole key
 * @rq: request
 * @type: the key's attribute, which is there
 * @key: filled in
 * @zone: as in ctrack_request_key_parts()
 *
 * Return: 0 or -errno.
 */
int ctrack_request_key(const struct ctrack_request *rq, unsigned int type,
		       struct ctrack_key *key, struct nf_conntrack_zone *zone)
{
	struct ctrack_key reverse;
	int err;

	err = ctrack_request_key_parts(rq, type, CTRACK_PART_ALL, key, zone);
	if (err)
		return err;
	if (key->protonum == (rq->family == NFPROTO_IPV4 ? IPPROTO_ICMPV6 :
							   IPPROTO_ICMP))
		return ctrack_request_wrong(rq, rq->attr[type],
			       "ICMP of another family than the message's");
	if (!ctrack_key_reverse(&reverse, key))
		return ctrack_request_wrong(rq, rq->attr[type],
			       "ICMP type that belongs to no query");
	return 0;
}
