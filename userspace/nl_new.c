// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: connections that the kernel is to make. Translations can't be said by the reply
 * direction: it is given as it were without, and what is translated to what beside it.
 */
#include "nl_talk.h"
#include "names.h"
#include "record.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

/* Requests that go out together; their refusals fit into the socket's buffer. */
#define BATCH 64

/* Bits of a status that can be asked for. */
#define STATUS_ASKED	(IPS_SEEN_REPLY | IPS_ASSURED | IPS_FIXED_TIMEOUT)

/* What answers would look like if nothing were translated. */
static struct flow plain_reply(const struct entry *e)
{
	struct flow f = { .type = e->reply.type, .code = e->reply.code, .id = e->orig.id,
			  .sport = e->orig.dport, .dport = e->orig.sport };

	memcpy(f.src, e->orig.dst, sizeof(f.src));
	memcpy(f.dst, e->orig.src, sizeof(f.dst));
	return f;
}

static void put_nat(struct nlmsghdr *nlh, uint16_t type, const struct entry *e,
		    const uint8_t *address, uint16_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type), *proto;
	bool v4 = e->family == AF_INET;

	mnl_attr_put(nlh, v4 ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP, v4 ? 4 : 16, address);
	mnl_attr_put(nlh, v4 ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP, v4 ? 4 : 16, address);
	if (proto_has_ports(e->proto) || (proto_is_icmp(e->proto) && type == CTA_NAT_SRC)) {
		proto = mnl_attr_nest_start(nlh, CTA_NAT_PROTO);
		mnl_attr_put_u16(nlh, CTA_PROTONAT_PORT_MIN, htons(id));
		mnl_attr_put_u16(nlh, CTA_PROTONAT_PORT_MAX, htons(id));
		mnl_attr_nest_end(nlh, proto);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_translations(struct nlmsghdr *nlh, const struct entry *e, const struct flow *plain)
{
	const struct flow *reply = &e->reply;

	if (memcmp(reply->dst, plain->dst, sizeof(plain->dst)) ||
	    reply->dport != plain->dport || reply->id != plain->id)
		put_nat(nlh, CTA_NAT_SRC, e, reply->dst,
			e->kind == FLOW_ICMP ? reply->id : reply->dport);
	if (memcmp(reply->src, plain->src, sizeof(plain->src)) || reply->sport != plain->sport)
		put_nat(nlh, CTA_NAT_DST, e, reply->src, reply->sport);
}

static void put_tcp(struct nlmsghdr *nlh, const struct record *r)
{
	static const uint16_t scale[] = {
		CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, CTA_PROTOINFO_TCP_WSCALE_REPLY,
	};
	static const uint16_t flags[] = {
		CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, CTA_PROTOINFO_TCP_FLAGS_REPLY,
	};
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO_TCP);
	int i;

	mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_STATE, r->state);
	for (i = 0; i < 2; i++) {
		/* What is under way was sent before anybody here could count it. */
		struct nf_ct_tcp_flags f = {
			r->flags[i] | IP_CT_TCP_FLAG_BE_LIBERAL, RECORD_TCP_FLAGS,
		};

		mnl_attr_put_u8(nlh, scale[i], r->scale[i]);
		mnl_attr_put(nlh, flags[i], sizeof(f), &f);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_sctp(struct nlmsghdr *nlh, const struct record *r)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO_SCTP);

	mnl_attr_put_u8(nlh, CTA_PROTOINFO_SCTP_STATE, r->state);
	mnl_attr_put_u32(nlh, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, htonl(r->vtag[0]));
	mnl_attr_put_u32(nlh, CTA_PROTOINFO_SCTP_VTAG_REPLY, htonl(r->vtag[1]));
	mnl_attr_nest_end(nlh, nest);
}

static void put_dccp(struct nlmsghdr *nlh, const struct record *r)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO_DCCP);

	mnl_attr_put_u8(nlh, CTA_PROTOINFO_DCCP_STATE, r->state);
	mnl_attr_put_u8(nlh, CTA_PROTOINFO_DCCP_ROLE, r->role);
	mnl_attr_put_u64(nlh, CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ, htobe64(r->handshake_seq));
	mnl_attr_nest_end(nlh, nest);
}

static void put_state(struct nlmsghdr *nlh, const struct record *r)
{
	struct nlattr *nest;

	if (!r->has_state)
		return;
	nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO);
	if (r->entry.proto == IPPROTO_TCP)
		put_tcp(nlh, r);
	else if (r->entry.proto == IPPROTO_SCTP)
		put_sctp(nlh, r);
	else if (r->entry.proto == IPPROTO_DCCP)
		put_dccp(nlh, r);
	mnl_attr_nest_end(nlh, nest);
}

