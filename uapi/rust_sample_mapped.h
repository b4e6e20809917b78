/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Mapped FIFOs, for programs in C and C++: bytes pass from one process to another
 * without a system call. docs/mapped.md explains the protocol.
 *
 * Each end is for one thread at a time. The functions of one end do not use the other.
 */
#ifndef RUST_SAMPLE_MAPPED_H
#define RUST_SAMPLE_MAPPED_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rust_sample.h"

/* An end of a mapped FIFO. */
struct rust_sample_end {
	int fd;
	size_t capacity;
	struct rust_sample_control *own;
	const struct rust_sample_control *peer;
	char *data; /* twice the capacity; the read end must not write there */
};

/* Unmaps the end. The descriptor stays open. */
static inline void rust_sample_unmap(struct rust_sample_end *end)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (end->own != MAP_FAILED)
		munmap(end->own, page);
	if (end->peer != MAP_FAILED)
		munmap((void *)end->peer, page);
	if (end->data != MAP_FAILED)
		munmap(end->data, 2 * end->capacity);
}

/*
 * Maps the end `fd` of a FIFO with this capacity, as NEW_FIFO returned both. `prot` is
 * PROT_READ for the read end, PROT_READ | PROT_WRITE for the write end. Returns 0, or
 * -1 with errno.
 */
static inline int rust_sample_map(struct rust_sample_end *end, int fd, size_t capacity, int prot)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int error;

	end->fd = fd;
	end->capacity = capacity;
	end->own = (struct rust_sample_control *)mmap(NULL, page, PROT_READ | PROT_WRITE,
						      MAP_SHARED, fd, RUST_SAMPLE_MAP_OWN);
	end->peer = (const struct rust_sample_control *)mmap(NULL, page, PROT_READ, MAP_SHARED, fd,
							     RUST_SAMPLE_MAP_PEER);
	end->data = (char *)mmap(NULL, 2 * capacity, prot, MAP_SHARED, fd, RUST_SAMPLE_MAP_DATA);
	if (end->own != MAP_FAILED && end->peer != MAP_FAILED && end->data != MAP_FAILED)
		return 0;
	error = errno;
	rust_sample_unmap(end);
	errno = error;
	return -1;
}

/* Returns whether the other end is closed. Look for bytes once more afterwards. */
static inline int rust_sample_closed(const struct rust_sample_end *end)
{
	return __atomic_load_n(&end->peer->closed, __ATOMIC_ACQUIRE) != 0;
}

/* Returns how many bytes the FIFO holds, whatever the other process has stored. */
static inline size_t rust_sample_used(const struct rust_sample_end *end, uint64_t head,
				      uint64_t tail)
{
	return head - tail < end->capacity ? (size_t)(head - tail) : end->capacity;
}

/* Wakes the tasks that wait at the other end, if it has what they wait for. */
[[gnu::cold, gnu::noinline, gnu::unused]] static void
rust_sample_wake(const struct rust_sample_end *end, size_t available)
{
	uint64_t wanted = __atomic_load_n(&end->peer->need_wakeup, __ATOMIC_RELAXED);

	if (wanted != 0 && wanted <= available)
		ioctl(end->fd, RUST_SAMPLE_IOC_WAKE);
}

/* Moves the position of the end. Returns whether a task waits at the other end. */
static inline int rust_sample_publish(const struct rust_sample_end *end, uint64_t position)
{
	__atomic_store_n(&end->own->position, position, __ATOMIC_RELEASE);
	/* Store the position, then load the word. A waiting task stores the word first. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __builtin_expect(__atomic_load_n(&end->peer->need_wakeup, __ATOMIC_RELAXED) != 0, 0);
}

/* The write end: returns where to put the next bytes, and the room for them in `len`. */
static inline void *rust_sample_reserve(const struct rust_sample_end *end, size_t *len)
{
	uint64_t head = __atomic_load_n(&end->own->position, __ATOMIC_RELAXED);
	uint64_t tail = __atomic_load_n(&end->peer->position, __ATOMIC_ACQUIRE);

	*len = end->capacity - rust_sample_used(end, head, tail);
	return end->data + (head & (end->capacity - 1));
}

/* The write end: publishes `len` bytes, of those that reserve() returned. */
static inline void rust_sample_commit(const struct rust_sample_end *end, size_t len)
{
	uint64_t head = __atomic_load_n(&end->own->position, __ATOMIC_RELAXED) + len;

	if (rust_sample_publish(end, head))
		rust_sample_wake(end, rust_sample_used(end, head,
						       __atomic_load_n(&end->peer->position,
								       __ATOMIC_RELAXED)));
}

/* The read end: returns where the next bytes are, and their number in `len`. */
static inline const void *rust_sample_peek(const struct rust_sample_end *end, size_t *len)
{
	uint64_t tail = __atomic_load_n(&end->own->position, __ATOMIC_RELAXED);
	uint64_t head = __atomic_load_n(&end->peer->position, __ATOMIC_ACQUIRE);

	*len = rust_sample_used(end, head, tail);
	return end->data + (tail & (end->capacity - 1));
}

/* The read end: takes `len` bytes out, of those that peek() returned. */
static inline void rust_sample_consume(const struct rust_sample_end *end, size_t len)
{
	uint64_t tail = __atomic_load_n(&end->own->position, __ATOMIC_RELAXED) + len;

	if (rust_sample_publish(end, tail))
		rust_sample_wake(end, end->capacity -
					      rust_sample_used(end,
							       __atomic_load_n(&end->peer->position,
									       __ATOMIC_RELAXED),
							       tail));
}

/*
 * Waits until there are `bytes` bytes to read, or as much room to write, or until the
 * other end is closed. Returns 0, or -1 with errno: EINTR for a signal.
 */
static inline int rust_sample_wait(const struct rust_sample_end *end, uint64_t bytes)
{
	return ioctl(end->fd, RUST_SAMPLE_IOC_WAIT, &bytes);
}

#endif /* RUST_SAMPLE_MAPPED_H */
