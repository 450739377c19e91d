// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel outside asks a tracker for, through nf_ct_hook. The pointer
 * is ours while nf_conntrack is not loaded, and keeps it out while we are.
 */
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "nf/conn.h"
#include "nf/expiry.h"
#include "nf/glue.h"
#include "nf/net.h"
#include "nf/packet.h"
#include "nf/policy.h"

/*
 * A packet came back from a queue: its connection is still the same one. Older
 * kernels take a verdict that is not negative for "go on".
 */
static int update(struct net *net, struct sk_buff *skb)
{
	return NF_ACCEPT;
}

static u8 family_of(const struct sk_buff *skb)
{
	switch (skb_protocol(skb, true)) {
	case htons(ETH_P_IP):
		return NFPROTO_IPV4;
	case htons(ETH_P_IPV6):
		return NFPROTO_IPV6;
	default:
		return NFPROTO_UNSPEC;
	}
}

/* Are there namespaces to look into? The hook is there before them, and longer. */
static bool live;

/* A packet that tracking has not seen yet, or sees no more. */
static bool get_tuple_untracked(struct nf_conntrack_tuple *tuple,
				const struct sk_buff *skb)
{
	enum ctrack_direction direction;
	struct ctrack_packet packet;
	struct ctrack_conn *conn;
	u8 family = family_of(skb);

	/* Pairs with ctrack_glue_begin(). */
	if (!smp_load_acquire(&live) || !family || !skb->dev ||
	    ctrack_packet_parse(&packet, (struct sk_buff *)skb, family, 0))
		return false;
	conn = ctrack_table_find(ctrack_net(dev_net(skb->dev)), &packet.key,
				 &ctrack_default_zone, &direction);
	if (!conn)
		return false;
	memcpy(tuple, ctrack_conn_key(conn, !direction), sizeof(*tuple));
	ctrack_conn_put(conn);
	return true;
}

/*
 * Tells a shaper who is behind a translation: the key of the packet's own
 * direction or, where no connection is attached to it, that of the other one.
 */
static bool get_tuple_skb(struct nf_conntrack_tuple *tuple,
			  const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);

	if (!conn)
		return get_tuple_untracked(tuple, skb);
	memcpy(tuple, ctrack_conn_key(conn, ctrack_direction_of(ctinfo)),
	       sizeof(*tuple));
	return true;
}

/*
 * A packet that the host sends in answer to one goes the other way, and is as
 * little tracked.
 */
static void attach(struct sk_buff *answer, const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);

	if (!conn) {
		if (ctinfo == IP_CT_UNTRACKED)
			ctrack_conn_attach(answer, NULL, IP_CT_UNTRACKED);
		return;
	}
	ctrack_conn_get(conn);
	ctrack_conn_attach(answer, conn,
			   ctrack_direction_of(ctinfo) == CTRACK_ORIGINAL ?
			   IP_CT_RELATED_REPLY : IP_CT_RELATED);
}

/*
 * The host resets a connection of its own accord: the reset is attached to it
 * and passes no step. A tentative one goes with the packet that was refused.
 */
static void set_closing(struct nf_conntrack *nfct)
{
	struct ctrack_conn *conn = container_of(nfct, struct ctrack_conn, general);
	struct ctrack_net *cn = ctrack_net(ctrack_conn_net(conn));
	bool changed;

	if (ctrack_conn_key(conn, CTRACK_ORIGINAL)->protonum != IPPROTO_TCP ||
	    !ctrack_conn_committed(conn))
		return;
	spin_lock_bh(&conn->lock);
	changed = conn->state.tcp.state != TCP_CONNTRACK_CLOSE;
	conn->state.tcp.state = TCP_CONNTRACK_CLOSE;
	if (changed && !test_bit(IPS_FIXED_TIMEOUT_BIT, &conn->status))
		ctrack_conn_run_timeout(cn, conn, CTRACK_TIMEOUT_TCP_CLOSE);
	spin_unlock_bh(&conn->lock);
	if (changed)
		ctrack_conn_event(conn, IPCT_PROTOINFO);
}

/* Something takes a packet past the last hook. */
static int __maybe_unused confirm(struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn = ctrack_conn_of(skb, &ctinfo);

	return !conn || ctrack_direction_of(ctinfo) != CTRACK_ORIGINAL ||
	       ctrack_conn_commit(conn) ? NF_ACCEPT : NF_DROP;
}

static u32 __maybe_unused get_id(const struct nf_conntrack *nfct)
{
	return ctrack_conn_id(container_of(nfct, struct ctrack_conn, general));
}

static const struct nf_ct_hook hook = {
	.update = update,
	.destroy = ctrack_conn_destroy,
	.get_tuple_skb = get_tuple_skb,
	.attach = attach,
	.set_closing = set_closing,
	CT_HOOK_CONFIRM(confirm)
	CT_HOOK_GET_ID(get_id)
};

static bool in_tree(const char *name)
{
	return !strcmp(name, "nf_conntrack");
}

static int module_event(struct notifier_block *block, unsigned long event,
			void *data)
{
	const struct module *module = data;

	if (event != MODULE_STATE_COMING || !in_tree(module->name))
		return NOTIFY_DONE;
	pr_err_ratelimited("refusing nf_conntrack: ctrack tracks connections here; to go back, remove the rules that use it and run: modprobe -r ctrack_nat ctrack\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block module_block = {
	.notifier_call = module_event,
};

/**
 * ctrack_glue_init - take nf_conntrack's place
 *
 * Return: 0; -EBUSY when it is taken.
 */
int ctrack_glue_init(void)
{
	int err = register_module_notifier(&module_block);

	if (err)
		return err;
	/* From here on nobody comes, but somebody may have been there before. */
	if (cmpxchg((const struct nf_ct_hook __force **)&nf_ct_hook, NULL, &hook)) {
		unregister_module_notifier(&module_block);
		pr_err("nf_conntrack is there already; to use ctrack, remove the rules that use it, unload it (modprobe -r nf_conntrack, its users first: lsmod tells), and load ctrack again\n");
		return -EBUSY;
	}
	return 0;
}

/**
 * ctrack_glue_begin - packets may be looked up: each namespace is ready
 */
void ctrack_glue_begin(void)
{
	/* Namespaces come before. */
	smp_store_release(&live, true);
}

/**
 * ctrack_glue_end - look none up any more, but by who does so just now
 *
 * A grace period has to pass before namespaces are left, as it does in
 * unregister_pernet_subsys().
 */
void ctrack_glue_end(void)
{
	WRITE_ONCE(live, false);
}

/**
 * ctrack_glue_exit - give the place back; no packet has a connection any more
 */
void ctrack_glue_exit(void)
{
	RCU_INIT_POINTER(nf_ct_hook, NULL);
	unregister_module_notifier(&module_block);
	synchronize_net();
}
