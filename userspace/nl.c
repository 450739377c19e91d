// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: the sockets, requests and their answers, and the generic netlink family "ctrack". The
 * family is asked for first, always: where it is not there, ctnetlink (nl_ct.c) would be answered
 * by the in-tree tracker, or load it.
 *
 * Functions return 0 or -errno where nothing else is said. Answers are the kernel's, but they are
 * checked as if they were not.
 */
#include "nl_talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "nf/uapi.h"

/**
 * nl_find - the first attribute of a type
 * @payload: the attributes
 * @size: their size
 * @type: the type
 *
 * Return: the attribute, within the payload as a whole; or NULL.
 */
const struct nlattr *nl_find(const void *payload, size_t size, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload((void *)payload, size) {
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

/**
 * nl_find_in - the first attribute of a type inside another
 * @nest: the other, or NULL
 * @type: the type
 *
 * Return: the attribute or NULL.
 */
const struct nlattr *nl_find_in(const struct nlattr *nest, uint16_t type)
{
	return nest ? nl_find(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), type)
		    : NULL;
}

/**
 * nl_number - an attribute as a number, by its size
 * @attr: the attribute, or NULL
 *
 * Return: the number, in the order of bytes it was sent in; 0 when it is none.
 */
uint64_t nl_number(const struct nlattr *attr)
{
	switch (attr ? mnl_attr_get_payload_len(attr) : 0) {
	case sizeof(uint8_t):
		return mnl_attr_get_u8(attr);
	case sizeof(uint16_t):
		return mnl_attr_get_u16(attr);
	case sizeof(uint32_t):
		return mnl_attr_get_u32(attr);
	case sizeof(uint64_t):
		return mnl_attr_get_u64(attr);
	default:
		return 0;
	}
}

/**
 * nl_text - an attribute as text
 * @to: where it goes, cut when it does not fit
 * @size: the room there
 * @attr: the attribute, or NULL: ""
 */
void nl_text(char *to, size_t size, const struct nlattr *attr)
{
	size_t length = attr ? mnl_attr_get_payload_len(attr) : 0;

	snprintf(to, size, "%.*s", (int)length, attr ? mnl_attr_get_str(attr) : "");
}

/* The kernel's verdict on a request, and the words it has for it. */
static int error_of(struct nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t size = mnl_nlmsg_get_payload_len(nlh), skip = sizeof(*err);

	if (size < sizeof(*err))
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len > sizeof(err->msg))
		skip += MNL_ALIGN((size_t)err->msg.nlmsg_len) - sizeof(err->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && skip < size)
		nl_text(nl->why, sizeof(nl->why),
			nl_find((const char *)err + skip, size - skip, NLMSGERR_ATTR_MSG));
	return err->error > 0 ? -EBADMSG : err->error;
}

static int done_of(const struct nlmsghdr *nlh)
{
	int err = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof(err));
	return err < 0 ? err : 0;
}

static ssize_t receive(struct nl *nl, struct mnl_socket *sock)
{
	ssize_t n;

	do {
		n = mnl_socket_recvfrom(sock, nl->buf, sizeof(nl->buf));
	} while (n < 0 && errno == EINTR);
	if (!n)
		return -EBADMSG;
	return n < 0 ? -errno : n;
}

/**
 * nl_talk - send the request in the buffer, and take all that is answered to it
 * @nl: from nl_open()
 * @sock: the socket that it goes out by
 * @fn: takes each answer, up to the kernel's verdict; or NULL
 * @data: for @fn
 *
 * Where @nl->told is called the request was granted. The verdict is not waited for then: what is
 * told may have left no room for it.
 *
 * Return: the kernel's verdict, or the first thing but 0 that @fn returned.
 */
