// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are found when a packet comes: masquerade takes one of the
 * device that the packet leaves by, redirect one of the device it came in by.
 *
 * A masqueraded connection ends when its address or its device goes. Those who
 * tell may not sleep, so what was lost is noted, and a work item looks through
 * the table for all that came together.
 */
#include <linux/export.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "nat/nat.h"
#include "nf/net.h"

/* How many losses are noted one by one. */
#define LOSSES	16
#define BATCH	16

/**
 * struct loss - something that masqueraded connections can't do without
 * @ifindex: of the device
 * @family: of the address; NFPROTO_UNSPEC when it was the device itself
 * @address: the address
 */
struct loss {
	u32 ifindex;
	u8 family;
	union nf_inet_addr address;
};

/**
 * struct losses - what was lost
 * @count: how many there are in @loss
 * @many: there were more; what the connections use must be looked up
 * @loss: without duplicates
 */
struct losses {
	unsigned int count;
	bool many;
	struct loss loss[LOSSES];
};

/**
 * struct masquerade_net - a namespace
 * @net: the namespace itself
 * @lock: protects @losses
 * @losses: what @work has yet to look at
 * @work: ends connections
 */
struct masquerade_net {
	struct net *net;
	spinlock_t lock;	/* protects losses */
	struct losses losses;
	struct work_struct work;
};

static unsigned int masquerade_net_id __read_mostly;
/* One namespace after another: each walks over its table as often as it is asked to. */
static struct workqueue_struct *workqueue __read_mostly;

static struct nf_nat_range2 narrow(const struct nf_nat_range2 *range,
				   const union nf_inet_addr *address)
{
	struct nf_nat_range2 narrowed = {};

	if (range)
		narrowed = *range;
	narrowed.flags |= NF_NAT_RANGE_MAP_IPS;
	narrowed.min_addr = *address;
	narrowed.max_addr = *address;
	return narrowed;
}

static bool source_ipv4(const struct sk_buff *skb, const struct net_device *out,
			union nf_inet_addr *address)
{
	const struct rtable *route = skb_rtable(skb);
	__be32 nexthop = ip_hdr(skb)->daddr;

	if (route)
		nexthop = rt_nexthop(route, nexthop);
	address->ip = inet_select_addr(out, nexthop, RT_SCOPE_UNIVERSE);
	return address->ip;
}

static bool source_ipv6(const struct sk_buff *skb, struct net *net,
			const struct net_device *out,
			union nf_inet_addr *address)
{
	return !ipv6_dev_get_saddr(net, out, &ipv6_hdr(skb)->daddr, 0,
				   &address->in6);
}

/* Unless a packet of the same flow, by another device, was first. */
static void note_device(struct ctrack_conn *conn,
			const union nf_inet_addr *address,
			const struct net_device *out)
{
	const struct ctrack_key *reply = ctrack_conn_key(conn, CTRACK_REPLY);

	spin_lock_bh(&conn->lock);
	if (!conn->nat_ifindex && nf_inet_addr_cmp(&reply->destination, address))
		WRITE_ONCE(conn->nat_ifindex, out->ifindex);
	spin_unlock_bh(&conn->lock);
}

/**
 * ctrack_masquerade - translate to an address of the device a packet leaves by
 * @skb: first packet of a connection
 * @state: of the POSTROUTING hook
 * @range: ports and flags, or NULL
 *
 * A host that has no address yet (0.0.0.0) speaks for itself and is left alone.
 *
 * Return: %CTRACK_REASON_NONE, also when nothing was bound; or why it can't be.
 */
enum ctrack_reason ctrack_masquerade(struct sk_buff *skb,
				     const struct nf_hook_state *state,
				     const struct nf_nat_range2 *range)
{
	bool ipv4 = state->pf == NFPROTO_IPV4;
	union nf_inet_addr address = {};
	struct nf_nat_range2 narrowed;
	enum ip_conntrack_info ctinfo;
	enum ctrack_reason reason;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn || (ipv4 && !ip_hdr(skb)->saddr))
		return CTRACK_REASON_NONE;
	if (ipv4 ? !source_ipv4(skb, state->out, &address) :
		   !source_ipv6(skb, state->net, state->out, &address))
		return CTRACK_REASON_nat_no_address;

	narrowed = narrow(range, &address);
	reason = ctrack_nat_setup(conn, &narrowed, NF_NAT_MANIP_SRC);
	if (!reason)
		note_device(conn, &address, state->out);
	return reason;
}
EXPORT_SYMBOL_GPL(ctrack_masquerade);

static bool own_ipv4(const struct net_device *in, union nf_inet_addr *address)
{
	const struct in_device *in_dev = __in_dev_get_rcu(in);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	ifa = rcu_dereference(in_dev->ifa_list);
	if (!ifa)
		return false;
	address->ip = ifa->ifa_local;
	return true;
}

