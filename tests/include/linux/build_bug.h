/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_LINUX_BUILD_BUG_H
#define TESTS_LINUX_BUILD_BUG_H

#include <assert.h>

/* Like the kernel's, and unlike C11's, without a message if need be. */
#undef static_assert
#define static_assert(expression, ...) \
	_Static_assert(expression, "" __VA_ARGS__)

#endif
