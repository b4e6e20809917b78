// SPDX-License-Identifier: GPL-2.0
/*
 * The program that bench/profile examines: one task that writes a block and reads it back,
 * again and again.
 *
 *	pair NODE|pipe SIZE PAIRS
 *
 * Between begin() and end() there are PAIRS calls of pair() and nothing else.
 * The profile finds the three by their addresses.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of pairs before begin(), until all caches are warm. */
#define WARM_UP 256

static char block[1 << 20];

__attribute__((noipa)) static void begin(void)
{
}

__attribute__((noipa)) static void end(void)
{
}

__attribute__((noipa)) static int pair(int to, int from, size_t size)
{
	return write(to, block, size) == (ssize_t)size && read(from, block, size) == (ssize_t)size;
}

int main(int argc, char **argv)
{
	const char *peer = argc > 3 ? argv[1] : "";
	size_t size = argc > 3 ? strtoul(argv[2], NULL, 0) : 0;
	long pairs = argc > 3 ? strtol(argv[3], NULL, 0) : 0;
	int fds[2], good = 1;

	if (!size || size > sizeof(block) || pairs < 1) {
		fprintf(stderr, "usage: pair NODE|pipe SIZE PAIRS\n");
		return 2;
	}
	if (!strcmp(peer, "pipe")) {
		if (pipe(fds)) {
			perror(peer);
			return 1;
		}
	} else {
		fds[1] = open(peer, O_WRONLY);
		fds[0] = open(peer, O_RDONLY);
		if (fds[0] < 0 || fds[1] < 0) {
			perror(peer);
			return 1;
		}
	}
	memset(block, 1, sizeof(block));
	for (int i = 0; i < WARM_UP; i++)
		good &= pair(fds[1], fds[0], size);
	begin();
	while (pairs--)
		good &= pair(fds[1], fds[0], size);
	end();
	if (!good) {
		fprintf(stderr, "%s: a block did not come back whole\n", peer);
		return 1;
	}
	return 0;
}
