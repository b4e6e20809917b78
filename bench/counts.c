// SPDX-License-Identifier: GPL-2.0
/*
 * What is counted instead of timed: wake-ups and memory.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NR_WRITES 64
#define NR_FILES 64

struct crowd {
	const struct peer *peer;
	struct ends ends;
};

static void read_bytes(void *argument)
{
	struct crowd *crowd = argument;
	char byte;

	close(crowd->ends.writer);
	while (crowd->peer->get(crowd->ends.reader, &byte, 1) == 1)
		;
}

/* The line of the task's status that begins with KEY, without that. */
static void task_status(pid_t id, const char *key, char *value, size_t size)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", id);
	file = fopen(path, "r");
	if (!file)
		die("open %s", path);
	do {
		if (!fgets(line, sizeof(line), file))
			die("%s has no %s", path, key);
	} while (strncmp(line, key, strlen(key)));
	fclose(file);
	snprintf(value, size, "%s", line + strlen(key));
}

/* How often they have gone to sleep. */
static long sleeps(const struct team *team)
{
	char value[64];
	long sum = 0;
	int i;

	for (i = 0; i < team->nr; i++) {
		task_status(team->ids[i], "voluntary_ctxt_switches:", value, sizeof(value));
		sum += atol(value);
	}
	return sum;
}

/* Until all of them sleep, and nothing is left to read. */
static void await_sleep(const struct team *team, int reader)
{
	char value[64];
	int i, bytes;

	for (;;) {
		usleep(1000);
		if (ioctl(reader, FIONREAD, &bytes) < 0)
			die("FIONREAD");
		for (i = 0; i < team->nr && !bytes; i++) {
			task_status(team->ids[i], "State:", value, sizeof(value));
			if (!strchr(value, 'S'))
				break;
		}
		if (i == team->nr)
			return;
	}
}

/*
 * So many readers wait, a byte is written. Whoever was woken for it goes to sleep again, be it
 * that he got it or not: so their sleeps tell how many a write wakes.
 */
double wakeups(const struct peer *peer, long nr)
{
	struct crowd crowd = { .peer = peer };
	struct team team;
	long before, count;
	int i;

	peer->open(peer, &crowd.ends);
	team_make(&team, nr, read_bytes, &crowd);
	team_start(&team);
	await_sleep(&team, crowd.ends.reader);
	before = sleeps(&team);
	for (i = 0; i < NR_WRITES; i++) {
		if (peer->put(crowd.ends.writer, "", 1) != 1)
			die("%s: write", peer->name);
		await_sleep(&team, crowd.ends.reader);
	}
	count = sleeps(&team) - before;
	close(crowd.ends.writer);
	crowd.ends.writer = -1;
	team_await(&team);
	team_end(&team);
	close_ends(&crowd.ends);
	return (double)count / NR_WRITES;
}

/* Bytes of memory that an open file keeps. */
double memory_of_file(const struct peer *peer, long unused)
{
	struct allocated sum;
	struct ends ends;
	int fds[NR_FILES];
	int i, turn;

	peer->open(peer, &ends);
	/* Twice, as the first time the process's table of files grows. */
	for (turn = 0; turn < 2; turn++) {
		trace_begin();
		for (i = 0; i < NR_FILES; i++)
			fds[i] = open_node(peer);
		sum = trace_end();
		for (i = 0; i < NR_FILES; i++)
			close(fds[i]);
	}
	close_ends(&ends);
	return (double)sum.kept / NR_FILES;
}

/* Bytes of memory that are allocated for a write of a block and its read. */
double memory_of_block(const struct peer *peer, long size)
{
	static char block[CAPACITY];
	struct allocated sum;
	struct ends ends;
	int i, turn;

	peer->open(peer, &ends);
	/* Twice, as the first time a peer may allocate what it then keeps. */
	for (turn = 0; turn < 2; turn++) {
		trace_begin();
		for (i = 0; i < NR_WRITES; i++) {
			if (peer->put(ends.writer, block, size) != size ||
			    peer->get(ends.reader, block, size) != size)
				die("%s: write and read", peer->name);
		}
		sum = trace_end();
	}
	close_ends(&ends);
	return (double)sum.all / NR_WRITES;
}
