// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments are put together before packets are tracked, by the kernel's own
 * code. IPv4's counts what it gives up; IPv6's does not, so it is called from
 * here, where that can be seen.
 */
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv6.h>
#include <net/ipv6_frag.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "nf/defrag.h"
#include "nf/net.h"
#include "nf/refusal.h"
#include "nf/template.h"

/* Fragments of different zones, or met at different places, are kept apart. */
static u32 user_of(const struct sk_buff *skb, unsigned int hook)
{
	struct ctrack_choice choice =
		ctrack_template_choice(ctrack_template_of(skb), skb);
	u16 id = ctrack_zone_id(&choice.zone, CTRACK_ORIGINAL);

	if (nf_bridge_in_prerouting(skb))
		return IP6_DEFRAG_CONNTRACK_BRIDGE_IN + id;
	return (hook == NF_INET_PRE_ROUTING ? IP6_DEFRAG_CONNTRACK_IN :
					      IP6_DEFRAG_CONNTRACK_OUT) + id;
}

static unsigned int hook_ipv6(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	int err;

	/* Untracked, or put together before. */
	if (skb_get_nfct(skb) && !ctrack_template_of(skb))
		return NF_ACCEPT;
	err = nf_ct_frag6_gather(state->net, skb, user_of(skb, state->hook));
	if (!err)
		return NF_ACCEPT;
	if (err == -EINPROGRESS)
		return NF_STOLEN;
	ctrack_packet_refuse(state, skb, NULL, err == -ENOMEM ?
			     CTRACK_REASON_no_memory :
			     CTRACK_REASON_ip_reassembly, true);
	return NF_DROP;
}

static const struct nf_hook_ops ipv6_hooks[] = {
	{
		.hook = hook_ipv6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_CONNTRACK_DEFRAG,
	},
	{
		.hook = hook_ipv6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP6_PRI_CONNTRACK_DEFRAG,
	},
};

/**
 * ctrack_defrag_register - begin to put a namespace's fragments together
 * @net: namespace
 * @ipv6: which family
 *
 * Return: 0 or -errno.
 * Context: process.
 */
int ctrack_defrag_register(struct net *net, bool ipv6)
{
	return ipv6 ? nf_register_net_hooks(net, ipv6_hooks,
					    ARRAY_SIZE(ipv6_hooks)) :
		      nf_defrag_ipv4_enable(net);
}

/**
 * ctrack_defrag_unregister - leave them as they are from now on
 * @net: namespace
 * @ipv6: which family
 *
 * Context: process.
 */
void ctrack_defrag_unregister(struct net *net, bool ipv6)
{
	if (ipv6)
		nf_unregister_net_hooks(net, ipv6_hooks, ARRAY_SIZE(ipv6_hooks));
	else
		nf_defrag_ipv4_disable(net);
}
