/* SPDX-License-Identifier: GPL-2.0 */
/* why_names.c APIs: what a connection in some state waits for. PURE. */
#ifndef CTCTL_WHY_NAMES_H
#define CTCTL_WHY_NAMES_H

#include "entry.h"

struct waiting {
	const char *state;
	const char *words;
};

struct waiting waiting_for(const struct entry *e, const char *timeout);

#endif
