// SPDX-License-Identifier: GPL-2.0
/*
 * The measures: bytes through a peer, by one task, by two, by many; single calls; and wake-ups
 * and memory, which are counted instead of timed.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The block of the measures with many tasks: the most that a pipe takes whole. */
#define BLOCK 4096

static _Alignas(4096) char source[CAPACITY] = { 1 };
static _Alignas(4096) char target[CAPACITY] = { 1 };

static void put(const struct peer *peer, int fd, size_t size)
{
	if (peer->put(fd, source, size) != (ssize_t)size)
		die("%s: write of %zu bytes", peer->name, size);
}

static void get(const struct peer *peer, int fd, size_t size)
{
	if (peer->get(fd, target, size) != (ssize_t)size)
		die("%s: read of %zu bytes", peer->name, size);
}

/* Reads `bytes` bytes. */
static void get_all(const struct peer *peer, int fd, size_t bytes, size_t size)
{
	ssize_t n;

	for (; bytes; bytes -= n) {
		n = peer->get(fd, target, size < bytes ? size : bytes);
		if (n <= 0)
			die("%s: read of %zu bytes", peer->name, size);
	}
}

/* Roughly the instructions of a write and a read of `size` bytes. */
static long cost(long size)
{
	return 1500 + 2 * size;
}

/*
 * Each sample moves a multiple of the capacity in all, so that the next one begins at the start
 * of the ring.
 */
static void round_off(const struct peer *peer, const struct ends *ends, size_t bytes)
{
	size_t rest = CAPACITY - bytes % CAPACITY;

	put(peer, ends->writer, rest);
	get(peer, ends->reader, rest);
}

/* One task writes a block and reads it back. An operation is both. */
static double one_task(const struct peer *peer, long size)
{
	long i, nr = operations(cost(size));
	struct ends ends;
	double begin, end;

	peer->open(peer, &ends);
	round_off(peer, &ends, 0);
	begin = now();
	for (i = 0; i < nr; i++) {
		put(peer, ends.writer, size);
		get(peer, ends.reader, size);
	}
	end = now();
	round_off(peer, &ends, nr * size);
	close_ends(peer, &ends);
	return (end - begin) / nr;
}

struct job {
	const struct peer *peer;
	struct ends ends;
	long nr;
	long size;
};

static void write_blocks(void *argument)
{
	struct job *job = argument;
	long i;

	for (i = 0; i < job->nr; i++)
		put(job->peer, job->ends.writer, job->size);
}

/* Reads until the end of file. */
static void read_blocks(void *argument)
{
	struct job *job = argument;
	ssize_t n;

	close(job->ends.writer);
	do {
		n = job->peer->get(job->ends.reader, target, job->size);
		if (n < 0)
			die("%s: read", job->peer->name);
	} while (n > 0);
}

/* Several tasks write blocks, this one reads them. An operation is a block. */
static double from_team(const struct peer *peer, long writers, long size, long nr)
{
	struct job job = { .peer = peer, .nr = nr / writers, .size = size };
	long bytes = job.nr * writers * size;
	struct team team;
	double begin, end;

	peer->open(peer, &job.ends);
	round_off(peer, &job.ends, 0);
	team_make(&team, writers, write_blocks, &job);
	begin = now();
	team_start(&team);
	get_all(peer, job.ends.reader, bytes, size);
	end = now();
	team_await(&team);
	team_end(&team);
	round_off(peer, &job.ends, bytes);
	close_ends(peer, &job.ends);
	return (end - begin) * size / bytes;
}

static double two_tasks(const struct peer *peer, long size)
{
	return from_team(peer, 1, size, operations_of_many(cost(size)));
}

static double from_writers(const struct peer *peer, long nr)
{
	return from_team(peer, nr, BLOCK, operations_of_many(cost(BLOCK)));
}

/* One task writes, several read. An operation is a block. */
static double to_readers(const struct peer *peer, long nr)
{
	struct job job = { .peer = peer, .size = BLOCK };
	struct team team;
	double begin, end;

	job.nr = operations_of_many(cost(BLOCK));
	peer->open(peer, &job.ends);
	team_make(&team, nr, read_blocks, &job);
	begin = now();
	team_start(&team);
	write_blocks(&job);
	close(job.ends.writer);
	job.ends.writer = -1;
	team_await(&team);
	end = now();
	team_end(&team);
	close_ends(peer, &job.ends);
	return (end - begin) / job.nr;
}

/* Each task takes a number from a pipe: pair N has the tasks 2N, which writes, and 2N + 1. */
struct pairs {
	struct job job;
	struct ends ends[MAX_TASKS / 2];
	int numbers[2];
};

