// SPDX-License-Identifier: GPL-2.0
/*
 * streams CLIENT-NS SERVER-NS LISTEN CONNECT PORT COUNT AT-ONCE: COUNT TCP
 * connections, AT-ONCE of them at a time, from one network namespace to
 * another, LISTEN as CONNECT reaches it. Each octet is looked at, and how each
 * connection ends. Says how many there were, and of those that went wrong how.
 *
 * Both ends of all connections are in this one process, with one epoll for all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Octet i of a stream is (seed + i) % PERIOD; a prime, which no buffer's size is a multiple of. */
#define PERIOD 251
#define CHUNK 16384
/* Nothing happens any more for so long: it is not going to. */
#define PATIENCE_MS 60000
#define COMPLAINTS_MAX 20
#define CLIENT_PORT_FIRST 40000
#define CLIENT_PORTS 40

/* When an end begins to send. */
enum start {
	AT_ONCE,
	WHEN_ALL_CAME,
	AFTER_THE_END,
};

/* How it leaves. */
enum leave {
	/* By a FIN, behind its last octet. */
	FIRST,
	/* By a FIN, when the other end has sent its own. */
	SECOND,
	/* By a reset, when all has come, and ... */
	RESET,
	/* ... when half of it has, with the rest under way. */
	RESET_EARLY,
};

/**
 * struct part - what one end does in a connection
 * @octets: how many it sends
 * @pause_ms: so long it does nothing after the handshake
 * @buffer: for how many octets it has room; 0: what is usual
 */
struct part {
	enum start start;
	enum leave leave;
	uint32_t octets;
	uint32_t pause_ms;
	int buffer;
};

/**
 * struct play - a kind of connection; its port is PORT and its place in plays[]
 * @refused: nobody listens there
 * @fast_open: the client's first octets lie in its SYN (RFC 7413)
 */
struct play {
	const char *name;
	struct part client;
	struct part server;
	bool refused;
	bool fast_open;
};

static const struct play plays[] = {
	{ "question and answer", { AT_ONCE, FIRST, 100 }, { WHEN_ALL_CAME, SECOND, 300 } },
	{ "the server closes first", { AT_ONCE, SECOND, 100 }, { WHEN_ALL_CAME, FIRST, 3000 } },
	{ "the server speaks first", { WHEN_ALL_CAME, FIRST, 500 }, { AT_ONCE, SECOND, 50 } },
	{ "data both ways", { AT_ONCE, FIRST, 30000 }, { AT_ONCE, FIRST, 30000 } },
	{ "data both ways, one end waits", { AT_ONCE, SECOND, 20000 }, { AT_ONCE, FIRST, 40000 } },
	{ "the client's half is closed", { AT_ONCE, FIRST, 2000 }, { AFTER_THE_END, SECOND, 20000 } },
	{ "the server's half is closed", { AFTER_THE_END, SECOND, 20000 }, { AT_ONCE, FIRST, 2000 } },
	{ "nothing is said", { AT_ONCE, FIRST, 0 }, { AT_ONCE, FIRST, 0 } },
	/*
	 * Who aborts leaves resets behind for what comes late, and those that
	 * answer what came before the last octets are none that anybody believes:
	 * the handshake is given time to be over.
	 */
	{ "the client aborts", { AT_ONCE, RESET, 100 }, { WHEN_ALL_CAME, SECOND, 300, .pause_ms = 300 } },
	{ "the client aborts a download", { AT_ONCE, RESET_EARLY, 100 }, { WHEN_ALL_CAME, SECOND, 60000 } },
	{ "the server aborts", { AT_ONCE, SECOND, 300 }, { WHEN_ALL_CAME, RESET, 0, .pause_ms = 300 } },
	{ "refused", { AT_ONCE, FIRST, 0 }, { 0 }, .refused = true },
	{ "fast open", { AT_ONCE, FIRST, 200 }, { WHEN_ALL_CAME, SECOND, 2000 }, .fast_open = true },
	{ "kept alive", { AT_ONCE, FIRST, 100, .pause_ms = 2500 }, { WHEN_ALL_CAME, SECOND, 100 } },
	{ "the window closes", { AT_ONCE, SECOND, 100, .pause_ms = 1500, .buffer = 4096 },
	  { AT_ONCE, FIRST, 40000 } },
};

