// SPDX-License-Identifier: GPL-2.0
/* ctctl save: all connections of this namespace, in a file that ctctl restore makes them of. */
#include "checkpoint.h"
#include "nl.h"
#include "progress.h"
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A table that never stands still is not saved by halves. */
#define TRIES 5

/*
 * A file gets its name when it is whole: what was there before stays until then, and stays if
 * this is interrupted.
 */
struct output {
	const char *name;	/* NULL: standard output */
	char *temporary;
	FILE *file;
	struct checkpoint checkpoint;
};

static int open_file(struct output *out, const char *name)
{
	int fd;

	if (asprintf(&out->temporary, "%s.XXXXXX", name) < 0) {
		out->temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(out->temporary, O_CLOEXEC);
	out->file = fd < 0 ? NULL : fdopen(fd, "w");
	return out->file ? 0 : -errno;
}

static int output_open(struct output *out, const char *name)
{
	int err = 0;

	out->name = name;
	out->file = stdout;
	if (name)
		err = open_file(out, name);
	if (!err)
		print_buffer(out->file);
	return err;
}

/* Only who is told to stop is interrupted. */
static int write_error(void)
{
	return errno == EINTR ? -ECANCELED : -errno;
}

static int output_line(struct output *out, const char *line, size_t length)
{
	return fwrite(line, 1, length, out->file) == length ? 0 : write_error();
}

static int output_finish(struct output *out)
{
	if (fflush(out->file))
		return write_error();
	if (!out->name)
		return 0;
	if (fsync(fileno(out->file)) || rename(out->temporary, out->name))
		return -errno;
	free(out->temporary);
	out->temporary = NULL;
	return 0;
}

static void output_close(struct output *out)
{
	if (out->temporary)
		unlink(out->temporary);
	free(out->temporary);
	if (out->file && out->file != stdout)
		fclose(out->file);
}

static int save_one(const struct nl_entry *e, void *data)
{
	struct output *out = data;
	char line[CHECKPOINT_LINE];
	struct record r;

	if (interrupted())
		return -ECANCELED;
	progress_show("saving", out->checkpoint.entries, 0);
	entry_fill_record(&r, &e->entry, e->attr);
	return output_line(out, line, checkpoint_add(&out->checkpoint, &r, line, sizeof(line)));
}

static int save_all(struct nl *nl, struct output *out)
{
	char line[CHECKPOINT_LINE];
	int err;

	memset(&out->checkpoint, 0, sizeof(out->checkpoint));
	err = output_line(out, line, checkpoint_begin(&out->checkpoint, line, sizeof(line)));
	if (!err)
		err = nl_dump(nl, NULL, save_one, out);
	if (!err)
		err = output_line(out, line,
				  checkpoint_end(&out->checkpoint, line, sizeof(line)));
	return err;
}

/* Begin again: the table grew or shrank such that some connections may be there twice. */
static int rewind_output(struct output *out)
{
	if (!out->name)
		return -EINTR;
	rewind(out->file);
	return ftruncate(fileno(out->file), 0) ? -errno : 0;
}

static int save(struct nl *nl, struct output *out)
{
	int err, tries = 0;

	do {
		err = save_all(nl, out);
	} while (err == -EINTR && ++tries < TRIES && !rewind_output(out));
	progress_end();
	return err ? err : output_finish(out);
}

/**
 * save_run - ctctl save
 * @args: the file, or none for standard output
 */
int save_run(const struct args *args)
{
	struct output out = {};
	struct nl *nl = nl_open();
	int err, ret = EXIT_FAILURE;

	if (!nl)
		return EXIT_FAILURE;
	interrupt_catch();
	err = output_open(&out, args->file);
	if (err) {
		fprintf(stderr, "ctctl: cannot write beside '%s': %s\n", args->file,
			strerror(-err));
		goto out;
	}
	err = save(nl, &out);
	if (err == -ECANCELED)
		fprintf(stderr, "ctctl: interrupted, and nothing is saved\n");
	else if (err == -EINTR)
		fprintf(stderr, "ctctl: the table changed too fast, and nothing is saved\n");
	else if (err)
		nl_fail(nl, "saving connections", err);
	else
		ret = EXIT_SUCCESS;
	if (!err && args->file) {
		printf("%zu %s saved\n", out.checkpoint.entries,
		       plural(out.checkpoint.entries, "entry", "entries"));
		print_end(stdout);
	}
out:
	output_close(&out);
	nl_close(nl);
	return ret;
}
