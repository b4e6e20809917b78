/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the files of the benchmark: the peers, the measures, tasks.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The capacity of each peer that lets us set it. */
#define CAPACITY 65536L

/* One writing and one reading end; the same file if a peer has but one. */
struct ends {
	int writer;
	int reader;
};

struct peer {
	const char *name;
	/* The path of a device or a FIFO; NULL for a peer without a name. */
	const char *node;
	void (*open)(const struct peer *peer, struct ends *ends);
	ssize_t (*put)(int fd, const void *data, size_t size);
	ssize_t (*get)(int fd, void *data, size_t size);
	/* A reader waits for bytes, a writer for room, and a last close is an end of file. */
	bool waits;
	/* Of a peer in shared memory, whose ends are for one task each: called before a close. */
	void (*unmap)(int fd);
};

extern const struct peer peers[];
extern const size_t nr_peers;

void close_ends(const struct peer *peer, struct ends *ends);

/* Opens a peer that has a name once more. */
int open_node(const struct peer *peer);

/* The same, or creates a peer without a name; and closes it. */
void open_and_close(const struct peer *peer);

/* Peers in shared memory. */
void open_mapped(const struct peer *peer, struct ends *ends);
ssize_t put_mapped(int fd, const void *data, size_t size);
ssize_t get_mapped(int fd, void *data, size_t size);
void close_mapped(int fd);
void open_ring(const struct peer *peer, struct ends *ends);
ssize_t put_in_ring(int fd, const void *data, size_t size);
ssize_t get_from_ring(int fd, void *data, size_t size);
void close_ring(int fd);

struct measure {
	const char *name;
	/* The parameters to run it with, up to a 0. */
	long parameters[8];
	/* One sample: nanoseconds per operation, or a count. */
	double (*run)(const struct peer *peer, long parameter);
	bool (*applies)(const struct peer *peer);
	/* Several tasks are at work. */
	bool many;
	/* It is no time. */
	bool counts;
};

extern const struct measure measures[];
extern const size_t nr_measures;

/* Tasks that wait for a start, work, and say when they are done. */
#define MAX_TASKS 16

struct team {
	int nr;
	pid_t ids[MAX_TASKS];
	int start[2];
	int said[2];
};

void team_make(struct team *team, int nr, void (*work)(void *argument), void *argument);
void team_start(struct team *team);
void team_await(struct team *team);
void team_end(struct team *team);

/* Bytes of memory that were allocated, and how many of them were not freed. */
struct allocated {
	long all;
	long kept;
	long blocks;
};

void trace_begin(void);
struct allocated trace_end(void);

/*
 * The number of operations in a sample, from the instructions of one. Samples of several tasks
 * are longer.
 */
long operations(long instructions);
long operations_of_many(long instructions);

double now(void);
_Noreturn void die(const char *format, ...);

#endif /* BENCH_H */
