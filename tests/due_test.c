// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "nf/due.h"

/* As the kernel has it, whose param.h is another. */
#undef HZ
#define HZ 250

#define DAYS (5 * 24 * 3600 * HZ)

/* A bucket as nf/expiry.c keeps it, and those in it. */
struct model {
	__u32 now;
	__u32 due;
	__u32 timeout[5];
	unsigned int count;
};

static void insert(struct model *model, __s32 lifetime)
{
	model->timeout[model->count] = model->now + lifetime;
	model->due = due_earlier(model->due, model->timeout[model->count], model->now);
	model->count++;
}

static void change(struct model *model, unsigned int i, __s32 lifetime)
{
	__s32 before = model->timeout[i] - model->now;

	model->timeout[i] = model->now + lifetime;
	if (lifetime < before && !due_is_before(model->timeout[i], model->now))
		model->due = due_earlier(model->due, model->timeout[i], model->now);
}

/* Ends what has expired; returns how late it was for the last of them. */
static __s32 collect(struct model *model)
{
	__s32 late = 0, left;
	unsigned int i = 0;

	model->due = model->now + DUE_NEVER;
	while (i < model->count) {
		left = model->timeout[i] - model->now;
		if (left > 0) {
			model->due = due_earlier(model->due, model->timeout[i], model->now);
			i++;
			continue;
		}
		if (-left > late)
			late = -left;
		model->timeout[i] = model->timeout[--model->count];
	}
	return late;
}

static bool is_due(const struct model *model)
{
	return (__s32)(model->due - model->now) <= 0;
}

static __s32 some_lifetime(void)
{
	static const __s32 lifetimes[] = {
		HZ, 10 * HZ, 30 * HZ, DUE_MOST - 1, DUE_MOST, DUE_MOST + 1,
		300 * HZ, DAYS, INT32_MAX,
	};

	return lifetimes[rand() % (sizeof(lifetimes) / sizeof(lifetimes[0]))];
}

/* Whatever is prolonged, shortened, put in: a bucket is due when one expires. */
static void nothing_outlives_its_timeout(void **state)
{
	struct model model = { .now = -1000U };
	unsigned int looks = 0, i;

	srand(1);
	model.due = model.now + DUE_NEVER;
	for (i = 0; i < 1000000; i++) {
		model.now += rand() % (20 * HZ);
		if (is_due(&model)) {
			/* It is looked at once a step here, of twenty seconds. */
			assert_true(collect(&model) < 20 * HZ);
			looks++;
		}
		if (rand() % 4 == 0 && model.count < 5)
			insert(&model, some_lifetime());
		else if (model.count)
			change(&model, rand() % model.count, some_lifetime());
	}
	assert_true(looks > 1000);
}

static void an_empty_bucket_is_not_looked_into(void **state)
{
	struct model model = { .now = 12345, .due = 12345 + DUE_NEVER };

	insert(&model, HZ);
	assert_false(is_due(&model));
	model.now += HZ;
	assert_true(is_due(&model));
	collect(&model);
	model.now += 10 * DUE_MOST;
	assert_false(is_due(&model));
}

static void days_are_shortened_to_minutes_without_a_word(void **state)
{
	struct model model = { .now = 12345, .due = 12345 + DUE_NEVER };
	__u32 due;

	insert(&model, DAYS);
	due = model.due;
	model.now += HZ;
	change(&model, 0, 300 * HZ);
	assert_int_equal(model.due, due);
	change(&model, 0, HZ);
	assert_int_equal(model.due, model.now + HZ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_outlives_its_timeout),
		cmocka_unit_test(an_empty_bucket_is_not_looked_into),
		cmocka_unit_test(days_are_shortened_to_minutes_without_a_word),
	};

	return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
