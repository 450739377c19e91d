// SPDX-License-Identifier: GPL-2.0
/* Netlink: how long ctrack's functions take. */
#include "nl_talk.h"
#include "nl_latency.h"

#include <errno.h>
#include <string.h>

#include <linux/genetlink.h>

#include "nf/uapi.h"

struct taker {
	nl_function_fn fn;
	void *data;
	uint64_t *missed;
};

static int take_function(const struct taker *taker, const struct nlattr *nest)
{
	const struct nlattr *buckets = nl_find_in(nest, CTRACK_FUNCTION_A_BUCKETS);
	struct nl_function function = {};

	if (!buckets || mnl_attr_get_payload_len(buckets) != sizeof(function.bucket))
		return -EBADMSG;
	memcpy(function.bucket, mnl_attr_get_payload(buckets), sizeof(function.bucket));
	nl_text(function.name, sizeof(function.name), nl_find_in(nest, CTRACK_FUNCTION_A_NAME));
	function.total = nl_number(nl_find_in(nest, CTRACK_FUNCTION_A_TOTAL));
	function.max = nl_number(nl_find_in(nest, CTRACK_FUNCTION_A_LONGEST));
	return taker->fn(&function, taker->data);
}

static int take_functions(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	size_t skip = MNL_ALIGN(sizeof(struct genlmsghdr));
	const struct taker *taker = data;
	const struct nlattr *attr;
	int ret = 0;

	if (nlh->nlmsg_type != nl->family || mnl_nlmsg_get_payload_len(nlh) < skip)
		return -EBADMSG;
	mnl_attr_for_each_payload(mnl_nlmsg_get_payload_offset(nlh, skip),
				  mnl_nlmsg_get_payload_len(nlh) - skip) {
		if (mnl_attr_get_type(attr) == CTRACK_A_MISSED)
			*taker->missed = nl_number(attr);
		if (mnl_attr_get_type(attr) == CTRACK_A_FUNCTION)
			ret = take_function(taker, attr);
		if (ret)
			break;
	}
	return ret;
}

/**
 * nl_latency - how long functions took since this was asked first
 * @nl: from nl_open(); measuring ends with nl_close()
 * @fn: takes each function
 * @data: for @fn
 * @missed: where the number of calls goes that could not be measured; 0 of an older ctrack
 *
 * Return: 0, -errno, or the first thing but 0 that @fn returned.
 */
int nl_latency(struct nl *nl, nl_function_fn fn, void *data, uint64_t *missed)
{
	struct taker taker = { fn, data, missed };

	*missed = 0;
	nl_genl_request(nl, nl->family, CTRACK_CMD_LATENCY, CTRACK_GENL_VERSION);
	return nl_talk(nl, nl->genl, take_functions, &taker);
}
