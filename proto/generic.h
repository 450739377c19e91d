/* SPDX-License-Identifier: GPL-2.0 */
/* generic.c APIs: protocols of which only the addresses are looked at. PURE. */
#ifndef CTRACK_GENERIC_H
#define CTRACK_GENERIC_H

#include "nf/key.h"

struct ctrack_step;

struct ctrack_step generic_step(enum ctrack_direction direction);

#endif
