// SPDX-License-Identifier: GPL-2.0
/*
 * Several tasks: processes that wait for a start, work, and say when they are done, so
 * that neither their making nor their end is measured.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(int fd)
{
	if (write(fd, "", 1) != 1)
		die("write to another task");
}

static void hear(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		die("a task has ended before its time");
}

/* Returns when all of them are there and wait for the start. */
void team_make(struct team *team, int nr, void (*work)(void *argument), void *argument)
{
	int i;

	team->nr = nr;
	if (pipe2(team->start, O_CLOEXEC) < 0 || pipe2(team->said, O_CLOEXEC) < 0)
		die("pipe2");
	for (i = 0; i < nr; i++) {
		team->ids[i] = fork();
		if (team->ids[i] < 0)
			die("fork");
		if (team->ids[i] == 0) {
			close(team->said[0]);
			say(team->said[1]);
			hear(team->start[0]);
			work(argument);
			say(team->said[1]);
			_exit(0);
		}
	}
	close(team->said[1]);
	team_await(team);
}

void team_start(struct team *team)
{
	int i;

	for (i = 0; i < team->nr; i++)
		say(team->start[1]);
}

/* Waits until all of them are done. */
void team_await(struct team *team)
{
	int i;

	for (i = 0; i < team->nr; i++)
		hear(team->said[0]);
}

void team_end(struct team *team)
{
	int i, status;

	for (i = 0; i < team->nr; i++) {
		if (waitpid(team->ids[i], &status, 0) < 0 || status)
			die("a task failed");
	}
	close(team->start[0]);
	close(team->start[1]);
	close(team->said[0]);
}
