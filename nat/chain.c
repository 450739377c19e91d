// SPDX-License-Identifier: GPL-2.0
/*
 * Chains of type nat, and what asks like one. The user's chains do not hang on
 * the network's hooks themselves: one hook of ours asks them about a connection's
 * first packet and translates every packet, also where only the other end has a
 * chain.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_tables.h>
#include <net/netfilter/nf_tables_ipv4.h>
#include <net/netfilter/nf_tables_ipv6.h>
#include <net/netns/generic.h>

#include "nat/nat.h"
#include "nf/hook.h"
#include "nf/net.h"
#include "nf/refusal.h"

/* Of one hook, as many as netfilter has at one of its own. */
#define CHAINS_MAX	1024

/**
 * struct nat_chain - one of the user's chains
 * @list: in the order of priorities; RCU, written under chains_mutex
 * @ops: what its owner wants to be called; it outlives the chain by a grace
 *	period
 * @rcu: frees it
 */
struct nat_chain {
	struct list_head list;
	const struct nf_hook_ops *ops;
	struct rcu_head rcu;
};

/**
 * struct nat_family - the nat chains of one family in one namespace
 * @chains: struct nat_chain, by hook
 * @users: how many chains there are; under chains_mutex
 */
struct nat_family {
	struct list_head chains[NF_INET_NUMHOOKS];
	unsigned int users;
};

/* By family: [0] IPv4, [1] IPv6. */
struct nat_net {
	struct nat_family family[2];
};

static unsigned int nat_net_id __read_mostly;
static DEFINE_MUTEX(chains_mutex);

static struct nat_family *nat_family(const struct net *net, u8 family)
{
	struct nat_net *nat = net_generic(net, nat_net_id);

	return &nat->family[family == NFPROTO_IPV6];
}

unsigned int ctrack_nat_verdict(struct sk_buff *skb,
				const struct nf_hook_state *state,
				enum ctrack_reason reason)
{
	if (likely(!reason))
		return NF_ACCEPT;
	ctrack_packet_refuse(state, skb, NULL, reason, true);
	return NF_DROP;
}
EXPORT_SYMBOL_GPL(ctrack_nat_verdict);

static bool done(const struct ctrack_conn *conn, enum nf_nat_manip_type manip)
{
	return test_bit_acquire(manip == NF_NAT_MANIP_SRC ?
				IPS_SRC_NAT_DONE_BIT : IPS_DST_NAT_DONE_BIT,
				&conn->status);
}

/* Rules are asked once for a connection, about a packet that opens it. */
static __always_inline bool rules_decide(const struct ctrack_conn *conn,
					 enum ip_conntrack_info ctinfo,
					 enum nf_nat_manip_type manip)
{
	return (ctinfo == IP_CT_NEW ||
		(ctinfo == IP_CT_RELATED &&
		 test_bit(IPS_EXPECTED_BIT, &conn->status))) &&
	       !done(conn, manip) && !ctrack_conn_committed(conn);
}

/* Asks the chains in turn, until one of them has bound a translation. */
static noinline unsigned int ask_rules(struct sk_buff *skb,
				       struct ctrack_conn *conn,
				       const struct nf_hook_state *state)
{
	enum nf_nat_manip_type manip = HOOK2MANIP(state->hook);
	struct nat_family *family = nat_family(state->net, state->pf);
	const struct nat_chain *chain;
	unsigned int verdict;

	list_for_each_entry_rcu(chain, &family->chains[state->hook], list) {
		verdict = chain->ops->hook(chain->ops->priv, skb, state);
		if (verdict != NF_ACCEPT)
			return verdict;
		if (done(conn, manip))
			return NF_ACCEPT;
	}
	return ctrack_nat_verdict(skb, state, ctrack_nat_setup(conn, NULL, manip));
}

