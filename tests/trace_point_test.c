// SPDX-License-Identifier: GPL-2.0
/* The functions that are probed: Documentation/tracing.rst has each as it is declared. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include <cmocka.h>

static const char *const headers[] = {
	"nf/conn.h", "nf/hook.h", "nf/packet.h", "nf/refusal.h", "nf/table.h", "nf/trace_point.h",
	"nat/nat.h",
};

/* A file without its white space, so that lines may be broken anywhere. */
static char *squeezed(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(1 << 20);
	size_t used = 0;
	int c;

	if (!file)
		fail_msg("%s can't be read; run this from the top directory", path);
	while ((c = getc(file)) != EOF && used + 1 < 1 << 20)
		if (!isspace(c))
			text[used++] = c;
	text[used] = '\0';
	fclose(file);
	return text;
}

/* The names in the table of nf/trace_point.c, one after another. */
static const char *next_name(const char *table, char *name, size_t size)
{
	const char *found = strstr(table, ".name=\""), *end;

	if (!found)
		return NULL;
	found += strlen(".name=\"");
	end = strchr(found, '"');
	assert_true((size_t)(end - found) < size);
	memcpy(name, found, end - found);
	name[end - found] = '\0';
	return end;
}

/* Where a function is declared, from its name to the semicolon; or NULL. Others call it name(). */
static char *declaration(const char *text, const char *name)
{
	const char *found, *end;
	char begin[80];

	snprintf(begin, sizeof(begin), "%s(", name);
	for (found = strstr(text, begin); found; found = strstr(found + 1, begin))
		if (found[strlen(begin)] != ')')
			break;
	end = found ? strchr(found, ';') : NULL;
	return end ? strndup(found, end + 1 - found) : NULL;
}

static char *declared(const char *name)
{
	char *text, *found = NULL;
	size_t i;

	for (i = 0; !found && i < sizeof(headers) / sizeof(*headers); i++) {
		text = squeezed(headers[i]);
		found = declaration(text, name);
		free(text);
	}
	return found;
}

static void each_is_documented_as_it_is_declared(void **state)
{
	char *table = squeezed("nf/trace_point.c"), *page = squeezed("Documentation/tracing.rst");
	const char *at = table;
	char *in_header, *in_page, name[64];
	int count = 0;

	while ((at = next_name(at, name, sizeof(name)))) {
		in_header = declared(name);
		in_page = declaration(page, name);
		if (!in_header)
			fail_msg("%s is declared nowhere", name);
		if (!in_page)
			fail_msg("%s is not in Documentation/tracing.rst", name);
		if (strcmp(in_header, in_page))
			fail_msg("Documentation/tracing.rst has %s, not %s", in_page, in_header);
		free(in_header);
		free(in_page);
		count++;
	}
	assert_true(count >= 15);
	free(table);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_documented_as_it_is_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
