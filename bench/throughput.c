// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes through a peer: by one task, by two, by many.
 */
#define _GNU_SOURCE
#include "bench.h"

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

/* Reads until so many bytes have come. */
static void get_all(const struct peer *peer, int fd, size_t bytes, size_t size)
{
	ssize_t n;

	for (; bytes; bytes -= n) {
		n = peer->get(fd, target, size < bytes ? size : bytes);
		if (n <= 0)
			die("%s: read of %zu bytes", peer->name, size);
	}
}

/* What a write and a read of so many bytes take, roughly. */
static long cost(long size)
{
	return 1500 + 2 * size;
}

/*
 * A ring goes on where it was. So that each sample begins at its start, whatever was
 * measured before, each moves a multiple of the capacity in all.
 */
static void round_off(const struct peer *peer, const struct ends *ends, size_t bytes)
{
	size_t rest = CAPACITY - bytes % CAPACITY;

	put(peer, ends->writer, rest);
	get(peer, ends->reader, rest);
}

/* One task writes a block and reads it back. An operation is both. */
double one_task(const struct peer *peer, long size)
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
	close_ends(&ends);
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
	close_ends(&job.ends);
	return (end - begin) * size / bytes;
}

double two_tasks(const struct peer *peer, long size)
{
	return from_team(peer, 1, size, operations_of_many(cost(size)));
}

double from_writers(const struct peer *peer, long nr)
{
	return from_team(peer, nr, BLOCK, operations_of_many(cost(BLOCK)));
}

/* One task writes, several read. An operation is a block. */
double to_readers(const struct peer *peer, long nr)
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
	close_ends(&job.ends);
	return (end - begin) / job.nr;
}
