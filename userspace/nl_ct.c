// SPDX-License-Identifier: GPL-2.0
/* Netlink: connections, by ctnetlink. */
#include "nl_talk.h"
#include "array.h"
#include "attr.h"
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>

#include "nf/uapi.h"

/* Room for bursts of events; the kernel grants less to who has no CAP_NET_ADMIN. */
#define EVENT_BUFFER (16 << 20)

struct taker {
	nl_entry_fn fn;
	void *data;
};

/**
 * nl_ct_request - begin a request of ctnetlink
 * @buf: where it goes
 * @type: IPCTNL_MSG_CT_*
 * @flags: NLM_F_*, but for NLM_F_REQUEST
 * @family: AF_*
 *
 * Return: its header.
 */
struct nlmsghdr *nl_ct_request(void *buf, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	return nlh;
}

/**
 * nl_put_tuple - one direction of a connection
 * @nlh: the request
 * @type: CTA_TUPLE_ORIG or CTA_TUPLE_REPLY
 * @e: the connection
 * @f: the direction
 * @zoned: its zone counts in this direction alone
 */
void nl_put_tuple(struct nlmsghdr *nlh, uint16_t type, const struct entry *e, const struct flow *f,
		  bool zoned)
{
	struct nlattr *tuple = mnl_attr_nest_start(nlh, type);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	bool v4 = e->family == AF_INET, v6 = e->proto == IPPROTO_ICMPV6;
	size_t size = v4 ? 4 : 16;

	mnl_attr_put(nlh, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, size, f->src);
	mnl_attr_put(nlh, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, size, f->dst);
	mnl_attr_nest_end(nlh, nest);

	nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, e->proto);
	if (e->kind == FLOW_PORTS || e->proto == IPPROTO_GRE) {
		mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, htons(f->sport));
		mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(f->dport));
	} else if (e->kind == FLOW_ICMP) {
		mnl_attr_put_u8(nlh, v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE, f->type);
		mnl_attr_put_u8(nlh, v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE, f->code);
		mnl_attr_put_u16(nlh, v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, htons(f->id));
	}
	mnl_attr_nest_end(nlh, nest);

	if (e->zone && zoned)
		mnl_attr_put_u16(nlh, CTA_TUPLE_ZONE, htons(e->zone));
	mnl_attr_nest_end(nlh, tuple);
}

/**
 * nl_put_zone - the zone of a connection, where it counts in both directions
 * @nlh: the request
 * @e: the connection
 */
void nl_put_zone(struct nlmsghdr *nlh, const struct entry *e)
{
	if (e->zone && e->zone_of == ZONE_OF_BOTH)
		mnl_attr_put_u16(nlh, CTA_ZONE, htons(e->zone));
}

/* A connection, named by what its @orig says. */
static void put_key(struct nlmsghdr *nlh, uint16_t type, const struct entry *e)
{
	nl_put_tuple(nlh, type, e, &e->orig, e->zone_of == ZONE_OF_ORIG);
	nl_put_zone(nlh, e);
}

static enum event event_of(const struct nlmsghdr *nlh)
{
	if ((nlh->nlmsg_type & 0xff) == IPCTNL_MSG_CT_DELETE)
		return EVENT_DESTROY;
	return nlh->nlmsg_flags & (NLM_F_CREATE | NLM_F_EXCL) ? EVENT_NEW : EVENT_UPDATE;
}

/* Returns what taker->fn does; -EBADMSG for what is no connection. */
static int take_entry(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	size_t skip = MNL_ALIGN(sizeof(struct nfgenmsg)), size = mnl_nlmsg_get_payload_len(nlh);
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr[CTA_MAX + 1];
	const struct taker *taker = data;
	struct nl_entry e;
	int err;

	(void)nl;
	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_CTNETLINK ||
	    ((nlh->nlmsg_type & 0xff) != IPCTNL_MSG_CT_NEW &&
	     (nlh->nlmsg_type & 0xff) != IPCTNL_MSG_CT_DELETE) || size < skip)
		return -EBADMSG;
	attr_index(attr, ARRAY_SIZE(attr), (const char *)nfg + skip, size - skip);
	err = entry_fill(&e.entry, nfg->nfgen_family, attr);
	if (err)
		return err;
	e.event = event_of(nlh);
	e.attr = attr;
	return taker->fn(&e, taker->data);
}

/* What of a tuple the kernel compares, in CTA_FILTER: it has the numbers in no header. */
#define FILTER_SOURCE		(1 << 0)
#define FILTER_DESTINATION	(1 << 1)

static uint32_t host_of(const struct filter *f, enum filter_word word, const struct prefix *p,
			uint32_t part)
{
	return filter_has(f, word) && prefix_is_host(p) ? part : 0;
}

