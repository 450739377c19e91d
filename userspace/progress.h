/* SPDX-License-Identifier: GPL-2.0 */
/* progress.c APIs: that something is happening, and that it is to stop. */
#ifndef CTCTL_PROGRESS_H
#define CTCTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

void progress_show(const char *doing, size_t done, size_t count);
void progress_end(void);

void interrupt_catch(void);
bool interrupted(void);

#endif
