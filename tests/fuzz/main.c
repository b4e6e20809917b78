// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzer's loop: make a program, run it, keep it if it reached something new.
 * A program that breaks something is shrunk, and printed between two lines,
 * 'found: WHY' and 'end'.
 */

#include "fuzz.h"
#include <dirent.h>
#include <getopt.h>
#include <stdarg.h>

#define CORPUS 1024
#define TRIES 5 /* until a program that failed once counts as harmless */
#define TEXT 8192

struct shared *shared;

static struct program corpus[CORPUS];
static int nr_corpus;
static int log_file = -1;

void die(const char *format, ...)
{
	va_list list;

	fflush(stdout);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
	_exit(2);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Where it can be found if the kernel ends with it. */
static void note(const struct program *p)
{
	char text[TEXT];
	int len = snprintf(text, sizeof(text), "fuzz: runs: ");

	if (log_file < 0)
		return;
	len += print_program(p, text + len, sizeof(text) - len - 1, "; ");
	text[len++] = '\n';
	if (write(log_file, text, len) != len)
		die("cannot write the log: %m");
}

static int try(const struct program *p)
{
	note(p);
	return run_program(p);
}

static void print_found(const struct program *p, const char *why)
{
	char text[TEXT];

	print_program(p, text, sizeof(text), "\n");
	printf("found: %s\n%send\n", why, text);
	fflush(stdout);
}

/* Whether it fails once in some tries. */
static int fails(const struct program *p)
{
	int i, ret = RAN;

	for (i = 0; i < TRIES && ret == RAN; i++)
		ret = try(p);
	return ret;
}

/*
 * Leaves parts out, ever smaller ones, as long as it fails all the same. Of some
 * splats the kernel tells but once: after one, who started this goes on with what
 * was printed last, in another kernel.
 */
static int shrink(struct program *p, const char *why)
{
	int part, at, ret;
	struct program q;
	char last[sizeof(shared->why)];

	snprintf(last, sizeof(last), "%s", why);
	for (part = p->n / 2; part >= 1; part /= 2) {
		for (at = 0; at + part <= p->n && p->n > part;) {
			q = *p;
			q.n -= part;
			memmove(&q.op[at], &q.op[at + part], (q.n - at) * sizeof(q.op[0]));
			ret = fails(&q);
			if (ret == RAN) {
				at += part;
				continue;
			}
			*p = q;
			snprintf(last, sizeof(last), "%s", shared->why);
			if (ret == SPLAT) {
				print_found(p, last);
				return SPLAT;
			}
		}
	}
	print_found(p, last);
	return BROKEN;
}

static void read_program(struct program *p, const char *name)
{
	static char text[64 << 10];
	FILE *file = fopen(name, "re");
	size_t len;

	if (!file)
		die("cannot open %s: %m", name);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = 0;
	parse_program(p, text, name);
}

static void keep(const struct program *p, uint32_t *seed)
{
	if (nr_corpus < CORPUS)
		corpus[nr_corpus++] = *p;
	else
		corpus[next(seed) % CORPUS] = *p;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Runs one program of the loop; returns only if all is well. */
static void run_one(struct program *p, uint32_t *seed)
{
	int ret = try(p);
	char why[sizeof(shared->why)];

	if (shared->new)
		keep(p, seed);
	if (ret == RAN)
		return;
	snprintf(why, sizeof(why), "%s", shared->why);
	print_found(p, why);
	if (ret == BROKEN)
		shrink(p, why);
	exit(1);
}

static void run_corpus(const char *folder, uint32_t *seed)
{
	DIR *dir = opendir(folder);
	char *names[256], path[512];
	struct dirent *entry;
	struct program p;
	int n = 0, i;

	if (!dir)
		die("cannot open %s: %m", folder);
	while ((entry = readdir(dir)) && n < (int)ARRAY_SIZE(names))
		if (strstr(entry->d_name, ".txt"))
			names[n++] = strdup(entry->d_name);
	closedir(dir);
	qsort(names, n, sizeof(names[0]), compare);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		read_program(&p, path);
		run_one(&p, seed);
	}
	printf("corpus: %d programs, %d of %d blocks\n", n, count_points(true),
	       count_points(false));
	fflush(stdout);
}

static void progress(double since, int programs)
{
	printf("after %.0f s: %d programs, %d kept, %d of %d blocks\n", now() - since, programs,
	       nr_corpus, count_points(true), count_points(false));
	fflush(stdout);
}

static int percentage(void)
{
	return 100 * count_points(true) / count_points(false);
}

/* A busy machine gets more time for what is to be reached at least. */
static void fuzz(double seconds, int least, uint32_t *seed)
{
	double begin = now(), told = begin;
	struct program p;
	int programs = 0;

	while (now() - begin < seconds || (percentage() < least && now() - begin < 10 * seconds)) {
		if (nr_corpus < 8 || !(next(seed) % 4)) {
			make_program(&p, seed);
		} else {
			p = corpus[next(seed) % nr_corpus];
			mutate(&p, &corpus[next(seed) % nr_corpus], seed);
		}
		run_one(&p, seed);
		programs++;
		if (now() - told >= 5) {
			told = now();
			progress(begin, programs);
		}
	}
	progress(begin, programs);
}

static void set_up(const char *ko, const char *splats)
{
	int fd = open("/sys/module/kunit/parameters/filter_glob", O_WRONLY | O_CLOEXEC);

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		die("no memory: %m");
	/* KUnit's tests have a suite of their own; they need not run at each load. */
	if (fd >= 0 && write(fd, "none", 4) != 4)
		die("cannot turn KUnit's tests off: %m");
	close(fd);
	read_points(ko);
	make_traces();
	prepare_faults();
	make_memory();
	find_module(ko);
	watch_log(splats);
	if (!is_loaded() && load(""))
		die("cannot load %s: %m", ko);
	find_sections();
}

static const char usage[] =
	"usage: fuzz [OPTION]...\n"
	"\n"
	"  --seconds N     so long (30), ten times that if --least needs it\n"
	"  --seed N        the same numbers (the time's)\n"
	"  --corpus DIR    programs to begin with\n"
	"  --replay FILE   run this program, over and over\n"
	"  --shrink FILE   make this program, which fails, smaller; status 3 if that\n"
	"                  is to go on in another kernel\n"
	"  --least N       fail if less than N % of the blocks are reached\n"
	"  --points        print all that was reached\n"
	"  --log FILE      write each program there before it runs; - for stdout\n"
	"  --module KO     the module (rust_sample.ko)\n"
	"  --splats FILE   what is looked for in the kernel's log (splats)\n";

int main(int argc, char **argv)
{
	static const struct option options[] = { { "seconds", 1, NULL, 's' },
						 { "seed", 1, NULL, 'S' },
						 { "corpus", 1, NULL, 'c' },
						 { "replay", 1, NULL, 'r' },
						 { "shrink", 1, NULL, 'x' },
						 { "least", 1, NULL, 'l' },
						 { "points", 0, NULL, 'p' },
						 { "log", 1, NULL, 'L' },
						 { "module", 1, NULL, 'm' },
						 { "splats", 1, NULL, 'k' },
						 {} };
	const char *folder = NULL, *replay = NULL, *smaller = NULL;
	const char *ko = "rust_sample.ko", *splats = "splats";
	uint32_t seed = time(NULL);
	double seconds = 30;
	struct program p;
	bool all = false;
	int least = 0, c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's':
			seconds = atof(optarg);
			break;
		case 'S':
			seed = strtoul(optarg, NULL, 0);
			break;
		case 'c':
			folder = optarg;
			break;
		case 'r':
			replay = optarg;
			break;
		case 'x':
			smaller = optarg;
			break;
		case 'l':
			least = atoi(optarg);
			break;
		case 'p':
			all = true;
			break;
		case 'L':
			log_file = strcmp(optarg, "-") ? open(optarg, O_WRONLY | O_CLOEXEC) : 1;
			if (log_file < 0)
				die("cannot open %s: %m", optarg);
			break;
		case 'm':
			ko = optarg;
			break;
		case 'k':
			splats = optarg;
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	seed += !seed;
	set_up(ko, splats);
	if (smaller) {
		read_program(&p, smaller);
		return shrink(&p, "it failed before") == SPLAT ? 3 : 1;
	}
	printf("seed: %u\n", seed);
	fflush(stdout);
	if (replay) {
		read_program(&p, replay);
		for (double begin = now(); now() - begin < seconds;)
			run_one(&p, &seed);
	} else {
		if (folder)
			run_corpus(folder, &seed);
		fuzz(seconds, least, &seed);
	}
	if (all)
		print_points();
	c = percentage();
	if (c < least)
		die("%d %% of the blocks were reached, less than %d %%", c, least);
	return 0;
}
