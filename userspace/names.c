// SPDX-License-Identifier: GPL-2.0
/*
 * Words for protocols, states and status bits; the same ones for the filter and for what is
 * printed. PURE.
 */
#include "names.h"
#include "array.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter/nf_conntrack_common.h>

static const struct {
	uint8_t number;
	const char *name;
} proto_names[] = {
	{ IPPROTO_TCP,		"tcp" },
	{ IPPROTO_UDP,		"udp" },
	{ IPPROTO_ICMP,		"icmp" },
	{ IPPROTO_ICMPV6,	"icmpv6" },
	{ IPPROTO_SCTP,		"sctp" },
	{ IPPROTO_DCCP,		"dccp" },
	{ IPPROTO_GRE,		"gre" },
	{ IPPROTO_UDPLITE,	"udplite" },
};

/* In the order of the numbers that the kernel sends. */
static const char *const tcp_states[] = {
	"none", "syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack",
	"time_wait", "close", "syn_sent2",
};

static const char *const sctp_states[] = {
	"none", "closed", "cookie_wait", "cookie_echoed", "established", "shutdown_sent",
	"shutdown_recd", "shutdown_ack_sent", "heartbeat_sent", "heartbeat_acked",
};

static const char *const dccp_states[] = {
	"none", "request", "respond", "partopen", "open", "closereq", "closing", "timewait",
	"ignore", "invalid",
};

/* What the protocols without states of their own show. */
static const char *const other_states[] = { "unreplied", "replied", "assured" };

static const struct {
	int proto;
	const char *const *names;
	size_t count;
} state_tables[] = {
	{ IPPROTO_TCP,	tcp_states,	ARRAY_SIZE(tcp_states) },
	{ IPPROTO_SCTP,	sctp_states,	ARRAY_SIZE(sctp_states) },
	{ IPPROTO_DCCP,	dccp_states,	ARRAY_SIZE(dccp_states) },
	{ -1,		other_states,	ARRAY_SIZE(other_states) },
};

const struct status_name status_names[] = {
	{ IPS_EXPECTED,		"expected",		NULL },
	{ IPS_SEEN_REPLY,	"seen_reply",		NULL },
	{ IPS_ASSURED,		"assured",		NULL },
	{ IPS_CONFIRMED,	"confirmed",		NULL },
	{ IPS_SRC_NAT,		"snat",			"src_nat" },
	{ IPS_DST_NAT,		"dnat",			"dst_nat" },
	{ IPS_SEQ_ADJUST,	"seq_adjust",		NULL },
	{ IPS_SRC_NAT_DONE,	"snat_done",		"src_nat_done" },
	{ IPS_DST_NAT_DONE,	"dnat_done",		"dst_nat_done" },
	{ IPS_DYING,		"dying",		NULL },
	{ IPS_FIXED_TIMEOUT,	"fixed_timeout",	NULL },
	{ IPS_TEMPLATE,		"template",		NULL },
	{ IPS_UNTRACKED,	"untracked",		NULL },
	{ IPS_HELPER,		"helper",		NULL },
	{ IPS_OFFLOAD,		"offload",		NULL },
	{ IPS_HW_OFFLOAD,	"hw_offload",		NULL },
};

const size_t status_names_count = ARRAY_SIZE(status_names);

/**
 * proto_name - the word for an IP protocol
 * @proto: its number
 *
 * Return: the word, or NULL when it has none here and is known by its number.
 */
const char *proto_name(uint8_t proto)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(proto_names); i++)
		if (proto_names[i].number == proto)
			return proto_names[i].name;
	return NULL;
}

/**
 * proto_by_name - the IP protocol that a word names
 * @name: the word
 * @proto: where its number goes
 *
 * Return: whether there is one.
 */
bool proto_by_name(const char *name, uint8_t *proto)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(proto_names); i++) {
		if (!strcasecmp(proto_names[i].name, name)) {
			*proto = proto_names[i].number;
			return true;
		}
	}
	return false;
}

