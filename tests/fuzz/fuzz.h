/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzers share: an input that is taken apart, and claims about what comes of it. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <linux/types.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

/* Ends the fuzzer, which keeps the input that led here. */
#define claim(condition)							\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__,	\
				__LINE__, #condition);				\
			abort();						\
		}								\
	} while (0)

/* What is left of an input. Once it is used up, there are zeros. */
struct fuzz_input {
	const uint8_t *data;
	size_t left;
};

static inline uint8_t fuzz_u8(struct fuzz_input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *input)
{
	uint16_t high = fuzz_u8(input);

	return high << 8 | fuzz_u8(input);
}

static inline uint32_t fuzz_u32(struct fuzz_input *input)
{
	uint32_t high = fuzz_u16(input);

	return high << 16 | fuzz_u16(input);
}

static inline void fuzz_fill(struct fuzz_input *input, void *to, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		((uint8_t *)to)[i] = fuzz_u8(input);
}

/* A copy with nothing behind it that could be read unseen; to be freed. */
static inline void *fuzz_copy(const void *from, size_t size)
{
	void *to = malloc(size ? size : 1);

	claim(to);
	if (size)
		memcpy(to, from, size);
	/* malloc(0) may be NULL, so there is an octet: it is not to be read. */
	return size ? to : (void *)((char *)to + 1);
}

static inline void fuzz_free(void *copy, size_t size)
{
	free(size ? copy : (void *)((char *)copy - 1));
}

/* The next octets of the input, at most @size, as fuzz_copy() gives them. */
static inline void *fuzz_take(struct fuzz_input *input, size_t size, size_t *got)
{
	void *to;

	*got = size < input->left ? size : input->left;
	to = fuzz_copy(input->data, *got);
	input->data += *got;
	input->left -= *got;
	return to;
}

/* The next octets up to a zero or to the end, as a string; to be freed. */
static inline char *fuzz_string(struct fuzz_input *input)
{
	size_t length = strnlen((const char *)input->data, input->left);
	char *to = malloc(length + 1);

	claim(to);
	memcpy(to, input->data, length);
	to[length] = '\0';
	length += length < input->left;
	input->data += length;
	input->left -= length;
	return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
