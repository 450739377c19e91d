/* SPDX-License-Identifier: GPL-2.0 */
/* json.c APIs for who makes objects of his own. */
#ifndef CTCTL_JSON_H
#define CTCTL_JSON_H

#include <jansson.h>

#include "entry.h"

json_t *json_ends(const struct entry *e, const struct flow *f);

#endif