/*
 * A masqueraded connection whose way out changed has the wrong address. What is
 * only about it, an ICMP error or a reset of the host's own, is routed by itself
 * and tells nothing of that way. The packets of expected connections are related
 * as well, but those come from ctnetlink, and no rule has masqueraded them.
 */
static bool left_by_another_device(const struct ctrack_conn *conn,
				   enum ip_conntrack_info ctinfo,
				   const struct nf_hook_state *state)
{
	u32 ifindex = READ_ONCE(conn->nat_ifindex);

	return ifindex && ctrack_direction_of(ctinfo) == CTRACK_ORIGINAL &&
	       ctinfo != IP_CT_RELATED && ifindex != state->out->ifindex;
}

static noinline unsigned int end_rerouted(struct sk_buff *skb,
					  struct ctrack_conn *conn,
					  const struct nf_hook_state *state)
{
	ctrack_conn_kill(conn, CTRACK_CAUSE_rerouted, 0, false);
	return ctrack_nat_verdict(skb, state, CTRACK_REASON_nat_route);
}

/*
 * Built into each hook, which @hook names: most packets it is done with at a
 * glance.
 */
static __always_inline unsigned int translate(struct sk_buff *skb,
					      const struct nf_hook_state *state,
					      unsigned int hook)
{
	const enum nf_nat_manip_type manip = HOOK2MANIP(hook);
	enum ctrack_direction direction;
	enum ip_conntrack_info ctinfo;
	enum ctrack_reason reason;
	struct ctrack_conn *conn;
	unsigned int verdict;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn || (hook == NF_INET_POST_ROUTING &&
		      unlikely(ctrack_goes_to_vrf(state))))
		return NF_ACCEPT;
	if (unlikely(rules_decide(conn, ctinfo, manip))) {
		verdict = ask_rules(skb, conn, state);
		if (verdict != NF_ACCEPT)
			return verdict;
	}
	if (hook == NF_INET_POST_ROUTING &&
	    unlikely(left_by_another_device(conn, ctinfo, state)))
		return end_rerouted(skb, conn, state);

	direction = ctrack_direction_of(ctinfo);
	if (unlikely(ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY))
		reason = ctrack_nat_apply_related(skb, state->pf, conn, direction,
						  manip);
	else if (ctrack_nat_translated(conn, direction, manip))
		reason = ctrack_nat_apply(skb, state->pf, conn, direction, manip);
	else
		return NF_ACCEPT;
	return ctrack_nat_verdict(skb, state, reason);
}

static unsigned int dropped(struct sk_buff *skb,
			    const struct nf_hook_state *state,
			    enum ctrack_reason reason, int err)
{
	ctrack_packet_refuse(state, skb, NULL, reason, true);
	return NF_DROP_ERR(err);
}

/* What the packet is now may have another IPsec policy than it had as it came. */
static unsigned int apply_policy(struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);
	int err;

	if (!conn || likely(!ctrack_xfrm_matters(skb, state->net)))
		return NF_ACCEPT;
	err = ctrack_xfrm_lookup(skb, conn, ctinfo, state);
	return err ? dropped(skb, state, CTRACK_REASON_nat_policy, err) : NF_ACCEPT;
}

static void read_destination(const struct sk_buff *skb, u8 family,
			     union nf_inet_addr *address)
{
	if (family == NFPROTO_IPV4)
		address->ip = ip_hdr(skb)->daddr;
	else
		address->in6 = ipv6_hdr(skb)->daddr;
}

static bool goes_to(const struct sk_buff *skb, u8 family,
		    const union nf_inet_addr *address)
{
	return family == NFPROTO_IPV4 ?
	       ip_hdr(skb)->daddr == address->ip :
	       ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &address->in6);
}

/* Translates, and tells whether the packet goes elsewhere now. */
static __always_inline unsigned int
translate_destination(struct sk_buff *skb, const struct nf_hook_state *state,
		      unsigned int hook, bool *elsewhere)
{
	union nf_inet_addr before __uninitialized;
	unsigned int verdict;

	read_destination(skb, state->pf, &before);
	verdict = translate(skb, state, hook);
	*elsewhere = verdict == NF_ACCEPT && !goes_to(skb, state->pf, &before);
	return verdict;
}

