/* SPDX-License-Identifier: GPL-2.0 */
/* line.c APIs: a connection as conntrack(8) prints it. PURE. */
#ifndef CTCTL_LINE_H
#define CTCTL_LINE_H

#include "entry.h"

/* As long as none is: the longest name of a security context is shorter than half of it. */
#define LINE_SIZE 4096

size_t line_write(char *buf, size_t size, const struct entry *e, const struct nlattr *const *attr,
		  enum event event);

#endif
