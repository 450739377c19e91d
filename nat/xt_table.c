// SPDX-License-Identifier: GPL-2.0
/*
 * The table `nat` of iptables-legacy, for IPv4 and IPv6. It comes when it is
 * asked for first, and goes with its namespace. Its chains are asked about the
 * first packets of connections in turn with those of nft.
 */
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "nat/nat.h"

#define NAME	"nat"
#define CHAINS	4

/**
 * struct family - what is different for IPv4 and IPv6
 * @table: its table, as it is when a namespace has none yet
 * @ask: what a packet's way through it is called
 * @destination: priority of chains that translate destinations
 * @source: the same of sources
 * @create: makes it in a namespace, empty
 * @destroy: takes it away, when no packet is in it any more
 */
struct family {
	struct xt_table table;
	nf_hookfn *ask;
	int destination;
	int source;
	int (*create)(struct net *net);
	void (*destroy)(struct net *net, const char *name);
};

/**
 * struct table_net - the tables of a namespace
 * @chains: of each family; a packet may still be in them when @count is 0 again
 * @count: how many of them nat/chain.c has
 */
struct table_net {
	struct nf_hook_ops chains[2][CHAINS];
	unsigned int count[2];
};

static unsigned int table_net_id __read_mostly;

static const struct family families[2];

static void unhang(struct net *net, unsigned int ipv6)
{
	struct table_net *tables = net_generic(net, table_net_id);

	while (tables->count[ipv6])
		ctrack_nat_chain_delete(net,
					&tables->chains[ipv6][--tables->count[ipv6]],
					families[ipv6].table.af);
}

/* One chain of the table, which has to be there, at one hook. */
static int hang_one(struct net *net, unsigned int ipv6, unsigned int hook)
{
	struct table_net *tables = net_generic(net, table_net_id);
	const struct family *family = &families[ipv6];
	struct nf_hook_ops *ops = &tables->chains[ipv6][tables->count[ipv6]];
	int err;

	*ops = (struct nf_hook_ops) {
		.hook = family->ask,
		.priv = xt_find_table(net, family->table.af, NAME),
		.pf = family->table.af,
		.hooknum = hook,
		.priority = HOOK2MANIP(hook) == NF_NAT_MANIP_SRC ?
			    family->source : family->destination,
	};
	err = ctrack_nat_chain_add(net, ops, family->table.af);
	if (!err)
		tables->count[ipv6]++;
	return err;
}

static int hang(struct net *net, unsigned int ipv6)
{
	unsigned int hook;
	int err;

	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++) {
		if (!(families[ipv6].table.valid_hooks & BIT(hook)))
			continue;
		err = hang_one(net, ipv6, hook);
		if (err)
			return err;
	}
	return 0;
}

/* The first half of its end: nobody finds it any more. */
static void hide(struct net *net, unsigned int ipv6)
{
	unhang(net, ipv6);
	XT_TABLE_PRE_EXIT(net, families[ipv6].table.af, NAME);
}

static int init(struct net *net, unsigned int ipv6)
{
	int err;

	err = families[ipv6].create(net);
	if (err)
		return err;
	err = hang(net, ipv6);
	if (err) {
		hide(net, ipv6);
		synchronize_rcu();
		families[ipv6].destroy(net, NAME);
	}
	return err;
}

static int ipv4_init(struct net *net)
{
	return init(net, 0);
}

static int ipv6_init(struct net *net)
{
	return init(net, 1);
}

static int ipv4_create(struct net *net)
{
	struct ipt_replace *empty = ipt_alloc_initial_table(&families[0].table);
	int err;

	if (!empty)
		return -ENOMEM;
	err = ipt_register_table(net, &families[0].table, empty, NULL);
	kfree(empty);
	return err;
}

static int ipv6_create(struct net *net)
{
	struct ip6t_replace *empty = ip6t_alloc_initial_table(&families[1].table);
	int err;

	if (!empty)
		return -ENOMEM;
	err = ip6t_register_table(net, &families[1].table, empty, NULL);
	kfree(empty);
	return err;
}

#define TABLE(protocol) {						\
	.name = NAME,							\
	.valid_hooks = BIT(NF_INET_PRE_ROUTING) | BIT(NF_INET_LOCAL_IN) | \
		       BIT(NF_INET_LOCAL_OUT) | BIT(NF_INET_POST_ROUTING), \
	.me = THIS_MODULE,						\
	.af = (protocol),						\
}

static const struct family families[2] = {
	{
		.table = TABLE(NFPROTO_IPV4),
		.ask = ipt_do_table,
		.destination = NF_IP_PRI_NAT_DST,
		.source = NF_IP_PRI_NAT_SRC,
		.create = ipv4_create,
		.destroy = ipt_unregister_table_exit,
	},
	{
		.table = TABLE(NFPROTO_IPV6),
		.ask = ip6t_do_table,
		.destination = NF_IP6_PRI_NAT_DST,
		.source = NF_IP6_PRI_NAT_SRC,
		.create = ipv6_create,
		.destroy = ip6t_unregister_table_exit,
	},
};

static void __net_exit table_net_pre_exit(struct net *net)
{
	hide(net, 0);
	hide(net, 1);
}

static void __net_exit table_net_exit(struct net *net)
{
	families[0].destroy(net, NAME);
	families[1].destroy(net, NAME);
}

static struct pernet_operations table_net_ops = {
	.pre_exit = table_net_pre_exit,
	.exit = table_net_exit,
	.id = &table_net_id,
	.size = sizeof(struct table_net),
};

static int __init ctrack_iptable_nat_init(void)
{
	int err;

	err = register_pernet_subsys(&table_net_ops);
	if (err)
		return err;
	err = xt_register_template(&families[0].table, ipv4_init);
	if (err)
		goto err_net;
	err = xt_register_template(&families[1].table, ipv6_init);
	if (err)
		goto err_ipv4;
	return 0;

err_ipv4:
	xt_unregister_template(&families[0].table);
err_net:
	unregister_pernet_subsys(&table_net_ops);
	return err;
}

static void __exit ctrack_iptable_nat_exit(void)
{
	xt_unregister_template(&families[1].table);
	xt_unregister_template(&families[0].table);
	unregister_pernet_subsys(&table_net_ops);
}

module_init(ctrack_iptable_nat_init);
module_exit(ctrack_iptable_nat_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the ctrack authors");
MODULE_DESCRIPTION("The table nat of iptables-legacy");
MODULE_ALIAS("iptable_nat");
MODULE_ALIAS("ip6table_nat");
