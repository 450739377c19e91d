// SPDX-License-Identifier: GPL-2.0
/* What a connection in some state waits for. PURE. */
#include "why_names.h"
#include "array.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter/nf_conntrack_common.h>

static const struct waiting tcp[] = {
	{ "none", "its first segment" },
	{ "syn_sent", "the server's SYN/ACK" },
	{ "syn_sent2", "a SYN/ACK: both ends sent a SYN" },
	{ "syn_recv", "the ACK that ends the handshake" },
	{ "established", "data, or an end's FIN" },
	{ "fin_wait", "the ACK of the first FIN" },
	{ "close_wait", "the other end's FIN" },
	{ "last_ack", "the ACK of the second FIN" },
	{ "time_wait", "only stragglers; a SYN opens a new one" },
	{ "close", "nothing: it was reset; a SYN opens anew" },
};

static const struct waiting sctp[] = {
	{ "closed", "nothing: the association is over" },
	{ "cookie_wait", "INIT ACK" },
	{ "cookie_echoed", "COOKIE ACK" },
	{ "established", "data, heartbeats or SHUTDOWN" },
	{ "shutdown_sent", "SHUTDOWN ACK" },
	{ "shutdown_recd", "SHUTDOWN ACK" },
	{ "shutdown_ack_sent", "SHUTDOWN COMPLETE" },
	{ "heartbeat_sent", "HEARTBEAT ACK" },
};

static const struct waiting dccp[] = {
	{ "request", "Response" },
	{ "respond", "the Ack that ends the handshake" },
	{ "partopen", "data of the server" },
	{ "open", "data, or Close" },
	{ "closereq", "Close" },
	{ "closing", "Reset" },
	{ "timewait", "nothing but stragglers" },
};

static struct waiting find(const struct waiting *table, size_t count, const char *state)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(table[i].state, state))
			return table[i];
	return (struct waiting){ state, "any packet" };
}

/* Days are for a connection whose ends were both heard, and heard each other. */
static const char *less_than_days(const struct entry *e, const char *timeout)
{
	if (!strcmp(timeout, "nf_conntrack_tcp_timeout_max_retrans"))
		return e->unacknowledged ?
		       "the other end to acknowledge what was sent again and again" :
		       "the other end to answer what asks again and again whether it is there";
	if (strcmp(timeout, "nf_conntrack_tcp_timeout_unacknowledged"))
		return NULL;
	if (e->unacknowledged)
		return "the other end to acknowledge what was sent";
	if (!(e->status & IPS_SEEN_REPLY))
		return "the other end, which was not heard yet";
	return "an end to go on: there was a reset that the other may have believed";
}

static struct waiting established(const struct entry *e, const char *timeout)
{
	struct waiting w = find(tcp, ARRAY_SIZE(tcp), e->state);
	const char *words = less_than_days(e, timeout);

	if (words)
		w.words = words;
	return w;
}

static struct waiting plain(const struct entry *e)
{
	return (struct waiting){
		e->state,
		e->status & IPS_SEEN_REPLY ? "any packet, of either side" :
					     "an answer, or more of the same",
	};
}

/**
 * waiting_for - what a connection waits for
 * @e: the connection
 * @timeout: the sysctl of the timeout that it has, or ""
 *
 * Return: its state, and what it waits for.
 */
struct waiting waiting_for(const struct entry *e, const char *timeout)
{
	switch (e->proto) {
	case IPPROTO_TCP:
		if (!strcmp(e->state, "established"))
			return established(e, timeout);
		return find(tcp, ARRAY_SIZE(tcp), e->state);
	case IPPROTO_SCTP:
		return find(sctp, ARRAY_SIZE(sctp), e->state);
	case IPPROTO_DCCP:
		return find(dccp, ARRAY_SIZE(dccp), e->state);
	default:
		return plain(e);
	}
}