/* An address answers for another only within that one's scope (RFC 4007). */
static bool usable(const struct inet6_ifaddr *ifa, int scope)
{
	if ((ifa->flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) ==
	    IFA_F_TENTATIVE)
		return false;
	if (ipv6_addr_type(&ifa->addr) & IPV6_ADDR_MAPPED)
		return false;
	return !scope || (ipv6_addr_scope(&ifa->addr) & scope);
}

static bool own_ipv6(const struct sk_buff *skb, const struct net_device *in,
		     union nf_inet_addr *address)
{
	int scope = ipv6_addr_scope(&ipv6_hdr(skb)->daddr);
	struct inet6_dev *in6_dev = __in6_dev_get(in);
	const struct inet6_ifaddr *ifa;
	bool found = false;

	if (!in6_dev)
		return false;
	read_lock_bh(&in6_dev->lock);
	list_for_each_entry(ifa, &in6_dev->addr_list, if_list) {
		if (usable(ifa, scope)) {
			address->in6 = ifa->addr;
			found = true;
			break;
		}
	}
	read_unlock_bh(&in6_dev->lock);
	return found;
}

static void loopback(bool ipv4, union nf_inet_addr *address)
{
	if (ipv4)
		address->ip = htonl(INADDR_LOOPBACK);
	else
		address->in6 = in6addr_loopback;
}

/**
 * ctrack_redirect - translate so that this host itself is meant
 * @skb: first packet of a connection
 * @state: of the PREROUTING or OUTPUT hook
 * @range: ports and flags, or NULL
 *
 * Return: %CTRACK_REASON_NONE, or why it can't be.
 */
enum ctrack_reason ctrack_redirect(struct sk_buff *skb,
				   const struct nf_hook_state *state,
				   const struct nf_nat_range2 *range)
{
	bool ipv4 = state->pf == NFPROTO_IPV4;
	union nf_inet_addr address = {};
	struct nf_nat_range2 narrowed;
	enum ip_conntrack_info ctinfo;
	struct ctrack_conn *conn;

	conn = ctrack_conn_of(skb, &ctinfo);
	if (!conn)
		return CTRACK_REASON_NONE;
	if (state->hook == NF_INET_LOCAL_OUT)
		loopback(ipv4, &address);
	else if (ipv4 ? !own_ipv4(state->in, &address) :
			!own_ipv6(skb, state->in, &address))
		return CTRACK_REASON_nat_no_address;

	narrowed = narrow(range, &address);
	return ctrack_nat_setup(conn, &narrowed, NF_NAT_MANIP_DST);
}
EXPORT_SYMBOL_GPL(ctrack_redirect);

/* What a masqueraded connection answers to; stands still, being committed. */
static const struct ctrack_key *answer_key(const struct ctrack_conn *conn)
{
	return ctrack_conn_key(conn, CTRACK_REPLY);
}

static bool hits(const struct loss *loss, const struct ctrack_conn *conn)
{
	const struct ctrack_key *key = answer_key(conn);

	if (loss->ifindex != READ_ONCE(conn->nat_ifindex))
		return false;
	return loss->family == NFPROTO_UNSPEC ||
	       (loss->family == key->l3num &&
		nf_inet_addr_cmp(&loss->address, &key->destination));
}

/* RCU held. */
static bool provided(const struct ctrack_conn *conn)
{
	const struct ctrack_key *key = answer_key(conn);
	struct net *net = ctrack_conn_net(conn);
	const struct net_device *dev;

	dev = dev_get_by_index_rcu(net, READ_ONCE(conn->nat_ifindex));
	if (!dev || !(dev->flags & IFF_UP))
		return false;
	return key->l3num == NFPROTO_IPV4 ?
	       !!__ip_dev_find(net, key->destination.ip, false) :
	       ipv6_chk_addr(net, &key->destination.in6, NULL, 0);
}

static bool bereft(const struct ctrack_conn *conn, void *data)
{
	const struct losses *losses = data;
	unsigned int i;

	if (!READ_ONCE(conn->nat_ifindex) || !ctrack_conn_committed(conn))
		return false;
	for (i = 0; i < losses->count; i++)
		if (hits(&losses->loss[i], conn))
			return true;
	return losses->many && !provided(conn);
}

static void end_connections(struct ctrack_net *cn, struct losses *losses)
{
	struct ctrack_conn *found[BATCH];
	struct ctrack_cursor cursor = {};
	unsigned int i, n;

	while (!cursor.done) {
		n = ctrack_table_collect(cn, &cursor, bereft, losses, found,
					 ARRAY_SIZE(found));
		for (i = 0; i < n; i++) {
			ctrack_conn_kill(found[i], CTRACK_CAUSE_address_lost, 0,
					 false);
			ctrack_conn_put(found[i]);
		}
		cond_resched();
	}
}

