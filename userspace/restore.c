// SPDX-License-Identifier: GPL-2.0
/*
 * ctctl restore: the connections of a file that ctctl save wrote. All of it is read and checked
 * before the first one is made.
 */
#include "checkpoint.h"
#include "nl.h"
#include "progress.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Refusals that are told one by one. */
#define TOLD 10

/*
 * How often, and in what distance, one is tried that the kernel did not take for the sake of a
 * packet that was just under way: the rules may drop the packet, and what it opened is gone.
 */
#define TRIES 20
#define PAUSE_US 1000

/* What became of a connection. */
enum fate { FATE_MADE, FATE_THERE, FATE_REFUSED, FATE_AGAIN };

/**
 * struct restore - a file on its way into the table
 * @name: its name, as people know it
 * @text: all of it
 * @size: its size
 * @entries: how many connections there are
 * @fate: enum fate, of each
 * @checkpoint: where it is
 * @there: how many were there already
 * @refused: how many the kernel did not want
 * @again: how many have FATE_AGAIN
 */
struct restore {
	const char *name;
	char *text;
	size_t size;
	size_t entries;
	uint8_t *fate;
	struct checkpoint checkpoint;
	size_t there;
	size_t refused;
	size_t again;
};

static void start(struct restore *restore)
{
	restore->checkpoint = (struct checkpoint){
		.at = restore->text,
		.end = restore->text + restore->size,
	};
}

static int read_all(struct restore *restore, FILE *file)
{
	size_t room = 0, n;
	char *more;

	do {
		if (restore->size == room) {
			room = room ? 2 * room : 1 << 20;
			more = realloc(restore->text, room);
			if (!more)
				return -ENOMEM;
			restore->text = more;
		}
		n = fread(restore->text + restore->size, 1, room - restore->size, file);
		restore->size += n;
	} while (n);
	return ferror(file) ? -errno : 0;
}

static int read_file(struct restore *restore, const char *name)
{
	FILE *file = name ? fopen(name, "re") : stdin;
	int err;

	restore->name = name ? name : "standard input";
	err = file ? read_all(restore, file) : -errno;
	if (err)
		fprintf(stderr, "ctctl: cannot read %s: %s\n", restore->name, strerror(-err));
	if (file && file != stdin)
		fclose(file);
	return err;
}

static int check_file(struct restore *restore)
{
	char complaint[2 * RECORD_LINE];
	struct record r;
	int more;

	start(restore);
	do {
		more = checkpoint_next(&restore->checkpoint, &r, complaint, sizeof(complaint));
	} while (more > 0);
	if (more < 0) {
		fprintf(stderr, "ctctl: %s: %s; nothing is restored\n", restore->name, complaint);
		return more;
	}
	restore->entries = restore->checkpoint.entries;
	restore->fate = calloc(restore->entries + 1, 1);
	return restore->fate ? 0 : -ENOMEM;
}

static int check_room(struct nl *nl, const struct restore *restore)
{
	struct stats stats;
	int err = nl_stats(nl, &stats);

	if (err)
		nl_fail(nl, "reading statistics", err);
	if (!err && stats.max && restore->entries > stats.max) {
		fprintf(stderr, "ctctl: %s has %zu entries and nf_conntrack_max is %" PRIu32
				"; nothing is restored\n", restore->name, restore->entries,
			stats.max);
		err = -ENOSPC;
	}
	nl_stats_free(&stats);
	return err;
}

/* The file was checked: what is wrong with it now was not there before. */
static int next_record(struct record *r, void *data)
{
	struct restore *restore = data;
	char complaint[2 * RECORD_LINE];

	if (interrupted())
		return -ECANCELED;
	progress_show("restoring", restore->checkpoint.entries, restore->entries);
	return checkpoint_next(&restore->checkpoint, r, complaint, sizeof(complaint));
}

