// SPDX-License-Identifier: GPL-2.0
/*
 * What nft can ask for and ctrack does not have. The kernel's modules for it
 * need nf_conntrack, so that without this nft would only hear that something
 * is missing. It has no text for an error: the kernel's log says what.
 */
#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_flow_table.h>
#include <net/netfilter/nf_tables.h>

#include "nf/nft.h"

static int no_synproxy(void)
{
	pr_info_ratelimited("nft: there is no synproxy: ctrack does not adjust sequence numbers\n");
	return -EOPNOTSUPP;
}

static const struct nft_expr_ops *
synproxy_expr(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	return ERR_PTR(no_synproxy());
}

static const struct nft_object_ops *
synproxy_object(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	return ERR_PTR(no_synproxy());
}

static const struct nft_object_ops *
no_expectation(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	pr_info_ratelimited("nft: there is no ct expectation: ctrack has no expectations yet\n");
	return ERR_PTR(-EOPNOTSUPP);
}

/* In-tree it is the same error when a helper's module is missing. */
static const struct nft_object_ops *
no_helper(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	const struct nlattr *name = tb[NFTA_CT_HELPER_NAME];

	if (!name || !tb[NFTA_CT_HELPER_L4PROTO])
		return ERR_PTR(-EINVAL);
	pr_info_ratelimited("nft: there is no ct helper \"%.*s\": ctrack has none yet\n",
			    nla_len(name), (const char *)nla_data(name));
	return ERR_PTR(-ENOENT);
}

static const struct nla_policy helper_policy[NFTA_CT_HELPER_MAX + 1] = {
	[NFTA_CT_HELPER_NAME] = { .type = NLA_STRING,
				  .len = NF_CT_HELPER_NAME_LEN - 1 },
	[NFTA_CT_HELPER_L3PROTO] = { .type = NLA_U16 },
	[NFTA_CT_HELPER_L4PROTO] = { .type = NLA_U8 },
};

static struct nft_expr_type synproxy_type __read_mostly = {
	.name = "synproxy",
	.select_ops = synproxy_expr,
	.maxattr = NFTA_SYNPROXY_MAX,
	.owner = THIS_MODULE,
};

static struct nft_object_type objects[] __read_mostly = {
	{
		.type = NFT_OBJECT_CT_HELPER,
		.select_ops = no_helper,
		.policy = helper_policy,
		.maxattr = NFTA_CT_HELPER_MAX,
		.owner = THIS_MODULE,
	},
	{
		.type = NFT_OBJECT_CT_EXPECT,
		.select_ops = no_expectation,
		.maxattr = NFTA_CT_EXPECT_MAX,
		.owner = THIS_MODULE,
	},
	{
		.type = NFT_OBJECT_SYNPROXY,
		.select_ops = synproxy_object,
		.maxattr = NFTA_SYNPROXY_MAX,
		.owner = THIS_MODULE,
	},
};

static int no_flowtable(struct nf_flowtable *table)
{
	pr_info_ratelimited("nft: there is no flowtable: ctrack offloads no flows yet\n");
	return -EOPNOTSUPP;
}

/* A rule that adds to one needs it first, and so is not asked about. */
#define FLOWTABLE(protocol) {						\
	.family = (protocol),						\
	.init = no_flowtable,						\
	.owner = THIS_MODULE,						\
}

static struct nf_flowtable_type flowtables[] __read_mostly = {
	FLOWTABLE(NFPROTO_IPV4),
	FLOWTABLE(NFPROTO_IPV6),
	FLOWTABLE(NFPROTO_INET),
};

/* The first @count, in reverse. */
static void unregister_objects(unsigned int count)
{
	while (count--)
		nft_unregister_obj(&objects[count]);
}

/**
 * ctrack_nft_absent_init - begin to say to nft what is not there
 *
 * Return: 0 or -errno.
 */
int ctrack_nft_absent_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		err = nft_register_obj(&objects[i]);
		if (err)
			goto err_objects;
	}
	err = nft_register_expr(&synproxy_type);
	if (err)
		goto err_objects;
	for (i = 0; i < ARRAY_SIZE(flowtables); i++)
		nft_register_flowtable_type(&flowtables[i]);
	return 0;
err_objects:
	unregister_objects(i);
	return err;
}

/**
 * ctrack_nft_absent_exit - say no more
 */
void ctrack_nft_absent_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flowtables); i++)
		nft_unregister_flowtable_type(&flowtables[i]);
	nft_unregister_expr(&synproxy_type);
	unregister_objects(ARRAY_SIZE(objects));
}

MODULE_ALIAS_NF_FLOWTABLE(1);	/* NFPROTO_INET, */
MODULE_ALIAS_NF_FLOWTABLE(2);	/* NFPROTO_IPV4 */
MODULE_ALIAS_NF_FLOWTABLE(10);	/* and NFPROTO_IPV6, which it spells out */
MODULE_ALIAS_NFT_EXPR("synproxy");
MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_CT_HELPER);
MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_CT_EXPECT);
MODULE_ALIAS_NFT_OBJ(NFT_OBJECT_SYNPROXY);
