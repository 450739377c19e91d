// SPDX-License-Identifier: GPL-2.0
/* How long ctctl waits for the answer to a request. The kernel's messages are played. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#define FAMILY 30

/* What is received next, a letter each: told, granted, denied, another's verdict. */
static const char *play;
static unsigned int seq, told;

static ssize_t played_send(const struct mnl_socket *sock, const void *request, size_t size)
{
	seq = ((const struct nlmsghdr *)request)->nlmsg_seq;
	return size;
}

static ssize_t played_receive(const struct mnl_socket *sock, void *buf, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *verdict;

	/* Nothing more comes: the real one would wait for ever. */
	assert_int_not_equal(*play, '\0');
	nlh->nlmsg_type = FAMILY;
	if (*play == 't') {
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	} else {
		nlh->nlmsg_type = NLMSG_ERROR;
		nlh->nlmsg_seq = *play == 'a' ? seq - 1 : seq;
		verdict = mnl_nlmsg_put_extra_header(nlh, sizeof(*verdict));
		verdict->error = *play == 'd' ? -EPERM : 0;
	}
	play++;
	return nlh->nlmsg_len;
}

#define mnl_socket_sendto played_send
#define mnl_socket_recvfrom played_receive
#include "../userspace/nl.c"

static int take(struct nl *nl, const struct nlmsghdr *nlh, void *data)
{
	told++;
	return 0;
}

/* The verdict, when this is received; @listens: there is somebody to be told. */
static int verdict(bool listens, const char *received)
{
	static struct nl nl;

	nl.told = listens ? take : NULL;
	nl_genl_request(&nl, FAMILY, CTRACK_CMD_TRACE, CTRACK_GENL_VERSION);
	play = received;
	told = 0;
	return nl_talk(&nl, NULL, NULL, NULL);
}

static void it_is_waited_for(void **state)
{
	assert_int_equal(verdict(false, "g"), 0);
	assert_int_equal(verdict(false, "atag"), 0);
	assert_int_equal(verdict(true, "ad"), -EPERM);
	assert_int_equal(told, 0);
}

/* A full socket may have had no room for the verdict. */
static void unless_something_is_told(void **state)
{
	assert_int_equal(verdict(true, "at"), 0);
	assert_int_equal(told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_waited_for),
		cmocka_unit_test(unless_something_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
