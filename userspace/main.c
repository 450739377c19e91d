// SPDX-License-Identifier: GPL-2.0
/* ctctl: shows and changes what ctrack tracks. */
#include "args.h"
#include "array.h"
#include "verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CTRACK_VERSION
#define CTRACK_VERSION "0.1"
#endif

#define FILTER_HELP \
	"\nFILTER, all of which must hold:\n" \
	"  proto tcp|udp|icmp|icmpv6|sctp|dccp|gre|udplite|NUMBER\n" \
	"  src, dst, reply-src, reply-dst  ADDRESS[/LENGTH]\n" \
	"  sport, dport  N[-M]\n" \
	"  state NAME    established, syn_sent, unreplied, assured and so on, as listed\n" \
	"  status NAME   assured, seen_reply, unreplied, snat, dnat, helper, offload and so on\n" \
	"  mark V[/M]    zone N    family ipv4|ipv6    nat snat|dnat|any\n"

#define TRACE_HELP \
	"  event NAME[,NAME]  packet, related, create, commit, search, bind, translate,\n" \
	"                invalid, drop, expire, evict, kill, resize, forget\n" \
	"  reason NAME   why a packet is refused, a name that stats --all shows\n" \
	"  iif NAME, oif NAME  the devices that it comes in by and goes out by\n" \
	"\n--follow stays with the first connection, and ends with it.\n" \
	"--all tells of all namespaces; in the initial one only.\n"

#define OPTIONS_HELP \
	"  -o, --output FORMAT  one of those that the verb has\n" \
	"  -h, --help           what the verb takes\n" \
	"  -V, --version\n"

#define OUTPUT "[-o table|json|conntrack]"

