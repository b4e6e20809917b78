// SPDX-License-Identifier: GPL-2.0
/*
 * Measures /dev/rust_sample and its peers. A CSV line says
 *
 *	CLOCK,MEASURE,PARAMETER,PEER,SAMPLE,VALUE
 *
 * where VALUE is nanoseconds per operation. In a VM whose clock counts instructions these
 * are instructions per operation.
 *
 *	bench [-p PEER]... icount|SAMPLES MEASURE...
 *
 * With 'icount' a point is measured until two passes agree, and there is one line for it;
 * else that many samples are taken of each point, those of the peers by turns.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* About so many instructions are in a sample. */
static long budget, budget_of_many;

static pid_t first;
static const char *chosen[16];
static size_t nr_chosen;

void die(const char *format, ...)
{
	const char *why = errno ? strerror(errno) : "";
	va_list arguments;

	fputs("bench: error: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s%s\n", *why ? ": " : "", why);
	/* Whoever waits for this task waits no longer. */
	if (getpid() != first)
		kill(first, SIGTERM);
	_exit(1);
}

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC_RAW, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static long at_least_some(long nr)
{
	return nr < 4 ? 4 : nr;
}

long operations(long instructions)
{
	return at_least_some(budget / instructions);
}

long operations_of_many(long instructions)
{
	return at_least_some(budget_of_many / instructions);
}

static bool waits(const struct peer *peer)
{
	return peer->waits;
}

static bool looks(const struct peer *peer)
{
	return peer->looks;
}

#define SIZES	{ 1, 64, 512, 4096, 16384, 65536 }
#define CROWDS	{ 1, 2, 4, 8 }

static const struct measure measures[] = {
	{ .name = "one", .parameters = SIZES, .run = one_task },
	{ .name = "two", .parameters = SIZES, .run = two_tasks, .many = true, .applies = waits },
	{ .name = "pingpong", .parameters = { 1 }, .run = ping_pong, .many = true,
	  .applies = waits },
	{ .name = "readers", .parameters = CROWDS, .run = to_readers, .many = true,
	  .applies = waits },
	{ .name = "writers", .parameters = CROWDS, .run = from_writers, .many = true,
	  .applies = waits },
	{ .name = "open", .parameters = { 1 }, .run = opens },
	{ .name = "poll", .parameters = { 1 }, .run = polls, .applies = looks },
	{ .name = "fionread", .parameters = { 1 }, .run = fionreads, .applies = looks },
};

static const size_t nr_measures = sizeof(measures) / sizeof(measures[0]);

static bool is_chosen(const struct measure *measure, const struct peer *peer)
{
	size_t i;

	if (measure->applies && !measure->applies(peer))
		return false;
	for (i = 0; i < nr_chosen; i++) {
		if (!strcmp(chosen[i], peer->name))
			return true;
	}
	return !nr_chosen;
}

static void report(const char *clock, const struct measure *measure, long parameter,
		   const struct peer *peer, int sample, double value)
{
	printf("%s,%s,%ld,%s,%d,%.2f\n", clock, measure->name, parameter, peer->name, sample,
	       value);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * A short sample is most often over before the kernel's timer ticks: their median has no tick
 * in it. A long one has as many as another.
 */
static double pass(const struct measure *measure, const struct peer *peer, long parameter)
{
	enum { NR = 9 };
	double values[NR];
	int i, nr = measure->many ? 1 : NR;

	for (i = 0; i < nr; i++)
		values[i] = measure->run(peer, parameter);
	qsort(values, nr, sizeof(values[0]), compare);
	return values[nr / 2];
}

/* Counted instructions: passes until two agree within 0.5 %. */
static void settle(const struct measure *measure, const struct peer *peer, long parameter)
{
	double last, value = pass(measure, peer, parameter);
	int i;

	for (i = 1; i < 12; i++) {
		last = value;
		value = pass(measure, peer, parameter);
		if (fabs(value - last) <= 0.005 * value) {
			report("icount", measure, parameter, peer, i, (value + last) / 2);
			return;
		}
	}
	errno = 0;
	die("%s %ld of %s: no two passes agree within 0.5 %%, the last are %.1f and %.1f",
	    measure->name, parameter, peer->name, last, value);
}

static void run(const struct measure *measure, long parameter, int samples)
{
	size_t i;
	int sample;

	for (sample = 0; sample < (samples ? samples : 1); sample++) {
		for (i = 0; i < nr_peers; i++) {
			if (!is_chosen(measure, &peers[i]))
				continue;
			if (samples)
				report("wall", measure, parameter, &peers[i], sample,
				       measure->run(&peers[i], parameter));
			else
				settle(measure, &peers[i], parameter);
		}
	}
}

/*
 * Early figures are too high: the kernel has not settled which clock it goes by.
 */
static void await_clock(void)
{
	char name[32] = "";
	FILE *file;

	for (;;) {
		file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			     "r");
		if (!file || !fgets(name, sizeof(name), file))
			die("the name of the clock");
		fclose(file);
		if (!strstr(name, "early") && !strstr(name, "jiffies"))
			break;
		usleep(100000);
	}
	sleep(1);
}

static void __attribute__((noreturn)) usage(void)
{
	fputs("usage: bench [-p PEER]... icount|SAMPLES MEASURE...\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	int option, samples, i;
	size_t m;
	const long *parameter;

	first = getpid();
	while ((option = getopt(argc, argv, "p:")) != -1) {
		if (option != 'p' || nr_chosen == sizeof(chosen) / sizeof(chosen[0]))
			usage();
		chosen[nr_chosen++] = optarg;
	}
	if (optind + 2 > argc)
		usage();
	samples = strcmp(argv[optind], "icount") ? atoi(argv[optind]) : 0;
	budget = samples ? 1000000 : 400000;
	budget_of_many = samples ? 8000000 : 96000000;
	await_clock();
	for (i = optind + 1; i < argc; i++) {
		for (m = 0; m < nr_measures && strcmp(measures[m].name, argv[i]); m++)
			;
		if (m == nr_measures)
			usage();
		for (parameter = measures[m].parameters; *parameter; parameter++)
			run(&measures[m], *parameter, samples);
	}
	return 0;
}
