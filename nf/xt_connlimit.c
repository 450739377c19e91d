// SPDX-License-Identifier: GPL-2.0
/*
 * The match `connlimit`: how many connections an address or a prefix has.
 *
 * A rule has a tally for each prefix that it has met, in a tree. Each packet
 * looks after two others, in turn, so that tallies go whose connections have
 * ended.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/netfilter/xt_connlimit.h>

#include "nf/refusal.h"
#include "nf/tally.h"
#include "nf/xt.h"

#define KNOWN_FLAGS	(XT_CONNLIMIT_INVERT | XT_CONNLIMIT_DADDR)
#define SWEEP		2

/**
 * struct owner - whose connections are counted together
 * @address: masked
 * @zone: an address is another one in another zone
 */
struct owner {
	union nf_inet_addr address;
	u32 zone;
};

/**
 * struct prefix - one owner's connections
 * @node: in nf_conncount_data.tree
 * @turn: in nf_conncount_data.turns
 * @owner: immutable
 * @tally: its connections
 */
struct prefix {
	struct rb_node node;
	struct list_head turn;
	struct owner owner;
	struct ctrack_tally tally;
};

/**
 * struct nf_conncount_data - what userspace's struct gives a rule to remember
 * @lock: protects the rest
 * @tree: struct prefix, by owner
 * @turns: the same; the first is looked after next
 */
struct nf_conncount_data {
	spinlock_t lock;	/* see above */
	struct rb_root tree;
	struct list_head turns;
};

static struct owner owner_of(const struct sk_buff *skb,
			     const struct ctrack_conn *conn, u8 family,
			     const struct xt_connlimit_info *info)
{
	bool destination = info->flags & XT_CONNLIMIT_DADDR;
	struct owner owner = {
		.zone = conn ? conn->zone.id : NF_CT_DEFAULT_ZONE_ID,
	};
	unsigned int i;

	if (family == NFPROTO_IPV4) {
		owner.address.ip = destination ? ip_hdr(skb)->daddr :
						 ip_hdr(skb)->saddr;
		owner.address.ip &= info->mask.ip;
		return owner;
	}
	owner.address.in6 = destination ? ipv6_hdr(skb)->daddr :
					  ipv6_hdr(skb)->saddr;
	for (i = 0; i < ARRAY_SIZE(owner.address.ip6); i++)
		owner.address.ip6[i] &= info->mask.ip6[i];
	return owner;
}

static int compare(const void *owner, const struct rb_node *node)
{
	return memcmp(owner, &rb_entry(node, struct prefix, node)->owner,
		      sizeof(struct owner));
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return compare(&rb_entry(a, struct prefix, node)->owner, b) < 0;
}

static void drop(struct nf_conncount_data *data, struct prefix *prefix)
{
	rb_erase(&prefix->node, &data->tree);
	list_del(&prefix->turn);
	ctrack_tally_clear(&prefix->tally);
	kfree(prefix);
}

static void sweep(struct nf_conncount_data *data, struct ctrack_net *cn)
{
	struct prefix *prefix;
	unsigned int i;

	for (i = 0; i < SWEEP && !list_empty(&data->turns); i++) {
		prefix = list_first_entry(&data->turns, struct prefix, turn);
		if (ctrack_tally_empty(&prefix->tally, cn))
			drop(data, prefix);
		else
			list_move_tail(&prefix->turn, &data->turns);
	}
}

static struct prefix *find_or_add(struct nf_conncount_data *data,
				  const struct owner *owner)
{
	struct rb_node *node = rb_find(owner, &data->tree, compare);
	struct prefix *prefix;

	if (node)
		return rb_entry(node, struct prefix, node);
	prefix = kmalloc(sizeof(*prefix), GFP_ATOMIC | __GFP_NOWARN);
	if (!prefix)
		return NULL;
	prefix->owner = *owner;
	ctrack_tally_init(&prefix->tally);
	rb_add(&prefix->node, &data->tree, less);
	list_add_tail(&prefix->turn, &data->turns);
	return prefix;
}

static int over(struct nf_conncount_data *data, struct ctrack_net *cn,
		struct ctrack_conn *conn, const struct owner *owner, u32 limit)
{
	struct prefix *prefix;
	int result = -ENOMEM;

	spin_lock_bh(&data->lock);
	sweep(data, cn);
	prefix = find_or_add(data, owner);
	if (prefix)
		result = ctrack_tally_over(&prefix->tally, cn, conn, limit);
	spin_unlock_bh(&data->lock);
	return result;
}

static bool connlimit(const struct sk_buff *skb, struct xt_action_param *par)
{
	const struct xt_connlimit_info *info = par->matchinfo;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;
	struct owner owner;
	int result;

	conn = ctrack_conn_of(skb, &ctinfo);
	owner = owner_of(skb, conn, xt_family(par), info);
	result = over(info->data, ctrack_net(xt_net(par)), conn, &owner,
		      info->limit);
	if (result < 0) {
		ctrack_packet_refuse(par->state, (struct sk_buff *)skb, NULL,
				     CTRACK_REASON_no_memory, true);
		par->hotdrop = true;
		return false;
	}
	return result != !!(info->flags & XT_CONNLIMIT_INVERT);
}

static int connlimit_check(const struct xt_mtchk_param *par)
{
	struct xt_connlimit_info *info = par->matchinfo;
	int err;

	if (info->flags & ~KNOWN_FLAGS)
		return -EINVAL;
	info->data = kmalloc(sizeof(*info->data), GFP_KERNEL_ACCOUNT);
	if (!info->data)
		return -ENOMEM;
	spin_lock_init(&info->data->lock);
	info->data->tree = RB_ROOT;
	INIT_LIST_HEAD(&info->data->turns);
	err = ctrack_xt_match_check(par);
	if (err)
		kfree(info->data);
	return err;
}

/* No packet sees the rule any more. */
static void connlimit_destroy(const struct xt_mtdtor_param *par)
{
	const struct xt_connlimit_info *info = par->matchinfo;
	struct prefix *prefix, *next;

	list_for_each_entry_safe(prefix, next, &info->data->turns, turn)
		drop(info->data, prefix);
	kfree(info->data);
	ctrack_xt_match_destroy(par);
}

#define CONNLIMIT(protocol) {						\
	.name = "connlimit",						\
	.revision = 1,							\
	.family = (protocol),						\
	.matchsize = sizeof(struct xt_connlimit_info),			\
	.usersize = offsetof(struct xt_connlimit_info, data),		\
	.match = connlimit,						\
	.checkentry = connlimit_check,					\
	.destroy = connlimit_destroy,					\
	.me = THIS_MODULE,						\
}

static struct xt_match matches[] __read_mostly = {
	CONNLIMIT(NFPROTO_IPV4),
	CONNLIMIT(NFPROTO_IPV6),
};

const struct ctrack_xt ctrack_xt_connlimit = {
	CTRACK_XT_MATCHES(matches),
};

MODULE_ALIAS("ipt_connlimit");
MODULE_ALIAS("ip6t_connlimit");
