/* SPDX-License-Identifier: GPL-2.0 */
/* What nl.c and nl_ct.c share, and nobody else sees. */
#ifndef CTCTL_NL_TALK_H
#define CTCTL_NL_TALK_H

#include "nl.h"

#include <libmnl/libmnl.h>

/* The kernel makes its dump messages as large as what it sees us read. */
#define NL_BUFFER 65536

typedef int (*nl_message_fn)(struct nl *nl, const struct nlmsghdr *nlh, void *data);

/**
 * struct nl - both sockets
 * @genl: generic netlink
 * @ct: ctnetlink
 * @family: the number of "ctrack"
 * @seq: of the last request
 * @interrupted: the table changed while the last dump was read
 * @told: takes messages that answer no request, by whose number 0 they are known; or NULL
 * @told_data: for @told
 * @why: what the kernel said to the last error, "" when nothing
 * @buf: requests and answers
 */
struct nl {
	struct mnl_socket *genl;
	struct mnl_socket *ct;
	uint16_t family;
	uint32_t seq;
	bool interrupted;
	nl_message_fn told;
	void *told_data;
	char why[128];
	char buf[NL_BUFFER] __attribute__((aligned(8)));
};

typedef void (*nl_verdict_fn)(struct nl *nl, uint32_t seq, int err, void *data);

int nl_talk(struct nl *nl, struct mnl_socket *sock, nl_message_fn fn, void *data);
int nl_talk_batch(struct nl *nl, struct mnl_socket *sock, size_t size, nl_verdict_fn fn,
		  void *data);
const struct nlattr *nl_find(const void *payload, size_t size, uint16_t type);
const struct nlattr *nl_find_in(const struct nlattr *nest, uint16_t type);
uint64_t nl_number(const struct nlattr *attr);
void nl_text(char *to, size_t size, const struct nlattr *attr);
struct nlmsghdr *nl_genl_request(struct nl *nl, uint16_t type, uint8_t command, uint8_t version);

/* nl_ct.c */
struct nlmsghdr *nl_ct_request(void *buf, uint16_t type, uint16_t flags, uint8_t family);
void nl_put_tuple(struct nlmsghdr *nlh, uint16_t type, const struct entry *e, const struct flow *f,
		  bool zoned);
void nl_put_zone(struct nlmsghdr *nlh, const struct entry *e);

#endif
