// SPDX-License-Identifier: GPL-2.0
/*
 * Measures /dev/rust_sample and its peers. It prints lines of CSV,
 *
 *	CLOCK,MEASURE,PARAMETER,PEER,SAMPLE,VALUE
 *
 * where VALUE is nanoseconds per operation: in a VM whose clock counts instructions these are
 * instructions per operation. The first line says how many lines there will be.
 *
 *	bench [-p PEER]... icount|SAMPLES MEASURE...
 *
 * With 'icount' a point is measured until two passes agree, and these are its two samples;
 * else it is measured SAMPLES times, the peers by turns. A measure that is a number, not a time,
 * has the clock 'count' and one sample.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Two passes agree if they differ by no more. */
#define AGREE 0.005

/* A pass of counted instructions has as many samples, or but one. */
#define SAMPLES_OF_PASS 9

static bool icount;
static int nr_samples;

/* The approximate number of instructions in a sample of one task, and of several. */
static long budget, budget_of_many;

static pid_t first;
static const char *chosen[16];
static size_t nr_chosen;

void die(const char *format, ...)
{
	const char *why = errno ? strerror(errno) : "";
	va_list arguments;

	fflush(stdout);
	fputs("bench: error: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s%s\n", *why ? ": " : "", why);
	/* Ends the task that waits for this one. */
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

static const struct measure *find_measure(const char *name)
{
	size_t i;

	for (i = 0; i < nr_measures; i++) {
		if (!strcmp(measures[i].name, name))
			return &measures[i];
	}
	errno = 0;
	die("there is no measure '%s'", name);
}

static bool is_wanted(const struct measure *measure, const struct peer *peer)
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

/* A parameter of a measure, on a peer. */
struct point {
	const struct measure *measure;
	long parameter;
	const struct peer *peer;
};

static double sample(const struct point *point)
{
	return point->measure->run(point->peer, point->parameter);
}

static void report(const char *clock, const struct point *point, int number, double value)
{
	printf("%s,%s,%ld,%s,%d,%.2f\n", clock, point->measure->name, point->parameter,
	       point->peer->name, number, value);
	fflush(stdout);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Most short samples contain no timer tick, so neither does their median. All long samples have
 * the same number of ticks.
 */
static double pass(const struct point *point)
{
	double values[SAMPLES_OF_PASS];
	int i, nr = point->measure->many ? 1 : SAMPLES_OF_PASS;

	for (i = 0; i < nr; i++)
		values[i] = sample(point);
	qsort(values, nr, sizeof(values[0]), compare);
	return values[nr / 2];
}

/* Repeats passes of counted instructions until two agree. The samples show if none do. */
static void settle(const struct point *point)
{
	double last, value = pass(point);
	int i;

	for (i = 1; i < 6; i++) {
		last = value;
		value = pass(point);
		if (fabs(value - last) <= AGREE * value)
			break;
	}
	report("icount", point, 0, last);
	report("icount", point, 1, value);
}

static int samples_of(const struct measure *measure)
{
	return measure->counts ? 1 : icount ? 2 : nr_samples;
}

static void run(const struct measure *measure, long parameter)
{
	struct point point = { .measure = measure, .parameter = parameter };
	int i, turns = icount ? 1 : samples_of(measure);

	for (i = 0; i < turns; i++) {
		for (point.peer = peers; point.peer < peers + nr_peers; point.peer++) {
			if (!is_wanted(measure, point.peer))
				continue;
			else if (measure->counts)
				report("count", &point, i, sample(&point));
			else if (icount)
				settle(&point);
			else
				report("wall", &point, i, sample(&point));
		}
	}
}

static long count_samples(const struct measure *measure)
{
	const struct peer *peer;
	const long *parameter;
	long nr = 0;

	for (parameter = measure->parameters; *parameter; parameter++) {
		for (peer = peers; peer < peers + nr_peers; peer++) {
			if (is_wanted(measure, peer))
				nr += samples_of(measure);
		}
	}
	return nr;
}

/* Figures are too high until the kernel has chosen its clock source. */
static void await_clock(void)
{
	static const char path[] =
		"/sys/devices/system/clocksource/clocksource0/current_clocksource";
	char name[32];
	FILE *file;

	for (;;) {
		file = fopen(path, "r");
		if (!file || !fgets(name, sizeof(name), file))
			die("%s", path);
		fclose(file);
		if (!strstr(name, "early") && !strstr(name, "jiffies"))
			break;
		usleep(100000);
	}
	sleep(1);
}

/*
 * On one processor the usual scheduling class switches tasks at timer ticks, which scatters the
 * figures by 5 %. In this class each task runs until it blocks.
 */
static void take_turns(void)
{
	struct sched_param priority = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &priority) < 0)
		die("SCHED_FIFO");
}

static _Noreturn void misuse(void)
{
	fputs("usage: bench [-p PEER]... icount|SAMPLES MEASURE...\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	const long *parameter;
	long nr = 0;
	int i;

	first = getpid();
	while ((i = getopt(argc, argv, "p:")) != -1) {
		if (i != 'p' || nr_chosen == ARRAY_SIZE(chosen))
			misuse();
		chosen[nr_chosen++] = optarg;
	}
	if (optind + 2 > argc)
		misuse();
	icount = !strcmp(argv[optind], "icount");
	nr_samples = atoi(argv[optind]);
	if (!icount && nr_samples < 1)
		misuse();
	budget = icount ? 400000 : 1000000;
	budget_of_many = icount ? 24000000 : 8000000;

	argv += optind + 1;
	for (i = 0; argv[i]; i++)
		nr += count_samples(find_measure(argv[i]));
	printf("# samples: %ld\n", nr);
	await_clock();
	if (icount)
		take_turns();
	for (; *argv; argv++) {
		for (parameter = find_measure(*argv)->parameters; *parameter; parameter++)
			run(find_measure(*argv), *parameter);
	}
	return 0;
}