/**
 * struct end - one end of a connection, or a listener
 * @play: what is played
 * @own: this end's part in it
 * @other: the other end's
 * @wake: when its pause is over; 0: it is
 * @fd: its socket
 * @sent: octets
 * @received: octets
 * @seed: of what it receives
 * @established: the handshake is over
 * @said_all: its FIN is sent
 * @heard_all: the other end's FIN came
 * @listens: it is a listener
 * @events: what it waits for
 * @next: of those that pause
 */
struct end {
	const struct play *play;
	const struct part *own;
	const struct part *other;
	uint64_t wake;
	int fd;
	uint32_t sent;
	uint32_t received;
	uint8_t seed;
	bool established;
	bool said_all;
	bool heard_all;
	bool listens;
	uint32_t events;
	struct end *next;
};

static uint8_t stream[PERIOD + CHUNK];
static struct end *pausing;
static struct sockaddr_storage listen_address, connect_address;
static int epoll_fd;
static unsigned int port;
static struct {
	unsigned int clients;
	unsigned int clients_open;
	unsigned int clients_done;
	unsigned int servers_open;
	unsigned int servers_done;
	unsigned int servers_wanted;
	unsigned int wrong;
} count;

static void die(const char *what)
{
	fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static void enter(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static void parse_address(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;

	address->ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (!inet_pton(address->ss_family, text,
		       address->ss_family == AF_INET ? (void *)&v4->sin_addr : &v6->sin6_addr))
		die(text);
}

/* The port lies at the same place in both. */
static struct sockaddr *with_port(struct sockaddr_storage *address, const struct play *play)
{
	((struct sockaddr_in *)address)->sin_port = htons(port + (play - plays));
	return (struct sockaddr *)address;
}

static void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die("setsockopt");
}

/* A peer that is gone is found out by keepalives, when its reset was lost. */
static int open_socket(const struct part *part)
{
	int fd = socket(listen_address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 30);
	if (part->buffer)
		set_option(fd, SOL_SOCKET, SO_RCVBUF, part->buffer);
	return fd;
}

static void watch(struct end *end, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = end };

	if (epoll_ctl(epoll_fd, operation, end->fd, &event))
		die("epoll_ctl");
	end->events = events;
}

static struct end *new_end(const struct play *play, bool is_client, int fd, uint32_t events)
{
	struct end *end = calloc(1, sizeof(*end));

	if (!end)
		die("calloc");
	end->play = play;
	end->own = is_client ? &play->client : &play->server;
	end->other = is_client ? &play->server : &play->client;
	end->fd = fd;
	watch(end, EPOLL_CTL_ADD, events);
	return end;
}

static bool is_client(const struct end *end)
{
	return end->own == &end->play->client;
}

static void forget(struct end *end)
{
	close(end->fd);
	if (is_client(end))
		count.clients_open--;
	else
		count.servers_open--;
	free(end);
}

static void done(struct end *end)
{
	if (is_client(end))
		count.clients_done++;
	else
		count.servers_done++;
	forget(end);
}

/* The client's port, as this end knows it. */
static unsigned int port_of(const struct end *end)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);

	if (is_client(end))
		getsockname(end->fd, (struct sockaddr *)&address, &length);
	else
		getpeername(end->fd, (struct sockaddr *)&address, &length);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static void wrong(struct end *end, const char *what)
{
	if (++count.wrong <= COMPLAINTS_MAX)
		printf("port %u to port %u: %s, %s: %s after %u octets of %u sent, %u of %u received\n", port_of(end),
		       port + (unsigned int)(end->play - plays), end->play->name, is_client(end) ? "client" : "server",
		       what, end->sent, end->own->octets, end->received, end->other->octets);
	forget(end);
}

static bool resets(const struct part *part)
{
	return part->leave == RESET || part->leave == RESET_EARLY;
}

/*
 * A SYN with data that the network doubled opens a second connection, which the
 * client knows nothing of (RFC 7413 section 2).
 */
static bool is_doubled(const struct end *end)
{
	return end->play->fast_open && !is_client(end);
}

/* An error came instead of octets. */
static void failed(struct end *end, int error)
{
	if (end->play->refused && error == ECONNREFUSED) {
		done(end);
	} else if (resets(end->other) && (error == ECONNRESET || error == EPIPE)) {
		done(end);
	} else if (is_doubled(end) && (error == ECONNRESET || error == EPIPE)) {
		forget(end);
	} else {
		wrong(end, strerror(error));
	}
}

