// SPDX-License-Identifier: GPL-2.0
/* PURE: compiled into ctrack.ko and into the userspace tests. */
#include <linux/types.h>

#include "nf/reason.h"

#define CTRACK_REASON_NAME(name, text) #name,
static const char *const names[CTRACK_REASON_COUNT] = {
	"none",
	CTRACK_REASONS(CTRACK_REASON_NAME)
};

#define CTRACK_REASON_TEXT(name, text) text,
static const char *const texts[CTRACK_REASON_COUNT] = {
	"no reason",
	CTRACK_REASONS(CTRACK_REASON_TEXT)
};

/**
 * ctrack_reason_name - the name that scripts match
 * @reason: any value
 *
 * Return: a static string, "none" for what is no reason.
 */
const char *ctrack_reason_name(enum ctrack_reason reason)
{
	return names[reason < CTRACK_REASON_COUNT ? reason : 0];
}

/**
 * ctrack_reason_text - the reason in words
 * @reason: any value
 *
 * Return: a static string.
 */
const char *ctrack_reason_text(enum ctrack_reason reason)
{
	return texts[reason < CTRACK_REASON_COUNT ? reason : 0];
}
