/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel's linux/types.h has over the one for userspace. */
#ifndef TESTS_LINUX_TYPES_H
#define TESTS_LINUX_TYPES_H

#include <stdbool.h>

#ifndef __force
#define __force
#endif
#include <stddef.h>
#include_next <linux/types.h>

#endif
