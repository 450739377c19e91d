/* SPDX-License-Identifier: GPL-2.0 */
/* Writing down what a probed function works on. */
#ifndef CTRACK_TRACE_RECORD_H
#define CTRACK_TRACE_RECORD_H

#include "nf/conn.h"
#include "nf/packet.h"
#include "nf/uapi_trace.h"

u8 ctrack_trace_state(const struct ctrack_conn *conn);
void ctrack_trace_put_conn(struct ctrack_trace_record *record,
			   const struct ctrack_conn *conn);
void ctrack_trace_put_skb(struct ctrack_trace_record *record,
			  const struct sk_buff *skb);
void ctrack_trace_put_segment(struct ctrack_trace_record *record,
			      const struct ctrack_packet *packet);
void ctrack_trace_put_key(struct ctrack_trace_record *record,
			  const struct ctrack_key *key);
void ctrack_trace_put_target(struct ctrack_trace_record *record,
			     const struct ctrack_key *key);

#endif
