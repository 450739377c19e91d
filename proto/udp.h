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
 * @first: when the first packet came, in ms
 * @waiting: how many requests were not answered yet; as many as it can count
 * @begun: there was a packet in original direction before
 * @replied: there was a packet in reply direction before
 * @again: the side that opened it has sent after an answer
 * @stream: it went on for a while after the first answer
 * @dns: it goes to the port of DNS
 *
 * Protected by the lock of the connection; @stream, which stays, is read without.
 */
struct udp_state {
	__u32 first;
	__u8 waiting;
	__u8 begun:1;
	__u8 replied:1;
	__u8 again:1;
	__u8 stream:1;
	__u8 dns:1;
};

enum ctrack_reason udp_parse(const void *header, unsigned int header_length,
			     unsigned int length);
enum ctrack_reason udplite_parse(const void *header,
				 unsigned int header_length,
				 unsigned int length);
bool udp_is_stream(const struct udp_state *state, struct ctrack_step *step,
		   enum ctrack_direction direction);
struct ctrack_step udp_step(struct udp_state *state,
			    const struct ctrack_key *key, __u32 time,
			    enum ctrack_direction direction);

#endif
