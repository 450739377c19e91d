// SPDX-License-Identifier: GPL-2.0
/* Numbers in network order, at any place of the input. */
#include <arpa/inet.h>

#include "fuzz.h"
#include "proto/octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at;

	for (at = 0; at + 2 <= size; at++) {
		uint16_t number;

		memcpy(&number, data + at, sizeof(number));
		claim(octets_read16(data + at) == ntohs(number));
	}
	for (at = 0; at + 4 <= size; at++) {
		uint32_t number;

		memcpy(&number, data + at, sizeof(number));
		claim(octets_read32(data + at) == ntohl(number));
	}
	return 0;
}
