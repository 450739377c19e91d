// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/icmpv6.h"
#include "proto/proto.h"

enum icmpv6_message {
	/* RFC 4443 */
	ECHO_REQUEST_V6 = 128,
	ECHO_REPLY_V6 = 129,
	/* RFC 2710, multicast listener discovery */
	LISTENER_QUERY = 130,
	LISTENER_REPORT = 131,
	LISTENER_DONE = 132,
	/* RFC 4861, neighbour discovery */
	ROUTER_SOLICITATION_V6 = 133,
	ROUTER_ADVERTISEMENT_V6 = 134,
	NEIGHBOUR_SOLICITATION = 135,
	NEIGHBOUR_ADVERTISEMENT = 136,
	REDIRECT_V6 = 137,
	/* RFC 4620 */
	NODE_INFORMATION_QUERY = 139,
	NODE_INFORMATION_RESPONSE = 140,
	/* RFC 3122, inverse neighbour discovery */
	INVERSE_NEIGHBOUR_SOLICITATION = 141,
	INVERSE_NEIGHBOUR_ADVERTISEMENT = 142,
	/* RFC 3810 */
	LISTENER_REPORT_V2 = 143,
	/* RFC 3971, secure neighbour discovery */
	CERTIFICATION_PATH_SOLICITATION = 148,
	CERTIFICATION_PATH_ADVERTISEMENT = 149,
	/* RFC 4286, multicast router discovery */
	MULTICAST_ROUTER_ADVERTISEMENT = 151,
	MULTICAST_ROUTER_SOLICITATION = 152,
	MULTICAST_ROUTER_TERMINATION = 153,
	/* RFC 8335 */
	EXTENDED_ECHO_REQUEST_V6 = 160,
	EXTENDED_ECHO_REPLY_V6 = 161,
};

/**
 * icmpv6_answer - which type comes back the other way?
 * @type: of an ICMPv6 message
 * @answer: filled in with its counterpart, be @type the request or the reply
 *
 * Return: false when @type belongs to no query.
 */
bool icmpv6_answer(__u8 type, __u8 *answer)
{
	switch (type) {
	case ECHO_REQUEST_V6:
		*answer = ECHO_REPLY_V6;
		return true;
	case ECHO_REPLY_V6:
		*answer = ECHO_REQUEST_V6;
		return true;
	case NODE_INFORMATION_QUERY:
		*answer = NODE_INFORMATION_RESPONSE;
		return true;
	case NODE_INFORMATION_RESPONSE:
		*answer = NODE_INFORMATION_QUERY;
		return true;
	case EXTENDED_ECHO_REQUEST_V6:
		*answer = EXTENDED_ECHO_REPLY_V6;
		return true;
	case EXTENDED_ECHO_REPLY_V6:
		*answer = EXTENDED_ECHO_REQUEST_V6;
		return true;
	default:
		return false;
	}
}

/**
 * icmpv6_opens - may a connection start with this?
 * @type: of an ICMPv6 message
 *
 * Return: true for requests.
 */
bool icmpv6_opens(__u8 type)
{
	return type == ECHO_REQUEST_V6 || type == NODE_INFORMATION_QUERY ||
	       type == EXTENDED_ECHO_REQUEST_V6;
}

/**
 * icmpv6_key_code - what of a message's code tells its query from others?
 * @type: of an ICMPv6 message
 * @code: of the same message
 *
 * Return: the code, the same in request and reply; 0 where the reply's says
 * how the request fared (RFC 4620 section 4, RFC 8335 section 3).
 */
__u8 icmpv6_key_code(__u8 type, __u8 code)
{
	switch (type) {
	case NODE_INFORMATION_QUERY:
	case NODE_INFORMATION_RESPONSE:
	case EXTENDED_ECHO_REQUEST_V6:
	case EXTENDED_ECHO_REPLY_V6:
		return 0;
	default:
		return code;
	}
}

/**
 * icmpv6_has_id - does the message have an identifier that may be changed?
 * @type: of an ICMPv6 message
 *
 * Where echoes have theirs, node information has the kind of the question.
 *
 * Return: true for both kinds of echo.
 */
