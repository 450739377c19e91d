// SPDX-License-Identifier: GPL-2.0
/*
 * The match `cluster`: is a connection this node's? Nodes that all see each
 * packet share connections by their sources. Which is whose must be the same on
 * all of them, and on those that have nf_conntrack: the hash is as it is.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <net/ipv6.h>
#include <linux/netfilter/xt_cluster.h>

#include "nf/conn.h"
#include "nf/xt.h"

/* The connection that it was expected by decides, so that both are at one node. */
static u32 node_of(const struct ctrack_conn *conn,
		   const struct xt_cluster_match_info *info)
{
	const struct ctrack_key *key =
		ctrack_conn_key(conn->master ?: conn, CTRACK_ORIGINAL);
	u32 hash;

	/* Of an IPv6 address nf_conntrack takes the first word, and no more. */
	if (key->l3num == NFPROTO_IPV4)
		hash = jhash_1word(key->source.all[0], info->hash_seed);
	else
		hash = jhash2(key->source.all, 1, info->hash_seed);
	return reciprocal_scale(hash, info->total_nodes);
}

static bool is_multicast(const struct sk_buff *skb, u8 family)
{
	return family == NFPROTO_IPV4 ?
	       ipv4_is_multicast(ip_hdr(skb)->daddr) :
	       ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

/*
 * The nodes have their link address in common, a multicast one. What came to it
 * is for this host all the same, which TCP would not believe.
 */
static void take_for_own(const struct sk_buff *skb, u8 family)
{
	if (skb->pkt_type == PACKET_MULTICAST && !is_multicast(skb, family))
		((struct sk_buff *)skb)->pkt_type = PACKET_HOST;
}

static bool cluster(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_cluster_match_info *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	take_for_own(skb, xt_family(par));
	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return false;
	return !!(info->node_mask & BIT(node_of(conn, info))) !=
	       !!(info->flags & XT_CLUSTER_F_INV);
}

static int cluster_check(const struct xt_mtchk_param *par)
{
	const struct xt_cluster_match_info *info = par->matchinfo;

	if (info->total_nodes > XT_CLUSTER_NODES_MAX ||
	    info->flags & ~XT_CLUSTER_F_INV)
		return -EINVAL;
	if ((u64)info->node_mask >> info->total_nodes)
		return -EDOM;
	return ctrack_xt_match_check(par);
}

#define CLUSTER(protocol) {						\
	.name = "cluster",						\
	.family = (protocol),						\
	.matchsize = sizeof(struct xt_cluster_match_info),		\
	.match = cluster,						\
	.checkentry = cluster_check,					\
	.destroy = ctrack_xt_match_destroy,				\
	.me = THIS_MODULE,						\
}

static struct xt_match matches[] __read_mostly = {
	CLUSTER(NFPROTO_IPV4),
	CLUSTER(NFPROTO_IPV6),
};

const struct ctrack_xt ctrack_xt_cluster = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_cluster");
MODULE_ALIAS("ip6t_cluster");
