/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of the FIFO for programs that use it alone: its state, and which bytes it holds.
 */
#ifndef FIFO_H
#define FIFO_H

#include "fixture.h"

/* Open for both throughout, so that there is no end of file. Its calls meet no faults. */
static int keeper;

/* The state that the device must have. A byte is byte_at() of its number since the load. */
static struct rust_sample_info fifo;

static unsigned char buf[2 * CAPACITY]; /* the keeper's */

/* The number of the next byte to be read. */
static inline uint64_t next_out(void)
{
	return fifo.total_in - fifo.used;
}

static inline void wrote(long len)
{
	fifo.total_in += len;
	fifo.used += len;
}

static inline void took(long len)
{
	fifo.total_out += len;
	fifo.used -= len;
}

static inline void cleared(void)
{
	fifo.total_cleared += fifo.used;
	fifo.used = 0;
}

static inline void check_next(const unsigned char *bytes, long len)
{
	check_bytes(bytes, next_out(), len);
	took(len);
}

static inline void put(long len)
{
	if (!len)
		return;
	make_bytes(buf, fifo.total_in, len);
	must_be(len, write(keeper, buf, len));
	wrote(len);
}

static inline void take(long len)
{
	if (!len)
		return;
	must_be(len, read(keeper, buf, len));
	check_next(buf, len);
}

/* Empties the FIFO and writes `len` bytes to it, which begin at `offset` in the ring. */
static inline void lay(long len, long offset)
{
	long way;

	take(fifo.used);
	way = (offset + fifo.capacity - fifo.total_in % fifo.capacity) % fifo.capacity;
	put(way);
	take(way);
	put(len);
}

/* Compares the state with the model, and empties the FIFO. */
static inline void settle(void)
{
	struct rust_sample_info now = info_of(keeper);

	must_be_info(&fifo, &now);
	take(fifo.used);
	must_fail(EAGAIN, read(keeper, buf, 1));
}

static inline void begin_fifo(void)
{
	struct rust_sample_info expected;

	empty();
	keeper = open_device(O_RDWR | O_NONBLOCK);
	must_be(0, set_capacity(keeper, CAPACITY));
	fifo = info_of(keeper);
	expected = fifo;
	expected.capacity = CAPACITY;
	expected.used = 0;
	expected.readers = 1;
	expected.writers = 1;
	must_be_info(&expected, &fifo);
}

/* The file of the call. */
static int file = -1;

static inline bool reads(int flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static inline bool writes(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* A file of this mode has been opened, or closed if `by` is -1. */
static inline void count_file(int flags, int by)
{
	fifo.readers += reads(flags) ? by : 0;
	fifo.writers += writes(flags) ? by : 0;
}

static inline void get(int flags)
{
	file = open_device(flags);
	count_file(flags, 1);
}

static inline void drop(void)
{
	int flags = fcntl(file, F_GETFL);

	must_be(0, close(file));
	file = -1;
	count_file(flags, -1);
}

/* Another task, which waits in a call that moves ATOMIC bytes, on a file of its own. */
static struct task waiter;
static struct io waiting;

static inline void begin_waiter(int flags)
{
	static unsigned char memory[ATOMIC];

	make_bytes(memory, fifo.total_in, ATOMIC);
	waiting = (struct io){ open_device(flags), memory, ATOMIC };
	count_file(flags, 1);
	begin(&waiter, reads(flags) ? do_read : do_write, &waiting);
}

/* It can move its bytes now. */
static inline void end_waiter(void)
{
	int flags = fcntl(waiting.fd, F_GETFL);

	must_be(ATOMIC, result(&waiter));
	if (reads(flags))
		check_next(waiting.buf, ATOMIC);
	else
		wrote(ATOMIC);
	close(waiting.fd);
	count_file(flags, -1);
}

#endif /* FIFO_H */
