/* SPDX-License-Identifier: GPL-2.0 */
/* Binding translations to connections, and applying them to packets. */
#ifndef CTRACK_NAT_H
#define CTRACK_NAT_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <net/netfilter/nf_nat.h>
#include <net/xfrm.h>

#include "nf/conn.h"

/* bind.c */
enum ctrack_reason ctrack_nat_setup(struct ctrack_conn *conn,
				    const struct nf_nat_range2 *range,
				    enum nf_nat_manip_type manip);
struct binding;
int ctrack_nat_search(struct ctrack_conn *conn, struct binding *binding,
		      struct ctrack_key *target, u32 *tries);

/**
 * ctrack_nat_translated - is one end of a packet translated?
 * @conn: its connection
 * @direction: which way the packet goes
 * @manip: which end; what was done to one end of a packet is undone at the
 *	other end of its answer
 *
 * Return: true when it is.
 */
static inline bool ctrack_nat_translated(const struct ctrack_conn *conn,
					 enum ctrack_direction direction,
					 enum nf_nat_manip_type manip)
{
	bool source = (manip == NF_NAT_MANIP_SRC) ==
		      (direction == CTRACK_ORIGINAL);

	return test_bit(source ? IPS_SRC_NAT_BIT : IPS_DST_NAT_BIT,
			&conn->status);
}

/* apply.c */
enum ctrack_reason ctrack_nat_apply(struct sk_buff *skb, u8 family,
				    const struct ctrack_conn *conn,
				    enum ctrack_direction direction,
				    enum nf_nat_manip_type manip);
enum ctrack_reason ctrack_nat_apply_related(struct sk_buff *skb, u8 family,
					    const struct ctrack_conn *conn,
					    enum ctrack_direction direction,
					    enum nf_nat_manip_type manip);

/* netmap.c */
void ctrack_nat_map_prefix(const struct sk_buff *skb, u8 family,
			   enum nf_nat_manip_type manip,
			   struct nf_nat_range2 *range);

/* rewrite.c */
enum ctrack_reason ctrack_rewrite(struct sk_buff *skb, u8 family,
				  const struct ctrack_key *target,
				  enum nf_nat_manip_type manip);
enum ctrack_reason ctrack_rewrite_error(struct sk_buff *skb, u8 family,
					const struct ctrack_conn *conn,
					enum ctrack_direction direction,
					enum nf_nat_manip_type manip);

/* chain.c, and a file for each expression */
int ctrack_nat_chain_add(struct net *net, const struct nf_hook_ops *ops,
			 u8 family);
void ctrack_nat_chain_delete(struct net *net, const struct nf_hook_ops *ops,
			     u8 family);
int ctrack_nat_chain_init(void);
void ctrack_nat_chain_exit(void);
int ctrack_nft_nat_init(void);
void ctrack_nft_nat_exit(void);
int ctrack_nft_masq_init(void);
void ctrack_nft_masq_exit(void);
int ctrack_nft_redir_init(void);
void ctrack_nft_redir_exit(void);

/* masquerade.c */
enum ctrack_reason ctrack_masquerade(struct sk_buff *skb,
				     const struct nf_hook_state *state,
				     const struct nf_nat_range2 *range);
enum ctrack_reason ctrack_redirect(struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   const struct nf_nat_range2 *range);
int ctrack_masquerade_init(void);
void ctrack_masquerade_exit(void);

/* xfrm.c */
#ifdef CONFIG_XFRM
/* Can there be an IPsec policy for a packet, or is there one already? */
static inline bool ctrack_xfrm_matters(const struct sk_buff *skb,
				       const struct net *net)
{
	struct dst_entry *dst = skb_dst(skb);

	return dst && (net->xfrm.policy_count[XFRM_POLICY_OUT] || dst_xfrm(dst));
}

int ctrack_xfrm_lookup(struct sk_buff *skb, const struct ctrack_conn *conn,
		       enum ip_conntrack_info ctinfo,
		       const struct nf_hook_state *state);
void ctrack_xfrm_init(void);
void ctrack_xfrm_exit(void);
#else
static inline bool ctrack_xfrm_matters(const struct sk_buff *skb,
				       const struct net *net)
{
	return false;
}

static inline int ctrack_xfrm_lookup(struct sk_buff *skb,
				     const struct ctrack_conn *conn,
				     enum ip_conntrack_info ctinfo,
				     const struct nf_hook_state *state)
{
	return 0;
}

static inline void ctrack_xfrm_init(void)
{
}

static inline void ctrack_xfrm_exit(void)
{
}
#endif

/**
 * ctrack_nat_verdict - turn the outcome of a rule's translation into a verdict
 * @skb: the packet
 * @state: of the hook
 * @reason: what ctrack_nat_setup() or its like returned
 *
 * Return: NF_ACCEPT, or NF_DROP with the reason counted.
 */
unsigned int ctrack_nat_verdict(struct sk_buff *skb,
				const struct nf_hook_state *state,
				enum ctrack_reason reason);

#endif
