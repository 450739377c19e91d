// SPDX-License-Identifier: GPL-2.0
/* How userspace names the timeouts of a protocol. */
#include <linux/export.h>
#include <linux/netfilter/nfnetlink_cttimeout.h>

#include "nf/netlink_parse.h"
#include "nf/timeouts.h"

/* Attributes of the protocols, each by its place: the timeout that it sets. */

static const u8 tcp[CTA_TIMEOUT_TCP_MAX + 1] = {
	[CTA_TIMEOUT_TCP_SYN_SENT]	= CTRACK_TIMEOUT_TCP_SYN_SENT,
	[CTA_TIMEOUT_TCP_SYN_RECV]	= CTRACK_TIMEOUT_TCP_SYN_RECV,
	[CTA_TIMEOUT_TCP_ESTABLISHED]	= CTRACK_TIMEOUT_TCP_ESTABLISHED,
	[CTA_TIMEOUT_TCP_FIN_WAIT]	= CTRACK_TIMEOUT_TCP_FIN_WAIT,
	[CTA_TIMEOUT_TCP_CLOSE_WAIT]	= CTRACK_TIMEOUT_TCP_CLOSE_WAIT,
	[CTA_TIMEOUT_TCP_LAST_ACK]	= CTRACK_TIMEOUT_TCP_LAST_ACK,
	[CTA_TIMEOUT_TCP_TIME_WAIT]	= CTRACK_TIMEOUT_TCP_TIME_WAIT,
	[CTA_TIMEOUT_TCP_CLOSE]		= CTRACK_TIMEOUT_TCP_CLOSE,
	[CTA_TIMEOUT_TCP_SYN_SENT2]	= CTRACK_TIMEOUT_TCP_SYN_SENT2,
	[CTA_TIMEOUT_TCP_RETRANS]	= CTRACK_TIMEOUT_TCP_MAX_RETRANS,
	[CTA_TIMEOUT_TCP_UNACK]		= CTRACK_TIMEOUT_TCP_UNACKNOWLEDGED,
};

/* UDP-Lite's attributes are the same. */
static const u8 udp[CTA_TIMEOUT_UDP_MAX + 1] = {
	[CTA_TIMEOUT_UDP_UNREPLIED]	= CTRACK_TIMEOUT_UDP,
	[CTA_TIMEOUT_UDP_REPLIED]	= CTRACK_TIMEOUT_UDP_STREAM,
};

static_assert((int)CTA_TIMEOUT_UDP_MAX == (int)CTA_TIMEOUT_UDPLITE_MAX);

static const u8 icmp[CTA_TIMEOUT_ICMP_MAX + 1] = {
	[CTA_TIMEOUT_ICMP_TIMEOUT]	= CTRACK_TIMEOUT_ICMP,
};

static const u8 icmpv6[CTA_TIMEOUT_ICMPV6_MAX + 1] = {
	[CTA_TIMEOUT_ICMPV6_TIMEOUT]	= CTRACK_TIMEOUT_ICMPV6,
};

static const u8 sctp[CTA_TIMEOUT_SCTP_MAX + 1] = {
	[CTA_TIMEOUT_SCTP_CLOSED]	= CTRACK_TIMEOUT_SCTP_CLOSED,
	[CTA_TIMEOUT_SCTP_COOKIE_WAIT]	= CTRACK_TIMEOUT_SCTP_COOKIE_WAIT,
	[CTA_TIMEOUT_SCTP_COOKIE_ECHOED] = CTRACK_TIMEOUT_SCTP_COOKIE_ECHOED,
	[CTA_TIMEOUT_SCTP_ESTABLISHED]	= CTRACK_TIMEOUT_SCTP_ESTABLISHED,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_SENT] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_SENT,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_RECD] = CTRACK_TIMEOUT_SCTP_SHUTDOWN_RECD,
	[CTA_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT] =
		CTRACK_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT,
	[CTA_TIMEOUT_SCTP_HEARTBEAT_SENT] = CTRACK_TIMEOUT_SCTP_HEARTBEAT_SENT,
	[CTA_TIMEOUT_SCTP_HEARTBEAT_ACKED] = CTRACK_TIMEOUT_COUNT,
};

static const u8 dccp[CTA_TIMEOUT_DCCP_MAX + 1] = {
	[CTA_TIMEOUT_DCCP_REQUEST]	= CTRACK_TIMEOUT_DCCP_REQUEST,
	[CTA_TIMEOUT_DCCP_RESPOND]	= CTRACK_TIMEOUT_DCCP_RESPOND,
	[CTA_TIMEOUT_DCCP_PARTOPEN]	= CTRACK_TIMEOUT_DCCP_PARTOPEN,
	[CTA_TIMEOUT_DCCP_OPEN]		= CTRACK_TIMEOUT_DCCP_OPEN,
	[CTA_TIMEOUT_DCCP_CLOSEREQ]	= CTRACK_TIMEOUT_DCCP_CLOSEREQ,
	[CTA_TIMEOUT_DCCP_CLOSING]	= CTRACK_TIMEOUT_DCCP_CLOSING,
	[CTA_TIMEOUT_DCCP_TIMEWAIT]	= CTRACK_TIMEOUT_DCCP_TIMEWAIT,
};