bool icmpv6_has_id(__u8 type)
{
	switch (type) {
	case ECHO_REQUEST_V6:
	case ECHO_REPLY_V6:
	case EXTENDED_ECHO_REQUEST_V6:
	case EXTENDED_ECHO_REPLY_V6:
		return true;
	default:
		return false;
	}
}

/**
 * icmpv6_is_redirect - does it name a better router to a neighbour?
 * @type: of an ICMPv6 message
 *
 * Return: true for the redirect of RFC 4861.
 */
bool icmpv6_is_redirect(__u8 type)
{
	return type == REDIRECT_V6;
}

/**
 * icmpv6_is_error - does the message quote the packet that caused it?
 * @type: of an ICMPv6 message
 *
 * RFC 4443 section 2.1 tells errors by the first bit of the type, and section
 * 2.4 has hosts hand on those that they don't know: so all of them. A redirect
 * is no error to RFC 4861, but it quotes as they do, and ICMP's is one.
 *
 * Return: true for errors, known or not, and for redirects.
 */
bool icmpv6_is_error(__u8 type)
{
	return !(type & 0x80) || icmpv6_is_redirect(type);
}

/**
 * icmpv6_untracked - is this the network's own talk?
 * @type: of an ICMPv6 message
 *
 * Neighbour discovery and multicast discovery go to groups and are answered
 * by others than they were sent to: no connection could be made of them, and
 * nothing works without them.
 *
 * Return: true for messages that go on untracked.
 */
bool icmpv6_untracked(__u8 type)
{
	switch (type) {
	case LISTENER_QUERY:
	case LISTENER_REPORT:
	case LISTENER_DONE:
	case ROUTER_SOLICITATION_V6:
	case ROUTER_ADVERTISEMENT_V6:
	case NEIGHBOUR_SOLICITATION:
	case NEIGHBOUR_ADVERTISEMENT:
	case INVERSE_NEIGHBOUR_SOLICITATION:
	case INVERSE_NEIGHBOUR_ADVERTISEMENT:
	case LISTENER_REPORT_V2:
	case CERTIFICATION_PATH_SOLICITATION:
	case CERTIFICATION_PATH_ADVERTISEMENT:
	case MULTICAST_ROUTER_ADVERTISEMENT:
	case MULTICAST_ROUTER_SOLICITATION:
	case MULTICAST_ROUTER_TERMINATION:
		return true;
	default:
		return false;
	}
}

/**
 * icmpv6_known - is this a type that something can be made of?
 * @type: of an ICMPv6 message
 *
 * Return: false for informational messages that RFC 4443 section 2.4 has
 * silently discarded.
 */
bool icmpv6_known(__u8 type)
{
	__u8 answer;

	return icmpv6_is_error(type) || icmpv6_untracked(type) ||
	       icmpv6_answer(type, &answer);
}

/**
 * icmpv6_parse - is this an ICMPv6 message?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says its length is
 *
 * Return: CTRACK_REASON_NONE when it is one, of a known type.
 */
enum ctrack_reason icmpv6_parse(const void *header, unsigned int header_length,
				unsigned int length)
{
	if (header_length < ICMPV6_HEADER_LENGTH ||
	    length < ICMPV6_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;

	if (!icmpv6_known(*(const __u8 *)header))
		return CTRACK_REASON_icmp_type;

	return CTRACK_REASON_NONE;
}

/**
 * icmpv6_step - a packet of an ICMPv6 query
 * @key: of the packet
 * @direction: which way it goes
 *
 * Return: refused if the query starts with something that is no request, or
 * is not in IPv6.
 */
struct ctrack_step icmpv6_step(const struct ctrack_key *key,
			       enum ctrack_direction direction)
{
	if (key->l3num != NFPROTO_IPV6)
		return ctrack_step_refuse(CTRACK_REASON_icmp_type);

	if (direction == CTRACK_ORIGINAL &&
	    !icmpv6_opens(key->destination_id.icmp.type))
		return ctrack_step_refuse(CTRACK_REASON_icmp_answer);

	return ctrack_step_accept(CTRACK_TIMEOUT_ICMPV6, direction);
}
