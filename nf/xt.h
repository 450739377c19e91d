/* SPDX-License-Identifier: GPL-2.0 */
/* The xtables matches and targets, which iptables rules are made of. */
#ifndef CTRACK_XT_H
#define CTRACK_XT_H

#include <linux/netfilter/x_tables.h>

/**
 * struct ctrack_xt - matches and targets that a file offers
 * @matches: with all their revisions
 * @match_count: how many
 * @targets: the same
 * @target_count: how many
 */
struct ctrack_xt {
	struct xt_match *matches;
	unsigned int match_count;
	struct xt_target *targets;
	unsigned int target_count;
};

#define CTRACK_XT_MATCHES(array)					\
	.matches = (array), .match_count = ARRAY_SIZE(array)
#define CTRACK_XT_TARGETS(array)					\
	.targets = (array), .target_count = ARRAY_SIZE(array)

/* A file for each, in nf/ and in nat/ */
extern const struct ctrack_xt ctrack_xt_conntrack;
extern const struct ctrack_xt ctrack_xt_connmark;
extern const struct ctrack_xt ctrack_xt_connbytes;
extern const struct ctrack_xt ctrack_xt_cluster;
extern const struct ctrack_xt ctrack_xt_connlabel;
extern const struct ctrack_xt ctrack_xt_connlimit;
extern const struct ctrack_xt ctrack_xt_helper;
extern const struct ctrack_xt ctrack_xt_ct;
extern const struct ctrack_xt ctrack_xt_absent;
extern const struct ctrack_xt ctrack_xt_nat;

/* xt.c APIs: */
int ctrack_xt_match_check(const struct xt_mtchk_param *par);
void ctrack_xt_match_destroy(const struct xt_mtdtor_param *par);
int ctrack_xt_target_check(const struct xt_tgchk_param *par);
void ctrack_xt_target_destroy(const struct xt_tgdtor_param *par);

#endif