static void look_for_losses(struct work_struct *work)
{
	struct masquerade_net *mn = container_of(work, struct masquerade_net,
						 work);
	struct losses losses;

	spin_lock_bh(&mn->lock);
	losses = mn->losses;
	mn->losses.count = 0;
	mn->losses.many = false;
	spin_unlock_bh(&mn->lock);

	/* A packet that chose the address before has made its connection firm. */
	synchronize_rcu();
	end_connections(ctrack_net(mn->net), &losses);
}

static bool noted(const struct losses *losses, const struct loss *loss)
{
	unsigned int i;

	for (i = 0; i < losses->count; i++)
		if (losses->loss[i].ifindex == loss->ifindex &&
		    losses->loss[i].family == loss->family &&
		    nf_inet_addr_cmp(&losses->loss[i].address, &loss->address))
			return true;
	return false;
}

static void note(struct net *net, const struct loss *loss)
{
	struct masquerade_net *mn = net_generic(net, masquerade_net_id);

	spin_lock_bh(&mn->lock);
	if (!noted(&mn->losses, loss)) {
		if (mn->losses.count < LOSSES)
			mn->losses.loss[mn->losses.count++] = *loss;
		else
			mn->losses.many = true;
	}
	spin_unlock_bh(&mn->lock);
	queue_work(workqueue, &mn->work);
}

static int device_event(struct notifier_block *block, unsigned long event,
			void *info)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct loss loss = {
		.ifindex = dev->ifindex,
		.family = NFPROTO_UNSPEC,
	};

	if (event == NETDEV_DOWN || event == NETDEV_UNREGISTER)
		note(dev_net(dev), &loss);
	return NOTIFY_DONE;
}

static int ipv4_event(struct notifier_block *block, unsigned long event,
		      void *info)
{
	const struct in_ifaddr *ifa = info;
	const struct net_device *dev = ifa->ifa_dev->dev;
	struct loss loss = {
		.ifindex = dev->ifindex,
		.family = NFPROTO_IPV4,
		.address.ip = ifa->ifa_local,
	};

	if (event == NETDEV_DOWN)
		note(dev_net(dev), &loss);
	return NOTIFY_DONE;
}

static int ipv6_event(struct notifier_block *block, unsigned long event,
		      void *info)
{
	const struct inet6_ifaddr *ifa = info;
	const struct net_device *dev = ifa->idev->dev;
	struct loss loss = {
		.ifindex = dev->ifindex,
		.family = NFPROTO_IPV6,
		.address.in6 = ifa->addr,
	};

	if (event == NETDEV_DOWN)
		note(dev_net(dev), &loss);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

static struct notifier_block ipv4_notifier = {
	.notifier_call = ipv4_event,
};

static struct notifier_block ipv6_notifier = {
	.notifier_call = ipv6_event,
};

static int __net_init net_init(struct net *net)
{
	struct masquerade_net *mn = net_generic(net, masquerade_net_id);

	mn->net = net;
	spin_lock_init(&mn->lock);
	INIT_WORK(&mn->work, look_for_losses);
	return 0;
}

/* Devices have left before, and their addresses with them: none tells now. */
static void __net_exit net_exit(struct net *net)
{
	struct masquerade_net *mn = net_generic(net, masquerade_net_id);

	cancel_work_sync(&mn->work);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &masquerade_net_id,
	.size = sizeof(struct masquerade_net),
};

/**
 * ctrack_masquerade_init - begin to watch devices and addresses
 *
 * Return: 0 or -errno.
 */
int ctrack_masquerade_init(void)
{
	int err = -ENOMEM;

	workqueue = alloc_workqueue("ctrack_masquerade", WQ_UNBOUND, 1);
	if (!workqueue)
		return err;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_workqueue;
	err = register_netdevice_notifier(&device_notifier);
	if (err)
		goto err_net;
	err = register_inetaddr_notifier(&ipv4_notifier);
	if (err)
		goto err_device;
	err = register_inet6addr_notifier(&ipv6_notifier);
	if (err)
		goto err_ipv4;
	return 0;

err_ipv4:
	unregister_inetaddr_notifier(&ipv4_notifier);
err_device:
	unregister_netdevice_notifier(&device_notifier);
err_net:
	unregister_pernet_subsys(&net_ops);
err_workqueue:
	destroy_workqueue(workqueue);
	return err;
}

/**
 * ctrack_masquerade_exit - stop watching; nothing of it runs afterwards
 */
void ctrack_masquerade_exit(void)
{
	unregister_inet6addr_notifier(&ipv6_notifier);
	unregister_inetaddr_notifier(&ipv4_notifier);
	unregister_netdevice_notifier(&device_notifier);
	unregister_pernet_subsys(&net_ops);
	destroy_workqueue(workqueue);
}
