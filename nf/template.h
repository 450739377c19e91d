/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a rule says of a packet before it is tracked: its zone. Between the rule
 * and hook_in() it lies where the packet's connection will be, in skb->_nfct,
 * because that is where defragmentation looks for it.
 */
#ifndef CTRACK_TEMPLATE_H
#define CTRACK_TEMPLATE_H

#include "nf/conn.h"

void ctrack_template_init(void);
void ctrack_template_exit(void);

bool ctrack_template_attach(struct sk_buff *skb,
			    const struct nf_conntrack_zone *zone);
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
 * ctrack_template_zone - the zone that a rule chose
 * @template: of the packet, or NULL
 * @skb: the packet
 *
 * Return: the zone.
 */
static inline struct nf_conntrack_zone
ctrack_template_zone(const struct ctrack_conn *template,
		     const struct sk_buff *skb)
{
	struct nf_conntrack_zone zone;

	if (!template)
		return ctrack_default_zone;
	zone = template->zone;
	if (zone.flags & NF_CT_FLAG_MARK)
		zone.id = skb->mark;
	zone.flags = 0;
	return zone;
}

#endif
