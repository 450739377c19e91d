// SPDX-License-Identifier: GPL-2.0
/*
 * Invalid packets in the log, for who asked for it (nf_conntrack_log_invalid):
 * through whatever logs in the namespace, nfnetlink_log or the kernel's log.
 */
#include <linux/kmod.h>
#include <net/netfilter/nf_log.h>

#include "nf/log.h"

/* Of all protocols, where else the number of one stands. */
#define ALL_PROTOCOLS	255

/* A flood of invalid packets must not become one of lines on a slow console. */
#define BURST		100
#define INTERVAL	(5 * HZ)

/**
 * ctrack_log_init - a namespace's log, of which nobody wants to hear yet
 * @cn: namespace
 */
void ctrack_log_init(struct ctrack_net *cn)
{
	ratelimit_state_init(&cn->log_limit, INTERVAL, BURST);
	/* What is left out is no news: packets are counted by reason anyway. */
	ratelimit_set_flags(&cn->log_limit, RATELIMIT_MSG_ON_RELEASE);
}

/**
 * ctrack_log_prepare - see that there is something that logs
 * @cn: namespace
 *
 * Where the user chose nothing, it is the kernel's log. Not waited for: that
 * module waits for namespaces that leave, and these for who writes to their
 * sysctls.
 *
 * Context: process.
 */
void ctrack_log_prepare(struct ctrack_net *cn)
{
	const struct netns_nf *nf = &cn->net->nf;

	if (!rcu_access_pointer(nf->nf_loggers[NFPROTO_IPV4]) &&
	    !rcu_access_pointer(nf->nf_loggers[NFPROTO_IPV6]))
		request_module_nowait("nf_log_syslog");
}

/**
 * ctrack_log_invalid - log what was refused, if its protocol is to be logged
 * @cn: namespace
 * @packet: the packet, as far as it could be read
 * @state: the hook that it is at
 * @reason: why it was refused
 * @dropped: it goes no further
 *
 * A packet whose IP header can't be read is of no protocol.
 *
 * Context: softirq, RCU held.
 */
noinline void ctrack_log_invalid(struct ctrack_net *cn,
				 const struct ctrack_packet *packet,
				 const struct nf_hook_state *state,
				 enum ctrack_reason reason, bool dropped)
{
	u8 wanted = READ_ONCE(cn->log_invalid);

	if (wanted != ALL_PROTOCOLS && wanted != packet->key.protonum)
		return;
	if (!__ratelimit(&cn->log_limit))
		return;
	nf_log_packet(cn->net, state->pf, state->hook, packet->skb, state->in,
		      state->out, NULL, "ctrack: %s (%s): %s: ",
		      dropped ? "dropped" : "invalid",
		      ctrack_reason_name(reason), ctrack_reason_text(reason));
}