static const u8 gre[CTA_TIMEOUT_GRE_MAX + 1] = {
	[CTA_TIMEOUT_GRE_UNREPLIED]	= CTRACK_TIMEOUT_GRE,
	[CTA_TIMEOUT_GRE_REPLIED]	= CTRACK_TIMEOUT_GRE_STREAM,
};

static const u8 generic[CTA_TIMEOUT_GENERIC_MAX + 1] = {
	[CTA_TIMEOUT_GENERIC_TIMEOUT]	= CTRACK_TIMEOUT_GENERIC,
};

/* What userspace calls all protocols that have no timeouts of their own. */
#define GENERIC		255

/* The most attributes that a protocol has. */
#define ATTRIBUTE_MAX	CTA_TIMEOUT_TCP_MAX

#define PROTOCOL(number, timeouts)					\
	{ number, ARRAY_SIZE(timeouts) - 1, timeouts }

/* The last one is all others. */
static const struct ctrack_protocol protocols[] = {
	PROTOCOL(IPPROTO_TCP, tcp),
	PROTOCOL(IPPROTO_UDP, udp),
	PROTOCOL(IPPROTO_UDPLITE, udp),
	PROTOCOL(IPPROTO_ICMP, icmp),
	PROTOCOL(IPPROTO_ICMPV6, icmpv6),
	PROTOCOL(IPPROTO_SCTP, sctp),
	PROTOCOL(IPPROTO_DCCP, dccp),
	PROTOCOL(IPPROTO_GRE, gre),
	PROTOCOL(GENERIC, generic),
};

/**
 * ctrack_protocol_timeouts - the timeouts that a protocol has
 * @number: IPPROTO_*
 *
 * Return: them; those of all others for one that has none of its own, whose
 * @number is another one then.
 */
const struct ctrack_protocol *ctrack_protocol_timeouts(u8 number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protocols) - 1; i++)
		if (protocols[i].number == number)
			break;
	return &protocols[i];
}
EXPORT_SYMBOL_GPL(ctrack_protocol_timeouts);

static const struct nla_policy timeout_policy[ATTRIBUTE_MAX + 1] = {
	[1 ... ATTRIBUTE_MAX] = { .type = NLA_U32 },
};

/**
 * ctrack_timeouts_read - read the timeouts that userspace gives
 * @cn: namespace; what is not given is as it has it now
 * @nest: where they are in, in seconds
 * @protocol: whose they are
 * @timeout: filled in, by enum ctrack_timeout, in jiffies
 * @extack: for what is wrong; may be NULL
 *
 * Return: 0; -ERANGE for one that jiffies can't count; -EINVAL.
 * Context: process.
 */
int ctrack_timeouts_read(const struct ctrack_net *cn, const struct nlattr *nest,
			 const struct ctrack_protocol *protocol,
			 unsigned int *timeout, struct netlink_ext_ack *extack)
{
	struct nlattr *attr[ATTRIBUTE_MAX + 1];
	unsigned int i;
	u32 seconds;
	int err;

	err = ctrack_netlink_nest(nest, attr, protocol->attribute_max,
				  timeout_policy, extack);
	if (err)
		return err;
	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		timeout[i] = READ_ONCE(cn->timeout[i]);
	for (i = 1; i <= protocol->attribute_max; i++) {
		if (!attr[i] || !ctrack_protocol_has(protocol, i))
			continue;
		seconds = ntohl(nla_get_be32(attr[i]));
		if (seconds > INT_MAX / HZ) {
			NL_SET_ERR_MSG_ATTR(extack, attr[i],
					    "longer than jiffies can count");
			return -ERANGE;
		}
		timeout[protocol->timeout[i]] = seconds * HZ;
	}
	/* Userspace knows no other one for DNS than for all of UDP. */
	timeout[CTRACK_TIMEOUT_UDP_DNS] = timeout[CTRACK_TIMEOUT_UDP];
	return 0;
}

/**
 * ctrack_timeouts_put - write them into a message
 * @skb: message
 * @protocol: whose they are
 * @timeout: by enum ctrack_timeout, in jiffies; single words
 *
 * Return: false when @skb is full.
 */
bool ctrack_timeouts_put(struct sk_buff *skb,
			 const struct ctrack_protocol *protocol,
			 const unsigned int *timeout)
{
	unsigned int i;

	for (i = 1; i <= protocol->attribute_max; i++) {
		unsigned int lasts;

		if (!ctrack_protocol_has(protocol, i))
			continue;
		lasts = READ_ONCE(timeout[protocol->timeout[i]]);
		if (nla_put_be32(skb, i, htonl(lasts / HZ)))
			return false;
	}
	return true;
}