int nl_talk(struct nl *nl, struct mnl_socket *sock, nl_message_fn fn, void *data)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)nl->buf;
	bool told = false;

	nlh->nlmsg_seq = ++nl->seq;
	nl->why[0] = '\0';
	nl->interrupted = false;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;

	while (!told) {
		int n = receive(nl, sock), ret = 0;

		if (n < 0)
			return n;
		for (nlh = (struct nlmsghdr *)nl->buf; mnl_nlmsg_ok(nlh, n);
		     nlh = mnl_nlmsg_next(nlh, &n)) {
			if (!nlh->nlmsg_seq && nl->told) {
				ret = nl->told(nl, nlh, nl->told_data);
				told = true;
			}
			if (ret)
				return ret;
			if (nlh->nlmsg_seq != nl->seq)
				continue;
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
				nl->interrupted = true;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return error_of(nl, nlh);
			if (nlh->nlmsg_type == NLMSG_DONE)
				return done_of(nlh);
			if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && fn)
				ret = fn(nl, nlh, data);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/**
 * nl_talk_batch - send the requests in the buffer, and take the verdicts on them
 * @nl: from nl_open()
 * @sock: the socket that they go out by
 * @size: of all requests; the last has seq @nl->seq and asks for a verdict in any case
 * @fn: takes each verdict, with the seq of its request
 * @data: for @fn
 *
 * Return: 0 when the last one is answered, or -errno.
 */
int nl_talk_batch(struct nl *nl, struct mnl_socket *sock, size_t size, nl_verdict_fn fn,
		  void *data)
{
	struct nlmsghdr *nlh;

	if (mnl_socket_sendto(sock, nl->buf, size) < 0)
		return -errno;
	for (;;) {
		int n = receive(nl, sock);

		if (n < 0)
			return n;
		for (nlh = (struct nlmsghdr *)nl->buf; mnl_nlmsg_ok(nlh, n);
		     nlh = mnl_nlmsg_next(nlh, &n)) {
			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			nl->why[0] = '\0';
			fn(nl, nlh->nlmsg_seq, error_of(nl, nlh), data);
			if (nlh->nlmsg_seq == nl->seq)
				return 0;
		}
	}
}

/**
 * nl_genl_request - begin a request to a generic netlink family, in the buffer
 * @nl: from nl_open()
 * @type: the family
 * @command: what is asked of it
 * @version: the family's, as we know it
 *
 * Return: the request, to which attributes can be added.
 */
struct nlmsghdr *nl_genl_request(struct nl *nl, uint16_t type, uint8_t command, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl->cmd = command;
	genl->version = version;
	return nlh;
}

static const struct nlattr *genl_find(const struct nlmsghdr *nlh, uint16_t type)
{
	size_t size = mnl_nlmsg_get_payload_len(nlh), skip = MNL_ALIGN(sizeof(struct genlmsghdr));

	if (size < skip)
		return NULL;
	return nl_find(mnl_nlmsg_get_payload_offset(nlh, skip), size - skip, type);
}

static int take_family(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	(void)data;
	nl->family = nl_number(genl_find(nlh, CTRL_ATTR_FAMILY_ID));
	return 0;
}

static struct mnl_socket *open_socket(int bus)
{
	struct mnl_socket *sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int on = 1;

	if (!sock)
		return NULL;
	/* Without these errors come without the kernel's words; nothing else is lost. */
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(sock);
		return NULL;
	}
	return sock;
}

/**
 * nl_open - reach ctrack
 *
 * Return: what the other functions ask for, to be closed with nl_close(); NULL when ctrack is not
 * there, with a line on stderr that says what to do.
 */
struct nl *nl_open(void)
{
	struct nl *nl = calloc(1, sizeof(*nl));
	int err = -ENOMEM;