static void put_address(struct nlmsghdr *nlh, const struct prefix *p, uint16_t v4, uint16_t v6)
{
	if (p->family == AF_INET)
		mnl_attr_put(nlh, v4, 4, p->address);
	else
		mnl_attr_put(nlh, v6, 16, p->address);
}

/* The addresses that count in one direction. */
static void put_hosts(struct nlmsghdr *nlh, uint16_t type, uint32_t parts, const struct prefix *src,
		      const struct prefix *dst)
{
	struct nlattr *tuple, *nest;

	if (!parts)
		return;
	tuple = mnl_attr_nest_start(nlh, type);
	nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	if (parts & FILTER_SOURCE)
		put_address(nlh, src, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
	if (parts & FILTER_DESTINATION)
		put_address(nlh, dst, CTA_IP_V4_DST, CTA_IP_V6_DST);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, tuple);
}

/* The kernel compares whole addresses; of prefixes it knows nothing. */
static void put_filter(struct nlmsghdr *nlh, const struct filter *f)
{
	uint32_t orig = host_of(f, WORD_SRC, &f->src, FILTER_SOURCE) |
			host_of(f, WORD_DST, &f->dst, FILTER_DESTINATION);
	uint32_t reply = host_of(f, WORD_REPLY_SRC, &f->reply_src, FILTER_SOURCE) |
			 host_of(f, WORD_REPLY_DST, &f->reply_dst, FILTER_DESTINATION);
	struct nlattr *nest;

	if (!orig && !reply)
		return;
	put_hosts(nlh, CTA_TUPLE_ORIG, orig, &f->src, &f->dst);
	put_hosts(nlh, CTA_TUPLE_REPLY, reply, &f->reply_src, &f->reply_dst);
	nest = mnl_attr_nest_start(nlh, CTA_FILTER);
	mnl_attr_put_u32(nlh, CTA_FILTER_ORIG_FLAGS, orig);
	mnl_attr_put_u32(nlh, CTA_FILTER_REPLY_FLAGS, reply);
	mnl_attr_nest_end(nlh, nest);
}

static void dump_request(struct nl *nl, const struct filter *f)
{
	struct nlmsghdr *nlh = nl_ct_request(nl->buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP,
					     f ? f->family : 0);

	if (!f)
		return;
	if (filter_has(f, WORD_MARK)) {
		mnl_attr_put_u32(nlh, CTA_MARK, htonl(f->mark.value));
		mnl_attr_put_u32(nlh, CTA_MARK_MASK, htonl(f->mark.mask));
	}
	if (filter_has(f, WORD_STATUS)) {
		mnl_attr_put_u32(nlh, CTA_STATUS, htonl(f->status.value));
		mnl_attr_put_u32(nlh, CTA_STATUS_MASK, htonl(f->status.mask));
	}
	put_filter(nlh, f);
}

/**
 * nl_dump - all connections of this namespace
 * @nl: from nl_open()
 * @f: what the kernel may leave out; it need not, so @fn has to look as well. NULL for all.
 * @fn: takes each
 * @data: for @fn
 *
 * Return: 0, -EINTR when all was read but the table changed meanwhile, another -errno, or the
 * first thing but 0 that @fn returned.
 */
int nl_dump(struct nl *nl, const struct filter *f, nl_entry_fn fn, void *data)
{
	struct taker taker = { fn, data };
	int err;

	dump_request(nl, f);
	err = nl_talk(nl, nl->ct, take_entry, &taker);
	if (f && (err == -EOPNOTSUPP || err == -EINVAL)) {
		dump_request(nl, NULL);
		err = nl_talk(nl, nl->ct, take_entry, &taker);
	}
	return !err && nl->interrupted ? -EINTR : err;
}

/**
 * nl_get - one connection, by its original or its reply direction
 * @nl: from nl_open()
 * @key: its family, protocol, zone and, as @orig, the direction
 * @fn: takes it
 * @data: for @fn
 *
 * Return: 0, -ENOENT when there is none, or another -errno.
 */
int nl_get(struct nl *nl, const struct entry *key, nl_entry_fn fn, void *data)
{
	static const uint16_t tuples[] = { CTA_TUPLE_ORIG, CTA_TUPLE_REPLY };
	struct taker taker = { fn, data };
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tuples) && err == -ENOENT; i++) {
		put_key(nl_ct_request(nl->buf, IPCTNL_MSG_CT_GET, NLM_F_ACK, key->family),
			tuples[i], key);
		err = nl_talk(nl, nl->ct, take_entry, &taker);
	}
	return err;
}

/* Takes the names that there are. */
static int take_explanation(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	size_t size = mnl_nlmsg_get_payload_len(nlh), skip = MNL_ALIGN(sizeof(struct genlmsghdr));
	struct explanation *why = data;
	const void *attributes;

	if (nlh->nlmsg_type != nl->family || size < skip)
		return -EBADMSG;
	attributes = mnl_nlmsg_get_payload_offset(nlh, skip);
	nl_text(why->refused, sizeof(why->refused),
		nl_find(attributes, size - skip, CTRACK_A_REFUSED));
	nl_text(why->timeout, sizeof(why->timeout),
		nl_find(attributes, size - skip, CTRACK_A_TIMEOUT));
	return 0;
}