static void take_refusal(size_t number, int err, const char *why, void *data)
{
	struct restore *restore = data;

	if (number >= restore->entries)
		return;
	/* Of one that is there in full the kernel says no more. */
	if (err == -EEXIST && !*why) {
		restore->fate[number] = FATE_THERE;
		restore->there++;
		return;
	}
	if (err == -EEXIST && restore->fate[number] != FATE_AGAIN) {
		restore->fate[number] = FATE_AGAIN;
		restore->again++;
		return;
	}
	restore->fate[number] = FATE_REFUSED;
	/* The heading is line 1. */
	if (restore->refused++ < TOLD)
		fprintf(stderr, "ctctl: %s: line %zu was refused: %s%s(%s)\n", restore->name,
			number + 2, why, *why ? " " : "", strerror(-err));
}

static int try_again(struct nl *nl, const struct record *r)
{
	int err, tries = 0;

	do {
		usleep(PAUSE_US);
		err = nl_create_one(nl, r);
	} while (err == -EEXIST && *nl_why(nl) && ++tries < TRIES);
	return err;
}

/* Those that have FATE_AGAIN, which are few. */
static int restore_again(struct nl *nl, struct restore *restore)
{
	struct record r;
	size_t i;
	int err;

	if (!restore->again)
		return 0;
	start(restore);
	for (i = 0; i < restore->entries; i++) {
		err = next_record(&r, restore);
		if (err <= 0)
			return err;
		if (restore->fate[i] != FATE_AGAIN)
			continue;
		err = try_again(nl, &r);
		if (err)
			take_refusal(i, err, nl_why(nl), restore);
		else
			restore->fate[i] = FATE_MADE;
	}
	return 0;
}

/* Takes back what was made, up to where it has come. */
static void undo(struct nl *nl, struct restore *restore, size_t end)
{
	size_t i;
	char complaint[2 * RECORD_LINE];
	struct record r;

	start(restore);
	for (i = 0; i < end; i++) {
		if (checkpoint_next(&restore->checkpoint, &r, complaint, sizeof(complaint)) <= 0)
			break;
		progress_show("taking back", i, end);
		if (restore->fate[i] == FATE_MADE)
			nl_delete_created(nl, &r.entry);
	}
	progress_end();
}

static int tell(const struct restore *restore)
{
	size_t made = restore->entries - restore->there - restore->refused;

	printf("%zu %s restored\n", made, plural(made, "entry", "entries"));
	print_end(stdout);
	if (restore->there)
		fprintf(stderr, "ctctl: %zu %s there already, and stayed as %s\n", restore->there,
			plural(restore->there, "was", "were"),
			plural(restore->there, "it was", "they were"));
	if (restore->refused)
		fprintf(stderr, "ctctl: %zu %s refused\n", restore->refused,
			plural(restore->refused, "was", "were"));
	return restore->refused ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int restore_all(struct nl *nl, struct restore *restore)
{
	size_t end;
	int err;

	start(restore);
	err = nl_create(nl, next_record, take_refusal, restore);
	end = restore->checkpoint.entries;
	if (!err)
		err = restore_again(nl, restore);
	progress_end();
	if (!err)
		return tell(restore);
	undo(nl, restore, end);
	if (err == -ECANCELED)
		fprintf(stderr, "ctctl: interrupted; what was restored is taken back\n");
	else
		nl_fail(nl, "restoring connections", err);
	return EXIT_FAILURE;
}

/**
 * restore_run - ctctl restore
 * @args: the file, or none for standard input
 */
int restore_run(const struct args *args)
{
	struct restore restore = {};
	int ret = EXIT_FAILURE;
	struct nl *nl = NULL;

	if (read_file(&restore, args->file) || check_file(&restore))
		goto out;
	nl = nl_open();
	if (!nl || check_room(nl, &restore))
		goto out;
	interrupt_catch();
	ret = restore_all(nl, &restore);
out:
	free(restore.text);
	free(restore.fate);
	nl_close(nl);
	return ret;
}
