// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/generic.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"
#include "proto/proto.h"

/**
 * ctrack_proto_header_max - how much of a transport header is to be read?
 * @protonum: IPPROTO_*
 *
 * Return: as many octets as ctrack_proto_parse() could look at; fewer are
 * read when the packet has no more.
 */
unsigned int ctrack_proto_header_max(__u8 protonum)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return TCP_HEADER_MAX;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return UDP_HEADER_LENGTH;
	case IPPROTO_ICMP:
		return ICMP_HEADER_LENGTH;
	case IPPROTO_ICMPV6:
		return ICMPV6_HEADER_LENGTH;
	case IPPROTO_SCTP:
		return SCTP_HEADER_LENGTH;
	case IPPROTO_DCCP:
		return DCCP_HEADER_MAX;
	case IPPROTO_GRE:
		return GRE_HEADER_LENGTH;
	default:
		return 0;
	}
}

/**
 * ctrack_proto_parse - read and check a transport header
 * @protonum: IPPROTO_*
 * @header: the transport header
 * @header_length: how many of its octets can be read
 * @length: what the IP header says the length of header and payload is
 * @parsed: filled in for ctrack_proto_step(), if there is something to fill in
 *
 * Checksums are not looked at, but for one that UDP-Lite must not leave out.
 *
 * Return: CTRACK_REASON_NONE, or why the packet is invalid.
 */
enum ctrack_reason ctrack_proto_parse(__u8 protonum, const void *header,
				      unsigned int header_length,
				      unsigned int length,
				      struct ctrack_header *parsed)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return tcp_parse(header, header_length, length, &parsed->tcp);
	case IPPROTO_UDP:
		return udp_parse(header, header_length, length);
	case IPPROTO_UDPLITE:
		return udplite_parse(header, header_length, length);
	case IPPROTO_ICMP:
		return icmp_parse(header, header_length, length);
	case IPPROTO_ICMPV6:
		return icmpv6_parse(header, header_length, length);
	case IPPROTO_SCTP:
		return sctp_parse(header, header_length, length, &parsed->sctp);
	case IPPROTO_DCCP:
		return dccp_parse(header, header_length, length, &parsed->dccp);
	case IPPROTO_GRE:
		return gre_parse(header, header_length, length);
	default:
		return CTRACK_REASON_NONE;
	}
}

/**
 * ctrack_proto_step - what a packet does to its connection
 * @state: what the connection remembers; changed, unless the packet is refused
 * @key: of the packet
 * @header: what ctrack_proto_parse() made of it
 * @direction: which way it goes
 * @options: of the namespace
 *
 * Context: the connection's lock is held, or nobody else knows of it yet.
 * Return: what was decided.
 */
struct ctrack_step ctrack_proto_step(union ctrack_state *state,
				     const struct ctrack_key *key,
				     const struct ctrack_header *header,
				     enum ctrack_direction direction,
				     const struct ctrack_options *options)
{
	switch (key->protonum) {
	case IPPROTO_TCP:
		return tcp_step(&state->tcp, &header->tcp, direction, options);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return udp_step(&state->udp, key, header->time, direction);
	case IPPROTO_ICMP:
		return icmp_step(key, direction);
	case IPPROTO_ICMPV6:
		return icmpv6_step(key, direction);
	case IPPROTO_SCTP:
		return sctp_step(&state->sctp, &header->sctp, direction);
	case IPPROTO_DCCP:
		return dccp_step(&state->dccp, &header->dccp, direction);
	case IPPROTO_GRE:
		return gre_step(&state->gre, direction);
	default:
		return generic_step(direction);
	}
}

/**
 * ctrack_proto_timeout - which timeout fits a connection's state?
 * @state: what the connection remembers
 * @protonum: IPPROTO_*
 *
 * For a connection that was not brought here by a packet; those take it from
 * their step.
 *
 * Return: the timeout.
 */
enum ctrack_timeout ctrack_proto_timeout(const union ctrack_state *state,
					 __u8 protonum)
{
	switch (protonum) {
	case IPPROTO_TCP:
		return tcp_timeout(&state->tcp);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return state->udp.stream ? CTRACK_TIMEOUT_UDP_STREAM :
					   CTRACK_TIMEOUT_UDP;
	case IPPROTO_ICMP:
		return CTRACK_TIMEOUT_ICMP;
	case IPPROTO_ICMPV6:
		return CTRACK_TIMEOUT_ICMPV6;
	case IPPROTO_SCTP:
		return sctp_timeout(&state->sctp);
	case IPPROTO_DCCP:
		return dccp_timeout(&state->dccp);
	case IPPROTO_GRE:
		return state->gre.replied ? CTRACK_TIMEOUT_GRE_STREAM :
					    CTRACK_TIMEOUT_GRE;
	default:
		return CTRACK_TIMEOUT_GENERIC;
	}
}

/**
 * ctrack_proto_restore - tell a state what the connection's status says
 * @state: of a connection that ctnetlink puts in or changes
 * @protonum: IPPROTO_*
 * @replied: IPS_SEEN_REPLY is set
 * @assured: IPS_ASSURED is set
 *
 * Context: the connection's lock is held, or nobody else knows of it yet.
 */
void ctrack_proto_restore(union ctrack_state *state, __u8 protonum,
			  bool replied, bool assured)
{
	switch (protonum) {
	case IPPROTO_TCP:
		state->tcp.replied = replied;
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		state->udp.replied = replied;
		state->udp.stream = replied && assured;
		break;
	case IPPROTO_GRE:
		state->gre.replied = replied;
		break;
	}
}