/**
 * proto_has_ports - whether connections of a protocol are told apart by ports
 * @proto: its number
 *
 * GRE is not among them: only PPTP's has keys, which travel as ports.
 */
bool proto_has_ports(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_UDPLITE:
		return true;
	default:
		return false;
	}
}

/**
 * proto_is_icmp - whether connections of a protocol are told apart by type, code and id
 * @proto: its number
 */
bool proto_is_icmp(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/**
 * proto_has_states - whether connections of a protocol have states of its own
 * @proto: its number
 */
bool proto_has_states(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP || proto == IPPROTO_DCCP;
}

/**
 * icmp_answer_type - the type that answers a query
 * @proto: ICMP or ICMPv6
 * @type: the query
 *
 * Return: the answer's type; that of the query where it is none, which the kernel refuses.
 */
uint8_t icmp_answer_type(uint8_t proto, uint8_t type)
{
	static const struct {
		uint8_t proto, query, answer;
	} pairs[] = {
		{ IPPROTO_ICMP, ICMP_ECHO, ICMP_ECHOREPLY },
		{ IPPROTO_ICMP, ICMP_TIMESTAMP, ICMP_TIMESTAMPREPLY },
		{ IPPROTO_ICMP, ICMP_INFO_REQUEST, ICMP_INFO_REPLY },
		{ IPPROTO_ICMP, ICMP_ADDRESS, ICMP_ADDRESSREPLY },
		{ IPPROTO_ICMP, ICMP_EXT_ECHO, ICMP_EXT_ECHOREPLY },
		{ IPPROTO_ICMPV6, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY },
		{ IPPROTO_ICMPV6, ICMPV6_NI_QUERY, ICMPV6_NI_REPLY },
		{ IPPROTO_ICMPV6, ICMPV6_EXT_ECHO_REQUEST, ICMPV6_EXT_ECHO_REPLY },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pairs[i].proto == proto && pairs[i].query == type)
			return pairs[i].answer;
	return type;
}

/**
 * state_name - the word for a state of a protocol that has states of its own
 * @proto: the protocol's number
 * @number: the state, as the kernel numbers it
 *
 * Return: the word, or NULL when the protocol has no such state.
 */
const char *state_name(uint8_t proto, uint8_t number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(state_tables); i++)
		if (state_tables[i].proto == proto && number < state_tables[i].count)
			return state_tables[i].names[number];
	return NULL;
}

/**
 * state_number - the state of a protocol that a word names
 * @proto: the protocol's number
 * @name: the word
 *
 * Return: the state, as the kernel numbers it, or -1 when the protocol has no such state.
 */
int state_number(uint8_t proto, const char *name)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(state_tables); i++)
		for (j = 0; state_tables[i].proto == proto && j < state_tables[i].count; j++)
			if (!strcasecmp(state_tables[i].names[j], name))
				return j;
	return -1;
}

/**
 * state_of_status - the state of a connection whose protocol has none of its own
 * @status: the connection's status bits
 *
 * Return: the word, never NULL.
 */
const char *state_of_status(uint32_t status)
{
	if (status & IPS_ASSURED)
		return "assured";
	return status & IPS_SEEN_REPLY ? "replied" : "unreplied";
}

/**
 * state_by_name - whether any protocol has a state of this name
 * @name: the word
 *
 * Return: the word as it is printed, or NULL.
 */
const char *state_by_name(const char *name)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(state_tables); i++)
		for (j = 0; j < state_tables[i].count; j++)
			if (!strcasecmp(state_tables[i].names[j], name))
				return state_tables[i].names[j];
	return NULL;
}

/**
 * status_by_name - the status bit that a word names
 * @name: the word
 *
 * Return: the bit, 0 when there is none.
 */
uint32_t status_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < status_names_count; i++) {
		const struct status_name *s = &status_names[i];

		if (!strcasecmp(s->name, name) || (s->alias && !strcasecmp(s->alias, name)))
			return s->bit;
	}
	return 0;
}
