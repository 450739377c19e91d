/* SPDX-License-Identifier: GPL-2.0 */
/* Connections of TCP, played segment by segment, for the tests that include it. */
#ifndef TESTS_TCP_PLAY_H
#define TESTS_TCP_PLAY_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/tcp.c"
#include "proto/tcp_opening.c"
#include "proto/tcp_prediction.c"
#include "proto/tcp_reset.c"
#include "proto/tcp_segment.c"
#include "proto/tcp_window.c"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Lines without a last word have none. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static const struct ctrack_options loose = {
	.tcp_loose = 1, .tcp_max_retrans = 3
};
static const struct ctrack_options strict = { .tcp_max_retrans = 3 };

/* Seconds, as an administrator finds them in the sysctls. */
#define SECONDS(name, sysctl, seconds) [CTRACK_TIMEOUT_##name] = seconds,
static const unsigned int timeout_seconds[CTRACK_TIMEOUT_COUNT] = {
	CTRACK_TIMEOUTS(SECONDS)
};

static unsigned int seconds_of(const struct ctrack_step *step)
{
	unsigned int timeout = timeout_seconds[step->timeout];
	unsigned int limit = timeout_seconds[step->limit];

	return timeout < limit ? timeout : limit;
}

/*
 * Connections: who sends (> original, < reply), which flags, seq, ack, octets,
 * the state after it, seconds to live; and what else, as one word:
 * "assured", "kept" (the timeout as it was), "invalid", "renew".
 */
struct line {
	char direction;
	const char *flags;
	__u32 seq, ack, payload;
	enum tcp_conntrack state;
	unsigned int seconds;
	const char *also;
};

static struct tcp_segment segment_of(const struct line *line)
{
	static const char letters[] = "FSRPAU";
	struct tcp_segment segment = {
		.seq = line->seq, .ack = line->ack, .sack = line->ack,
		.payload = line->payload, .window = 500,
	};
	const char *flag;

	for (flag = line->flags; *flag; flag++)
		segment.flags |= 1 << (strchr(letters, *flag) - letters);
	return segment;
}

static const char *also_of(const struct ctrack_step *step)
{
	if (step->verdict == CTRACK_INVALID)
		return "invalid";
	if (step->verdict == CTRACK_RENEW)
		return "renew";
	if (step->keep_timeout)
		return "kept";
	return step->assured ? "assured" : "";
}

static void play_on(struct tcp_state *tcp, const struct line *lines,
		    size_t count, const struct ctrack_options *options)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct line *line = &lines[i];
		struct tcp_segment segment = segment_of(line);
		const char *also = line->also ? line->also : "";
		struct ctrack_step step;

		step = tcp_step(tcp, &segment, line->direction == '<', options);
		if (strcmp(also_of(&step), also) || tcp->state != line->state ||
		    (line->seconds && seconds_of(&step) != line->seconds))
			fail_msg("line %zu, %c %s: state %d, %u s, '%s'", i + 1,
				 line->direction, line->flags, tcp->state,
				 seconds_of(&step), also_of(&step));
	}
}

#define PLAY(options, ...) do { \
	const struct line lines[] = { __VA_ARGS__ }; \
	struct tcp_state tcp = { 0 }; \
	\
	play_on(&tcp, lines, COUNT(lines), options); \
} while (0)

#define SYN_SENT TCP_CONNTRACK_SYN_SENT
#define SYN_SENT2 TCP_CONNTRACK_SYN_SENT2
#define SYN_RECV TCP_CONNTRACK_SYN_RECV
#define ESTABLISHED TCP_CONNTRACK_ESTABLISHED
#define FIN_WAIT TCP_CONNTRACK_FIN_WAIT
#define CLOSE_WAIT TCP_CONNTRACK_CLOSE_WAIT
#define LAST_ACK TCP_CONNTRACK_LAST_ACK
#define TIME_WAIT TCP_CONNTRACK_TIME_WAIT
#define CLOSE TCP_CONNTRACK_CLOSE

#define HANDSHAKE \
	{ '>', "S", 100, 0, 0, SYN_SENT, 120 }, \
	{ '<', "SA", 900, 101, 0, SYN_RECV, 60 }, \
	{ '>', "A", 101, 901, 0, ESTABLISHED, 432000, "assured" }

#endif
