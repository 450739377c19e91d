/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's pointers to its connection tracker. */
#ifndef CTRACK_GLUE_H
#define CTRACK_GLUE_H

int ctrack_glue_init(void);
void ctrack_glue_begin(void);
void ctrack_glue_end(void);
void ctrack_glue_exit(void);

#endif
