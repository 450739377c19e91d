/* SPDX-License-Identifier: GPL-2.0 */
/* trace_request.c APIs: a FILTER as the kernel is given it. */
#ifndef CTCTL_TRACE_REQUEST_H
#define CTCTL_TRACE_REQUEST_H

#include "filter.h"

#include "nf/uapi_trace.h"

int trace_request(struct ctrack_trace_filter *to, const struct filter *f, const char **bad);

#endif
