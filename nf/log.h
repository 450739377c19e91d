/* SPDX-License-Identifier: GPL-2.0 */
/* log.c APIs: invalid packets in the log (nf_conntrack_log_invalid). */
#ifndef CTRACK_LOG_H
#define CTRACK_LOG_H

#include <linux/netfilter.h>

#include "nf/net.h"
#include "nf/packet.h"

void ctrack_log_init(struct ctrack_net *cn);
void ctrack_log_prepare(struct ctrack_net *cn);
void ctrack_log_invalid(struct ctrack_net *cn,
			const struct ctrack_packet *packet,
			const struct nf_hook_state *state,
			enum ctrack_reason reason, bool dropped);

#endif
