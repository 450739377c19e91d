/* SPDX-License-Identifier: GPL-2.0 */
/* print.c, table.c, json.c APIs: entries on the way out. PURE, but for the stream. */
#ifndef CTCTL_PRINT_H
#define CTCTL_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "entry.h"
#include "rows.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CONNTRACK, FORMAT_PROMETHEUS };

/* print.c */
extern const char *const event_names[];

const char *plural(size_t count, const char *one, const char *many);
char *print_endpoint(char *buf, size_t size, const struct entry *e, const uint8_t *address,
		     uint16_t port);
char *print_source(char *buf, size_t size, const struct entry *e);
char *print_destination(char *buf, size_t size, const struct entry *e);
char *print_nat(char *buf, size_t size, const struct entry *e);
char *print_proto(char *buf, size_t size, const struct entry *e);
void print_event(FILE *out, enum event event, const struct entry *e, const char *time,
		 uint64_t seq);
void print_line(FILE *out, const struct entry *e, const struct nlattr *const *attr,
		enum event event);
void print_buffer(FILE *out);
void print_end(FILE *out);

/* table.c */
void print_table(FILE *out, const struct rows *rows);

/* json.c */
int print_json(FILE *out, const struct entry *e, uint64_t seq, enum event event);
void print_json_lost(FILE *out, uint64_t lost, uint64_t seq);

#endif
