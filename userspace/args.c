// SPDX-License-Identifier: GPL-2.0
/* The words and options behind a verb, in any order. Any that is bad is named, on one line. */
#include "args.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { OPT_SORT = 256, OPT_COUNT, OPT_ALL, OPT_TIME, OPT_FOLLOW };

static const struct option options[] = {
	{ "output",	required_argument,	NULL,	'o' },
	{ "help",	no_argument,		NULL,	'h' },
	{ "sort",	required_argument,	NULL,	OPT_SORT },
	{ "count",	required_argument,	NULL,	OPT_COUNT },
	{ "all",	no_argument,		NULL,	OPT_ALL },
	{ "time",	required_argument,	NULL,	OPT_TIME },
	{ "follow",	no_argument,		NULL,	OPT_FOLLOW },
	{ NULL,		0,			NULL,	0 },
};

/**
 * usage_error - complain about the command line, on one line whatever is in the words
 * @format: as in printf(3), without a newline
 *
 * Return: the exit status that goes with it.
 */
int usage_error(const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	printable(text);
	fprintf(stderr, "ctctl: %s\n", text);
	return EXIT_USAGE;
}

static int parse_output(struct args *args, const struct verb *verb, const char *value)
{
	bool conntrack = verb->takes & TAKES_CONNTRACK;
	bool prometheus = verb->takes & TAKES_PROMETHEUS;

	if (!strcmp(value, "table"))
		args->format = FORMAT_TABLE;
	else if (!strcmp(value, "json"))
		args->format = FORMAT_JSON;
	else if (conntrack && !strcmp(value, "conntrack"))
		args->format = FORMAT_CONNTRACK;
	else if (prometheus && !strcmp(value, "prometheus"))
		args->format = FORMAT_PROMETHEUS;
	else
		return usage_error("bad value in '-o %.64s', expected table%s json%s", value,
				   conntrack || prometheus ? "," : " or",
				   conntrack ? " or conntrack" :
				   prometheus ? " or prometheus" : "");
	return 0;
}

static int parse_sort(struct args *args, const char *value)
{
	args->reverse = value[0] == '-';
	args->sort = sort_key_by_name(value + args->reverse);
	if (args->sort == SORT_NONE)
		return usage_error("bad value in '--sort %.64s', expected " SORT_KEYS
				   ", with '-' before it to reverse", value);
	return 0;
}

static int parse_count(struct args *args, const char *value)
{
	if (parse_number(value, UINT32_MAX, &args->count) || !args->count)
		return usage_error("bad value in '--count %.64s', expected a number from 1",
				   value);
	return 0;
}

static int parse_time(struct args *args, const char *value)
{
	if (parse_number(value, UINT32_MAX, &args->time) || !args->time)
		return usage_error("bad value in '--time %.64s', expected seconds, from 1", value);
	return 0;
}

/* Whether an option that exists is for this verb. */
static bool takes(const struct verb *verb, int option)
{
	switch (option) {
	case 'o':
		return verb->takes & TAKES_OUTPUT;
	case OPT_SORT:
		return verb->takes & TAKES_SORT;
	case OPT_COUNT:
		return verb->takes & TAKES_COUNT;
	case OPT_ALL:
		return verb->takes & TAKES_ALL;
	case OPT_TIME:
		return verb->takes & TAKES_TIME;
	case OPT_FOLLOW:
		return verb->takes & TAKES_FOLLOW;
	default:
		return true;
	}
}

static int parse_option(struct args *args, const struct verb *verb, int option, const char *word)
{
	if (option == '?' && optopt)
		return usage_error("unknown option '-%c', expected ctctl %s", optopt, verb->usage);
	if (option == '?')
		return usage_error("unknown option '%.64s', expected ctctl %s", word, verb->usage);
	if (option == ':')
		return usage_error("'%.64s' has no value, expected one behind it", word);
	if (!takes(verb, option))
		return usage_error("'%.64s' does not go with %s, expected ctctl %s", word,
				   verb->name, verb->usage);
	switch (option) {
	case 'o':
		return parse_output(args, verb, optarg);
	case OPT_SORT:
		return parse_sort(args, optarg);
	case OPT_COUNT:
		return parse_count(args, optarg);
	case OPT_ALL:
		args->all = true;
		return 0;
	case OPT_TIME:
		return parse_time(args, optarg);
	case OPT_FOLLOW:
		args->follow = true;
		return 0;
	default:
		args->help = true;
		return 0;
	}
}

/* @value is the word behind, which is taken too unless @word stands alone (*used stays 0). */
static int parse_word(struct args *args, const struct verb *verb, const char *word,
		      const char *value, int *used)
{
	enum filter_kind kind = verb->takes & TAKES_KEY ? FILTER_ONE :
				verb->takes & TAKES_NEW ? FILTER_NEW :
				verb->takes & TAKES_TRACE ? FILTER_TRACE : FILTER_MANY;
	char err[512];

	if (verb->takes & TAKES_ALL_WORD && !strcmp(word, "all")) {
		if (args->all_word)
			return usage_error("'all' is given twice, expected once");
		args->all_word = true;
		return 0;
	}
	if (verb->takes & TAKES_FILE) {
		if (args->file)
			return usage_error("'%.64s' is a second file, expected one", word);
		args->file = word;
		return 0;
	}
	if (!(verb->takes & (TAKES_FILTER | TAKES_KEY | TAKES_NEW | TAKES_TRACE)))
		return usage_error("'%.64s' does not go with %s, expected ctctl %s", word,
				   verb->name, verb->usage);
	if (filter_add(&args->filter, kind, word, value, err, sizeof(err)))
		return usage_error("%s", err);
	*used = 1;
	return 0;
}

/**
 * args_parse - read all that stands behind a verb
 * @args: where it goes
 * @verb: the verb
 * @argc: the number of words in @argv
 * @argv: the words, the verb's name first
 *
 * Return: 0, or the exit status when a word is bad, which has been named then.
 */
int args_parse(struct args *args, const struct verb *verb, int argc, char **argv)
{
	int option, used, ret = 0;

	memset(args, 0, sizeof(*args));
	args->format = verb->format;
	optind = 1;
	/* '-': words are given in their place, as option 1; ':': no complaints but ours. */
	while (!ret && (option = getopt_long(argc, argv, "-:o:h", options, NULL)) != -1) {
		const char *word = option == 1 ? optarg : argv[optind - 1];

		used = 0;
		if (option != 1) {
			/* The option itself, when what was read last is its value. */
			if (optarg == word && optind >= 2)
				word = argv[optind - 2];
			ret = parse_option(args, verb, option, word);
		} else {
			ret = parse_word(args, verb, word, argv[optind], &used);
		}
		optind += used;
	}
	while (!ret && optind < argc) {
		used = 0;
		ret = parse_word(args, verb, argv[optind], argv[optind + 1], &used);
		optind += 1 + used;
	}
	return ret;
}
