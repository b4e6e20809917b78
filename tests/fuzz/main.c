// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzer's loop: make a program, run it, and keep it if it reaches new code. A program
 * that breaks something is made smaller and printed between the lines 'found: WHY' and 'end'.
 */

#include "fuzz.h"
#include <dirent.h>
#include <stdarg.h>

#define CORPUS 1024
#define TRIES 5 /* until a program that failed once counts as harmless */
#define TEXT 8192
#define RECORD 1000 /* bytes of one write to /dev/kmsg, which takes up to 1024 */

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

/* Logs a program before it runs, in case the kernel does not survive it. */
static void note(const struct program *p)
{
	char text[TEXT];
	int len = snprintf(text, sizeof(text), "fuzz: runs: "), at, part;

	if (log_file < 0)
		return;
	len += print_program(p, text + len, sizeof(text) - len - 1, "; ");
	text[len++] = '\n';
	for (at = 0; at < len; at += part) {
		part = len - at < RECORD ? len - at : RECORD;
		if (write(log_file, text + at, part) != part)
			die("cannot write the log: %m");
	}
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
 * Removes parts of the program, smaller and smaller ones, while it still fails. The kernel
 * prints some splats only once. After a splat the caller must boot another kernel and continue
 * with the program that was printed last.
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

/* Runs one program of the loop. Returns only if it breaks nothing. */
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

/* Runs up to ten times as long if fewer blocks than `least` % are reached. */
static void fuzz(double seconds, int least, uint32_t *seed)
{
	double begin = now(), printed = begin;
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
		if (now() - printed >= 5) {
			printed = now();
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
	/* The suite kunit runs KUnit's tests, so they need not run at each load. */
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
	"  --seconds N     run that long (30), up to ten times that for --least\n"
	"  --seed N        use the numbers of an earlier run (the time)\n"
	"  --corpus DIR    programs to begin with\n"
	"  --replay FILE   run this program, over and over\n"
	"  --shrink FILE   make this program, which fails, smaller; status 3 if that\n"
	"                  must go on in another kernel\n"
	"  --least N       fail if less than N % of the blocks are reached (0)\n"
	"  --points        print all blocks that were reached\n"
	"  --log FILE      write each program there before it runs; - for stdout\n"
	"  --module KO     the module (rust_sample.ko)\n"
	"  --splats FILE   expressions that find splats in the kernel's log (splats)\n";

/* The value of an option, or `otherwise` if it is not there. */
static const char *option(char **argv, const char *name, const char *otherwise)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, name) && argv[1])
			return argv[1];
	return otherwise;
}

static void check_options(char **argv)
{
	char name[16];

	for (; *argv; argv += strcmp(*argv, "--points") && argv[1] ? 2 : 1) {
		snprintf(name, sizeof(name), "  %s ", *argv);
		if (!strstr(usage, name)) {
			fputs(usage, stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	uint32_t seed = strtoul(option(argv, "--seed", "0"), NULL, 0);
	double seconds = atof(option(argv, "--seconds", "30"));
	const char *folder = option(argv, "--corpus", NULL);
	const char *replay = option(argv, "--replay", NULL);
	const char *smaller = option(argv, "--shrink", NULL);
	const char *log = option(argv, "--log", NULL);
	int least = atoi(option(argv, "--least", "0")), reached;
	bool all = false;
	struct program p;

	check_options(argv + 1);
	for (int i = 1; i < argc; i++)
		all |= !strcmp(argv[i], "--points");
	if (log)
		log_file = strcmp(log, "-") ? open(log, O_WRONLY | O_CLOEXEC) : 1;
	if (log && log_file < 0)
		die("cannot open %s: %m", log);
	seed = seed ? seed : (uint32_t)time(NULL) | 1;
	set_up(option(argv, "--module", "rust_sample.ko"), option(argv, "--splats", "splats"));
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
	reached = percentage();
	if (reached < least)
		die("%d %% of the blocks were reached, less than %d %%", reached, least);
	return 0;
}
