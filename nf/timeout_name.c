// SPDX-License-Identifier: GPL-2.0
/*
 * Timeouts that have a name, which iptables' target CT gives to connections
 * (--timeout). nfct(8) makes them, by a subsystem of nfnetlink of their own.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "nf/netlink_parse.h"
#include "nf/policy.h"
#include "nf/timeout_name.h"

/* Protects cn->timeout_names, cn->timeout_names_seq, and uses; a leaf. */
static DEFINE_MUTEX(names_mutex);

static const struct nla_policy attributes[CTA_TIMEOUT_MAX + 1] = {
	[CTA_TIMEOUT_NAME]	= { .type = NLA_NUL_STRING,
				    .len = CTNL_TIMEOUT_NAME_MAX - 1 },
	[CTA_TIMEOUT_L3PROTO]	= { .type = NLA_U16 },
	[CTA_TIMEOUT_L4PROTO]	= { .type = NLA_U8 },
	[CTA_TIMEOUT_DATA]	= { .type = NLA_NESTED },
};

static_assert((int)CTA_TIMEOUT_MAX <= (int)CTA_MAX);

static struct ctrack_named_timeout *find(struct ctrack_net *cn, const char *name)
{
	struct ctrack_named_timeout *timeout;

	list_for_each_entry(timeout, &cn->timeout_names, list)
		if (!strcmp(timeout->name, name))
			return timeout;
	return NULL;
}

/**
 * ctrack_timeout_name_get - find timeouts by their name
 * @cn: namespace
 * @name: theirs
 *
 * Return: them, for a rule, which puts them when it goes; or NULL.
 * Context: process.
 */
struct ctrack_named_timeout *ctrack_timeout_name_get(struct ctrack_net *cn,
						     const char *name)
{
	struct ctrack_named_timeout *timeout;

	mutex_lock(&names_mutex);
	timeout = find(cn, name);
	if (timeout)
		timeout->uses++;
	mutex_unlock(&names_mutex);
	return timeout;
}
EXPORT_SYMBOL_GPL(ctrack_timeout_name_get);

/**
 * ctrack_timeout_name_put - a rule needs timeouts no more
 * @cn: namespace
 * @timeout: what ctrack_timeout_name_get() returned
 *
 * Context: process; no packet is with the rule any more.
 */
void ctrack_timeout_name_put(struct ctrack_net *cn,
			     struct ctrack_named_timeout *timeout)
{
	bool last;

	mutex_lock(&names_mutex);
	last = !--timeout->uses;
	mutex_unlock(&names_mutex);
	if (!last)
		return;
	ctrack_policy_remove(cn, timeout->policy);
	kfree(timeout);
}
EXPORT_SYMBOL_GPL(ctrack_timeout_name_put);

/* Rules that have it go on giving it to new connections. */
static void delete(struct ctrack_net *cn, struct ctrack_named_timeout *timeout)
{
	if (READ_ONCE(timeout->uses) > 1)
		ctrack_policy_forget(cn, timeout->policy);
	ctrack_timeout_name_put(cn, timeout);
}

/* Takes a name, or any, off the list; its use is the caller's now. */
static struct ctrack_named_timeout *unlist(struct ctrack_net *cn,
					   const char *name)
{
	struct ctrack_named_timeout *timeout;

	mutex_lock(&names_mutex);
	timeout = name ? find(cn, name) :
		  list_first_entry_or_null(&cn->timeout_names,
					   struct ctrack_named_timeout, list);
	if (timeout) {
		list_del(&timeout->list);
		cn->timeout_names_seq++;
	}
	mutex_unlock(&names_mutex);
	return timeout;
}

/**
 * ctrack_timeout_name_drain - delete all names
 * @cn: namespace
 *
 * Context: process.
 */
void ctrack_timeout_name_drain(struct ctrack_net *cn)
{
	struct ctrack_named_timeout *timeout;

	while ((timeout = unlist(cn, NULL)))
		delete(cn, timeout);
}

