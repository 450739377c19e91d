/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTCTL_ARRAY_H
#define CTCTL_ARRAY_H

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
