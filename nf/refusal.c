// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>

#include "nf/log.h"
#include "nf/net.h"
#include "nf/probe_point.h"
#include "nf/refusal.h"

/**
 * ctrack_packet_refuse - a packet is invalid or is dropped: count it
 * @state: of the hook that it is at
 * @skb: the packet
 * @packet: what was read of it before it had a connection; NULL afterwards
 * @reason: why; must not be %CTRACK_REASON_NONE
 * @dropped: it goes no further
 *
 * Each refused packet comes here exactly once. Those that have no connection
 * are logged for who asked for it.
 *
 * Context: softirq, RCU held.
 */
ctrack_probed void ctrack_packet_refuse(const struct nf_hook_state *state,
					struct sk_buff *skb,
					const struct ctrack_packet *packet,
					enum ctrack_reason reason, bool dropped)
{
	struct ctrack_net *cn = ctrack_net(state->net);

	this_cpu_inc(cn->counts->reason[reason]);
	if (packet && READ_ONCE(cn->log_invalid))
		ctrack_log_invalid(cn, packet, state, reason, dropped);
}
EXPORT_SYMBOL_GPL(ctrack_packet_refuse);
