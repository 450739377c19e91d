// SPDX-License-Identifier: GPL-2.0
/* What the matches and targets of xtables have in common. */
#include "nf/net.h"
#include "nf/xt.h"

/**
 * ctrack_xt_match_check - a rule with a match comes, which needs tracking
 * @par: the rule
 *
 * Return: as ctrack_net_get().
 * Context: process.
 */
int ctrack_xt_match_check(const struct xt_mtchk_param *par)
{
	return ctrack_net_get(par->net, par->family);
}

/**
 * ctrack_xt_match_destroy - it goes
 * @par: the rule
 *
 * Context: process.
 */
void ctrack_xt_match_destroy(const struct xt_mtdtor_param *par)
{
	ctrack_net_put(par->net, par->family);
}

/**
 * ctrack_xt_target_check - a rule with a target comes, which needs tracking
 * @par: the rule
 *
 * Return: as ctrack_net_get().
 * Context: process.
 */
int ctrack_xt_target_check(const struct xt_tgchk_param *par)
{
	return ctrack_net_get(par->net, par->family);
}

/**
 * ctrack_xt_target_destroy - it goes
 * @par: the rule
 *
 * Context: process.
 */
void ctrack_xt_target_destroy(const struct xt_tgdtor_param *par)
{
	ctrack_net_put(par->net, par->family);
}
