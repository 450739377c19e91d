// SPDX-License-Identifier: GPL-2.0
/* What a connection in some state waits for, and which sysctl ends it otherwise. PURE. */
#include "why_names.h"
#include "array.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>

static const struct waiting tcp[] = {
	{ "none",	 "tcp_timeout_none",	    "its first segment" },
	{ "syn_sent",	 "tcp_timeout_syn_sent",    "the server's SYN/ACK" },
	{ "syn_sent2",	 "tcp_timeout_syn_sent2",   "a SYN/ACK: both ends sent a SYN" },
	{ "syn_recv",	 "tcp_timeout_syn_recv",    "the ACK that ends the handshake" },
	{ "established", "tcp_timeout_established", "data, or an end's FIN" },
	{ "fin_wait",	 "tcp_timeout_fin_wait",    "the ACK of the first FIN" },
	{ "close_wait",	 "tcp_timeout_close_wait",  "the other end's FIN" },
	{ "last_ack",	 "tcp_timeout_last_ack",    "the ACK of the second FIN" },
	{ "time_wait",	 "tcp_timeout_time_wait",   "only stragglers; a SYN opens a new one" },
	{ "close",	 "tcp_timeout_close",	    "nothing: it was reset; a SYN opens anew" },
};

static const struct waiting sctp[] = {
	{ "closed",	       "sctp_timeout_closed",	       "nothing: the association is over" },
	{ "cookie_wait",       "sctp_timeout_cookie_wait",     "INIT ACK" },
	{ "cookie_echoed",     "sctp_timeout_cookie_echoed",   "COOKIE ACK" },
	{ "established",       "sctp_timeout_established",     "data, heartbeats or SHUTDOWN" },
	{ "shutdown_sent",     "sctp_timeout_shutdown_sent",   "SHUTDOWN ACK" },
	{ "shutdown_recd",     "sctp_timeout_shutdown_recd",   "SHUTDOWN ACK" },
	{ "shutdown_ack_sent", "sctp_timeout_shutdown_ack_sent", "SHUTDOWN COMPLETE" },
	{ "heartbeat_sent",    "sctp_timeout_heartbeat_sent",  "HEARTBEAT ACK" },
};

static const struct waiting dccp[] = {
	{ "request",  "dccp_timeout_request",  "Response" },
	{ "respond",  "dccp_timeout_respond",  "the Ack that ends the handshake" },
	{ "partopen", "dccp_timeout_partopen", "data of the server" },
	{ "open",     "dccp_timeout_open",     "data, or Close" },
	{ "closereq", "dccp_timeout_closereq", "Close" },
	{ "closing",  "dccp_timeout_closing",  "Reset" },
	{ "timewait", "dccp_timeout_timewait", "nothing but stragglers" },
};

static struct waiting find(const struct waiting *table, size_t count, const char *state)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(table[i].state, state))
			return table[i];
	return (struct waiting){ state, "generic_timeout", "any packet" };
}

/* Days are for a connection whose ends were both heard, and heard each other. */
static struct waiting established(const struct entry *e)
{
	struct waiting w = find(tcp, ARRAY_SIZE(tcp), e->state);

	if (e->unacknowledged || !(e->status & IPS_SEEN_REPLY)) {
		w.timeout = "tcp_timeout_unacknowledged";
		w.words = e->unacknowledged ? "the other end to acknowledge what was sent" :
					      "the other end, which was not heard yet";
	}
	return w;
}

/* Those without states of their own have one timeout until both sides were heard, and then one. */
static struct waiting plain(const struct entry *e)
{
	bool replied = e->status & IPS_SEEN_REPLY, assured = e->status & IPS_ASSURED;
	struct waiting w = {
		.state = e->state,
		.timeout = "generic_timeout",
		.words = replied ? "any packet, of either side" : "an answer, or more of the same",
	};

	switch (e->proto) {
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		w.timeout = assured ? "udp_timeout_stream" : "udp_timeout";
		if (replied && !assured && e->proto == IPPROTO_UDP && e->orig.dport == 53)
			w.timeout = "udp_timeout_dns";
		break;
	case IPPROTO_ICMP:
		w.timeout = "icmp_timeout";
		break;
	case IPPROTO_ICMPV6:
		w.timeout = "icmpv6_timeout";
		break;
	case IPPROTO_GRE:
		w.timeout = replied ? "gre_timeout_stream" : "gre_timeout";
		break;
	}
	return w;
}

/**
 * waiting_for - what a connection waits for
 * @e: the connection
 *
 * Return: its state, what it waits for, and the name behind nf_conntrack_ of the timeout that such
 * a connection has.
 */
struct waiting waiting_for(const struct entry *e)
{
	switch (e->proto) {
	case IPPROTO_TCP:
		if (!strcmp(e->state, "established"))
			return established(e);
		return find(tcp, ARRAY_SIZE(tcp), e->state);
	case IPPROTO_SCTP:
		return find(sctp, ARRAY_SIZE(sctp), e->state);
	case IPPROTO_DCCP:
		return find(dccp, ARRAY_SIZE(dccp), e->state);
	default:
		return plain(e);
	}
}
