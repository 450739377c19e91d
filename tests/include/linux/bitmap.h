/* SPDX-License-Identifier: GPL-2.0 */
/* What pure files need of the kernel's linux/bitmap.h. */
#ifndef TESTS_LINUX_BITMAP_H
#define TESTS_LINUX_BITMAP_H

#include <limits.h>

static inline unsigned long find_next_zero_bit(const unsigned long *bits,
					       unsigned long size,
					       unsigned long from)
{
	const unsigned int width = CHAR_BIT * sizeof(*bits);

	while (from < size && bits[from / width] >> from % width & 1)
		from++;
	return from < size ? from : size;
}

#endif
