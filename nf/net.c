// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces: they cost nothing until something in them asks for tracking,
 * and give everything back when they go.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "nf/defrag.h"
#include "nf/gc.h"
#include "nf/hook.h"
#include "nf/labels.h"
#include "nf/log.h"
#include "nf/net.h"
#include "nf/policy.h"
#include "nf/port_space.h"
#include "nf/proc.h"
#include "nf/resend.h"
#include "nf/sysctl.h"
#include "nf/timeout_name.h"

unsigned int ctrack_net_id __read_mostly;
EXPORT_SYMBOL_GPL(ctrack_net_id);

/* Of the initial namespace: there before any other is, until all are left. */
const struct ctrack_net *ctrack_net_initial __read_mostly;

/* Serializes users coming and going, in all namespaces. */
static DEFINE_MUTEX(users_mutex);

/* The limit of the initial namespace; the others have none of their own. */
#define DEFAULT_MAX	262144

/**
 * ctrack_net_start - make what tracking needs, on first use
 * @cn: namespace
 *
 * Return: 0 or -ENOMEM.
 * Context: process.
 */
int ctrack_net_start(struct ctrack_net *cn)
{
	int err = 0;

	/*
	 * While it is resized, that takes long, and others wait behind us. Pairs
	 * with rcu_assign_pointer() in ctrack_table_init(): the secret is there.
	 */
	if (smp_load_acquire((struct ctrack_table * __force *)&cn->table))
		return 0;
	mutex_lock(&cn->table_mutex);
	if (!rcu_access_pointer(cn->table))
		err = ctrack_table_init(cn);
	mutex_unlock(&cn->table_mutex);
	return err;
}

static int family_enable(struct ctrack_net *cn, bool ipv6)
{
	struct net *net = cn->net;
	int err;

	if (cn->users[ipv6]++)
		return 0;

	err = ctrack_net_start(cn);
	if (err)
		goto err_users;
	err = ctrack_defrag_register(net, ipv6);
	if (err)
		goto err_users;
	err = ctrack_hook_register(net, ipv6);
	if (err)
		goto err_defrag;
	return 0;

err_defrag:
	ctrack_defrag_unregister(net, ipv6);
err_users:
	cn->users[ipv6]--;
	return err;
}

static void family_disable(struct ctrack_net *cn, bool ipv6)
{
	if (WARN_ON_ONCE(!cn->users[ipv6]) || --cn->users[ipv6])
		return;
	ctrack_hook_unregister(cn->net, ipv6);
	ctrack_defrag_unregister(cn->net, ipv6);
}

static int enable(struct ctrack_net *cn, u8 family)
{
	int err;

	switch (family) {
	case NFPROTO_IPV4:
		return family_enable(cn, false);
	case NFPROTO_IPV6:
		return family_enable(cn, true);
	case NFPROTO_INET:
		err = family_enable(cn, false);
		if (err)
			return err;
		err = family_enable(cn, true);
		if (err)
			family_disable(cn, false);
		return err;
	case NFPROTO_BRIDGE:
		return -EOPNOTSUPP;
	default:
		return -EPROTO;
	}
}

static void disable(struct ctrack_net *cn, u8 family)
{
	if (family != NFPROTO_IPV6)
		family_disable(cn, false);
	if (family != NFPROTO_IPV4)
		family_disable(cn, true);
}

/**
 * ctrack_net_get - a rule needs tracking
 * @net: namespace
 * @family: NFPROTO_IPV4, NFPROTO_IPV6 or NFPROTO_INET for both
 *
 * The first one of a family registers its hooks.
 *
 * Return: 0; -EOPNOTSUPP for bridges, which are not tracked, -EPROTO for another
 * family, of which nothing can be; -ENOMEM.
 * Context: process.
 */
