/* SPDX-License-Identifier: GPL-2.0 */
/* names.c APIs: words for protocols, states and status bits. PURE. */
#ifndef CTCTL_NAMES_H
#define CTCTL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One bit of CTA_STATUS: the word that is printed, and another that is understood. */
struct status_name {
	uint32_t bit;
	const char *name;
	const char *alias;
};

extern const struct status_name status_names[];
extern const size_t status_names_count;

const char *proto_name(uint8_t proto);
bool proto_by_name(const char *name, uint8_t *proto);
bool proto_has_ports(uint8_t proto);
bool proto_is_icmp(uint8_t proto);
bool proto_has_states(uint8_t proto);
uint8_t icmp_answer_type(uint8_t proto, uint8_t type);

const char *state_name(uint8_t proto, uint8_t number);
int state_number(uint8_t proto, const char *name);
const char *state_of_status(uint32_t status);
const char *state_by_name(const char *name);

uint32_t status_by_name(const char *name);

#endif
