// SPDX-License-Identifier: GPL-2.0
/*
 * Peers in memory that the tasks share: a mapped FIFO, and what a program would build without
 * one, the same ring in a memfd with an eventfd for each end that waits.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rust_sample_mapped.h"

#define PAGE 4096

/* An end, by its descriptor. */
static struct end {
	struct rust_sample_end ring;
	/* Of a mapped FIFO. */
	int prot;
	/* Of a memfd: the eventfd where the other end waits. This one waits at its descriptor. */
	int other;
} ends_of[1024];

/* The ends that are mapped. fork(2) unmaps those of a mapped FIFO. */
static struct rust_sample_end *ring_of[ARRAY_SIZE(ends_of)];

static void lose_mappings(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends_of); i++)
		if (ends_of[i].prot)
			ring_of[i] = NULL;
}

static struct rust_sample_end *end_of(int fd)
{
	struct end *end = &ends_of[fd];

	if (!ring_of[fd] && rust_sample_map(&end->ring, fd, CAPACITY, end->prot))
		die("mmap of an end");
	return ring_of[fd] = &end->ring;
}

void open_mapped(const struct peer *peer, struct ends *ends)
{
	struct rust_sample_new_fifo fifo = { .capacity = CAPACITY,
					     .flags = O_CLOEXEC | RUST_SAMPLE_FIFO_MAPPABLE };
	static int device = -1;

	if (device < 0) {
		device = open("/dev/rust_sample", O_RDONLY | O_CLOEXEC);
		pthread_atfork(NULL, NULL, lose_mappings);
	}
	if (ioctl(device, RUST_SAMPLE_IOC_NEW_FIFO, &fifo) < 0)
		die("%s: NEW_FIFO", peer->name);
	ends->reader = fifo.read_fd;
	ends->writer = fifo.write_fd;
	ends_of[ends->reader] = (struct end){ .prot = PROT_READ };
	ends_of[ends->writer] = (struct end){ .prot = PROT_READ | PROT_WRITE };
}

void close_mapped(int fd)
{
	if (ring_of[fd])
		rust_sample_unmap(ring_of[fd]);
	ring_of[fd] = NULL;
}

[[gnu::cold, gnu::noinline]] static ssize_t put_later(int fd, const void *data, size_t size)
{
	struct rust_sample_end *ring = end_of(fd);

	if (rust_sample_wait(ring, size))
		return -1;
	return put_mapped(fd, data, size);
}

ssize_t put_mapped(int fd, const void *data, size_t size)
{
	struct rust_sample_end *ring = ring_of[fd];
	size_t room;
	void *to;

	if (!ring)
		return put_later(fd, data, size);
	to = rust_sample_reserve(ring, &room);
	if (room < size)
		return put_later(fd, data, size);
	memcpy(to, data, size);
	rust_sample_commit(ring, size);
	return size;
}

[[gnu::cold, gnu::noinline]] static ssize_t get_later(int fd, void *data, size_t size)
{
	struct rust_sample_end *ring = end_of(fd);

	if (rust_sample_wait(ring, 1))
		return -1;
	return get_mapped(fd, data, size);
}

ssize_t get_mapped(int fd, void *data, size_t size)
{
	struct rust_sample_end *ring = ring_of[fd];
	const void *from;
	size_t used;

	if (!ring)
		return get_later(fd, data, size);
	from = rust_sample_peek(ring, &used);
	if (!used)
		return get_later(fd, data, size);
	if (used < size)
		size = used;
	memcpy(data, from, size);
	rust_sample_consume(ring, size);
	return size;
}