/* The kernel has words of 32 labels. */
static void put_labels(struct nlmsghdr *nlh, const struct record *r)
{
	uint32_t words[RECORD_LABELS / 4] = {};
	bool any = false;
	int i;

	for (i = 0; i < RECORD_LABELS; i++) {
		words[i / 4] |= (uint32_t)r->labels[i] << 8 * (i % 4);
		any = any || r->labels[i];
	}
	if (any)
		mnl_attr_put(nlh, CTA_LABELS, sizeof(words), words);
}

static void put_record(struct nlmsghdr *nlh, const struct record *r)
{
	const struct entry *e = &r->entry;
	struct flow plain = plain_reply(e);

	nl_put_tuple(nlh, CTA_TUPLE_ORIG, e, &e->orig, e->zone_of == ZONE_OF_ORIG);
	nl_put_tuple(nlh, CTA_TUPLE_REPLY, e, &plain, e->zone_of == ZONE_OF_REPLY);
	nl_put_zone(nlh, e);
	put_translations(nlh, e, &plain);
	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(IPS_CONFIRMED | (e->status & STATUS_ASKED)));
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(e->timeout));
	if (e->mark)
		mnl_attr_put_u32(nlh, CTA_MARK, htonl(e->mark));
	put_labels(nlh, r);
	put_state(nlh, r);
}

/* Fills the buffer. Returns how many requests there are; @more is what @next gave last. */
static int fill(struct nl *nl, nl_record_fn next, void *data, size_t *used, int *more)
{
	struct nlmsghdr *last = NULL;
	struct record r;
	int n;

	*used = 0;
	for (n = 0; n < BATCH && (*more = next(&r, data)) > 0; n++) {
		last = nl_ct_request(nl->buf + *used, IPCTNL_MSG_CT_NEW,
				     NLM_F_CREATE | NLM_F_EXCL, r.entry.family);
		last->nlmsg_seq = ++nl->seq;
		put_record(last, &r);
		*used += MNL_ALIGN(last->nlmsg_len);
	}
	/* Refusals are told anyway; that the last is done tells that all are. */
	if (last)
		last->nlmsg_flags |= NLM_F_ACK;
	return n;
}

struct verdicts {
	uint32_t first;
	size_t done;
	nl_refused_fn refused;
	void *data;
};

static void take_verdict(struct nl *nl, uint32_t seq, int err, void *data)
{
	const struct verdicts *v = data;

	if (err && seq - v->first < BATCH)
		v->refused(v->done + (seq - v->first), err, nl->why, v->data);
}

/**
 * nl_create - make connections
 * @nl: from nl_open()
 * @next: gives one after another: 1; or 0 when there are no more, or -errno to stop
 * @refused: told of each that the kernel refuses: its number, from 0; the -errno; and what the
 *	kernel said, "" when nothing
 * @data: for both
 *
 * Return: 0, -errno when no more could be tried, or what @next gave to stop.
 */
int nl_create(struct nl *nl, nl_record_fn next, nl_refused_fn refused, void *data)
{
	struct verdicts v = { .refused = refused, .data = data };
	size_t used;
	int n, err, more;

	do {
		v.first = nl->seq + 1;
		n = fill(nl, next, data, &used, &more);
		err = n ? nl_talk_batch(nl, nl->ct, used, take_verdict, &v) : 0;
		if (err)
			return err;
		v.done += n;
	} while (more > 0);
	return more;
}

static int give_one(struct record *r, void *data)
{
	const struct record **one = data;

	if (!*one)
		return 0;
	*r = **one;
	*one = NULL;
	return 1;
}

static void take_one(struct nl *nl, uint32_t seq, int err, void *data)
{
	(void)nl;
	(void)seq;
	*(int *)data = err;
}

/**
 * nl_create_one - make one connection
 * @nl: from nl_open()
 * @r: the connection
 *
 * Return: 0, -EEXIST when there is one of its tuples, or another -errno.
 */
int nl_create_one(struct nl *nl, const struct record *r)
{
	int err, more, verdict = 0;
	size_t used;

	fill(nl, give_one, &r, &used, &more);
	err = nl_talk_batch(nl, nl->ct, used, take_one, &verdict);
	return err ? err : verdict;
}

/**
 * nl_why - what the kernel said to the last error
 * @nl: from nl_open()
 *
 * Return: its words, "" when there were none.
 */
const char *nl_why(const struct nl *nl)
{
	return nl->why;
}
