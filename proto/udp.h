/* SPDX-License-Identifier: GPL-2.0 */
/* udp.c APIs: UDP (RFC 768) and UDP-Lite (RFC 3828). PURE. */
#ifndef CTRACK_UDP_H
#define CTRACK_UDP_H

#include <linux/types.h>

#include "nf/key.h"
#include "nf/reason.h"

struct ctrack_step;

#define UDP_HEADER_LENGTH 8

/**
 * struct udp_state - what a connection remembers for UDP and UDP-Lite
 * @replied: there was a packet in reply direction before
 * @stream: it went on after the first answer
 *
 * Protected by the lock of the connection.
 */
struct udp_state {
	__u8 replied:1;
	__u8 stream:1;
};

enum ctrack_reason udp_parse(const void *header, unsigned int header_length,
			     unsigned int length);
enum ctrack_reason udplite_parse(const void *header,
				 unsigned int header_length,
				 unsigned int length);
struct ctrack_step udp_step(struct udp_state *state,
			    enum ctrack_direction direction);

#endif
