// SPDX-License-Identifier: GPL-2.0
/*
 * What ctnetlink has no words for: why a connection refused a packet last, and
 * which of the timeouts it has.
 */
#include <net/genetlink.h>

#include "nf/netlink.h"
#include "nf/netlink_parse.h"
#include "nf/reason.h"
#include "nf/sysctl.h"
#include "nf/uapi.h"

const struct nla_policy ctrack_why_policy[CTRACK_WHY_A_TOP + 1] = {
	[CTRACK_A_CONNECTION] = { .type = NLA_NESTED },
	[CTRACK_A_FAMILY] = { .type = NLA_U8 },
};

static struct ctrack_conn *find(struct genl_info *info)
{
	const struct nlattr *nest = info->attrs[CTRACK_A_CONNECTION];
	const struct nlattr *family = info->attrs[CTRACK_A_FAMILY];
	struct ctrack_request rq = {
		.cn = ctrack_net(genl_info_net(info)),
		.extack = info->extack,
	};
	int err;

	if (!nest || !family) {
		NL_SET_ERR_MSG(info->extack, "a connection and its family are needed");
		return ERR_PTR(-EINVAL);
	}
	rq.family = nla_get_u8(family);
	if (rq.family != NFPROTO_IPV4 && rq.family != NFPROTO_IPV6) {
		NL_SET_ERR_MSG_ATTR(info->extack, family, "only IPv4 and IPv6 are tracked");
		return ERR_PTR(-EAFNOSUPPORT);
	}
	err = ctrack_request_read_nest(&rq, nest);
	if (err)
		return ERR_PTR(err);
	if (!rq.attr[CTA_TUPLE_ORIG] && !rq.attr[CTA_TUPLE_REPLY]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "no tuple names the connection");
		return ERR_PTR(-EINVAL);
	}
	return ctrack_request_find(&rq);
}

static int put_why(struct sk_buff *skb, enum ctrack_reason refused,
		   enum ctrack_timeout kind)
{
	int err = 0;

	if (refused)
		err = nla_put_string(skb, CTRACK_A_REFUSED, ctrack_reason_name(refused));
	if (!err && kind < CTRACK_TIMEOUT_COUNT)
		err = nla_put_string(skb, CTRACK_A_TIMEOUT, ctrack_sysctl_timeout(kind));
	return err;
}

/**
 * ctrack_genl_why - answer %CTRACK_CMD_WHY
 * @request: unused
 * @info: what is asked
 *
 * Return: 0 or -errno.
 */
int ctrack_genl_why(struct sk_buff *request, struct genl_info *info)
{
	struct ctrack_conn *conn = find(info);
	enum ctrack_reason refused;
	enum ctrack_timeout kind;
	struct sk_buff *skb;
	void *header;

	if (IS_ERR(conn))
		return PTR_ERR(conn);
	refused = READ_ONCE(conn->refused);
	kind = READ_ONCE(conn->timeout_kind);
	ctrack_conn_put(conn);

	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &ctrack_genl_family, 0, CTRACK_CMD_WHY);
	if (!header || put_why(skb, refused, kind)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}