static const struct verb verbs[] = {
	{
		.name = "list", .run = list_run, .help = "list connections, for people",
		.takes = TAKES_FILTER | TAKES_OUTPUT | TAKES_CONNTRACK | TAKES_SORT,
		.usage = "list [FILTER] " OUTPUT " [--sort [-]KEY]",
		.more = FILTER_HELP "\nKEY: " SORT_KEYS ", with '-' to reverse.\n",
	}, {
		.name = "dump", .run = dump_run, .help = "list connections, for scripts",
		.takes = TAKES_FILTER | TAKES_OUTPUT | TAKES_CONNTRACK | TAKES_SORT,
		.format = FORMAT_CONNTRACK,
		.usage = "dump [FILTER] " OUTPUT " [--sort [-]KEY]",
		.more = FILTER_HELP "\nKEY: " SORT_KEYS ", with '-' to reverse.\n",
	}, {
		.name = "get", .run = get_run, .help = "show one connection",
		.takes = TAKES_KEY | TAKES_OUTPUT | TAKES_CONNTRACK,
		.usage = "get proto P src A dst B [sport N dport N|type N code N id N] [zone N] "
			 OUTPUT,
		.more = "\nThe addresses and ports are those of either direction.\n",
	}, {
		.name = "add", .run = add_run, .help = "make a connection",
		.takes = TAKES_NEW,
		.usage = "add proto P src A dst B [sport N dport N|type N code N id N] timeout S "
			 "[state NAME] [status NAME] [mark V] [zone N] [snat A[:P]] [dnat A[:P]]",
		.more = "\nIt is translated as snat and dnat say, not as the rules would.\n",
	}, {
		.name = "delete", .run = delete_run, .help = "delete connections",
		.takes = TAKES_FILTER | TAKES_ALL_WORD,
		.usage = "delete FILTER|all",
		.more = FILTER_HELP,
	}, {
		.name = "flush", .run = flush_run, .help = "delete all connections at once",
		.takes = TAKES_ALL_WORD,
		.usage = "flush all",
		.more = "",
	}, {
		.name = "events", .run = events_run, .help = "show connections come and go",
		.takes = TAKES_FILTER | TAKES_OUTPUT | TAKES_CONNTRACK | TAKES_COUNT,
		.usage = "events [FILTER] " OUTPUT " [--count N]",
		.more = FILTER_HELP,
	}, {
		.name = "save", .run = save_run, .help = "save all connections to a file",
		.takes = TAKES_FILE,
		.usage = "save [FILE]",
		.more = "\nWithout FILE, to standard output.\n",
	}, {
		.name = "restore", .run = restore_run, .help = "make the connections of a file",
		.takes = TAKES_FILE,
		.usage = "restore [FILE]",
		.more = "\nWithout FILE, from standard input.\n",
	}, {
		.name = "trace", .run = trace_run,
		.help = "show what is decided about packets and connections, and why",
		.takes = TAKES_TRACE | TAKES_OUTPUT | TAKES_COUNT | TAKES_TIME | TAKES_FOLLOW |
			 TAKES_ALL,
		.usage = "trace [FILTER] [-o table|json] [--count N] [--time SECONDS] [--follow] "
			 "[--all]",
		.more = FILTER_HELP TRACE_HELP,
	}, {
		.name = "why", .run = why_run,
		.help = "explain the state of one connection",
		.takes = TAKES_KEY,
		.usage = "why proto P src A dst B [sport N dport N|type N code N id N] [zone N]",
		.more = "\nThe addresses and ports are those of either direction.\n",
	}, {
		.name = "latency", .run = latency_run,
		.help = "measure how long ctrack's own steps take",
		.takes = TAKES_OUTPUT | TAKES_COUNT | TAKES_TIME | TAKES_ALL,
		.usage = "latency [-o table|json] [--count N] [--time SECONDS] [--all]",
		.more = "\nA report each second, or every SECONDS, of all since the beginning.\n"
			"--all shows histograms, too.\n",
	}, {
		.name = "stats", .run = stats_run,
		.help = "show counts, and why packets were refused",
		.takes = TAKES_OUTPUT | TAKES_PROMETHEUS | TAKES_ALL,
		.usage = "stats [-o table|json|prometheus] [--all]",
		.more = "\n--all shows the reasons that have not been met, too.\n",
	}, {
		.name = "on", .run = on_run, .help = "track even when no rule asks for it",
		.usage = "on", .more = "",
	}, {
		.name = "off", .run = off_run, .help = "track only when a rule asks for it",
		.usage = "off", .more = "",
	},
};

#define VERBS ARRAY_SIZE(verbs)

static void print_help(FILE *out)
{
	size_t i;

	fprintf(out, "usage: ctctl VERB [FILTER] [OPTIONS]\n\n");
	for (i = 0; i < VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\n%s", OPTIONS_HELP);
	fprintf(out, "\nctctl VERB --help says what a verb takes; ctctl(8) says it all.\n");
	print_end(out);
}

static void print_verb_help(const struct verb *verb)
{
	printf("usage: ctctl %s\n\n%s\n%s", verb->usage, verb->help, verb->more);
	print_end(stdout);
}

static int unknown_verb(const char *word)
{
	char names[128] = "";
	size_t i, used = 0;

	for (i = 0; i < VERBS && used < sizeof(names); i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
				 verbs[i].name);
	return usage_error("unknown verb '%.64s', expected one of %s", word, names);
}

int main(int argc, char **argv)
{
	struct args args;
	size_t i;
	int ret;

	/* A reader that has seen enough is no error; print_end() sees it go. */
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("ctctl %s\n", CTRACK_VERSION);
		print_end(stdout);
		return EXIT_SUCCESS;
	}
	for (i = 0; i < VERBS; i++)
		if (!strcmp(argv[1], verbs[i].name))
			break;
	if (i == VERBS)
		return unknown_verb(argv[1]);

	ret = args_parse(&args, &verbs[i], argc - 1, argv + 1);
	if (ret)
		return ret;
	if (args.help) {
		print_verb_help(&verbs[i]);
		return EXIT_SUCCESS;
	}
	return verbs[i].run(&args);
}
