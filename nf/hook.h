/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets come in and go out. */
#ifndef CTRACK_HOOK_H
#define CTRACK_HOOK_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_zones_common.h>

#include "nf/packet.h"

struct ctrack_choice;
struct ctrack_conn;
struct ctrack_net;

int ctrack_hook_register(struct net *net, bool ipv6);
void ctrack_hook_unregister(struct net *net, bool ipv6);

/*
 * What a VRF sends passes POSTROUTING twice, first with the VRF itself for its
 * device. It leaves by the lower one, and only there are a connection's way out
 * and its address decided.
 */
static inline bool ctrack_goes_to_vrf(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING &&
	       netif_is_l3_master(state->out);
}

/* Steps of hook.c, declared for who probes them. */
enum ctrack_verdict ctrack_conn_packet(struct ctrack_net *cn,
				       struct ctrack_conn *conn,
				       struct ctrack_packet *packet,
				       enum ctrack_direction direction,
				       enum ctrack_reason *reason);
enum ctrack_verdict ctrack_conn_open(struct ctrack_net *cn,
				     struct ctrack_packet *packet,
				     const struct ctrack_choice *choice,
				     enum ctrack_reason *reason);
enum ctrack_verdict ctrack_conn_error(struct ctrack_net *cn,
				      struct ctrack_packet *packet,
				      const struct nf_conntrack_zone *zone,
				      enum ctrack_reason *reason);

#endif