	if (!nl)
		goto failed;
	nl->genl = open_socket(NETLINK_GENERIC);
	if (!nl->genl) {
		err = -errno;
		goto failed;
	}
	nl_genl_request(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz((struct nlmsghdr *)nl->buf, CTRL_ATTR_FAMILY_NAME, CTRACK_GENL_NAME);
	err = nl_talk(nl, nl->genl, take_family, NULL);
	if (err == -ENOENT || (!err && !nl->family)) {
		fprintf(stderr, "ctctl: ctrack is not loaded; run: modprobe ctrack_nat\n");
		goto out;
	}
	if (err)
		goto failed;
	nl->ct = open_socket(NETLINK_NETFILTER);
	if (nl->ct)
		return nl;
	err = -errno;
failed:
	nl_fail(nl, "reaching ctrack", err);
out:
	nl_close(nl);
	return NULL;
}

/**
 * nl_close - let go of what nl_open() gave
 * @nl: it, or NULL
 */
void nl_close(struct nl *nl)
{
	if (nl && nl->genl)
		mnl_socket_close(nl->genl);
	if (nl && nl->ct)
		mnl_socket_close(nl->ct);
	free(nl);
}

/**
 * nl_fail - say on stderr what went wrong, and what to do where that is known
 * @nl: for what the kernel said to it; or NULL
 * @doing: what was tried, "listing connections"
 * @err: the -errno it gave
 *
 * Return: the exit status that goes with it.
 */
int nl_fail(const struct nl *nl, const char *doing, int err)
{
	if (err == -EPERM || err == -EACCES)
		fprintf(stderr, "ctctl: %s needs CAP_NET_ADMIN; run it as root\n", doing);
	else if (nl && nl->why[0])
		fprintf(stderr, "ctctl: %s failed: %s (%s)\n", doing, nl->why, strerror(-err));
	else
		fprintf(stderr, "ctctl: %s failed: %s\n", doing, strerror(-err));
	return EXIT_FAILURE;
}

static int take_stats(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	size_t skip = MNL_ALIGN(sizeof(struct genlmsghdr));
	struct stats *stats = data;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != nl->family || mnl_nlmsg_get_payload_len(nlh) < skip)
		return -EBADMSG;
	stats->count = nl_number(genl_find(nlh, CTRACK_A_COUNT));
	stats->max = nl_number(genl_find(nlh, CTRACK_A_MAX));
	stats->buckets = nl_number(genl_find(nlh, CTRACK_A_BUCKETS));
	stats->rules = nl_number(genl_find(nlh, CTRACK_A_RULES));
	stats->on = nl_number(genl_find(nlh, CTRACK_A_ON));
	stats->opened = nl_number(genl_find(nlh, CTRACK_A_OPENED));
	stats->evicted = nl_number(genl_find(nlh, CTRACK_A_EVICTED));
	stats->examined = nl_number(genl_find(nlh, CTRACK_A_EXAMINED));
	stats->looked = nl_number(genl_find(nlh, CTRACK_A_LOOKED));
	stats->chained = nl_number(genl_find(nlh, CTRACK_A_CHAINED));
	stats->longest = nl_number(genl_find(nlh, CTRACK_A_LONGEST));

	mnl_attr_for_each_payload(mnl_nlmsg_get_payload_offset(nlh, skip),
				  mnl_nlmsg_get_payload_len(nlh) - skip) {
		struct reason *r;

		if (mnl_attr_get_type(attr) != CTRACK_A_REASON)
			continue;
		r = reallocarray(stats->reasons, stats->reasons_count + 1, sizeof(*r));
		if (!r)
			return -ENOMEM;
		stats->reasons = r;
		r += stats->reasons_count++;
		nl_text(r->name, sizeof(r->name), nl_find_in(attr, CTRACK_REASON_A_NAME));
		r->count = nl_number(nl_find_in(attr, CTRACK_REASON_A_COUNT));
	}
	return 0;
}

/**
 * nl_stats - the state of this namespace and the count of each reason
 * @nl: from nl_open()
 * @stats: where they go; to be freed with nl_stats_free() in any case
 */
int nl_stats(struct nl *nl, struct stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	nl_genl_request(nl, nl->family, CTRACK_CMD_STATS, CTRACK_GENL_VERSION);
	return nl_talk(nl, nl->genl, take_stats, stats);
}

/**
 * nl_stats_free - let go of what nl_stats() found
 * @stats: it
 */
void nl_stats_free(struct stats *stats)
{
	free(stats->reasons);
	stats->reasons = NULL;
}

/**
 * nl_track - track in this namespace whether or not a rule asks for it, or stop that
 * @nl: from nl_open()
 * @on: which
 */
int nl_track(struct nl *nl, bool on)
{
	nl_genl_request(nl, nl->family, on ? CTRACK_CMD_ON : CTRACK_CMD_OFF, CTRACK_GENL_VERSION);
	return nl_talk(nl, nl->genl, NULL, NULL);
}