/* A new destination is routed anew. */
static unsigned int hook_prerouting(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	unsigned int verdict;
	bool elsewhere;

	verdict = translate_destination(skb, state, NF_INET_PRE_ROUTING, &elsewhere);
	if (unlikely(elsewhere))
		skb_dst_drop(skb);
	return verdict;
}

static unsigned int hook_output(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	unsigned int verdict;
	bool elsewhere;
	int err;

	verdict = translate_destination(skb, state, NF_INET_LOCAL_OUT, &elsewhere);
	if (verdict != NF_ACCEPT)
		return verdict;
	if (likely(!elsewhere))
		return apply_policy(skb, state);
	err = state->pf == NFPROTO_IPV4 ?
	      ip_route_me_harder(state->net, state->sk, skb, RTN_UNSPEC) :
	      ip6_route_me_harder(state->net, state->sk, skb);
	return err ? dropped(skb, state, CTRACK_REASON_nat_route, err) : NF_ACCEPT;
}

/* A socket that was found early was found by the source as it came in. */
static unsigned int hook_input(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	unsigned int verdict = translate(skb, state, NF_INET_LOCAL_IN);
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (verdict == NF_ACCEPT && conn && skb->sk &&
	    !inet_sk_transparent(skb->sk) &&
	    ctrack_nat_translated(conn, ctrack_direction_of(ctinfo),
				  NF_NAT_MANIP_SRC))
		skb_orphan(skb);
	return verdict;
}

static unsigned int hook_postrouting(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	unsigned int verdict = translate(skb, state, NF_INET_POST_ROUTING);

	return verdict == NF_ACCEPT ? apply_policy(skb, state) : verdict;
}

#define HOOK(number, function, family, order) {				\
	.hook = function,						\
	.pf = family,							\
	.hooknum = number,						\
	.priority = order,						\
}

static const struct nf_hook_ops ipv4_hooks[] = {
	HOOK(NF_INET_PRE_ROUTING, hook_prerouting, NFPROTO_IPV4, NF_IP_PRI_NAT_DST),
	HOOK(NF_INET_LOCAL_OUT, hook_output, NFPROTO_IPV4, NF_IP_PRI_NAT_DST),
	HOOK(NF_INET_LOCAL_IN, hook_input, NFPROTO_IPV4, NF_IP_PRI_NAT_SRC),
	HOOK(NF_INET_POST_ROUTING, hook_postrouting, NFPROTO_IPV4, NF_IP_PRI_NAT_SRC),
};

static const struct nf_hook_ops ipv6_hooks[] = {
	HOOK(NF_INET_PRE_ROUTING, hook_prerouting, NFPROTO_IPV6, NF_IP6_PRI_NAT_DST),
	HOOK(NF_INET_LOCAL_OUT, hook_output, NFPROTO_IPV6, NF_IP6_PRI_NAT_DST),
	HOOK(NF_INET_LOCAL_IN, hook_input, NFPROTO_IPV6, NF_IP6_PRI_NAT_SRC),
	HOOK(NF_INET_POST_ROUTING, hook_postrouting, NFPROTO_IPV6, NF_IP6_PRI_NAT_SRC),
};

static const struct nf_hook_ops *hooks_of(u8 family)
{
	return family == NFPROTO_IPV6 ? ipv6_hooks : ipv4_hooks;
}

/* The first chain brings the family's hooks, and tracking. */
static int use_family(struct net *net, struct nat_family *nat, u8 family)
{
	int err;

	if (nat->users)
		return 0;
	err = ctrack_net_get(net, family);
	if (err)
		return err;
	err = nf_register_net_hooks(net, hooks_of(family), ARRAY_SIZE(ipv4_hooks));
	if (err)
		ctrack_net_put(net, family);
	return err;
}

