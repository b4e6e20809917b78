// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 9: maps /dev/board in the ways that its arguments name, and prints the result of each:
 *
 *	map:PAGES[:OFFSET]	a shared mapping from that page on; put and get use the last one
 *	first			put and get use the first mapping again
 *	private, exec		such mappings of one page
 *	readonly		a shared mapping of one page, of a file that is open for reading only
 *	grow			makes the last mapping a page larger
 *	protect			makes the last mapping executable
 *	put:PAGE:BYTE, get:PAGE	a byte of a page of the mapping
 *	zeros:PAGES		bytes that are not 0 in these pages
 *	child:PAGE:BYTE		put in another process, which opens and maps the device itself
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char *maps[16], *now;
static size_t sizes[16], page;
static int nr_maps;

static int map_as(int mode, int prot, int flags, long pages, long offset)
{
	int fd = open("/dev/board", mode);
	void *p;

	if (fd < 0 || nr_maps == 16)
		return -1;
	p = mmap(NULL, pages * page, prot, flags, fd, offset * page);
	close(fd);
	if (p == MAP_FAILED)
		return -1;
	now = p;
	maps[nr_maps] = p;
	sizes[nr_maps++] = pages * page;
	return 0;
}

static int map(int prot, int flags, long pages, long offset)
{
	return map_as(O_RDWR, prot, flags, pages, offset);
}

static int grow(void)
{
	size_t size = sizes[nr_maps - 1];

	return mremap(now, size, size + page, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0;
}

static int zeros(long pages)
{
	long i, found = 0;

	for (i = 0; i < pages * (long)page; i++)
		found += now[i] != 0;
	return found;
}

static int child(long at, long byte)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (map(PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0))
			_exit(1);
		now[at * page] = byte;
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && !status ? 0 : -1;
}

int main(int argc, char **argv)
{
	int i, ret;

	page = sysconf(_SC_PAGESIZE);
	for (i = 1; i < argc; i++) {
		char op[16] = "";
		long a = 0, b = 0;

		if (sscanf(argv[i], "%15[a-z]:%ld:%ld", op, &a, &b) < 1)
			return 2;
		ret = 0;
		if (!strcmp(op, "map"))
			ret = map(PROT_READ | PROT_WRITE, MAP_SHARED, a, b);
		else if (!strcmp(op, "private"))
			ret = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, 1, 0);
		else if (!strcmp(op, "exec"))
			ret = map(PROT_READ | PROT_EXEC, MAP_SHARED, 1, 0);
		else if (!strcmp(op, "readonly"))
			ret = map_as(O_RDONLY, PROT_READ, MAP_SHARED, 1, 0);
		else if (!strcmp(op, "protect"))
			ret = mprotect(now, sizes[nr_maps - 1], PROT_READ | PROT_EXEC);
		else if (!strcmp(op, "first"))
			now = maps[0];
		else if (!strcmp(op, "grow"))
			ret = grow();
		else if (!strcmp(op, "zeros"))
			ret = zeros(a);
		else if (!strcmp(op, "child"))
			ret = child(a, b);
		else if (!strcmp(op, "put"))
			now[a * page] = b;
		else
			ret = now[a * page];
		if (ret < 0)
			printf("%s%s", i > 1 ? " " : "", strerrorname_np(errno));
		else
			printf("%s%d", i > 1 ? " " : "", ret);
	}
	puts("");
	return 0;
}
