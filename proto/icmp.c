// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include "proto/icmp.h"
#include "proto/proto.h"

/*
 * RFC 792, RFC 950 (address mask), RFC 1256 (router discovery), RFC 8335
 * (extended echo).
 */
enum icmp_message {
	ECHO_REPLY = 0,
	DESTINATION_UNREACHABLE = 3,
	SOURCE_QUENCH = 4,
	REDIRECT = 5,
	ECHO_REQUEST = 8,
	ROUTER_ADVERTISEMENT = 9,
	ROUTER_SOLICITATION = 10,
	TIME_EXCEEDED = 11,
	PARAMETER_PROBLEM = 12,
	TIMESTAMP_REQUEST = 13,
	TIMESTAMP_REPLY = 14,
	INFORMATION_REQUEST = 15,
	INFORMATION_REPLY = 16,
	ADDRESS_MASK_REQUEST = 17,
	ADDRESS_MASK_REPLY = 18,
	EXTENDED_ECHO_REQUEST = 42,
	EXTENDED_ECHO_REPLY = 43,
};

/* Returns the type of the answer to @type, -1 if it isn't a request. */
static int reply_to(__u8 type)
{
	switch (type) {
	case ECHO_REQUEST:
		return ECHO_REPLY;
	case TIMESTAMP_REQUEST:
		return TIMESTAMP_REPLY;
	case INFORMATION_REQUEST:
		return INFORMATION_REPLY;
	case ADDRESS_MASK_REQUEST:
		return ADDRESS_MASK_REPLY;
	case EXTENDED_ECHO_REQUEST:
		return EXTENDED_ECHO_REPLY;
	default:
		return -1;
	}
}

/* Returns the type of the request that @type answers, -1 if it is no answer. */
static int request_of(__u8 type)
{
	switch (type) {
	case ECHO_REPLY:
		return ECHO_REQUEST;
	case TIMESTAMP_REPLY:
		return TIMESTAMP_REQUEST;
	case INFORMATION_REPLY:
		return INFORMATION_REQUEST;
	case ADDRESS_MASK_REPLY:
		return ADDRESS_MASK_REQUEST;
	case EXTENDED_ECHO_REPLY:
		return EXTENDED_ECHO_REQUEST;
	default:
		return -1;
	}
}

/**
 * icmp_answer - which type comes back the other way?
 * @type: of an ICMP message
 * @answer: filled in with its counterpart, be @type the request or the reply
 *
 * Return: false when @type belongs to no query.
 */
bool icmp_answer(__u8 type, __u8 *answer)
{
	int other = reply_to(type);

	if (other < 0)
		other = request_of(type);
	if (other < 0)
		return false;

	*answer = other;
	return true;
}

/**
 * icmp_opens - may a connection start with this?
 * @type: of an ICMP message
 *
 * Return: true for requests.
 */
bool icmp_opens(__u8 type)
{
	return reply_to(type) >= 0;
}

/**
 * icmp_key_code - what of a message's code tells its query from others?
 * @type: of an ICMP message
 * @code: of the same message
 *
 * Return: the code, the same in request and reply; 0 where the reply's says
 * how the request fared (RFC 8335 section 3).
 */
__u8 icmp_key_code(__u8 type, __u8 code)
{
	return type == EXTENDED_ECHO_REQUEST || type == EXTENDED_ECHO_REPLY ?
	       0 : code;
}

/**
 * icmp_is_error - does the message quote the packet that caused it?
 * @type: of an ICMP message
 *
 * Return: true for the error messages of RFC 1122 section 3.2.2.
 */
bool icmp_is_error(__u8 type)
{
	switch (type) {
	case DESTINATION_UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return true;
	default:
		return false;
	}
}

/**
 * icmp_known - is this a type that a host understands?
 * @type: of an ICMP message
 *
 * Return: false for types that RFC 1122 section 3.2.2 has silently discarded.
 */
bool icmp_known(__u8 type)
{
	return icmp_is_error(type) || reply_to(type) >= 0 ||
	       request_of(type) >= 0 || type == ROUTER_ADVERTISEMENT ||
	       type == ROUTER_SOLICITATION;
}

/**
 * icmp_parse - is this an ICMP message?
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says its length is
 *
 * Return: CTRACK_REASON_NONE when it is one, of a known type.
 */
enum ctrack_reason icmp_parse(const void *header, unsigned int header_length,
			      unsigned int length)
{
	if (header_length < ICMP_HEADER_LENGTH || length < ICMP_HEADER_LENGTH)
		return CTRACK_REASON_transport_header;

	if (!icmp_known(*(const __u8 *)header))
		return CTRACK_REASON_icmp_type;

	return CTRACK_REASON_NONE;
}

/**
 * icmp_step - a packet of an ICMP query
 * @key: of the packet
 * @direction: which way it goes
 *
 * A query stays after its answer, for answers that come twice and for the
 * next request with the same identifier; it is never assured.
 *
 * Return: refused if the query starts with something that is no request, or
 * is not in IPv4.
 */
struct ctrack_step icmp_step(const struct ctrack_key *key,
			     enum ctrack_direction direction)
{
	if (key->l3num != NFPROTO_IPV4)
		return ctrack_step_refuse(CTRACK_REASON_icmp_type);

	if (direction == CTRACK_ORIGINAL &&
	    !icmp_opens(key->destination_id.icmp.type))
		return ctrack_step_refuse(CTRACK_REASON_icmp_answer);

	return ctrack_step_accept(CTRACK_TIMEOUT_ICMP, direction);
}