static void unuse_family(struct net *net, struct nat_family *nat, u8 family)
{
	if (nat->users)
		return;
	nf_unregister_net_hooks(net, hooks_of(family), ARRAY_SIZE(ipv4_hooks));
	ctrack_net_put(net, family);
}

/*
 * Of chains with one priority the newest comes first, as at the network's hooks;
 * and as there, no more than so many.
 */
static int insert_chain(struct list_head *chains, const struct nf_hook_ops *ops)
{
	struct nat_chain *chain, *next;

	if (list_count_nodes(chains) >= CHAINS_MAX)
		return -E2BIG;
	chain = kmalloc(sizeof(*chain), GFP_KERNEL);
	if (!chain)
		return -ENOMEM;
	chain->ops = ops;
	list_for_each_entry(next, chains, list)
		if (next->ops->priority >= ops->priority)
			break;
	list_add_tail_rcu(&chain->list, &next->list);
	return 0;
}

static void remove_chain(struct list_head *chains, const struct nf_hook_ops *ops)
{
	struct nat_chain *chain;

	list_for_each_entry(chain, chains, list) {
		if (chain->ops == ops) {
			list_del_rcu(&chain->list);
			kfree_rcu(chain, rcu);
			return;
		}
	}
}

/**
 * ctrack_nat_chain_add - ask a chain about the first packets of connections
 * @net: namespace
 * @ops: what it is asked by, where, and with what priority; it stays until a
 *	grace period after ctrack_nat_chain_delete()
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Return: 0 or -errno.
 * Context: process.
 */
