/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions that `ctctl trace` and `ctctl latency` put kprobes on. Their
 * names and arguments are an interface (Documentation/tracing.rst), so the
 * compiler must neither inline them nor make variants of them.
 */
#ifndef CTRACK_PROBE_POINT_H
#define CTRACK_PROBE_POINT_H

#include <linux/compiler.h>

#define ctrack_probed	noinline __noclone

#endif
