// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/netfilter/nf_hooks_lwtunnel.h>

#include "nf/log.h"
#include "nf/sysctl.h"

/* Names and places of what can be set; the timeouts come behind them. */
enum {
	SYSCTL_MAX,
	SYSCTL_COUNT,
	SYSCTL_BUCKETS,
	SYSCTL_EXPECT_MAX,
	SYSCTL_ACCOUNT,
	SYSCTL_CHECKSUM,
	SYSCTL_EVENTS,
	SYSCTL_TIMESTAMP,
	SYSCTL_LOG_INVALID,
	SYSCTL_TCP_LOOSE,
	SYSCTL_TCP_BE_LIBERAL,
	SYSCTL_TCP_MAX_RETRANS,
	SYSCTL_TCP_IGNORE_INVALID_RST,
#ifdef CTRACK_SETS_LWTUNNEL
	SYSCTL_HOOKS_LWTUNNEL,
#endif
	SYSCTL_TIMEOUTS,
	SYSCTL_ENTRIES = SYSCTL_TIMEOUTS + CTRACK_TIMEOUT_COUNT
};

#define CTRACK_TIMEOUT_NAME(name, sysctl, seconds)			\
	{ "nf_conntrack_" sysctl, seconds },
static const struct {
	const char *name;
	unsigned int seconds;
} timeouts[] = {
	CTRACK_TIMEOUTS(CTRACK_TIMEOUT_NAME)
};

/**
 * ctrack_sysctl_timeout - what a timeout is called
 * @kind: which one
 *
 * Return: the name of its sysctl.
 */
const char *ctrack_sysctl_timeout(enum ctrack_timeout kind)
{
	return timeouts[kind].name;
}

static int handle_number(CTL_TABLE_CONST struct ctl_table *table, int write,
			 void *buffer, size_t *length, loff_t *position,
			 unsigned int *number, unsigned int max)
{
	int limit = min_t(unsigned int, max, INT_MAX);
	int value = min_t(unsigned int, *number, INT_MAX);
	struct ctl_table local = {
		.procname = table->procname,
		.data = &value,
		.maxlen = sizeof(value),
		.mode = table->mode,
		.extra1 = SYSCTL_ZERO,
		.extra2 = &limit,
	};
	int err = proc_dointvec_minmax(&local, write, buffer, length, position);

	if (!err && write)
		WRITE_ONCE(*number, value);
	return err;
}

/* Seconds outside, jiffies inside; what would overflow is refused. */
static int handle_timeout(CTL_TABLE_CONST struct ctl_table *table, int write,
			  void *buffer, size_t *length, loff_t *position)
{
	unsigned int *timeout = table->data;
	unsigned int seconds = *timeout / HZ;
	int err = handle_number(table, write, buffer, length, position, &seconds,
				INT_MAX / HZ);

	if (!err && write)
		WRITE_ONCE(*timeout, seconds * HZ);
	return err;
}

/* A namespace may take less than the initial one gives, never more. */
static int handle_max(CTL_TABLE_CONST struct ctl_table *table, int write,
		      void *buffer, size_t *length, loff_t *position)
{
	struct ctrack_net *cn = container_of(table->data, struct ctrack_net, max);
	unsigned int given = READ_ONCE(ctrack_net_initial->max);
	unsigned int max = ctrack_net_max(cn);
	int err;

	err = handle_number(table, write, buffer, length, position, &max, INT_MAX);
	if (err || !write)
		return err;
	if (cn->net != &init_net && given && (!max || max > given))
		return -EPERM;
	WRITE_ONCE(cn->max, max);
	return 0;
}

/* The table finds its size by itself; what is written is the least it takes. */
static int handle_buckets(CTL_TABLE_CONST struct ctl_table *table, int write,
			  void *buffer, size_t *length, loff_t *position)
{
	struct ctrack_net *cn = table->data;
	unsigned int buckets = ctrack_table_buckets(cn) ?:
			       ctrack_table_buckets_min(cn);
	int err;

	err = handle_number(table, write, buffer, length, position, &buckets,
			    INT_MAX);
	if (err || !write)
		return err;
	return ctrack_table_set_buckets_min(cn, buckets);
}

/* Who wants a log gets one, be it only the kernel's own. */
static int handle_log_invalid(CTL_TABLE_CONST struct ctl_table *table, int write,
			      void *buffer, size_t *length, loff_t *position)
{
	struct ctrack_net *cn = container_of(table->data, struct ctrack_net,
					     log_invalid);
	int err = proc_dou8vec_minmax(table, write, buffer, length, position);

	if (!err && write && READ_ONCE(cn->log_invalid))
		ctrack_log_prepare(cn);
	return err;
}

/* Of all namespaces. Kept for who sets it: there are no expectations yet. */
static int expect_max = 1024;

