// SPDX-License-Identifier: GPL-2.0
/*
 * Each CPU has a template of its own, which is written to only by who has the
 * one reference to it beside the CPU's: nearly always, as a packet keeps it for
 * a few instructions. While another packet has it, one that waits in a queue,
 * among fragments, or that was interrupted, a new one is allocated.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "nf/template.h"

static DEFINE_PER_CPU_ALIGNED(struct ctrack_conn, own);

/* How many others there are. */
static atomic_t others;

/* To code outside ctrack IPS_CONFIRMED means that packets may share it. */
static void init(struct ctrack_conn *template)
{
	spin_lock_init(&template->lock);
	template->status = IPS_TEMPLATE | IPS_CONFIRMED;
	write_pnet(&template->net, &init_net);
	refcount_set(&template->general.use, 1);
}

/**
 * ctrack_template_init - make ready each CPU's template
 */
void ctrack_template_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		init(per_cpu_ptr(&own, cpu));
}

static unsigned int in_use(void)
{
	unsigned int count = atomic_read(&others);
	int cpu;

	for_each_possible_cpu(cpu)
		count += refcount_read(&per_cpu_ptr(&own, cpu)->general.use) - 1;
	return count;
}

/**
 * ctrack_template_exit - wait until no packet has one any more
 *
 * No rule sets a zone now, and what was in nfqueue left with the hooks. A
 * fragment has its template until its datagram is given up.
 *
 * Context: process.
 */
void ctrack_template_exit(void)
{
	unsigned int count, waited = 0;

	while ((count = in_use())) {
		if (++waited % 500 == 0)
			pr_info("waiting for %u packets that have a zone and are not tracked yet\n",
				count);
		msleep(20);
	}
}

/* This CPU's, if nobody else has it. */
static struct ctrack_conn *take_own(void)
{
	struct ctrack_conn *template = raw_cpu_ptr(&own);
	int before;

	/*
	 * Who counts from one to two has it alone. The branch orders what we
	 * write behind the release by which the last one gave it back.
	 */
	__refcount_inc(&template->general.use, &before);
	if (likely(before == 1))
		return template;
	ctrack_conn_put(template);
	return NULL;
}

static struct ctrack_conn *alloc(void)
{
	struct ctrack_conn *template = kzalloc(sizeof(*template),
					       GFP_ATOMIC | __GFP_NOWARN);

	if (!template)
		return NULL;
	init(template);
	atomic_inc(&others);
	return template;
}

/**
 * ctrack_template_attach - choose the zone, the events and the timeouts of a packet
 * @skb: a packet of no connection, and with no template
 * @zone: copied
 * @events: IPCT_* bits: those that are wanted of a connection that it opens
 * @policy: whose timeouts such a connection has, a number for policy.c; or 0
 *
 * Return: false when there is no memory.
 * Context: any but hard interrupts; it may be preempted, and interrupted by
 * another packet that gets a template.
 */
bool ctrack_template_attach(struct sk_buff *skb,
			    const struct nf_conntrack_zone *zone, u32 events,
			    u16 policy)
{
	struct ctrack_conn *template = take_own();

	if (unlikely(!template))
		template = alloc();
	if (unlikely(!template))
		return false;
	template->zone = *zone;
	template->policy = policy;
	ctrack_conn_want_events(template, events);
	ctrack_conn_attach(skb, template, IP_CT_NEW);
	return true;
}
EXPORT_SYMBOL_GPL(ctrack_template_attach);

/**
 * ctrack_template_notrack - have a packet go untracked
 * @skb: one that belongs to a connection is left alone. A template is none yet:
 *	what it says is moot
 */
void ctrack_template_notrack(struct sk_buff *skb)
{
	struct ctrack_conn *template = ctrack_template_of(skb);

	if (!template && skb_nfct(skb))
		return;
	nf_reset_ct(skb);
	ctrack_conn_attach(skb, NULL, IP_CT_UNTRACKED);
}
EXPORT_SYMBOL_GPL(ctrack_template_notrack);

/**
 * ctrack_template_free - the last reference is gone
 * @template: one that was allocated; no CPU gives up its own
 */
void ctrack_template_free(struct ctrack_conn *template)
{
	kfree(template);
	/* Last: who waits for zero unloads this code, after a grace period. */
	atomic_dec(&others);
}