static int read_request(struct ctrack_request *rq, const struct sk_buff *skb,
			const struct nfnl_info *info)
{
	return ctrack_request_read_as(rq, skb, info, CTA_TIMEOUT_MAX, attributes);
}

static int read_protocol(const struct ctrack_request *rq, u16 *l3num,
			 const struct ctrack_protocol **protocol)
{
	const struct nlattr *l3 = rq->attr[CTA_TIMEOUT_L3PROTO];
	const struct nlattr *l4 = rq->attr[CTA_TIMEOUT_L4PROTO];

	if (!l3 || !l4)
		return ctrack_request_wrong(rq, NULL, "no protocol is given");
	*l3num = ntohs(nla_get_be16(l3));
	if (*l3num != NFPROTO_IPV4 && *l3num != NFPROTO_IPV6)
		return ctrack_request_wrong(rq, l3, "family is neither IPv4 nor IPv6");
	*protocol = ctrack_protocol_timeouts(nla_get_u8(l4));
	if ((*protocol)->number == nla_get_u8(l4))
		return 0;
	NL_SET_ERR_MSG_ATTR(rq->extack, l4,
			    "this protocol has no timeouts of its own");
	return -EOPNOTSUPP;
}

static int read_timeouts(const struct ctrack_request *rq,
			 const struct ctrack_protocol *protocol,
			 unsigned int *timeout)
{
	if (!rq->attr[CTA_TIMEOUT_DATA])
		return ctrack_request_wrong(rq, NULL, "no timeouts are given");
	return ctrack_timeouts_read(rq->cn, rq->attr[CTA_TIMEOUT_DATA],
				    protocol, timeout, rq->extack);
}

/* Connections that have it have it as it is now. */
static int replace(const struct ctrack_request *rq,
		   struct ctrack_named_timeout *timeout, u16 l3num,
		   const struct ctrack_protocol *protocol,
		   const struct ctrack_policy *from)
{
	unsigned int i;

	if (rq->info->nlh->nlmsg_flags & NLM_F_EXCL)
		return -EEXIST;
	if (!(rq->info->nlh->nlmsg_flags & NLM_F_REPLACE)) {
		NL_SET_ERR_MSG(rq->extack, "the name is there already");
		return -EBUSY;
	}
	if (timeout->l3num != l3num || timeout->protocol != protocol)
		return ctrack_request_wrong(rq, NULL, "the name stands for another protocol");
	for (i = 0; i < CTRACK_TIMEOUT_COUNT; i++)
		WRITE_ONCE(timeout->policy->timeout[i], from->timeout[i]);
	return 0;
}

static int add(const struct ctrack_request *rq, const char *name, u16 l3num,
	       const struct ctrack_protocol *protocol,
	       struct ctrack_policy *policy)
{
	struct ctrack_named_timeout *timeout;
	int err;

	timeout = kzalloc(sizeof(*timeout), GFP_KERNEL_ACCOUNT);
	if (!timeout)
		return -ENOMEM;
	strscpy(timeout->name, name, sizeof(timeout->name));
	timeout->l3num = l3num;
	timeout->protocol = protocol;
	timeout->policy = policy;
	timeout->uses = 1;
	err = ctrack_policy_add(rq->cn, policy);
	if (err) {
		kfree(timeout);
		return err;
	}
	list_add_tail(&timeout->list, &rq->cn->timeout_names);
	rq->cn->timeout_names_seq++;
	return 0;
}