static const struct ctl_table template[SYSCTL_TIMEOUTS] = {
	[SYSCTL_MAX] = {
		.procname = "nf_conntrack_max",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = handle_max,
	},
	[SYSCTL_COUNT] = {
		.procname = "nf_conntrack_count",
		.maxlen = sizeof(int),
		.mode = 0444,
		.proc_handler = proc_dointvec,
	},
	[SYSCTL_BUCKETS] = {
		.procname = "nf_conntrack_buckets",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = handle_buckets,
	},
	[SYSCTL_EXPECT_MAX] = {
		.procname = "nf_conntrack_expect_max",
		.data = &expect_max,
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ONE,
		.extra2 = SYSCTL_INT_MAX,
	},
	[SYSCTL_ACCOUNT] = {
		.procname = "nf_conntrack_acct",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	[SYSCTL_CHECKSUM] = {
		.procname = "nf_conntrack_checksum",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	[SYSCTL_EVENTS] = {
		.procname = "nf_conntrack_events",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_TWO,
	},
	[SYSCTL_TIMESTAMP] = {
		.procname = "nf_conntrack_timestamp",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	[SYSCTL_LOG_INVALID] = {
		.procname = "nf_conntrack_log_invalid",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = handle_log_invalid,
	},
	[SYSCTL_TCP_LOOSE] = {
		.procname = "nf_conntrack_tcp_loose",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	[SYSCTL_TCP_BE_LIBERAL] = {
		.procname = "nf_conntrack_tcp_be_liberal",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	[SYSCTL_TCP_MAX_RETRANS] = {
		.procname = "nf_conntrack_tcp_max_retrans",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
	},
	[SYSCTL_TCP_IGNORE_INVALID_RST] = {
		.procname = "nf_conntrack_tcp_ignore_invalid_rst",
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
#ifdef CTRACK_SETS_LWTUNNEL
	[SYSCTL_HOOKS_LWTUNNEL] = {
		.procname = "nf_hooks_lwtunnel",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = nf_hooks_lwtunnel_sysctl_handler,
	},
#endif
};

static void point_to(struct ctl_table *table, struct ctrack_net *cn)
{
	unsigned int i;

	table[SYSCTL_MAX].data = &cn->max;
	table[SYSCTL_COUNT].data = &cn->count;
	table[SYSCTL_BUCKETS].data = cn;
	/* What is not the namespace's own is the initial one's to write. */
	if (cn->net != &init_net) {
		table[SYSCTL_BUCKETS].mode = 0444;
		table[SYSCTL_EXPECT_MAX].mode = 0444;
	}
	table[SYSCTL_ACCOUNT].data = &cn->account;
	table[SYSCTL_CHECKSUM].data = &cn->checksum;
	table[SYSCTL_EVENTS].data = &cn->events_on;
	table[SYSCTL_TIMESTAMP].data = &cn->timestamp;
	table[SYSCTL_LOG_INVALID].data = &cn->log_invalid;
	table[SYSCTL_TCP_LOOSE].data = &cn->options.tcp_loose;
	table[SYSCTL_TCP_BE_LIBERAL].data = &cn->options.tcp_be_liberal;
	table[SYSCTL_TCP_MAX_RETRANS].data = &cn->options.tcp_max_retrans;
	table[SYSCTL_TCP_IGNORE_INVALID_RST].data =
		&cn->options.tcp_ignore_invalid_rst;
	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		table[SYSCTL_TIMEOUTS + i] = (struct ctl_table) {
			.procname = timeouts[i].name,
			.data = &cn->timeout[i],
			.maxlen = sizeof(int),
			.mode = 0644,
			.proc_handler = handle_timeout,
		};
}

/* net.nf_conntrack_max is the initial namespace's limit under its older name. */
static struct ctl_table old_max[] = {
	{
		.procname = "nf_conntrack_max",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = handle_max,
	},
	{}
};

static struct ctl_table_header *old_max_header;

static int old_max_init(struct ctrack_net *cn)
{
	if (cn->net != &init_net)
		return 0;
	old_max->data = &cn->max;
	old_max_header = register_net_sysctl_sz(cn->net, "net", old_max, 1);
	return old_max_header ? 0 : -ENOMEM;
}

static void old_max_exit(struct ctrack_net *cn)
{
	if (cn->net == &init_net)
		unregister_net_sysctl_table(old_max_header);
}

/**
 * ctrack_sysctl_init - a namespace's settings, and their defaults
 * @cn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int ctrack_sysctl_init(struct ctrack_net *cn)
{
	struct ctl_table *table;
	unsigned int i;

	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		cn->timeout[i] = timeouts[i].seconds * HZ;
	cn->options = (struct ctrack_options) {
		.tcp_loose = 1,
		.tcp_max_retrans = 3,
	};

	/* One more than there are: see register_net_sysctl_sz in compat.h. */
	table = kcalloc(SYSCTL_ENTRIES + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, template, sizeof(template));
	point_to(table, cn);
	cn->sysctl = register_net_sysctl_sz(cn->net, "net/netfilter", table,
					    SYSCTL_ENTRIES);
	if (!cn->sysctl)
		goto err_table;
	if (old_max_init(cn))
		goto err_sysctl;
	return 0;

err_sysctl:
	unregister_net_sysctl_table(cn->sysctl);
err_table:
	kfree(table);
	return -ENOMEM;
}

/**
 * ctrack_sysctl_exit - take the settings away
 * @cn: namespace
 */
void ctrack_sysctl_exit(struct ctrack_net *cn)
{
	const struct ctl_table *table = cn->sysctl->ctl_table_arg;

	old_max_exit(cn);
	unregister_net_sysctl_table(cn->sysctl);
	kfree(table);
}