static void leave_by_reset(struct end *end)
{
	struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		die("SO_LINGER");
	done(end);
}

static bool may_send(const struct end *end)
{
	switch (end->own->start) {
	case WHEN_ALL_CAME:
		return end->received == end->other->octets;
	case AFTER_THE_END:
		return end->heard_all;
	default:
		return true;
	}
}

/* The own stream's seed is the socket's number: two at a time don't have the same. */
static bool send_some(struct end *end)
{
	while (end->sent < end->own->octets && may_send(end)) {
		uint32_t length = end->own->octets - end->sent;
		ssize_t sent;

		if (length > CHUNK)
			length = CHUNK;
		sent = send(end->fd, stream + (end->fd + end->sent) % PERIOD, length, MSG_NOSIGNAL);
		if (sent < 0 && (errno == EAGAIN || errno == EINPROGRESS))
			break;
		if (sent < 0) {
			failed(end, errno);
			return false;
		}
		end->sent += sent;
	}
	return true;
}

static bool receive_some(struct end *end)
{
	uint8_t octets[CHUNK];

	while (!end->heard_all) {
		ssize_t length = recv(end->fd, octets, sizeof(octets), 0);

		if (length < 0 && errno == EAGAIN)
			break;
		if (length < 0) {
			failed(end, errno);
			return false;
		}
		if (!length) {
			end->heard_all = true;
			break;
		}
		if (!end->received)
			end->seed = octets[0];
		if (memcmp(octets, stream + (end->seed + end->received) % PERIOD, length)) {
			wrong(end, "other octets than were sent");
			return false;
		}
		end->received += length;
		if (end->own->leave == RESET_EARLY && end->received > end->other->octets / 2)
			break;
	}
	return true;
}

/* Ends what is to be ended now; false: it is gone. */
static bool leave_when_due(struct end *end)
{
	bool all = end->sent == end->own->octets;

	if (end->own->leave == RESET_EARLY && all && end->received > end->other->octets / 2) {
		leave_by_reset(end);
		return false;
	}
	if (end->received > end->other->octets || (end->heard_all && end->received < end->other->octets)) {
		wrong(end, "not as many octets as were sent");
		return false;
	}
	if (end->own->leave == RESET && all && end->received == end->other->octets) {
		leave_by_reset(end);
		return false;
	}
	if (!end->said_all && all && (end->own->leave == FIRST || end->heard_all) && !resets(end->own)) {
		if (shutdown(end->fd, SHUT_WR)) {
			failed(end, errno);
			return false;
		}
		end->said_all = true;
	}
	if (end->said_all && end->heard_all) {
		if (resets(end->other))
			wrong(end, "a FIN instead of a reset");
		else
			done(end);
		return false;
	}
	return true;
}

static void established(struct end *end)
{
	end->established = true;
	if (!end->own->pause_ms)
		return;
	end->wake = now_ms() + end->own->pause_ms;
	end->next = pausing;
	pausing = end;
	watch(end, EPOLL_CTL_MOD, 0);
}

static void act(struct end *end)
{
	uint32_t events = EPOLLIN | EPOLLRDHUP;

	if (!receive_some(end) || !send_some(end) || !leave_when_due(end))
		return;
	if (end->heard_all)
		events = 0;
	if (end->sent < end->own->octets && may_send(end))
		events |= EPOLLOUT;
	if (events != end->events)
		watch(end, EPOLL_CTL_MOD, events);
}

static void wake_those_due(void)
{
	uint64_t now = now_ms();
	struct end **place = &pausing;

	while (*place) {
		struct end *end = *place;

		if (end->wake > now) {
			place = &end->next;
			continue;
		}
		*place = end->next;
		end->wake = 0;
		act(end);
	}
}

static void accept_all(struct end *listener)
{
	struct end *end;
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		count.servers_open++;
		end = new_end(listener->play, false, fd, EPOLLIN);
		established(end);
		if (!end->wake)
			act(end);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		die("accept");
}

