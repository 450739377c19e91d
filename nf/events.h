/* SPDX-License-Identifier: GPL-2.0 */
/* Telling listeners what becomes of connections (NFNLGRP_CONNTRACK_*). */
#ifndef CTRACK_EVENTS_H
#define CTRACK_EVENTS_H

#include "nf/conn.h"

void ctrack_events_tell(struct ctrack_conn *conn, u32 portid, bool report);
bool ctrack_events_tell_end(struct ctrack_conn *conn, u32 portid, bool report);
void ctrack_events_destroy(struct ctrack_conn *conn, u32 portid, bool report);

#endif
