/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a rule says of a packet before it is tracked: its zone, which events are
 * wanted, and whose timeouts its connection has. Between the rule and hook_in()
 * it lies where the packet's connection will be, in skb->_nfct, because that is
 * where defragmentation looks for it.
 */
#ifndef CTRACK_TEMPLATE_H
#define CTRACK_TEMPLATE_H

#include "nf/conn.h"

void ctrack_template_init(void);
void ctrack_template_exit(void);

bool ctrack_template_attach(struct sk_buff *skb,
			    const struct nf_conntrack_zone *zone, u32 events,
			    u16 policy);
void ctrack_template_notrack(struct sk_buff *skb);
void ctrack_template_free(struct ctrack_conn *template);

/**
 * ctrack_template_of - the template of a packet
 * @skb: the packet
 *
 * Return: the template, whose reference stays with @skb; or NULL.
 */
static inline struct ctrack_conn *ctrack_template_of(const struct sk_buff *skb)
{
	struct ctrack_conn *conn = (struct ctrack_conn *)skb_nfct(skb);

	return conn && test_bit(IPS_TEMPLATE_BIT, &conn->status) ? conn : NULL;
}

/**
 * struct ctrack_choice - what was chosen for a packet before it is tracked
 * @zone: where its connection is looked for, or made
 * @events: what struct ctrack_conn has as @events, when it is made
 * @policy: the same of @policy
 */
struct ctrack_choice {
	struct nf_conntrack_zone zone;
	int events;
	u16 policy;
};

/**
 * ctrack_template_choice - what rules chose
 * @template: of the packet, or NULL
 * @skb: the packet
 *
 * Return: the choice.
 */
static inline struct ctrack_choice
ctrack_template_choice(const struct ctrack_conn *template,
		       const struct sk_buff *skb)
{
	struct ctrack_choice choice = { .zone = ctrack_default_zone };

	if (!template)
		return choice;
	choice.zone = template->zone;
	if (choice.zone.flags & NF_CT_FLAG_MARK)
		choice.zone.id = skb->mark;
	choice.zone.flags = 0;
	choice.events = atomic_read(&template->events);
	choice.policy = template->policy;
	return choice;
}

#endif
