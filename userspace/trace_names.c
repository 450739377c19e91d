// SPDX-License-Identifier: GPL-2.0
/*
 * Words for what a trace shows: reasons and what rules them, events, and what ends connections.
 * PURE.
 */
#include "trace_names.h"
#include "array.h"

#include <stddef.h>
#include <string.h>

#include "nf/reason.h"
#include "nf/uapi_trace.h"

#define REASON(name, text) { #name, text },
static const struct {
	const char *name;
	const char *text;
} reasons[] = { { NULL, NULL }, CTRACK_REASONS(REASON) };

/* Where it is written that the packet must not be, or what changes it. */
static const char *const rules[CTRACK_REASON_COUNT] = {
	[CTRACK_REASON_ip_header] = "RFC 791 section 3.1, RFC 8200 section 3",
	[CTRACK_REASON_ip_fragment] = "net.ipv4.ipfrag_*, nf_conntrack_frag6_*",
	[CTRACK_REASON_ip_reassembly] = "RFC 5722",
	[CTRACK_REASON_ip_extension] = "RFC 8200 section 4",
	[CTRACK_REASON_transport_header] = "RFC 9293 section 3.1, RFC 768",
	[CTRACK_REASON_transport_length] = "RFC 768, RFC 3828 section 3.1",
	[CTRACK_REASON_checksum] = "RFC 1071, nf_conntrack_checksum",
	[CTRACK_REASON_tcp_offset] = "RFC 9293 section 3.1",
	[CTRACK_REASON_tcp_flags] = "RFC 9293 section 3.1",
	[CTRACK_REASON_tcp_state] = "RFC 9293 section 3.10.7",
	[CTRACK_REASON_tcp_window] = "RFC 9293 section 3.10.7.4, nf_conntrack_tcp_be_liberal",
	[CTRACK_REASON_tcp_ack] = "RFC 9293 section 3.10.7.4, nf_conntrack_tcp_be_liberal",
	[CTRACK_REASON_tcp_reset] = "RFC 5961 section 3.2, nf_conntrack_tcp_ignore_invalid_rst",
	[CTRACK_REASON_tcp_midstream] = "RFC 9293 section 3.5, nf_conntrack_tcp_loose",
	[CTRACK_REASON_icmp_type] = "RFC 792, RFC 4443",
	[CTRACK_REASON_icmp_answer] = "RFC 792, RFC 4443 section 4",
	[CTRACK_REASON_icmp_inner] = "RFC 1122 section 3.2.2, RFC 4443 section 3",
	[CTRACK_REASON_icmp_unrelated] = "RFC 5508 section 4",
	[CTRACK_REASON_icmp_redirect] = "RFC 4861 section 8.1",
	[CTRACK_REASON_sctp_chunk] = "RFC 9260 section 3.2",
	[CTRACK_REASON_sctp_bundle] = "RFC 9260 section 6.10",
	[CTRACK_REASON_sctp_vtag] = "RFC 9260 section 8.5",
	[CTRACK_REASON_sctp_collision] = "RFC 9260 section 5.2",
	[CTRACK_REASON_sctp_unknown] = "RFC 9260 section 8.4",
	[CTRACK_REASON_dccp_offset] = "RFC 4340 section 5.1",
	[CTRACK_REASON_dccp_type] = "RFC 4340 section 5.1",
	[CTRACK_REASON_dccp_state] = "RFC 4340 section 8.5",
	[CTRACK_REASON_dccp_unknown] = "RFC 4340 section 8.5",
	[CTRACK_REASON_gre_header] = "RFC 2784 section 2, RFC 2637 section 4",
	[CTRACK_REASON_protocol_state] = "another packet was first",
	[CTRACK_REASON_table_full] = "nf_conntrack_max",
	[CTRACK_REASON_chain_too_long] = "the secret of the hashes",
	[CTRACK_REASON_no_memory] = "the machine's memory",
	[CTRACK_REASON_reply_taken] = "RFC 4787 section 4, a rule that translates the source",
	[CTRACK_REASON_nat_no_port] = "RFC 4787 section 4, the rule's addresses and ports",
	[CTRACK_REASON_nat_no_address] = "the addresses of the device",
	[CTRACK_REASON_nat_rewrite] = "RFC 3022 section 4",
	[CTRACK_REASON_nat_route] = "the routing table",
	[CTRACK_REASON_nat_redirect] = "RFC 792",
	[CTRACK_REASON_nat_policy] = "ip xfrm policy",
};

static size_t reason_number(const char *name)
{
	size_t i;

	for (i = CTRACK_REASON_COUNT - 1; i > CTRACK_REASON_NONE; i--)
		if (!strcmp(reasons[i].name, name))
			break;
	return i;
}

/**
 * reason_text - why a packet was refused, in words
 * @name: the reason's name
 *
 * Return: the words, or NULL when there is no such reason.
 */
const char *reason_text(const char *name)
{
	return reasons[reason_number(name)].text;
}

/**
 * reason_rule - what rules over a reason
 * @name: the reason's name
 *
 * Return: the section of an RFC, a sysctl, or both; NULL when there is no such reason.
 */
const char *reason_rule(const char *name)
{
	return rules[reason_number(name)];
}

#define EVENT(name, text) #name,
static const char *const events[] = { CTRACK_TRACE_EVENTS(EVENT) };

/**
 * trace_event_name - the word for what happened
 * @event: its number
 *
 * Return: the word; "unknown" for a newer ctrack's.
 */
const char *trace_event_name(uint8_t event)
{
	return event < ARRAY_SIZE(events) ? events[event] : "unknown";
}

/**
 * trace_events_by_names - the events that a list names
 * @names: words with commas between them
 * @bits: where a bit for each goes
 *
 * Return: whether all of them are known.
 */
bool trace_events_by_names(const char *names, uint32_t *bits)
{
	size_t length, i;

	*bits = 0;
	for (;;) {
		length = strcspn(names, ",");
		for (i = 0; i < ARRAY_SIZE(events); i++)
			if (strlen(events[i]) == length && !strncmp(events[i], names, length))
				break;
		if (i == ARRAY_SIZE(events))
			return false;
		*bits |= 1u << i;
		if (!names[length])
			return true;
		names += length + 1;
	}
}

#define CAUSE(name, text) { #name, text },
static const struct {
	const char *name;
	const char *text;
} causes[] = { CTRACK_CAUSES(CAUSE) };

/**
 * trace_cause_name - the word for what ended a connection
 * @cause: its number
 *
 * Return: the word; "unknown" for a newer ctrack's.
 */
const char *trace_cause_name(uint8_t cause)
{
	return cause < ARRAY_SIZE(causes) ? causes[cause].name : "unknown";
}

/**
 * trace_cause_text - what ended a connection, in words
 * @cause: its number
 *
 * Return: the words.
 */
const char *trace_cause_text(uint8_t cause)
{
	return cause < ARRAY_SIZE(causes) ? causes[cause].text : "it was ended somehow";
}
