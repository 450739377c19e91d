// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP header: reading it, and what can be said of it alone. PURE: compiled
 * into ctrack.ko and into the userspace tests.
 */
#include "proto/octets.h"
#include "proto/tcp.h"

/* Where things lie in the header, and how long it is without options. */
enum {
	TCP_AT_SEQ = 4,
	TCP_AT_ACK = 8,
	TCP_AT_OFFSET = 12,
	TCP_AT_FLAGS = 13,
	TCP_AT_WINDOW = 14,
	TCP_HEADER_MIN = 20,
};

/* Option kinds (RFC 9293 section 3.2, RFC 7323, RFC 2018). */
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_SCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8,
};

/* PSH, ECE and CWR say nothing about the connection and stand with anything. */
static bool flags_fit(__u8 flags)
{
	switch (flags & ~(TCP_SEGMENT_PSH | TCP_SEGMENT_ECE | TCP_SEGMENT_CWR)) {
	case TCP_SEGMENT_SYN:
	case TCP_SEGMENT_SYN | TCP_SEGMENT_URG:
	case TCP_SEGMENT_SYN | TCP_SEGMENT_ACK:
	case TCP_SEGMENT_FIN | TCP_SEGMENT_ACK:
	case TCP_SEGMENT_FIN | TCP_SEGMENT_ACK | TCP_SEGMENT_URG:
	case TCP_SEGMENT_ACK:
	case TCP_SEGMENT_ACK | TCP_SEGMENT_URG:
	case TCP_SEGMENT_RST:
	case TCP_SEGMENT_RST | TCP_SEGMENT_ACK:
		return true;
	default:
		return false;
	}
}

/* @option starts with its kind; @length, its own word, was found to be true. */
static void parse_option(const __u8 *option, unsigned int length,
			 struct tcp_segment *segment)
{
	unsigned int at;

	switch (option[0]) {
	case OPTION_SCALE:
		if (length != 3 || !(segment->flags & TCP_SEGMENT_SYN))
			return;
		segment->scale_present = true;
		segment->scale = option[2] > TCP_SCALE_MAX ?
				 TCP_SCALE_MAX : option[2];
		return;
	case OPTION_SACK_PERMITTED:
		if (length == 2 && segment->flags & TCP_SEGMENT_SYN)
			segment->sack_permitted = true;
		return;
	case OPTION_SACK:
		/*
		 * Blocks of a left and a right edge. RFC 2018 section 3: of an
		 * established connection.
		 */
		if (length % 8 != 2 || segment->flags & TCP_SEGMENT_SYN)
			return;
		for (at = 2; at < length; at += 8) {
			__u32 right = octets_read32(option + at + 4);

			/* Seen from @ack, or blocks could lead around it. */
			if (tcp_after(right, segment->ack) &&
			    tcp_after(right, segment->sack))
				segment->sack = right;
		}
		return;
	}
}

/* Most segments have no more, and have it so (RFC 7323 appendix A). */
static bool is_timestamp_alone(const __u8 *option, unsigned int length)
{
	return length == 12 &&
	       octets_read32(option) == (OPTION_NOP << 24 | OPTION_NOP << 16 |
					 OPTION_TIMESTAMP << 8 | 10);
}

/*
 * Options that can't be read are the receiver's business, who has to cope with
 * them (RFC 9293, MUST-7): those that come before them count.
 */
static void parse_options(const __u8 *option, unsigned int left,
			  struct tcp_segment *segment)
{
	if (is_timestamp_alone(option, left))
		return;
	while (left && *option != OPTION_END) {
		unsigned int length = 1;

		if (*option != OPTION_NOP) {
			if (left < 2 || option[1] < 2 || option[1] > left)
				return;
			length = option[1];
			parse_option(option, length, segment);
		}
		option += length;
		left -= length;
	}
}

/**
 * tcp_parse - read and check a TCP header
 * @header: its first octets
 * @header_length: how many of them can be read
 * @length: what the IP header says the length of header and payload is
 * @segment: filled in
 *
 * Return: CTRACK_REASON_NONE, or why it is invalid.
 */
enum ctrack_reason tcp_parse(const void *header, unsigned int header_length,
			     unsigned int length, struct tcp_segment *segment)
{
	const __u8 *octet = header;
	unsigned int offset;

	if (header_length < TCP_HEADER_MIN || length < TCP_HEADER_MIN)
		return CTRACK_REASON_transport_header;

	offset = (octet[TCP_AT_OFFSET] >> 4) * 4;
	if (offset < TCP_HEADER_MIN || offset > length)
		return CTRACK_REASON_tcp_offset;
	if (offset > header_length)
		return CTRACK_REASON_transport_header;

	if (!flags_fit(octet[TCP_AT_FLAGS]))
		return CTRACK_REASON_tcp_flags;

	*segment = (struct tcp_segment) {
		.seq = octets_read32(octet + TCP_AT_SEQ),
		.ack = octets_read32(octet + TCP_AT_ACK),
		.sack = octets_read32(octet + TCP_AT_ACK),
		.payload = length - offset,
		.window = octets_read16(octet + TCP_AT_WINDOW),
		.flags = octet[TCP_AT_FLAGS],
	};
	parse_options(octet + TCP_HEADER_MIN, offset - TCP_HEADER_MIN, segment);
	return CTRACK_REASON_NONE;
}

/**
 * tcp_segment_kind - what a segment means for the state of its connection
 * @segment: the segment
 *
 * Return: TCP_KIND_NONE only for flags that tcp_parse() refuses.
 */
enum tcp_kind tcp_segment_kind(const struct tcp_segment *segment)
{
	if (segment->flags & TCP_SEGMENT_RST)
		return TCP_KIND_RST;
	if (segment->flags & TCP_SEGMENT_SYN)
		return segment->flags & TCP_SEGMENT_ACK ? TCP_KIND_SYNACK :
							  TCP_KIND_SYN;
	if (segment->flags & TCP_SEGMENT_FIN)
		return TCP_KIND_FIN;
	return segment->flags & TCP_SEGMENT_ACK ? TCP_KIND_ACK : TCP_KIND_NONE;
}
