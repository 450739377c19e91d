/* SPDX-License-Identifier: GPL-2.0 */
/* Does a session want to be told of this? PURE. */
#ifndef CTRACK_TRACE_FILTER_H
#define CTRACK_TRACE_FILTER_H

#include "nf/key.h"
#include "nf/uapi_trace.h"

bool ctrack_trace_match(const struct ctrack_trace_filter *filter,
			const struct ctrack_trace_record *record);

#endif
