// SPDX-License-Identifier: GPL-2.0
/* Wiring: what begins in which order, and how it ends. */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "nf/bucket.h"
#include "nf/conn.h"
#include "nf/glue.h"
#include "nf/nat_hook.h"
#include "nf/net.h"
#include "nf/netlink.h"
#include "nf/nft.h"
#include "nf/template.h"
#include "nf/timeout_name.h"
#include "nf/trace.h"

/* PURE files know nothing of modules. */
EXPORT_SYMBOL_GPL(ctrack_key_has_icmp_id);
EXPORT_SYMBOL_GPL(ctrack_key_reverse_icmp);

const struct ctrack_nat_hook __rcu *ctrack_nat_hook __read_mostly;
EXPORT_SYMBOL_GPL(ctrack_nat_hook);

struct workqueue_struct *ctrack_workqueue;
EXPORT_SYMBOL_GPL(ctrack_workqueue);

static int __init ctrack_module_init(void)
{
	int err;

	ctrack_template_init();
	ctrack_workqueue = alloc_workqueue("ctrack", WQ_UNBOUND, 0);
	if (!ctrack_workqueue)
		return -ENOMEM;
	err = ctrack_conn_init();
	if (err)
		goto err_workqueue;
	err = ctrack_glue_init();
	if (err)
		goto err_conn;
	err = ctrack_net_init();
	if (err)
		goto err_glue;
	ctrack_glue_begin();
	err = ctrack_netlink_init();
	if (err)
		goto err_net;
	err = ctrack_timeout_name_init();
	if (err)
		goto err_netlink;
	err = ctrack_trace_init();
	if (err)
		goto err_timeout_name;
	err = ctrack_genl_init();
	if (err)
		goto err_trace;
	err = ctrack_nft_ct_init();
	if (err)
		goto err_genl;
	err = ctrack_nft_notrack_init();
	if (err)
		goto err_nft_ct;
	err = ctrack_nft_ct_timeout_init();
	if (err)
		goto err_nft_notrack;
	err = ctrack_nft_connlimit_init();
	if (err)
		goto err_nft_ct_timeout;
	err = ctrack_nft_absent_init();
	if (err)
		goto err_nft_connlimit;
	return 0;

err_nft_connlimit:
	ctrack_nft_connlimit_exit();
err_nft_ct_timeout:
	ctrack_nft_ct_timeout_exit();
err_nft_notrack:
	ctrack_nft_notrack_exit();
err_nft_ct:
	ctrack_nft_ct_exit();
err_genl:
	ctrack_genl_exit();
err_trace:
	ctrack_trace_exit();
err_timeout_name:
	ctrack_timeout_name_exit();
err_netlink:
	ctrack_netlink_exit();
err_net:
	ctrack_glue_end();
	ctrack_net_exit();
err_glue:
	ctrack_glue_exit();
err_conn:
	ctrack_conn_exit();
err_workqueue:
	destroy_workqueue(ctrack_workqueue);
	return err;
}

static void __exit ctrack_module_exit(void)
{
	ctrack_nft_absent_exit();
	ctrack_nft_connlimit_exit();
	ctrack_nft_ct_timeout_exit();
	ctrack_nft_notrack_exit();
	ctrack_nft_ct_exit();
	ctrack_genl_exit();
	ctrack_trace_exit();
	ctrack_timeout_name_exit();
	ctrack_netlink_exit();
	ctrack_glue_end();
	ctrack_net_exit();
	ctrack_template_exit();
	ctrack_glue_exit();
	ctrack_conn_exit();
	destroy_workqueue(ctrack_workqueue);
}

module_init(ctrack_module_init);
module_exit(ctrack_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the ctrack authors");
MODULE_DESCRIPTION("Connection tracking in nf_conntrack's place");
