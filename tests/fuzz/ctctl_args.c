// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl's command line behind a verb. Input: an octet, what the verb takes; then the words, a zero
 * between two.
 */
#include "fuzz.h"

/* What is complained of is to be seen, not to be shown. */
static FILE *complaints;
#undef stderr
#define stderr complaints
#include "userspace/args.c"
#undef stderr

#define WORDS 32

static void check(const struct args *args, const struct verb *verb, int ret)
{
	if (ret)
		return;
	claim(args->format == verb->format || verb->takes & TAKES_OUTPUT);
	claim(args->format != FORMAT_CONNTRACK || verb->takes & TAKES_CONNTRACK);
	claim(!args->filter.given || verb->takes & (TAKES_FILTER | TAKES_KEY));
	claim(args->sort == SORT_NONE || verb->takes & TAKES_SORT);
	claim(!args->count || verb->takes & TAKES_COUNT);
	claim(!args->all || verb->takes & TAKES_ALL);
	claim(!args->all_word || verb->takes & TAKES_ALL_WORD);
}

/* Nothing when all is well, else one line in which nothing steers a terminal. */
static void check_complaint(const char *text, int ret)
{
	size_t i, length = strlen(text);

	claim(!ret == !length);
	claim(!ret || ret == EXIT_USAGE);
	claim(!length || text[length - 1] == '\n');
	for (i = 0; i + 1 < length; i++)
		claim((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
	claim(!length || (!strncmp(text, "ctctl: ", 7) && length < 600));
}

/* getopt(3) remembers where in a word it was; a program reads one command line only. */
static void forget(void)
{
	char name[] = "ctctl";
	char *nothing[2] = {};

	nothing[0] = name;
	optind = 0;
	getopt_long(1, nothing, "", options, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };
	struct verb verb = {
		.name = "verb", .takes = fuzz_u8(&input), .format = FORMAT_TABLE,
		.usage = "verb [WORD]...",
	};
	struct args args;
	char *words[WORDS + 2] = {}, *text;
	int i, ret, count = 0;
	size_t length;

	words[count++] = fuzz_copy("verb", 5);
	while (input.left && count <= WORDS)
		words[count++] = fuzz_string(&input);

	forget();
	complaints = open_memstream(&text, &length);
	claim(complaints);
	ret = args_parse(&args, &verb, count, words);
	fclose(complaints);
	check(&args, &verb, ret);
	check_complaint(text, ret);
	free(text);
	for (i = 0; i < count; i++)
		free(words[i]);
	return 0;
}
