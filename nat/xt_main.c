// SPDX-License-Identifier: GPL-2.0
/* Wiring of ctrack_xt.ko. */
#include <linux/module.h>

#include "nf/xt.h"

static const struct ctrack_xt * const parts[] = {
	&ctrack_xt_conntrack,
	&ctrack_xt_connmark,
	&ctrack_xt_connbytes,
	&ctrack_xt_cluster,
	&ctrack_xt_connlabel,
	&ctrack_xt_connlimit,
	&ctrack_xt_helper,
	&ctrack_xt_ct,
	&ctrack_xt_absent,
	&ctrack_xt_nat,
};

static int register_part(const struct ctrack_xt *part)
{
	int err;

	err = xt_register_matches(part->matches, part->match_count);
	if (err)
		return err;
	err = xt_register_targets(part->targets, part->target_count);
	if (err)
		xt_unregister_matches(part->matches, part->match_count);
	return err;
}

/* The first @count, in reverse. */
static void unregister_parts(unsigned int count)
{
	const struct ctrack_xt *part;

	while (count--) {
		part = parts[count];
		xt_unregister_targets(part->targets, part->target_count);
		xt_unregister_matches(part->matches, part->match_count);
	}
}

static int __init ctrack_xt_module_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = register_part(parts[i]);
		if (err) {
			unregister_parts(i);
			return err;
		}
	}
	return 0;
}

static void __exit ctrack_xt_module_exit(void)
{
	unregister_parts(ARRAY_SIZE(parts));
}

module_init(ctrack_xt_module_init);
module_exit(ctrack_xt_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the ctrack authors");
MODULE_DESCRIPTION("The xtables matches and targets for connections");