int ctrack_nat_chain_add(struct net *net, const struct nf_hook_ops *ops,
			 u8 family)
{
	struct nat_family *nat = nat_family(net, family);
	int err;

	mutex_lock(&chains_mutex);
	err = insert_chain(&nat->chains[ops->hooknum], ops);
	if (err)
		goto unlock;
	err = use_family(net, nat, family);
	if (err)
		remove_chain(&nat->chains[ops->hooknum], ops);
	else
		nat->users++;
unlock:
	mutex_unlock(&chains_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(ctrack_nat_chain_add);

/**
 * ctrack_nat_chain_delete - ask it no more
 * @net: namespace
 * @ops: as it was given to ctrack_nat_chain_add()
 * @family: the same
 *
 * Context: process.
 */
void ctrack_nat_chain_delete(struct net *net, const struct nf_hook_ops *ops,
			     u8 family)
{
	struct nat_family *nat = nat_family(net, family);

	mutex_lock(&chains_mutex);
	remove_chain(&nat->chains[ops->hooknum], ops);
	nat->users--;
	unuse_family(net, nat, family);
	mutex_unlock(&chains_mutex);
}
EXPORT_SYMBOL_GPL(ctrack_nat_chain_delete);

static int ipv4_register(struct net *net, const struct nf_hook_ops *ops)
{
	return ctrack_nat_chain_add(net, ops, NFPROTO_IPV4);
}

static void ipv4_unregister(struct net *net, const struct nf_hook_ops *ops)
{
	ctrack_nat_chain_delete(net, ops, NFPROTO_IPV4);
}

static int ipv6_register(struct net *net, const struct nf_hook_ops *ops)
{
	return ctrack_nat_chain_add(net, ops, NFPROTO_IPV6);
}

static void ipv6_unregister(struct net *net, const struct nf_hook_ops *ops)
{
	ctrack_nat_chain_delete(net, ops, NFPROTO_IPV6);
}

static int inet_register(struct net *net, const struct nf_hook_ops *ops)
{
	int err = ctrack_nat_chain_add(net, ops, NFPROTO_IPV4);

	if (err)
		return err;
	err = ctrack_nat_chain_add(net, ops, NFPROTO_IPV6);
	if (err)
		ctrack_nat_chain_delete(net, ops, NFPROTO_IPV4);
	return err;
}

static void inet_unregister(struct net *net, const struct nf_hook_ops *ops)
{
	ctrack_nat_chain_delete(net, ops, NFPROTO_IPV6);
	ctrack_nat_chain_delete(net, ops, NFPROTO_IPV4);
}

static unsigned int do_chain(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct nft_pktinfo pkt;

	nft_set_pktinfo(&pkt, skb, state);
	if (state->pf == NFPROTO_IPV4)
		nft_set_pktinfo_ipv4(&pkt);
	else
		nft_set_pktinfo_ipv6(&pkt);
	return nft_do_chain(&pkt, priv);
}

#define CHAIN_TYPE(protocol, function) {				\
	.name = "nat",							\
	.type = NFT_CHAIN_T_NAT,					\
	.family = protocol,						\
	.owner = THIS_MODULE,						\
	.hook_mask = BIT(NF_INET_PRE_ROUTING) | BIT(NF_INET_LOCAL_IN) |	\
		     BIT(NF_INET_LOCAL_OUT) | BIT(NF_INET_POST_ROUTING), \
	.hooks = {							\
		[NF_INET_PRE_ROUTING] = do_chain,			\
		[NF_INET_LOCAL_IN] = do_chain,				\
		[NF_INET_LOCAL_OUT] = do_chain,				\
		[NF_INET_POST_ROUTING] = do_chain,			\
	},								\
	.ops_register = function##_register,				\
	.ops_unregister = function##_unregister,			\
}

static const struct nft_chain_type chain_types[] = {
	CHAIN_TYPE(NFPROTO_IPV4, ipv4),
	CHAIN_TYPE(NFPROTO_IPV6, ipv6),
	CHAIN_TYPE(NFPROTO_INET, inet),
};

static int __net_init nat_net_init(struct net *net)
{
	struct nat_net *nat = net_generic(net, nat_net_id);
	unsigned int family, hook;

	for (family = 0; family < ARRAY_SIZE(nat->family); family++)
		for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
			INIT_LIST_HEAD(&nat->family[family].chains[hook]);
	return 0;
}

static bool is_translated(const struct ctrack_conn *conn, void *data)
{
	return ctrack_conn_committed(conn) &&
	       READ_ONCE(conn->status) & IPS_NAT_MASK;
}

/* Nobody is left to translate these: better ended than let through as is. */
static void __net_exit nat_net_exit(struct net *net)
{
	struct ctrack_cursor cursor = {};
	struct ctrack_conn *conn;

	while (!cursor.done) {
		if (ctrack_table_collect(ctrack_net(net), &cursor, is_translated,
					 NULL, &conn, 1)) {
			ctrack_conn_kill(conn, CTRACK_CAUSE_nat_unloaded, 0, false);
			ctrack_conn_put(conn);
		}
		cond_resched();
	}
}

static struct pernet_operations nat_net_ops = {
	.init = nat_net_init,
	.exit = nat_net_exit,
	.id = &nat_net_id,
	.size = sizeof(struct nat_net),
};

/**
 * ctrack_nat_chain_init - offer chains of type nat to nft
 *
 * Return: 0 or -errno.
 */
int ctrack_nat_chain_init(void)
{
	unsigned int i;
	int err;

	err = register_pernet_subsys(&nat_net_ops);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(chain_types); i++)
		nft_register_chain_type(&chain_types[i]);
	return 0;
}

/**
 * ctrack_nat_chain_exit - take them back; there is no such chain any more
 */
void ctrack_nat_chain_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chain_types); i++)
		nft_unregister_chain_type(&chain_types[i]);
	unregister_pernet_subsys(&nat_net_ops);
}

MODULE_ALIAS_NFT_CHAIN(2, "nat");
MODULE_ALIAS_NFT_CHAIN(10, "nat");
MODULE_ALIAS_NFT_CHAIN(1, "nat");
