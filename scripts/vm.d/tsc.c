// SPDX-License-Identifier: GPL-2.0
/*
 * Prints how fast the time stamp counter of this machine's processors is, in kHz.
 */
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

struct moment {
	unsigned long long ticks, ns;
};

/* On a busy machine another task may run between the two clocks, so the closest of many counts. */
static struct moment now(void)
{
	unsigned long long before, took, least = ULLONG_MAX;
	struct moment closest = {};
	struct timespec t;
	int i;

	for (i = 0; i < 1000; i++) {
		before = __rdtsc();
		clock_gettime(CLOCK_MONOTONIC, &t);
		took = __rdtsc() - before;
		if (took < least) {
			least = took;
			closest.ticks = before + took / 2;
			closest.ns = t.tv_sec * 1000000000ULL + t.tv_nsec;
		}
	}
	return closest;
}

int main(void)
{
	struct moment begin = now(), end;

	usleep(100000);
	end = now();
	printf("%llu\n", (end.ticks - begin.ticks) * 1000000 / (end.ns - begin.ns));
	return 0;
}
