/* SPDX-License-Identifier: GPL-2.0 */
/* key.c APIs: the words that name one connection. PURE. */
#ifndef CTCTL_KEY_H
#define CTCTL_KEY_H

#include "filter.h"

int key_from_words(const struct filter *f, struct entry *key, char *err, size_t size);

#endif
