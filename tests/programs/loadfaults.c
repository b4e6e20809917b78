// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and unloads any module with a fault at each point in turn, as failnth.h does. A load
 * succeeds or fails, and a module that failed to load is not there.
 *
 *	loadfaults NAME		the file is NAME.ko
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_POINTS 5000 /* a load that has more never ends */
#define TRIES 2 /* of each: a cache that is refilled in one try moves the points after it */

static char name[64];
static int ko;

static void fail(unsigned int point, const char *what, int error)
{
	printf("fault %u: %s: %s\n", point, what, strerror(error));
	exit(1);
}

static long load(void)
{
	return syscall(SYS_finit_module, ko, "", 0);
}

static long unload(void)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK);
}

static bool is_loaded(void)
{
	char path[sizeof(name) + 16];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* Makes `call` with a fault at `point`. Returns whether it reached the point. */
static bool with_fault(unsigned int point, long (*call)(void), int *error)
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	bool met;

	snprintf(text, sizeof(text), "%u", point);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		fail(point, "fail-nth", errno);
	*error = call() ? errno : 0;
	met = pread(fd, text, sizeof(text), 0) > 0 && atoi(text) == 0;
	/* These calls have fault points, too, and may use up the fault. */
	if (pwrite(fd, "0", 1, 0) != 1 && errno != EFAULT)
		fail(point, "fail-nth", errno);
	close(fd);
	return met;
}

/*
 * Makes `call`, a load or an unload, with a fault at `point`. Returns whether it reached the point,
 * and counts its errors.
 */
static bool try_point(unsigned int point, const char *title, long (*call)(void), int *errors)
{
	bool loads = call == load, met;
	int error;

	if (!loads && load())
		fail(0, "load", errno);
	met = with_fault(point, call, &error);
	if (is_loaded() != (loads == !error))
		fail(point, error ? "the call failed, but had an effect" : "no effect", error);
	if (error && !met)
		fail(point, title, error);
	if (is_loaded() && unload())
		fail(point, "unload", errno);
	*errors += !!error;
	return met;
}

/* Lets the call fail at each point in turn. */
static void sweep(const char *title, long (*call)(void))
{
	unsigned int point = 1, failed = 0;

	for (;; point++) {
		bool met = false;
		int try, errors = 0;

		for (try = 0; try < TRIES; try++)
			met |= try_point(point, title, call, &errors);
		if (!met)
			break;
		failed += !!errors;
		if (point == MAX_POINTS)
			fail(point, "there is no end of points", 0);
	}
	point--;
	printf("# %s: %s: %u points reached, %u tolerated, %u failed\n", name, title, point,
	       point - failed, failed);
}

int main(int argc, char **argv)
{
	char path[80], *c;

	if (argc != 2) {
		fputs("usage: loadfaults NAME\n", stderr);
		return 2;
	}
	snprintf(path, sizeof(path), "%s.ko", argv[1]);
	ko = open(path, O_RDONLY | O_CLOEXEC);
	if (ko < 0)
		fail(0, path, errno);
	/* The kernel calls it so. */
	snprintf(name, sizeof(name), "%s", argv[1]);
	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	sweep("load", load);
	sweep("unload", unload);
	return 0;
}
