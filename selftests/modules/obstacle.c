// SPDX-License-Identifier: GPL-2.0
/*
 * What can stand in the way of a trace. While this is loaded nobody may probe
 * ctrack_packet_refuse(). Who writes N to its parameter "miss" has the probe on
 * ctrack_conn_kill() met N times while another one is being heard.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#include "nf/conn.h"
#include "nf/refusal.h"

NOKPROBE_SYMBOL(ctrack_packet_refuse);

static noinline void probed(void)
{
	barrier();
}

/* It is not committed, so that nothing happens to it. */
static int kill_nothing(struct kprobe *probe, struct pt_regs *regs)
{
	static struct ctrack_conn nothing;

	ctrack_conn_kill(&nothing, CTRACK_CAUSE_deleted, 0, false);
	return 0;
}

static int set_miss(const char *value, const struct kernel_param *parameter)
{
	struct kprobe probe = {
		.addr = (kprobe_opcode_t *)probed,
		.pre_handler = kill_nothing,
	};
	unsigned int count;
	int err;

	err = kstrtouint(value, 0, &count) ?: register_kprobe(&probe);
	if (err)
		return err;
	while (count--)
		probed();
	unregister_kprobe(&probe);
	return 0;
}

static const struct kernel_param_ops miss = {
	.set = set_miss,
};

module_param_cb(miss, &miss, NULL, 0200);
MODULE_PARM_DESC(miss, "how often the probe on ctrack_conn_kill() is to be missed");

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the ctrack authors");
MODULE_DESCRIPTION("Obstacles to tracing, for selftests");
