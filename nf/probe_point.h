/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions that `ctctl trace` and `ctctl latency` put kprobes on. Their
 * names and arguments are an interface (Documentation/tracing.rst), so the
 * compiler must neither inline them nor make variants of them.
 */
#ifndef CTRACK_PROBE_POINT_H
#define CTRACK_PROBE_POINT_H

#include <linux/compiler.h>

/* In a module without tracing, see Kbuild, it may do as it likes. */
#ifdef CTRACK_UNTRACED
#define ctrack_probed
#else
#define ctrack_probed	noinline __noclone
#endif

#endif
