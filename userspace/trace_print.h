/* SPDX-License-Identifier: GPL-2.0 */
/* trace_print.c APIs: a line for each thing that happened. PURE, but for the stream. */
#ifndef CTCTL_TRACE_PRINT_H
#define CTCTL_TRACE_PRINT_H

#include <stdio.h>

#include "nl_trace.h"

char *trace_text(char *buf, size_t size, const struct nl_record *record);
void trace_print(FILE *out, const struct nl_record *record);
int trace_json(FILE *out, const struct nl_record *record);

#endif
