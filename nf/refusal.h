/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that are found invalid or are dropped. */
#ifndef CTRACK_REFUSAL_H
#define CTRACK_REFUSAL_H

#include <linux/netfilter.h>

#include "nf/packet.h"
#include "nf/reason.h"

void ctrack_packet_refuse(const struct nf_hook_state *state,
			  struct sk_buff *skb,
			  const struct ctrack_packet *packet,
			  enum ctrack_reason reason, bool dropped);

#endif