static void serve_pair(void *argument)
{
	struct pairs *pairs = argument;
	struct job job = pairs->job;
	char number;

	if (read(pairs->numbers[0], &number, 1) != 1)
		die("read a number");
	job.ends = pairs->ends[number / 2];
	if (number % 2)
		get_all(job.peer, job.ends.reader, job.nr * job.size, job.size);
	else
		write_blocks(&job);
}

/* Pairs of tasks, each with a peer of its own. An operation is a block of any of them. */
static double many_pairs(const struct peer *peer, long nr)
{
	struct pairs pairs = { .job = { .peer = peer, .size = BLOCK } };
	struct team team;
	double begin, end;
	char number;

	pairs.job.nr = operations_of_many(cost(BLOCK)) / nr;
	if (pipe(pairs.numbers) < 0)
		die("pipe");
	for (number = 0; number < 2 * nr; number++) {
		if (write(pairs.numbers[1], &number, 1) != 1)
			die("write a number");
		if (number % 2)
			peer->open(peer, &pairs.ends[number / 2]);
	}
	team_make(&team, 2 * nr, serve_pair, &pairs);
	begin = now();
	team_start(&team);
	team_await(&team);
	end = now();
	team_end(&team);
	for (number = 0; number < nr; number++)
		close_ends(peer, &pairs.ends[(int)number]);
	close(pairs.numbers[0]);
	close(pairs.numbers[1]);
	return (end - begin) / pairs.job.nr / nr;
}

struct echo {
	const struct peer *peer, *answers;
	struct ends there, back;
	long nr;
};

static void echo_bytes(void *argument)
{
	struct echo *echo = argument;
	char byte;
	long i;

	for (i = 0; i < echo->nr; i++) {
		if (echo->peer->get(echo->there.reader, &byte, 1) != 1 ||
		    echo->answers->put(echo->back.writer, &byte, 1) != 1)
			die("%s: an answer", echo->peer->name);
	}
}

/*
 * A byte goes to another task through the peer, and the answer comes through `back`. An operation
 * is one round trip.
 */
static double round_trips(const struct peer *peer, const struct peer *back)
{
	struct echo echo = { .peer = peer, .answers = back, .nr = operations_of_many(10000) };
	struct team team;
	double begin, end;
	char byte = 1;
	long i;

	peer->open(peer, &echo.there);
	back->open(back, &echo.back);
	team_make(&team, 1, echo_bytes, &echo);
	team_start(&team);
	begin = now();
	for (i = 0; i < echo.nr; i++) {
		if (peer->put(echo.there.writer, &byte, 1) != 1 ||
		    back->get(echo.back.reader, &byte, 1) != 1)
			die("%s: ping-pong", peer->name);
	}
	end = now();
	team_await(&team);
	team_end(&team);
	close_ends(back, &echo.back);
	close_ends(peer, &echo.there);
	return (end - begin) / echo.nr;
}

/* The answer comes through a pipe, as a device is one FIFO. It adds the same to all peers. */
static double ping_pong(const struct peer *peer, long unused)
{
	return round_trips(peer, &peers[0]);
}

static double both_ways(const struct peer *peer, long unused)
{
	return round_trips(peer, peer);
}

/*
 * Times `nr` calls on a peer whose ends stay open. Inline, so that the call that is measured
 * is a direct one.
 */
[[gnu::always_inline]] static inline double time_calls(const struct peer *peer, long nr,
						       void (*call)(const struct peer *peer,
								    const struct ends *ends))
{
	struct ends ends;
	double begin, end;
	long i;

	peer->open(peer, &ends);
	begin = now();
	for (i = 0; i < nr; i++)
		call(peer, &ends);
	end = now();
	close_ends(peer, &ends);
	return (end - begin) / nr;
}

/* A node stays open meanwhile, so that its state is not created each time. */
static void call_open(const struct peer *peer, const struct ends *ends)
{
	open_and_close(peer);
}

static double opens(const struct peer *peer, long unused)
{
	return time_calls(peer, operations(5000), call_open);
}

/* Polls the reader's end without bytes, and without waiting. */
static void call_poll(const struct peer *peer, const struct ends *ends)
{
	struct pollfd fd = { .fd = ends->reader, .events = POLLIN };

	if (poll(&fd, 1, 0) != 0)
		die("%s: poll says %#x", peer->name, fd.revents);
}

static double polls(const struct peer *peer, long unused)
{
	return time_calls(peer, operations(1000), call_poll);
}

