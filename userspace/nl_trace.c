// SPDX-License-Identifier: GPL-2.0
/* Netlink: what ctrack tells of itself, by its generic netlink family. */
#include "nl_talk.h"
#include "nl_trace.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <linux/genetlink.h>

#include "nf/uapi.h"

/* Room for bursts; the rings in the kernel have some, too. */
#define TRACE_BUFFER (1 << 19)

/* A record of an older ctrack is shorter, one of a newer longer; what matters was there first. */
static int take_record(struct nl_trace *t, const struct nlattr *nest)
{
	const struct nlattr *data = nl_find_in(nest, CTRACK_RECORD_A_DATA);
	const struct nlattr *reason = nl_find_in(nest, CTRACK_RECORD_A_REASON);
	size_t size = data ? mnl_attr_get_payload_len(data) : 0;
	struct nl_record record = {};

	if (size < offsetof(struct ctrack_trace_record, target))
		return -EBADMSG;
	if (size > sizeof(record.data))
		size = sizeof(record.data);
	memcpy(&record.data, mnl_attr_get_payload(data), size);
	nl_text(record.reason, sizeof(record.reason), reason);
	return t->fn(&record, t->data);
}

static int take_told(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	size_t skip = MNL_ALIGN(sizeof(struct genlmsghdr));
	const struct nlattr *attr;
	struct nl_trace *t = data;
	int ret;

	if (nlh->nlmsg_type != nl->family || mnl_nlmsg_get_payload_len(nlh) < skip)
		return 0;
	mnl_attr_for_each_payload(mnl_nlmsg_get_payload_offset(nlh, skip),
				  mnl_nlmsg_get_payload_len(nlh) - skip) {
		if (mnl_attr_get_type(attr) == CTRACK_A_LOST)
			t->lost = nl_number(attr);
		if (mnl_attr_get_type(attr) == CTRACK_A_MISSED)
			t->missed = nl_number(attr);
		if (mnl_attr_get_type(attr) != CTRACK_A_RECORD)
			continue;
		ret = take_record(t, attr);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nl_trace_open - begin to be told what happens
 * @nl: from nl_open(); to be used for nl_trace_read() only from then on
 * @t: what takes it; must stay
 * @filter: what is to be told
 * @reason: the name of a reason that it must be refused for, or NULL
 * @everywhere: of all namespaces
 *
 * Return: 0, -errno, or the first thing but 0 that @t's function returned: something may be told
 * before the request is answered.
 */
int nl_trace_open(struct nl *nl, struct nl_trace *t, const struct ctrack_trace_filter *filter,
		  const char *reason, bool everywhere)
{
	int fd = nl_trace_fd(nl), size = TRACE_BUFFER, on = 1;
	struct nlmsghdr *nlh;

	/* The kernel waits for who is slow, and counts what it lost meanwhile. */
	mnl_socket_setsockopt(nl->genl, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));

	nl->told = take_told;
	nl->told_data = t;
	nlh = nl_genl_request(nl, nl->family, CTRACK_CMD_TRACE, CTRACK_GENL_VERSION);
	mnl_attr_put(nlh, CTRACK_A_FILTER, sizeof(*filter), filter);
	if (reason)
		mnl_attr_put_strz(nlh, CTRACK_A_FILTER_REASON, reason);
	if (everywhere)
		mnl_attr_put(nlh, CTRACK_A_EVERYWHERE, 0, NULL);
	return nl_talk(nl, nl->genl, NULL, NULL);
}

/**
 * nl_trace_fd - what to poll before nl_trace_read()
 * @nl: from nl_open()
 *
 * Return: the file descriptor, which stays @nl's.
 */
int nl_trace_fd(const struct nl *nl)
{
	return mnl_socket_get_fd(nl->genl);
}

/**
 * nl_trace_read - take what was told
 * @nl: after nl_trace_open()
 *
 * Return: 0, -errno, or the first thing but 0 that the function of nl_trace_open() returned.
 */
int nl_trace_read(struct nl *nl)
{
	ssize_t got = mnl_socket_recvfrom(nl->genl, nl->buf, sizeof(nl->buf));
	const struct nlmsghdr *nlh;
	int ret, n = got;

	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	for (nlh = (struct nlmsghdr *)nl->buf; mnl_nlmsg_ok(nlh, n);
	     nlh = mnl_nlmsg_next(nlh, &n)) {
		ret = take_told(nl, nlh, nl->told_data);
		if (ret)
			return ret;
	}
	return 0;
}