static void handle(struct end *end, uint32_t events)
{
	socklen_t length = sizeof(int);
	int error = 0;

	if (end->listens) {
		accept_all(end);
		return;
	}
	if (end->wake) {
		/* Errors and hang-ups are told of always; they can wait. */
		if (events & (EPOLLERR | EPOLLHUP))
			end->wake = 1;
		return;
	}
	if (!end->established) {
		if (getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &error, &length))
			die("SO_ERROR");
		if (error) {
			failed(end, error);
			return;
		}
		established(end);
		if (end->wake)
			return;
		if (end->play->refused) {
			wrong(end, "connected where nobody listens");
			return;
		}
	}
	act(end);
}

static void listen_all(void)
{
	const struct play *play;
	int fd;

	for (play = plays; play < plays + ARRAY_SIZE(plays); play++) {
		if (play->refused)
			continue;
		fd = open_socket(&play->server);
		set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		if (play->fast_open)
			set_option(fd, IPPROTO_TCP, TCP_FASTOPEN, 1024);
		if (bind(fd, with_port(&listen_address, play), sizeof(listen_address)) || listen(fd, 4096))
			die("listen");
		new_end(play, false, fd, EPOLLIN)->listens = true;
	}
}

/*
 * Each kind of connection has a few ports, one after the other: a port comes
 * again soon, but not before the last connection's segments are gone.
 */
static void bind_client(int fd, const struct play *play)
{
	static unsigned int used[ARRAY_SIZE(plays)];
	struct sockaddr_storage any = { .ss_family = connect_address.ss_family };

	((struct sockaddr_in *)&any)->sin_port =
		htons(CLIENT_PORT_FIRST + used[play - plays]++ % CLIENT_PORTS);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
}

/* false: its port is still in use. */
static bool connect_one(const struct play *play)
{
	int fd = open_socket(&play->client);
	struct end *end;

	bind_client(fd, play);
	if (play->fast_open)
		set_option(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
	if (connect(fd, with_port(&connect_address, play), sizeof(connect_address)) && errno != EINPROGRESS) {
		if (errno != EADDRNOTAVAIL)
			die("connect");
		close(fd);
		return false;
	}
	count.clients_open++;
	count.clients++;
	if (!play->refused)
		count.servers_wanted++;
	end = new_end(play, true, fd, EPOLLOUT);
	/* There is no SYN before there is data for it. */
	if (play->fast_open)
		send_some(end);
	return true;
}

static void connect_some(unsigned int wanted, unsigned int at_once)
{
	while (count.clients < wanted && count.clients_open < at_once)
		if (!connect_one(&plays[count.clients % ARRAY_SIZE(plays)]))
			break;
}

static bool is_over(unsigned int wanted)
{
	return count.clients == wanted && !count.clients_open && !count.servers_open &&
	       (count.wrong || count.servers_done >= count.servers_wanted);
}

static void play_all(unsigned int wanted, unsigned int at_once)
{
	struct epoll_event events[256];
	uint64_t last = now_ms(), now;
	int i, ready;

	while (!is_over(wanted)) {
		connect_some(wanted, at_once);
		ready = epoll_wait(epoll_fd, events, ARRAY_SIZE(events), 20);
		if (ready < 0 && errno != EINTR)
			die("epoll_wait");
		for (i = 0; i < ready; i++)
			handle(events[i].data.ptr, events[i].events);
		wake_those_due();
		now = now_ms();
		if (ready > 0)
			last = now;
		if (now - last > PATIENCE_MS) {
			count.wrong += count.clients_open + count.servers_open;
			printf("nothing happens any more: %u clients and %u servers are open, %u of %u servers done\n",
			       count.clients_open, count.servers_open, count.servers_done, count.servers_wanted);
			return;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 8) {
		fprintf(stderr, "usage: streams CLIENT-NS SERVER-NS LISTEN CONNECT PORT COUNT AT-ONCE\n");
		return 2;
	}
	for (i = 0; i < sizeof(stream); i++)
		stream[i] = i % PERIOD;
	parse_address(argv[3], &listen_address);
	parse_address(argv[4], &connect_address);
	port = atoi(argv[5]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		die("epoll_create1");

	enter(argv[2]);
	listen_all();
	enter(argv[1]);
	play_all(atoi(argv[6]), atoi(argv[7]));

	printf("%u connections, %u wrong\n", count.clients_done, count.wrong);
	return count.wrong || !count.clients_done;
}
