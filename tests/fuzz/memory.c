// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that calls read from and write to. Each thread maps a file in memory several
 * times, so that all readable kinds hold the same bytes.
 */

#include "fuzz.h"
#include <linux/userfaultfd.h>

#define PAGE 4096
#define LATE_MS 1

static struct {
	char *good; /* ends at an inaccessible page */
	char *fresh;
	char *read_only;
	char *late;
} areas[THREADS];
static char *forbidden;
static int late_fd = -1;

static void *map(int protection, int flags, int fd)
{
	void *m = mmap(NULL, MEMORY + PAGE, protection, flags, fd, 0);

	if (m == MAP_FAILED)
		die("no memory: %m");
	/* Reserves the page, so that no other mapping takes its place. */
	if (mprotect((char *)m + MEMORY, PAGE, PROT_NONE))
		die("no memory: %m");
	return m;
}

void make_memory(void)
{
	int i, fd;

	for (i = 0; i < THREADS; i++) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, MEMORY))
			die("no memory: %m");
		areas[i].good = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
		areas[i].fresh = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
		areas[i].read_only = map(PROT_READ, MAP_SHARED, fd);
		areas[i].late = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		close(fd);
	}
	forbidden = map(PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void *serve(void *unused)
{
	struct timespec late = { 0, LATE_MS * 1000000 };
	struct pollfd p = { .fd = late_fd, .events = POLLIN };
	struct uffdio_copy copy;
	struct uffd_msg message;
	size_t offset;
	char *address;
	int i;

	while (true) {
		if (poll(&p, 1, -1) != 1 ||
		    read(late_fd, &message, sizeof(message)) != sizeof(message) ||
		    message.event != UFFD_EVENT_PAGEFAULT)
			continue;
		nanosleep(&late, NULL);
		address = (char *)(message.arg.pagefault.address & -(uint64_t)PAGE);
		for (i = 0; i < THREADS; i++) {
			offset = address - areas[i].late;
			if (offset >= MEMORY)
				continue;
			copy = (struct uffdio_copy){
				.dst = (uintptr_t)address,
				.src = (uintptr_t)(areas[i].good + offset),
				.len = PAGE,
			};
			ioctl(late_fd, UFFDIO_COPY, &copy);
		}
	}
	return NULL;
}

/* In the process that runs a program. */
void serve_late_memory(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;
	int i;

	late_fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (late_fd < 0 || ioctl(late_fd, UFFDIO_API, &api))
		broken("no userfaultfd: %m");
	for (i = 0; i < THREADS; i++) {
		area.range.start = (uintptr_t)areas[i].late;
		area.range.len = MEMORY;
		if (ioctl(late_fd, UFFDIO_REGISTER, &area))
			broken("no userfaultfd: %m");
	}
	if (pthread_create(&thread, NULL, serve, NULL))
		broken("no thread");
}

/* Drops the pages of the fresh memory of all threads, even while it is in use. */
void forget_memory(void)
{
	int i;

	for (i = 0; i < THREADS; i++)
		madvise(areas[i].fresh, MEMORY, MADV_DONTNEED);
}

static char *memory(struct thread *t, enum memory kind, size_t len, size_t good)
{
	switch (kind) {
	case FRESH:
		madvise(areas[t->number].fresh, MEMORY, MADV_DONTNEED);
		return areas[t->number].fresh;
	case LATE:
		madvise(areas[t->number].late, MEMORY, MADV_DONTNEED);
		return areas[t->number].late;
	case EDGE:
		good = good < len ? good : len;
		return areas[t->number].good + MEMORY - good;
	case READ_ONLY:
		return areas[t->number].read_only;
	case FORBIDDEN:
		return forbidden;
	case NOWHERE:
		return (void *)8;
	case KERNELS:
		return (void *)(UINTPTR_MAX << 47);
	default:
		return areas[t->number].good;
	}
}

/* In a stream the memory has its next bytes. */
void *memory_to_write_from(struct thread *t, enum memory kind, size_t len, size_t good)
{
	char *from = memory(t, kind, len, good);
	void *fill = areas[t->number].good;

	if (kind == EDGE) {
		fill = from;
		len = areas[t->number].good + MEMORY - from;
	}
	if (shared->stream && kind <= READ_ONLY)
		make_bytes(fill, shared->head, len);
	return from;
}

void *memory_to_read_into(struct thread *t, enum memory kind, size_t len, size_t good)
{
	return memory(t, kind, len, good);
}

/* The result of a call that wrote to the device. */
void wrote(struct thread *t, long bytes)
{
	if (bytes <= 0)
		return;
	shared->written += bytes;
	if (shared->stream)
		shared->head += bytes;
}

/* The result of a call that read from the device to `memory`, if that is not NULL. */
void took(struct thread *t, const void *memory, long bytes)
{
	if (bytes <= 0)
		return;
	shared->taken += bytes;
	if (!shared->stream || !memory)
		return;
	check_bytes(memory, shared->tail, bytes);
	shared->tail += bytes;
}
