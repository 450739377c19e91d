/* SPDX-License-Identifier: GPL-2.0 */
/* trace_names.c APIs: words for what a trace shows. PURE. */
#ifndef CTCTL_TRACE_NAMES_H
#define CTCTL_TRACE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

const char *reason_text(const char *name);
const char *reason_rule(const char *name);
const char *trace_event_name(uint8_t event);
bool trace_events_by_names(const char *names, uint32_t *events);
const char *trace_cause_name(uint8_t cause);
const char *trace_cause_text(uint8_t cause);

#endif
