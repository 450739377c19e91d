/* SPDX-License-Identifier: GPL-2.0 */
/* TCP: reading headers, following connections. PURE. */
#ifndef CTRACK_TCP_H
#define CTRACK_TCP_H

#include <linux/types.h>
#include <linux/build_bug.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "nf/key.h"
#include "nf/reason.h"
#include "proto/timeout.h"

struct ctrack_options;
struct ctrack_step;

/* A TCP header can't be longer: its data offset counts 15 words at most. */
#define TCP_HEADER_MAX 60

/* RFC 7323 section 2.3: a larger shift count counts as this one. */
#define TCP_SCALE_MAX 14

/* The largest window of a SYN, which is not scaled (RFC 7323 section 2.2). */
#define TCP_SYN_WINDOW_MAX 65535

/* The control bits of RFC 9293 section 3.1, as they lie in the header. */
enum tcp_segment_flags {
	TCP_SEGMENT_FIN = 0x01,
	TCP_SEGMENT_SYN = 0x02,
	TCP_SEGMENT_RST = 0x04,
	TCP_SEGMENT_PSH = 0x08,
	TCP_SEGMENT_ACK = 0x10,
	TCP_SEGMENT_URG = 0x20,
	TCP_SEGMENT_ECE = 0x40,
	TCP_SEGMENT_CWR = 0x80,
};

/**
 * enum tcp_kind - what a segment means for the state of its connection
 * @TCP_KIND_NONE: no segment yet
 * @TCP_KIND_SYN: SYN without ACK
 * @TCP_KIND_SYNACK: SYN and ACK
 * @TCP_KIND_FIN: FIN
 * @TCP_KIND_ACK: ACK and none of the others, with or without data
 * @TCP_KIND_RST: RST, whatever else is set
 * @TCP_KIND_COUNT: how many there are
 */
enum tcp_kind {
	TCP_KIND_NONE,
	TCP_KIND_SYN,
	TCP_KIND_SYNACK,
	TCP_KIND_FIN,
	TCP_KIND_ACK,
	TCP_KIND_RST,
	TCP_KIND_COUNT
};

/**
 * struct tcp_segment - a TCP header, parsed, in host order
 * @seq: sequence number of the first octet, or of the SYN
 * @ack: acknowledgment number; means something only with TCP_SEGMENT_ACK
 * @sack: highest right edge of the SACK blocks (RFC 2018), @ack if they end
 *	below it or there are none
 * @payload: octets of data
 * @window: as it stands in the header, not scaled
 * @flags: enum tcp_segment_flags
 * @scale: shift count of the window scale option (RFC 7323), at most 14
 * @scale_present: there is such an option
 * @sack_permitted: there is a SACK-permitted option
 *
 * Window scale and SACK-permitted are read from SYNs alone, as the RFCs say.
 */
struct tcp_segment {
	__u32 seq;
	__u32 ack;
	__u32 sack;
	__u32 payload;
	__u16 window;
	__u8 flags;
	__u8 scale;
	bool scale_present;
	bool sack_permitted;
};

/**
 * struct tcp_side - what one end of a connection has sent
 * @end: highest sequence number sent, and one
 * @maxend: highest sequence number that the peer's windows let it send, and
 *	one
 * @maxwin: largest window it offered, scaled; 0: no segment from it yet
 * @maxack: highest acknowledgment it sent; valid with
 *	IP_CT_TCP_FLAG_MAXACK_SET
 * @window: the last window it offered, not scaled
 * @scale: by how much it wants its windows shifted, if the peer does so, too
 * @flags: IP_CT_TCP_FLAG_*, as ctnetlink hands them out
 *
 * All of it is protected by the lock of the connection.
 */
struct tcp_side {
	__u32 end;
	__u32 maxend;
	__u32 maxwin;
	__u32 maxack;
	__u16 window;
	__u8 scale;
	__u8 flags;
};

/**
 * struct tcp_state - what a connection remembers for TCP
 * @side: what either end has sent, by the direction in which it sends
 * @last_seq: sequence number of the last segment
 * @last_ack: its acknowledgment number
 * @last_end: its last sequence number, and one
 * @state: enum tcp_conntrack, below TCP_CONNTRACK_MAX
 * @retransmissions: how often the last segment came again
 * @last_scale: window scale of the last segment, if it was a SYN
 * @last_scaling: whether it had one
 * @last_sack: whether it had SACK-permitted
 * @simultaneous: both ends sent a SYN (RFC 9293 section 3.5, figure 7)
 * @replied: there was a packet in reply direction before
 * @last_direction: enum ctrack_direction of the last segment
 * @last_kind: enum tcp_kind of the last segment
 *
 * All of it is protected by the lock of the connection. "The last segment" is
 * the last one that was not refused. All zeros is a connection before its
 * first packet.
 */
struct tcp_state {
	struct tcp_side side[CTRACK_DIRECTIONS];
	__u32 last_seq;
	__u32 last_ack;
	__u32 last_end;
	__u8 state;
	__u8 retransmissions;
	__u8 last_scale:4;
	__u8 last_scaling:1;
	__u8 last_sack:1;
	__u8 simultaneous:1;
	__u8 replied:1;
	__u8 last_direction:1;
	__u8 last_kind:3;
};