static void call_fionread(const struct peer *peer, const struct ends *ends)
{
	int bytes = -1;

	if (ioctl(ends->reader, FIONREAD, &bytes) < 0 || bytes != 0)
		die("%s: FIONREAD says %d", peer->name, bytes);
}

static double fionreads(const struct peer *peer, long unused)
{
	return time_calls(peer, operations(800), call_fionread);
}

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

/* How often the tasks of a team have slept. */
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
 * `nr` readers wait, and a byte is written. Each reader that the write wakes goes to sleep again,
 * whether it got the byte or not, so the number of sleeps is the number of wake-ups.
 */
static double wakeups(const struct peer *peer, long nr)
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
	close_ends(peer, &crowd.ends);
	return (double)count / NR_WRITES;
}

/* Bytes of memory that an open file keeps, or the two ends of a peer without a name. */
static double memory_of_file(const struct peer *peer, long unused)
{
	struct allocated sum;
	struct ends ends, fresh[NR_FILES];
	int i, turn;

	peer->open(peer, &ends);
	/* Twice, as the first time the process's table of files grows. */
	for (turn = 0; turn < 2; turn++) {
		trace_begin();
		for (i = 0; i < NR_FILES; i++) {
			if (peer->node)
				fresh[i].reader = fresh[i].writer = open_node(peer);
			else
				peer->open(peer, &fresh[i]);
		}
		sum = trace_end();
		for (i = 0; i < NR_FILES; i++)
			close_ends(peer, &fresh[i]);
	}
	close_ends(peer, &ends);
	return (double)sum.kept / NR_FILES;
}

/* Bytes of memory that are allocated for a write of a block and its read. */
static double memory_of_block(const struct peer *peer, long size)
{
	static char block[CAPACITY];
	struct allocated sum;
	struct ends ends;
	int i, turn;

	peer->open(peer, &ends);
	/* Twice, as a peer may allocate memory once and keep it. */
	for (turn = 0; turn < 2; turn++) {
		trace_begin();
		for (i = 0; i < NR_WRITES; i++) {
			if (peer->put(ends.writer, block, size) != size ||
			    peer->get(ends.reader, block, size) != size)
				die("%s: write and read", peer->name);
		}
		sum = trace_end();
	}
	close_ends(peer, &ends);
	return (double)sum.all / NR_WRITES;
}

static bool waits(const struct peer *peer)
{
	return peer->waits;
}

/* Several tasks can use an end, and calls on its file do the work. */
static bool is_file(const struct peer *peer)
{
	return peer->waits && !peer->unmap;
}

static bool is_not_mapped(const struct peer *peer)
{
	return !peer->unmap;
}

/* A peer without a name can be there several times. */
static bool has_no_name(const struct peer *peer)
{
	return peer->waits && !peer->node;
}

#define SIZES { 1, 64, 512, 4096, 16384, 65536 }
#define CROWDS { 1, 2, 4, 8 }

const struct measure measures[] = {
	{ .name = "one", .parameters = SIZES, .run = one_task },
	{ .name = "two", .parameters = SIZES, .run = two_tasks, .many = true, .applies = waits },
	{ .name = "pingpong",
	  .parameters = { 1 },
	  .run = ping_pong,
	  .many = true,
	  .applies = waits },
	{ .name = "bothways",
	  .parameters = { 1 },
	  .run = both_ways,
	  .many = true,
	  .applies = has_no_name },
	{ .name = "pairs",
	  .parameters = CROWDS,
	  .run = many_pairs,
	  .many = true,
	  .applies = has_no_name },
	{ .name = "readers",
	  .parameters = CROWDS,
	  .run = to_readers,
	  .many = true,
	  .applies = is_file },
	{ .name = "writers",
	  .parameters = CROWDS,
	  .run = from_writers,
	  .many = true,
	  .applies = is_file },
	{ .name = "open", .parameters = { 1 }, .run = opens },
	{ .name = "poll", .parameters = { 1 }, .run = polls, .applies = is_file },
	{ .name = "fionread", .parameters = { 1 }, .run = fionreads, .applies = is_file },
	{ .name = "wakeups",
	  .parameters = CROWDS,
	  .run = wakeups,
	  .counts = true,
	  .applies = is_file },
	{ .name = "file",
	  .parameters = { 1 },
	  .run = memory_of_file,
	  .counts = true,
	  .applies = is_not_mapped },
	{ .name = "block",
	  .parameters = SIZES,
	  .run = memory_of_block,
	  .counts = true,
	  .applies = is_not_mapped },
};

const size_t nr_measures = ARRAY_SIZE(measures);
