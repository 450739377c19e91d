// SPDX-License-Identifier: GPL-2.0
/*
 * in_ns NS COMMAND...: runs it in that network namespace, as nsenter --net does. Most
 * commands of the selftests run so, and in an emulator starting nsenter, with its
 * libraries, takes longer than what many of them do.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[256];
	int fd;

	if (argc < 3)
		errx(2, "usage: in_ns NS COMMAND...");
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
