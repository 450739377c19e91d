// SPDX-License-Identifier: GPL-2.0
/* Wiring: what begins in which order, and how it ends. */
#include <linux/module.h>

#include "nat/nat.h"
#include "nf/nat_hook.h"

static const struct ctrack_nat_hook hook = {
	.setup = ctrack_nat_setup,
};

static int __init ctrack_nat_module_init(void)
{
	int err;

	err = ctrack_masquerade_init();
	if (err)
		return err;
	err = ctrack_nat_chain_init();
	if (err)
		goto err_masquerade;
	err = ctrack_nft_nat_init();
	if (err)
		goto err_chain;
	err = ctrack_nft_masq_init();
	if (err)
		goto err_nft_nat;
	err = ctrack_nft_redir_init();
	if (err)
		goto err_nft_masq;
	ctrack_xfrm_init();
	rcu_assign_pointer(ctrack_nat_hook, &hook);
	return 0;

err_nft_masq:
	ctrack_nft_masq_exit();
err_nft_nat:
	ctrack_nft_nat_exit();
err_chain:
	ctrack_nat_chain_exit();
err_masquerade:
	ctrack_masquerade_exit();
	return err;
}

static void __exit ctrack_nat_module_exit(void)
{
	RCU_INIT_POINTER(ctrack_nat_hook, NULL);
	synchronize_rcu();
	ctrack_xfrm_exit();
	ctrack_nft_redir_exit();
	ctrack_nft_masq_exit();
	ctrack_nft_nat_exit();
	ctrack_nat_chain_exit();
	ctrack_masquerade_exit();
}

module_init(ctrack_nat_module_init);
module_exit(ctrack_nat_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the ctrack authors");
MODULE_DESCRIPTION("Network address translation in nf_nat's place");