static int timeout_new(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const attr[])
{
	const struct ctrack_protocol *protocol;
	struct ctrack_named_timeout *timeout;
	struct ctrack_policy *policy;
	struct ctrack_request rq;
	const char *name;
	u16 l3num;
	int err;

	err = read_request(&rq, skb, info);
	if (err)
		return err;
	if (!rq.attr[CTA_TIMEOUT_NAME])
		return ctrack_request_wrong(&rq, NULL, "no name is given");
	name = nla_data(rq.attr[CTA_TIMEOUT_NAME]);
	err = read_protocol(&rq, &l3num, &protocol);
	if (err)
		return err;
	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	err = read_timeouts(&rq, protocol, policy->timeout);
	if (err)
		goto err_free;

	mutex_lock(&names_mutex);
	timeout = find(rq.cn, name);
	err = timeout ? replace(&rq, timeout, l3num, protocol, policy) :
			add(&rq, name, l3num, protocol, policy);
	mutex_unlock(&names_mutex);
	if (!err && !timeout)
		return 0;
err_free:
	kfree(policy);
	return err;
}

/* As a name, or without one: what all connections have that have no other. */
static bool put(struct sk_buff *skb, struct netlink_callback *cb,
		u32 portid, u32 seq, int type, u16 l3num,
		const struct ctrack_protocol *protocol,
		const unsigned int *lasts,
		const struct ctrack_named_timeout *named)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	nlh = nfnl_msg_put(skb, portid, seq,
			   nfnl_msg_type(NFNL_SUBSYS_CTNETLINK_TIMEOUT, type),
			   cb ? NLM_F_MULTI : 0, AF_UNSPEC, NFNETLINK_V0, 0);
	if (!nlh)
		return false;
	if (cb)
		nl_dump_check_consistent(cb, nlh);
	if (named &&
	    (nla_put_string(skb, CTA_TIMEOUT_NAME, named->name) ||
	     nla_put_be32(skb, CTA_TIMEOUT_USE, htonl(named->uses))))
		goto full;
	if (nla_put_be16(skb, CTA_TIMEOUT_L3PROTO, htons(l3num)) ||
	    nla_put_u8(skb, CTA_TIMEOUT_L4PROTO, protocol->number))
		goto full;
	nest = nla_nest_start(skb, CTA_TIMEOUT_DATA);
	if (!nest || !ctrack_timeouts_put(skb, protocol, lasts))
		goto full;
	nla_nest_end(skb, nest);
	nlmsg_end(skb, nlh);
	return true;
full:
	nlmsg_cancel(skb, nlh);
	return false;
}

static int dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ctrack_net *cn = ctrack_net(sock_net(skb->sk));
	struct ctrack_named_timeout *timeout;
	unsigned long at = 0;

	mutex_lock(&names_mutex);
	cb->seq = cn->timeout_names_seq;
	list_for_each_entry(timeout, &cn->timeout_names, list) {
		if (at++ < cb->args[0])
			continue;
		if (!put(skb, cb, NETLINK_CB(cb->skb).portid,
			 cb->nlh->nlmsg_seq, IPCTNL_MSG_TIMEOUT_NEW,
			 timeout->l3num, timeout->protocol,
			 timeout->policy->timeout, timeout))
			break;
		cb->args[0]++;
	}
	mutex_unlock(&names_mutex);
	return skb->len;
}

