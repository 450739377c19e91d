// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/generic.h"
#include "proto/icmp.h"
#include "proto/icmpv6.h"
#include "proto/proto.h"

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