/* Two pages for the words, then the bytes, mapped twice in a row. */
static void map_ring(int memory, struct end *reader, struct end *writer)
{
	size_t size = 2 * PAGE + CAPACITY;
	char *all = mmap(NULL, size + CAPACITY, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

	if (all == MAP_FAILED || mmap(all + size, CAPACITY, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED, memory, 2 * PAGE) == MAP_FAILED)
		die("mmap of a ring");
	writer->ring = (struct rust_sample_end){ .capacity = CAPACITY,
						 .own = (void *)all,
						 .peer = (void *)(all + PAGE),
						 .data = all + 2 * PAGE };
	reader->ring = (struct rust_sample_end){ .capacity = CAPACITY,
						 .own = (void *)(all + PAGE),
						 .peer = (void *)all,
						 .data = all + 2 * PAGE };
}

void open_ring(const struct peer *peer, struct ends *ends)
{
	int memory = memfd_create("ring", MFD_CLOEXEC);

	ends->reader = eventfd(0, EFD_CLOEXEC);
	ends->writer = eventfd(0, EFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, 2 * PAGE + CAPACITY) < 0 || ends->reader < 0 ||
	    ends->writer < 0)
		die("%s: memfd_create, eventfd", peer->name);
	ends_of[ends->reader] = (struct end){ .other = ends->writer };
	ends_of[ends->writer] = (struct end){ .other = ends->reader };
	map_ring(memory, &ends_of[ends->reader], &ends_of[ends->writer]);
	ring_of[ends->reader] = &ends_of[ends->reader].ring;
	ring_of[ends->writer] = &ends_of[ends->writer].ring;
	close(memory);
}

/* Wakes the task that waits at the other end, if it has what it waits for. */
[[gnu::cold, gnu::noinline]] static void wake_in_ring(int fd, size_t available)
{
	__u64 *word = (__u64 *)&ring_of[fd]->peer->need_wakeup, wanted = *word;
	const uint64_t one = 1;

	if (!wanted || wanted > available ||
	    !__atomic_compare_exchange_n(word, &wanted, 0, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_RELAXED))
		return;
	if (write(ends_of[fd].other, &one, sizeof(one)) < 0)
		die("write to an eventfd");
}

/* Waits until `available` says that there are `bytes` bytes, or as much room. */
static void wait_in_ring(int fd, size_t bytes,
			 void *(*available)(const struct rust_sample_end *ring, size_t *bytes))
{
	struct rust_sample_end *ring = ring_of[fd];
	uint64_t count;
	size_t there;

	for (;;) {
		__atomic_store_n(&ring->own->need_wakeup, bytes, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		available(ring, &there);
		if (there >= bytes)
			break;
		if (read(fd, &count, sizeof(count)) < 0)
			die("read from an eventfd");
	}
	__atomic_store_n(&ring->own->need_wakeup, 0, __ATOMIC_RELAXED);
}

[[gnu::cold, gnu::noinline]] static ssize_t put_in_ring_later(int fd, const void *data, size_t size)
{
	wait_in_ring(fd, size, rust_sample_reserve);
	return put_in_ring(fd, data, size);
}

ssize_t put_in_ring(int fd, const void *data, size_t size)
{
	const struct rust_sample_end *ring = ring_of[fd];
	size_t room;
	void *to = rust_sample_reserve(ring, &room);

	if (room < size)
		return put_in_ring_later(fd, data, size);
	memcpy(to, data, size);
	if (rust_sample_publish(ring, ring->own->position + size))
		wake_in_ring(fd, CAPACITY - room + size);
	return size;
}

static void *peek(const struct rust_sample_end *ring, size_t *bytes)
{
	return (void *)rust_sample_peek(ring, bytes);
}

[[gnu::cold, gnu::noinline]] static ssize_t get_from_ring_later(int fd, void *data, size_t size)
{
	wait_in_ring(fd, 1, peek);
	return get_from_ring(fd, data, size);
}

ssize_t get_from_ring(int fd, void *data, size_t size)
{
	const struct rust_sample_end *ring = ring_of[fd];
	size_t used;
	const void *from = rust_sample_peek(ring, &used);

	if (!used)
		return get_from_ring_later(fd, data, size);
	if (used < size)
		size = used;
	memcpy(data, from, size);
	if (rust_sample_publish(ring, ring->own->position + size))
		wake_in_ring(fd, CAPACITY - used + size);
	return size;
}

void close_ring(int fd)
{
	struct rust_sample_end *ring = ring_of[fd];

	/* Both ends are one mapping. */
	if (ring && (char *)ring->own < (char *)ring->peer)
		munmap(ring->own, 2 * PAGE + 2 * CAPACITY);
	ring_of[fd] = NULL;
}