static int answer(const struct ctrack_request *rq, int type, u16 l3num,
		  const struct ctrack_protocol *protocol,
		  const unsigned int *lasts,
		  const struct ctrack_named_timeout *named)
{
	struct sk_buff *skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	if (!put(skb, NULL, rq->portid, rq->info->nlh->nlmsg_seq, type, l3num,
		 protocol, lasts, named)) {
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	return nfnetlink_unicast(skb, rq->info->net, rq->portid);
}

static int timeout_get(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const attr[])
{
	struct netlink_dump_control control = { .dump = dump };
	struct ctrack_named_timeout *timeout;
	struct ctrack_request rq;
	int err;

	err = read_request(&rq, skb, info);
	if (err)
		return err;
	if (info->nlh->nlmsg_flags & NLM_F_DUMP)
		return netlink_dump_start(info->sk, skb, info->nlh, &control);
	if (!rq.attr[CTA_TIMEOUT_NAME])
		return ctrack_request_wrong(&rq, NULL, "no name is given");
	mutex_lock(&names_mutex);
	timeout = find(rq.cn, nla_data(rq.attr[CTA_TIMEOUT_NAME]));
	err = timeout ? answer(&rq, IPCTNL_MSG_TIMEOUT_NEW, timeout->l3num,
			       timeout->protocol, timeout->policy->timeout,
			       timeout) : -ENOENT;
	mutex_unlock(&names_mutex);
	return err;
}

static int timeout_delete(struct sk_buff *skb, const struct nfnl_info *info,
			  const struct nlattr * const attr[])
{
	struct ctrack_named_timeout *timeout;
	struct ctrack_request rq;
	int err;

	err = read_request(&rq, skb, info);
	if (err)
		return err;
	if (!rq.attr[CTA_TIMEOUT_NAME]) {
		ctrack_timeout_name_drain(rq.cn);
		return 0;
	}
	timeout = unlist(rq.cn, nla_data(rq.attr[CTA_TIMEOUT_NAME]));
	if (!timeout)
		return -ENOENT;
	delete(rq.cn, timeout);
	return 0;
}

/* Those of the namespace, as the sysctls set them. */
static int default_set(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const attr[])
{
	const struct ctrack_protocol *protocol;
	unsigned int lasts[CTRACK_TIMEOUT_COUNT], i;
	struct ctrack_request rq;
	u16 l3num;
	int err;

	err = read_request(&rq, skb, info);
	if (!err)
		err = read_protocol(&rq, &l3num, &protocol);
	if (!err)
		err = read_timeouts(&rq, protocol, lasts);
	if (err)
		return err;
	for (i = 1; i <= protocol->attribute_max; i++) {
		if (ctrack_protocol_has(protocol, i))
			WRITE_ONCE(rq.cn->timeout[protocol->timeout[i]],
				   lasts[protocol->timeout[i]]);
	}
	return 0;
}

static int default_get(struct sk_buff *skb, const struct nfnl_info *info,
		       const struct nlattr * const attr[])
{
	const struct ctrack_protocol *protocol;
	struct ctrack_request rq;
	u16 l3num;
	int err;

	err = read_request(&rq, skb, info);
	if (!err)
		err = read_protocol(&rq, &l3num, &protocol);
	return err ?: answer(&rq, IPCTNL_MSG_TIMEOUT_DEFAULT_SET, l3num,
			     protocol, rq.cn->timeout, NULL);
}

#define SERVE(function) { .call = function, .type = NFNL_CB_MUTEX }

static const struct nfnl_callback callbacks[IPCTNL_MSG_TIMEOUT_MAX] = {
	[IPCTNL_MSG_TIMEOUT_NEW]	= SERVE(timeout_new),
	[IPCTNL_MSG_TIMEOUT_GET]	= SERVE(timeout_get),
	[IPCTNL_MSG_TIMEOUT_DELETE]	= SERVE(timeout_delete),
	[IPCTNL_MSG_TIMEOUT_DEFAULT_SET] = SERVE(default_set),
	[IPCTNL_MSG_TIMEOUT_DEFAULT_GET] = SERVE(default_get),
};

static const struct nfnetlink_subsystem subsystem = {
	.name = "conntrack_timeout",
	.subsys_id = NFNL_SUBSYS_CTNETLINK_TIMEOUT,
	.cb_count = ARRAY_SIZE(callbacks),
	.cb = callbacks,
};

/**
 * ctrack_timeout_name_init - begin to serve requests about names
 *
 * Return: 0, or -EBUSY when somebody else does.
 */
int ctrack_timeout_name_init(void)
{
	return nfnetlink_subsys_register(&subsystem);
}

/**
 * ctrack_timeout_name_exit - stop; nobody is in our functions any more
 *
 * Context: process.
 */
void ctrack_timeout_name_exit(void)
{
	nfnetlink_subsys_unregister(&subsystem);
}

MODULE_ALIAS_NFNL_SUBSYS(NFNL_SUBSYS_CTNETLINK_TIMEOUT);