static_assert(sizeof(struct tcp_state) <= 56);

/* Has an end one of these IP_CT_TCP_FLAG_*? */
static inline bool tcp_has_flag(const struct tcp_state *state, __u8 flags)
{
	return (state->side[CTRACK_ORIGINAL].flags |
		state->side[CTRACK_REPLY].flags) & flags;
}

/* Is @a later in the sequence space than @b? RFC 9293 section 3.4. */
static inline bool tcp_after(__u32 a, __u32 b)
{
	return (__s32)(b - a) < 0;
}

/**
 * enum tcp_fit - where a segment lies, seen from the windows
 * @TCP_FIT_IN: where it should
 * @TCP_FIT_OLD: before: it was sent once, and is late or comes again
 * @TCP_FIT_OVERSHOT: behind, but by less than a window
 * @TCP_FIT_BEYOND: behind what its receiver allows
 * @TCP_FIT_ACK_BEYOND: it acknowledges what was never sent
 */
enum tcp_fit {
	TCP_FIT_IN,
	TCP_FIT_OLD,
	TCP_FIT_OVERSHOT,
	TCP_FIT_BEYOND,
	TCP_FIT_ACK_BEYOND,
};

/**
 * enum tcp_reset_effect - what a reset will do to its receiver
 * @TCP_RESET_ENDS: it ends the connection
 * @TCP_RESET_MAY_END: we can't know; whoever goes on says so before long
 * @TCP_RESET_NOTHING: the receiver drops it, or asks back with a challenge ACK
 * @TCP_RESET_FORGED: no end would send it
 */
enum tcp_reset_effect {
	TCP_RESET_ENDS,
	TCP_RESET_MAY_END,
	TCP_RESET_NOTHING,
	TCP_RESET_FORGED,
};

/* tcp_segment.c APIs: */
enum ctrack_reason tcp_parse(const void *header, unsigned int header_length,
			     unsigned int length, struct tcp_segment *segment);
enum tcp_kind tcp_segment_kind(const struct tcp_segment *segment);

/**
 * tcp_segment_end - where does a segment end?
 * @segment: the segment
 *
 * Return: the sequence number after its last, with SYN and FIN counted.
 */
static inline __u32 tcp_segment_end(const struct tcp_segment *segment)
{
	return segment->seq + segment->payload +
	       !!(segment->flags & TCP_SEGMENT_SYN) +
	       !!(segment->flags & TCP_SEGMENT_FIN);
}

/* tcp_window.c APIs: */
enum tcp_fit tcp_window_fit(const struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum ctrack_direction direction);
bool tcp_window_syn_acknowledged(const struct tcp_state *state,
				 const struct tcp_segment *segment,
				 enum ctrack_direction direction);
bool tcp_window_liberal(const struct tcp_state *state);
__u8 tcp_window_scale(const struct tcp_state *state,
		      enum ctrack_direction direction);
bool tcp_window_joins(const struct tcp_state *state,
		      const struct tcp_segment *segment,
		      enum ctrack_direction direction);
void tcp_window_record(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction);
void tcp_window_extend(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction);
void tcp_window_adopt(struct tcp_state *state);
void tcp_window_start_over(struct tcp_state *state);

/* tcp_opening.c APIs: */
bool tcp_opening_went_on(const struct tcp_side *side, __u32 end);
bool tcp_opening_restarts(const struct tcp_state *state,
			  const struct tcp_segment *segment,
			  enum ctrack_direction direction);
bool tcp_opening_takes_older(const struct tcp_state *state,
			     const struct tcp_segment *segment,
			     enum ctrack_direction direction);
void tcp_opening_adopt(struct tcp_state *state,
		       const struct tcp_segment *segment,
		       enum ctrack_direction direction);
bool tcp_opening_is_late(const struct tcp_state *state,
			 const struct tcp_segment *segment,
			 enum ctrack_direction direction);
bool tcp_opening_is_repeated(const struct tcp_state *state,
			     const struct tcp_segment *segment,
			     enum tcp_kind kind,
			     enum ctrack_direction direction);

/* tcp_reset.c APIs: */
enum tcp_reset_effect tcp_reset_effect(const struct tcp_state *state,
				       const struct tcp_segment *segment,
				       enum ctrack_direction direction,
				       const struct ctrack_options *options);

/* tcp_prediction.c APIs: */
struct ctrack_step tcp_step(struct tcp_state *state,
			    const struct tcp_segment *segment,
			    enum ctrack_direction direction,
			    const struct ctrack_options *options);

/* tcp.c APIs: */
struct ctrack_step tcp_step_unpredicted(struct tcp_state *state,
					const struct tcp_segment *segment,
					enum ctrack_direction direction,
					const struct ctrack_options *options);
enum ctrack_timeout tcp_timeout(const struct tcp_state *state);

#endif
