// SPDX-License-Identifier: GPL-2.0
/*
 * Teams of processes, and the memory that the kernel allocates for this process.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A member of a team waits for the start, works, and reports its end, so that neither its
 * creation nor its end is measured.
 */
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

/* The kernel's trace events report its allocations. */
#define TRACING "/sys/kernel/tracing/"

/* Memory that is allocated and not yet freed. */
struct block {
	char address[20];
	long bytes;
};

static const char *const events[] = {
	"kmem/kmalloc", "kmem/kmem_cache_alloc", "kmem/mm_page_alloc",
	"kmem/kfree",	"kmem/kmem_cache_free",
};

static void set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		die("%s: write '%s'", path, value);
	close(fd);
}

/* Open while a trace is taken, so that switching it off is no part of it. */
static int tracing_on;

void trace_begin(void)
{
	char value[64];
	size_t i;

	if (access(TRACING "trace", F_OK) < 0 &&
	    mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL) < 0)
		die("mount tracefs");
	set("tracing_on", "0");
	set("buffer_size_kb", "4096");
	snprintf(value, sizeof(value), "%d", getpid());
	set("set_event_pid", value);
	set("trace", "");
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		snprintf(value, sizeof(value), "events/%s/enable", events[i]);
		set(value, "1");
	}
	tracing_on = open(TRACING "tracing_on", O_WRONLY);
	if (write(tracing_on, "1", 1) != 1)
		die("tracing_on");
}

/* The number that follows KEY in the line, or nothing. */
static bool number_after(const char *line, const char *key, long *number)
{
	const char *found = strstr(line, key);

	if (found)
		*number = atol(found + strlen(key));
	return found;
}

static void add_line(const char *line, struct block *blocks, long max, struct allocated *sum)
{
	const char *address = strstr(line, " ptr=");
	struct block block = {};
	long bytes, i;

	if (number_after(line, " order=", &bytes))
		sum->all += sysconf(_SC_PAGESIZE) << bytes;
	if (!address || sscanf(address, " ptr=%19s", block.address) != 1)
		return;
	if (number_after(line, " bytes_alloc=", &block.bytes)) {
		if (sum->blocks == max)
			die("more than %ld blocks of memory", max);
		sum->all += block.bytes;
		sum->kept += block.bytes;
		blocks[sum->blocks++] = block;
		return;
	}
	for (i = sum->blocks - 1; i >= 0; i--) {
		if (!strcmp(blocks[i].address, block.address)) {
			sum->kept -= blocks[i].bytes;
			blocks[i] = blocks[--sum->blocks];
			break;
		}
	}
}

/* Since trace_begin(). */
struct allocated trace_end(void)
{
	enum { MAX = 10000 };
	static struct block blocks[MAX];
	struct allocated sum = {};
	char line[512];
	FILE *file;

	if (write(tracing_on, "0", 1) != 1)
		die("tracing_on");
	close(tracing_on);
	file = fopen(TRACING "trace", "r");
	if (!file)
		die("open " TRACING "trace");
	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, "LOST"))
			die("the trace has gaps");
		add_line(line, blocks, MAX, &sum);
	}
	fclose(file);
	/* So that the next measure is not affected. */
	set("events/enable", "0");
	set("set_event_pid", "");
	set("tracing_on", "1");
	return sum;
}
