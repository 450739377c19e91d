// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl's FILTER words, and an entry to match them with. Input: an octet that tells of which kind
 * they are, and whether the last has no value; the words and their values, a zero between two; an
 * empty word; then the entry, as it lies in memory.
 */
#include <errno.h>

#include "fuzz.h"
#include "userspace/filter.h"
#include "userspace/key.h"
#include "userspace/names.h"

static char err[512];

static void check_complaint(void)
{
	claim(strnlen(err, sizeof(err)) < sizeof(err));
	claim(strstr(err, "expected"));
}

/* Returns whether the filter is still good. */
static bool add(struct filter *f, enum filter_kind kind, const char *word, const char *value)
{
	struct filter before = *f;
	int ret;

	memset(err, 'x', sizeof(err));
	ret = filter_add(f, kind, word, value, err, sizeof(err));
	if (!ret) {
		claim(value);
		/* One word more, and it is not taken twice. */
		claim(__builtin_popcount(f->given ^ before.given) == 1 && f->given > before.given);
		claim(filter_add(f, kind, word, value, err, sizeof(err)) == -EINVAL);
		return true;
	}
	claim(ret == -EINVAL && f->given == before.given);
	check_complaint();
	return false;
}

static void check_key(const struct filter *f)
{
	struct entry key;

	memset(err, 'x', sizeof(err));
	if (key_from_words(f, &key, err, sizeof(err))) {
		check_complaint();
		return;
	}
	claim(filter_has(f, WORD_PROTO) && filter_has(f, WORD_SRC) && filter_has(f, WORD_DST));
	claim(prefix_is_host(&f->src) && prefix_is_host(&f->dst));
	claim(key.family == f->src.family && key.family == f->dst.family);
	claim(key.kind != FLOW_ICMP || proto_is_icmp(key.proto));
	/* It has what it is named by, apart from what only conntrack knows. */
	key.state = "";
	claim(filter_match(f, &key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	uint8_t how = fuzz_u8(&input);
	enum filter_kind kind = how & 1 ? FILTER_ONE : FILTER_MANY;
	struct filter f = {};
	struct entry e;
	bool good = true;

	while (good && input.left && *input.data) {
		char *word = fuzz_string(&input), *value = NULL;

		if (input.left || !(how & 2))
			value = fuzz_string(&input);
		good = add(&f, kind, word, value);
		free(value);
		free(word);
	}
	if (!good)
		return 0;
	fuzz_u8(&input);
	fuzz_fill(&input, &e, sizeof(e));
	e.state = "established";
	claim(filter_match(&f, &e) || f.given);
	if (kind == FILTER_ONE)
		check_key(&f);
	return 0;
}