/**
 * nl_explain - why a connection refused a packet last, and which timeout it has
 * @nl: from nl_open()
 * @e: the connection as it was found
 * @why: filled in
 *
 * Return: 0, -ENOENT when it went meanwhile, or another -errno.
 */
int nl_explain(struct nl *nl, const struct entry *e, struct explanation *why)
{
	struct nlmsghdr *nlh = nl_genl_request(nl, nl->family, CTRACK_CMD_WHY,
					       CTRACK_GENL_VERSION);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTRACK_A_CONNECTION);

	put_key(nlh, CTA_TUPLE_ORIG, e);
	if (e->has_id)
		mnl_attr_put_u32(nlh, CTA_ID, htonl(e->id));
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u8(nlh, CTRACK_A_FAMILY, e->family);
	*why = (struct explanation){ 0 };
	return nl_talk(nl, nl->genl, take_explanation, why);
}

/**
 * nl_delete - delete one connection, and no other that took its place
 * @nl: from nl_open()
 * @e: the connection as it was dumped
 *
 * Return: 0, -ENOENT when it went meanwhile, or another -errno.
 */
int nl_delete(struct nl *nl, const struct entry *e)
{
	struct nlmsghdr *nlh;

	if (!e->has_id)
		return -EBADMSG;
	nlh = nl_ct_request(nl->buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, e->family);
	put_key(nlh, CTA_TUPLE_ORIG, e);
	mnl_attr_put_u32(nlh, CTA_ID, htonl(e->id));
	return nl_talk(nl, nl->ct, NULL, NULL);
}

/**
 * nl_delete_created - delete a connection that nl_create() made
 * @nl: from nl_open()
 * @e: the connection, whose id is not known
 *
 * Return: as nl_delete().
 */
int nl_delete_created(struct nl *nl, const struct entry *e)
{
	put_key(nl_ct_request(nl->buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, e->family),
		CTA_TUPLE_ORIG, e);
	return nl_talk(nl, nl->ct, NULL, NULL);
}

/**
 * nl_flush - delete all connections of this namespace
 * @nl: from nl_open()
 */
int nl_flush(struct nl *nl)
{
	nl_ct_request(nl->buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, AF_UNSPEC);
	return nl_talk(nl, nl->ct, NULL, NULL);
}

/**
 * nl_listen - join the groups of connection events
 * @nl: from nl_open(); to be used for nl_event() only from then on
 *
 * Return: the file descriptor to poll before nl_event(), or -errno.
 */
int nl_listen(struct nl *nl)
{
	static const int groups[] = {
		NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY,
	};
	int fd = mnl_socket_get_fd(nl->ct), size = EVENT_BUFFER;
	size_t i;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(nl->ct, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0)
			return -errno;
	}
	return fd;
}

/**
 * nl_lost - how many events the kernel could not keep for us
 * @nl: after nl_listen()
 * @lost: where the number goes: of all since nl_listen(), modulo 2^32
 *
 * Return: 0 or -errno.
 */
int nl_lost(const struct nl *nl, uint32_t *lost)
{
	uint32_t info[SK_MEMINFO_VARS] = {};
	socklen_t size = sizeof(info);

	if (getsockopt(mnl_socket_get_fd(nl->ct), SOL_SOCKET, SO_MEMINFO, info, &size) < 0)
		return -errno;
	*lost = info[SK_MEMINFO_DROPS];
	return 0;
}

/**
 * nl_event - take the events that have come
 * @nl: after nl_listen()
 * @fn: takes each; what is no connection is passed over
 * @data: for @fn
 *
 * Where events were lost, those that are waiting came before them: until they are read the kernel
 * keeps no more.
 *
 * Return: 0, -EAGAIN when none is waiting, -ENOBUFS when events were lost, another -errno, or the
 * first thing but 0 and -EBADMSG that @fn returned.
 */
int nl_event(struct nl *nl, nl_entry_fn fn, void *data)
{
	struct taker taker = { fn, data };
	const struct nlmsghdr *nlh;
	ssize_t got = mnl_socket_recvfrom(nl->ct, nl->buf, sizeof(nl->buf));
	int ret, n = got;

	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	for (nlh = (struct nlmsghdr *)nl->buf; mnl_nlmsg_ok(nlh, n);
	     nlh = mnl_nlmsg_next(nlh, &n)) {
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		ret = take_entry(nl, nlh, &taker);
		if (ret && ret != -EBADMSG)
			return ret;
	}
	return 0;
}
