// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 10: writes to /dev/lines.
 *
 *	lines cost SIZE		prints how long a write of SIZE bytes takes, in nanoseconds of the
 *				VM, and the same write to a file in memory
 *	lines both WRITES	writes that many lines of 8 bytes in each of two tasks, each on a
 *				processor of its own, and reads after each
 *	lines late		reads while a write waits for a page of its program; prints
 *				"answered" or "waited"
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/lines"
#define PAGE 4096
#define PASSES 20
#define CALLS 50
#define PATIENCE_MS 10000

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

static int device(void)
{
	int fd = open(DEVICE, O_RDWR);

	if (fd < 0)
		die(DEVICE);
	return fd;
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Returns the time of a write, in nanoseconds. Only the file has a position, which stays 0. */
static long long cost(int fd, const char *bytes, size_t size, int seekable)
{
	long long begin = now();
	ssize_t ret;
	int i;

	for (i = 0; i < CALLS; i++) {
		ret = seekable ? pwrite(fd, bytes, size, 0) : write(fd, bytes, size);
		if (ret != (ssize_t)size)
			die("a write was short");
	}
	return (now() - begin) / CALLS;
}

/* The least of several passes: the others met an interrupt, or caches that were cold. */
static void print_cost(size_t size)
{
	struct sched_param priority = { .sched_priority = 1 };
	int lines = device(), file = memfd_create("lines", 0);
	long long least = LLONG_MAX, least_of_file = LLONG_MAX, took;
	char *bytes = malloc(size);
	size_t i;

	if (file < 0 || !bytes || sched_setscheduler(0, SCHED_FIFO, &priority))
		die("lines");
	for (i = 0; i < size; i++)
		bytes[i] = i % 32 == 31 ? '\n' : 'x';
	for (i = 0; i < PASSES; i++) {
		took = cost(lines, bytes, size, 0);
		least = took < least ? took : least;
		took = cost(file, bytes, size, 1);
		least_of_file = took < least_of_file ? took : least_of_file;
	}
	printf("%lld %lld\n", least, least_of_file);
}

static void write_lines(int processor, long writes)
{
	char text[256];
	cpu_set_t set;
	int fd = device();
	long i;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("a second processor");
	for (i = 0; i < writes; i++) {
		if (write(fd, "7 bytes\n", 8) != 8)
			die("write");
		if (read(fd, text, sizeof(text)) <= 0)
			die("read");
	}
}

static void both(long writes)
{
	pid_t pid = fork();
	int status;

	write_lines(!pid, writes);
	if (!pid)
		_exit(0);
	if (waitpid(pid, &status, 0) != pid || status)
		exit(2);
}

static void *write_late(void *page)
{
	if (write(device(), page, 1) != 1)
		die("write");
	return NULL;
}

static atomic_int answered;

static void *read_meanwhile(void *nothing)
{
	char text[256];

	if (read(device(), text, sizeof(text)) <= 0)
		die("read");
	answered = 1;
	return nothing;
}

static void late(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { (uintptr_t)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct pollfd missed = { syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK), POLLIN, 0 };
	pthread_t writer, reader;
	int i;

	if (missed.fd < 0 || ioctl(missed.fd, UFFDIO_API, &api) ||
	    ioctl(missed.fd, UFFDIO_REGISTER, &area))
		die("userfaultfd");
	pthread_create(&writer, NULL, write_late, page);
	/* One that blocks is always ready, with POLLERR. */
	if (poll(&missed, 1, -1) != 1 || missed.revents != POLLIN)
		die("poll");
	pthread_create(&reader, NULL, read_meanwhile, NULL);
	for (i = 0; i < PATIENCE_MS / 10 && !answered; i++)
		usleep(10000);
	puts(answered ? "answered" : "waited");
	/* The page is one of zeros now. */
	close(missed.fd);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "cost"))
		print_cost(atol(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "both"))
		both(atol(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "late"))
		late();
	else
		return 2;
	return 0;
}
