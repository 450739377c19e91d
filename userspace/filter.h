/* SPDX-License-Identifier: GPL-2.0 */
/* filter.c APIs: the FILTER words, and what entries they let through. PURE. */
#ifndef CTCTL_FILTER_H
#define CTCTL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "value.h"

enum filter_word {
	WORD_PROTO, WORD_SRC, WORD_DST, WORD_REPLY_SRC, WORD_REPLY_DST, WORD_SPORT, WORD_DPORT,
	WORD_STATE, WORD_STATUS, WORD_MARK, WORD_ZONE, WORD_FAMILY, WORD_NAT,
	WORD_TYPE, WORD_CODE, WORD_ID, WORD_TIMEOUT, WORD_SNAT, WORD_DNAT,
	WORD_REASON, WORD_EVENT, WORD_IIF, WORD_OIF,
	WORD_COUNT
};

/*
 * All that was given must hold. @given has a bit for each enum filter_word; the other fields mean
 * something only where theirs is set, except @family, which an address sets too (0: any). Words
 * that @reason, @iif and @oif point at are those of the command line.
 */
struct filter {
	uint32_t given;
	uint8_t family;
	uint8_t proto;
	uint8_t type;
	uint8_t code;
	uint16_t id;
	uint16_t zone;
	struct prefix src, dst, reply_src, reply_dst;
	struct range sport, dport;
	const char *state;
	struct masked status;
	struct masked mark;
	uint32_t nat;
	uint32_t timeout;
	struct endpoint snat, dnat;
	const char *reason;
	uint32_t events;
	const char *iif, *oif;
};

/*
 * Which words are taken: those that choose among many, those that name one connection or describe
 * one, or those that choose what is traced.
 */
enum filter_kind { FILTER_MANY, FILTER_ONE, FILTER_NEW, FILTER_TRACE };

int filter_add(struct filter *f, enum filter_kind kind, const char *word, const char *value,
	       char *err, size_t size);
bool filter_is_all(const struct filter *f);
bool filter_match(const struct filter *f, const struct entry *e);
const char *filter_expects(enum filter_word word, const char **name);

static inline bool filter_has(const struct filter *f, enum filter_word word)
{
	return f->given & 1u << word;
}

#endif