int ctrack_net_get(struct net *net, u8 family)
{
	int err;

	mutex_lock(&users_mutex);
	err = enable(ctrack_net(net), family);
	mutex_unlock(&users_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(ctrack_net_get);

/**
 * ctrack_net_put - a rule that needed tracking is gone
 * @net: namespace
 * @family: as it was given to ctrack_net_get()
 *
 * Context: process.
 */
void ctrack_net_put(struct net *net, u8 family)
{
	mutex_lock(&users_mutex);
	disable(ctrack_net(net), family);
	mutex_unlock(&users_mutex);
}
EXPORT_SYMBOL_GPL(ctrack_net_put);

/**
 * ctrack_net_on - track even when no rule asks for it
 * @net: namespace
 *
 * Return: 0, also when it was on already; -ENOMEM.
 * Context: process.
 */
int ctrack_net_on(struct net *net)
{
	struct ctrack_net *cn = ctrack_net(net);
	int err = 0;

	mutex_lock(&users_mutex);
	if (!cn->on) {
		err = enable(cn, NFPROTO_INET);
		cn->on = !err;
	}
	mutex_unlock(&users_mutex);
	return err;
}

/**
 * ctrack_net_off - take ctrack_net_on() back
 * @net: namespace
 *
 * Context: process.
 */
void ctrack_net_off(struct net *net)
{
	struct ctrack_net *cn = ctrack_net(net);

	mutex_lock(&users_mutex);
	if (cn->on)
		disable(cn, NFPROTO_INET);
	cn->on = false;
	mutex_unlock(&users_mutex);
}

/**
 * ctrack_net_rules - how many rules hold tracking on
 * @cn: namespace
 *
 * Return: the number; one of an inet table counts once.
 */
unsigned int ctrack_net_rules(struct ctrack_net *cn)
{
	unsigned int users;

	mutex_lock(&users_mutex);
	users = max(cn->users[0], cn->users[1]) - cn->on;
	mutex_unlock(&users_mutex);
	return users;
}

static int __net_init net_init(struct net *net)
{
	struct ctrack_net *cn = ctrack_net(net);
	int err;

	cn->net = net;
	mutex_init(&cn->table_mutex);
	spin_lock_init(&cn->port_spaces_lock);
	if (net == &init_net) {
		cn->max = DEFAULT_MAX;
		ctrack_net_initial = cn;
	}
	cn->account = 1;
	cn->checksum = 1;
	cn->events_on = 1;
	ctrack_gc_init(cn);
	ctrack_log_init(cn);
	ctrack_policy_init(cn);
	ctrack_labels_init(cn);
	ctrack_resend_init(cn);
	cn->counts = alloc_percpu(struct ctrack_counts);
	if (!cn->counts)
		return -ENOMEM;
	err = ctrack_sysctl_init(cn);
	if (err)
		goto err_counts;
	err = ctrack_proc_init(cn);
	if (err)
		goto err_sysctl;
	return 0;

err_sysctl:
	ctrack_sysctl_exit(cn);
err_counts:
	free_percpu(cn->counts);
	return err;
}

/* Waits for packets that still are in some queue and hold a connection. */
static void drain(struct ctrack_net *cn)
{
	unsigned int waited = 0;

	for (;;) {
		ctrack_gc_flush(cn);
		ctrack_resend_discard(cn);
		if (!atomic_read(&cn->count))
			return;
		if (++waited % 500 == 0)
			pr_info("waiting for %d connections that packets in queues hold\n",
				atomic_read(&cn->count));
		msleep(20);
	}
}

static void __net_exit net_pre_exit(struct net *net)
{
	ctrack_net_off(net);
}

static void __net_exit net_exit(struct net *net)
{
	struct ctrack_net *cn = ctrack_net(net);

	ctrack_proc_exit(cn);
	ctrack_sysctl_exit(cn);
	/* First: what it ends would have to be told while that is given up. */
	ctrack_gc_stop(cn);
	drain(cn);
	/* Nothing is left to be told; but the work may still wait. */
	ctrack_resend_discard(cn);
	ctrack_timeout_name_drain(cn);
	ctrack_port_spaces_age(cn, 0);
	ctrack_table_leave(cn);
	free_percpu(cn->counts);
}

/* Many may leave at once: their tables' readers are waited for together. */
static void __net_exit net_exit_batch(struct list_head *nets)
{
	bool any = false;
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		any |= !!ctrack_net(net)->left_table;
	if (!any)
		return;
	synchronize_rcu();
	list_for_each_entry(net, nets, exit_list)
		ctrack_table_exit(ctrack_net(net));
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.exit_batch = net_exit_batch,
	.id = &ctrack_net_id,
	.size = sizeof(struct ctrack_net),
};

/**
 * ctrack_net_init - begin with every namespace, present and future
 *
 * Return: 0 or -ENOMEM.
 */
int ctrack_net_init(void)
{
	return register_pernet_subsys(&net_ops);
}

/**
 * ctrack_net_exit - leave every namespace; returns when no connection is left
 */
void ctrack_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
	/* Whoever put the last connections has left our code by then. */
	synchronize_rcu();
	/* And port spaces are freed. */
	rcu_barrier();
}
