// SPDX-License-Identifier: GPL-2.0
/*
 * Mapped FIFOs: mmap(2), the control words, waiting and waking, and mixes of a mapped end with
 * calls.
 */

#include "cases.h"

#include "rust_sample_mapped.h"

#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define LARGE (1 << 20) /* the module's max_capacity */

static int r, w;
static struct rust_sample_end in, out; /* the read end and the write end, mapped */
static char buf[2 * CAPACITY];
static size_t page;

static void make_fifo(__u64 capacity, unsigned int flags)
{
	struct rust_sample_new_fifo request = { .capacity = capacity,
						.flags = RUST_SAMPLE_FIFO_MAPPABLE | flags };

	page = sysconf(_SC_PAGESIZE);
	must_be(0, new_fifo(&request));
	r = request.read_fd;
	w = request.write_fd;
}

static void map_reader(void)
{
	must_be(0, rust_sample_map(&in, r, info_of(r).capacity, PROT_READ));
}

static void map_writer(void)
{
	must_be(0, rust_sample_map(&out, w, info_of(w).capacity, PROT_READ | PROT_WRITE));
}

/* Makes a FIFO of the default capacity, and maps both ends. */
static void make_mapped(void)
{
	make_fifo(0, O_CLOEXEC);
	map_reader();
	map_writer();
}

/* Puts bytes in without a system call, as long as there is room. */
static size_t put(const void *bytes, size_t len)
{
	size_t room;
	void *to = rust_sample_reserve(&out, &room);

	len = len < room ? len : room;
	memcpy(to, bytes, len);
	rust_sample_commit(&out, len);
	return len;
}

/* Takes up to `len` bytes out without a system call. */
static size_t take(void *bytes, size_t len)
{
	size_t used;
	const void *from = rust_sample_peek(&in, &used);

	len = len < used ? len : used;
	memcpy(bytes, from, len);
	rust_sample_consume(&in, len);
	return len;
}

static void must_map(int fd, size_t len, int prot, int flags, off_t offset, int error)
{
	void *m = mmap(NULL, len, prot, flags, fd, offset);

	if (!error) {
		must(m != MAP_FAILED);
		must_be(0, munmap(m, len));
	} else {
		must_fail(error, m == MAP_FAILED ? -1 : 0);
	}
}

CASE(creation)
{
	const unsigned int mappable = RUST_SAMPLE_FIFO_MAPPABLE;
	struct rust_sample_new_fifo request = { .capacity = 1, .flags = mappable };

	make_fifo(0, O_CLOEXEC);
	must_be(CAPACITY, info_of(r).capacity);
	must_be(O_RDWR, fcntl(r, F_GETFL) & O_ACCMODE);
	must_be(O_RDWR, fcntl(w, F_GETFL) & O_ACCMODE);
	must_be(FD_CLOEXEC, fcntl(r, F_GETFD));
	/* Each end is one end, whatever its access mode. */
	must_fail(EBADF, read(w, buf, 1));
	must_fail(EBADF, write(r, buf, 1));
	/* The position of the read end is for that end to move. */
	must_fail(EBADF, ioctl(w, RUST_SAMPLE_IOC_CLEAR));
	must_fail(EBUSY, set_capacity(w, 2 * CAPACITY));
	must_fail(EBUSY, set_capacity(w, CAPACITY));
	/* At least a page. */
	must_be(0, new_fifo(&request));
	must_be(sysconf(_SC_PAGESIZE), request.capacity);
	close(request.read_fd);
	close(request.write_fd);
	request = (struct rust_sample_new_fifo){ .flags = mappable >> 1 };
	must_fail(EINVAL, new_fifo(&request));
}

CASE(mmap_rules)
{
	const int rw = PROT_READ | PROT_WRITE;
	const off_t own = RUST_SAMPLE_MAP_OWN, peer = RUST_SAMPLE_MAP_PEER,
		    data = RUST_SAMPLE_MAP_DATA;
	const size_t len = 2 * CAPACITY;

	make_fifo(0, O_CLOEXEC);
	must_map(r, page, rw, MAP_SHARED, own, 0);
	must_map(r, page, PROT_READ, MAP_SHARED, own, 0);
	must_map(r, page, PROT_READ, MAP_SHARED, peer, 0);
	must_map(r, page, rw, MAP_SHARED, peer, EACCES);
	must_map(r, page, PROT_READ | PROT_EXEC, MAP_SHARED, peer, EPERM);
	must_map(r, len, PROT_READ, MAP_SHARED, data, 0);
	must_map(r, len, rw, MAP_SHARED, data, EACCES);
	must_map(w, page, rw, MAP_SHARED, own, 0);
	must_map(w, page, PROT_READ, MAP_SHARED, peer, 0);
	must_map(w, page, rw, MAP_SHARED, peer, EACCES);
	must_map(w, len, rw, MAP_SHARED, data, 0);
	/* Other lengths and offsets, and private mappings. */
	must_map(r, 2 * page, rw, MAP_SHARED, own, EINVAL);
	must_map(r, CAPACITY, PROT_READ, MAP_SHARED, data, EINVAL);
	must_map(r, len + page, PROT_READ, MAP_SHARED, data, EINVAL);
	must_map(r, page, PROT_READ, MAP_SHARED, data, EINVAL);
	must_map(r, page, rw, MAP_SHARED, page, EINVAL);
	must_map(r, page, rw, MAP_SHARED, data + page, EINVAL);
	must_map(r, page, PROT_READ, MAP_PRIVATE, peer, EINVAL);
	must_map(r, page, rw, MAP_PRIVATE, own, EINVAL);
	/* Files that cannot be mapped. */
	must_map(device_fd, page, PROT_READ, MAP_SHARED, own, ENODEV);
	device_fd = open_device(O_RDWR);
	must_map(device_fd, page, PROT_READ, MAP_SHARED, own, ENODEV);
	must_fail(ENOTTY, ioctl(device_fd, RUST_SAMPLE_IOC_WAKE));
	must_fail(ENOTTY, ioctl(device_fd, RUST_SAMPLE_IOC_WAIT, &(__u64){ 1 }));
}

CASE(opened_again)
{
	int both, reader, writer;

	make_fifo(0, O_CLOEXEC);
	/* Both ends at once have no end to wait at, to wake or to map. */
	both = open_again(r, O_RDWR);
	must(both >= 0);
	must_fail(EACCES, ioctl(both, RUST_SAMPLE_IOC_WAIT, &(__u64){ 1 }));
	must_fail(EACCES, ioctl(both, RUST_SAMPLE_IOC_WAKE));
	must_map(both, page, PROT_READ, MAP_SHARED, RUST_SAMPLE_MAP_OWN, EACCES);
	must_be(5, write(both, "hello", 5));
	/* One end, which mmap(2) maps as far as the access mode permits. */
	reader = open_again(w, O_RDONLY);
	must(reader >= 0);
	must_be(0, ioctl(reader, RUST_SAMPLE_IOC_WAIT, &(__u64){ 5 }));
	must_be(0, ioctl(reader, RUST_SAMPLE_IOC_WAKE));
	must_map(reader, page, PROT_READ, MAP_SHARED, RUST_SAMPLE_MAP_OWN, 0);
	must_map(reader, page, PROT_READ | PROT_WRITE, MAP_SHARED, RUST_SAMPLE_MAP_OWN, EACCES);
	writer = open_again(r, O_WRONLY);
	must(writer >= 0);
	must_be(0, ioctl(writer, RUST_SAMPLE_IOC_WAIT, &(__u64){ 5 }));
	must_map(writer, page, PROT_READ, MAP_SHARED, RUST_SAMPLE_MAP_OWN, EACCES);
	must_be(5, read(both, buf, 10));
}

CASE(mprotect_and_mremap)
{
	make_mapped();
	must_fail(EACCES, mprotect((void *)in.peer, page, PROT_READ | PROT_WRITE));
	must_fail(EACCES, mprotect(in.data, page, PROT_READ | PROT_WRITE));
	must_fail(EACCES, mprotect((void *)out.peer, page, PROT_READ | PROT_WRITE));
	must_be(0, mprotect(out.data, page, PROT_READ));
	must_be(0, mprotect(out.data, page, PROT_READ | PROT_WRITE));
	must(mremap(in.data, 2 * CAPACITY, 4 * CAPACITY, MREMAP_MAYMOVE) == MAP_FAILED);
	must_be(EFAULT, errno);
}

CASE(bytes)
{
	size_t len;

	make_mapped();
	must_be(0, take(buf, 1));
	must_be(5, put("hello", 5));
	must_be(5, info_of(r).used);
	must_be(5, take(buf, 10));
	must(!memcmp(buf, "hello", 5));
	must_be(0, info_of(r).used);
	must_be(5, info_of(r).total_in);
	must_be(5, info_of(r).total_out);
	/* Full. */
	memset(buf, 'x', sizeof(buf));
	must_be(CAPACITY, put(buf, sizeof(buf)));
	rust_sample_reserve(&out, &len);
	must_be(0, len);
	/* The bytes are there twice, so a run across the end is contiguous. */
	must_be(CAPACITY, take(buf, sizeof(buf)));
	must(!memcmp(in.data, in.data + CAPACITY, CAPACITY));
}

#define EDGE (1ULL << 32)

static atomic_bool over;

/* Moves the position of the writer back and forth across the edge. */
static long cross_edge(void *unused)
{
	while (!over) {
		__atomic_store_n(&out.own->position, EDGE - 8, __ATOMIC_RELAXED);
		__atomic_store_n(&out.own->position, EDGE + 8, __ATOMIC_RELAXED);
	}
	return 0;
}

/* If the kernel loaded the halves of a position one after another, they would not always match. */
CASE(whole_positions)
{
	long end = now_ms() + 20000;
	int i, bytes, last = 0, changes = 0;
	struct task t;

	make_mapped();
	in.own->position = EDGE - 16;
	out.own->position = EDGE;
	start(&t, cross_edge, NULL);
	/* On a busy host the two tasks run at the same time only now and then. */
	for (i = 0; i < 100000 || (changes < 20000 && now_ms() < end); i++) {
		must_be(0, ioctl(r, FIONREAD, &bytes));
		must(bytes == 8 || bytes == 16 || bytes == 24);
		changes += bytes != last;
		last = bytes;
	}
	over = true;
	must_be(0, result(&t));
	if (changes < 1000)
		skip("the tasks did not run at the same time");
}

CASE(all_mixes)
{
	/* Bit 0: the writer is mapped. Bit 1: the reader is mapped. */
	for (int mix = 0; mix < 4; mix++) {
		uint64_t sent = 0, got = 0;
		uint32_t seed = 5 + mix;

		make_fifo(4096, O_CLOEXEC | O_NONBLOCK);
		map_reader();
		map_writer();
		while (got < 200000) {
			size_t len = 1 + next(&seed) % 5000;
			long ret;

			make_bytes((void *)buf, sent, len);
			ret = mix & 1 ? (long)put(buf, len) : write(w, buf, len);
			if (ret > 0)
				sent += ret;
			else
				must(mix & 1 || errno == EAGAIN);
			len = 1 + next(&seed) % 5000;
			ret = mix & 2 ? (long)take(buf, len) : read(r, buf, len);
			if (ret > 0) {
				check_bytes((void *)buf, got, ret);
				got += ret;
			} else {
				must(mix & 2 || errno == EAGAIN);
			}
			must_be(sent - got, info_of(r).used);
		}
		must_be(sent, info_of(w).total_in);
		must_be(got, info_of(w).total_out);
		rust_sample_unmap(&in);
		rust_sample_unmap(&out);
		close(r);
		close(w);
	}
}

/* Each end gets SIGIO for what the other does, although both have the same access mode. */
CASE(sigio)
{
	int end;

	for (end = 0; end < 2; end++) {
		make_fifo(0, O_CLOEXEC | O_NONBLOCK);
		catch_signal(SIGIO, SA_RESTART);
		must_be(0, fcntl(end ? w : r, F_SETOWN, getpid()));
		must_be(0, fcntl(end ? w : r, F_SETFL, O_NONBLOCK | O_ASYNC));
		signals = 0;
		must_be(10, write(w, buf, 10));
		must_be(end ? 0 : 1, signals);
		must_be(10, read(r, buf, 10));
		must_be(1, signals);
		/* A mapped program has moved bytes. */
		must_be(0, ioctl(w, RUST_SAMPLE_IOC_WAKE));
		must_be(end ? 1 : 2, signals);
		must_be(0, ioctl(r, RUST_SAMPLE_IOC_WAKE));
		must_be(2, signals);
		close(r);
		close(w);
	}
}

CASE(calls_follow_pipe_rules)
{
	make_fifo(8192, O_CLOEXEC | O_NONBLOCK);
	map_writer();
	must_fail(EAGAIN, read(r, buf, 1));
	must_be(POLLOUT, events_of(w));
	must_be(0, events_of(r));
	must_be(8000, write(w, buf, 8000));
	/* Atomic writes: not in part. */
	must_fail(EAGAIN, write(w, buf, 1000));
	must_be(0, events_of(w));
	must_be(192, write(w, buf, 5000));
	must_be(POLLIN, events_of(r));
	must_be(0, ioctl(r, RUST_SAMPLE_IOC_CLEAR));
	must_be(8192, info_of(w).total_cleared);
	must_be(0, info_of(w).used);
	must_be(8192, out.own->position);
	must_be(8192, out.peer->position);
	/* A bad address loses nothing. */
	must_be(10, write(w, "0123456789", 10));
	must_fail(EFAULT, read(r, bad_after(0), 10));
	must_be(10, read(r, buf, 100));
	must_fail(EFAULT, write(w, bad_after(100), 200));
	must_be(0, info_of(w).used);
}

static long do_wait(void *end)
{
	return rust_sample_wait(end, 100);
}

CASE(wait_rules)
{
	struct task t;

	make_mapped();
	must_fail(EINVAL, rust_sample_wait(&in, 0));
	must_fail(EINVAL, rust_sample_wait(&in, CAPACITY + 1));
	must_fail(EINVAL, rust_sample_wait(&in, 1ULL << 40));
	must_fail(EFAULT, ioctl(r, RUST_SAMPLE_IOC_WAIT, NULL));
	must_be(0, rust_sample_wait(&out, CAPACITY));
	/* It waits for all bytes, which come in steps. */
	begin(&t, do_wait, &in);
	must_be(100, in.own->need_wakeup);
	put(buf, 60);
	still_waits(&t);
	put(buf, 40);
	must_be(0, result(&t));
	must_be(0, in.own->need_wakeup);
	/* And for room. */
	put(buf, CAPACITY);
	begin(&t, do_wait, &out);
	take(buf, 99);
	still_waits(&t);
	take(buf, 1);
	must_be(0, result(&t));
}

CASE(wakes_calls)
{
	struct io io = { .buf = buf, .len = 10 };
	struct pollfd p = { .events = POLLIN };
	struct task t;

	make_mapped();
	/* A mapped writer wakes a reader that sleeps in read(2), and in poll(2). */
	io.fd = r;
	begin(&t, do_read, &io);
	must_be(1, in.own->need_wakeup);
	put("hello", 5);
	must_be(5, result(&t));
	p.fd = r;
	begin(&t, do_poll, &p);
	put("hello", 5);
	must_be(1, result(&t));
	must_be(5, take(buf, 10));
	/* A mapped reader wakes a writer, once there is room for PIPE_BUF. */
	must_be(CAPACITY, write(w, buf, CAPACITY));
	io.fd = w;
	begin(&t, do_write, &io);
	must_be(ATOMIC, out.own->need_wakeup);
	take(buf, ATOMIC - 1);
	still_waits(&t);
	take(buf, 1);
	must_be(10, result(&t));
	/* read(2) and write(2) wake a mapped program that waits. */
	must_be(0, ioctl(r, RUST_SAMPLE_IOC_CLEAR));
	begin(&t, do_wait, &in);
	must_be(100, write(w, buf, 100));
	must_be(0, result(&t));
	put(buf, CAPACITY);
	begin(&t, do_wait, &out);
	must_be(100, read(r, buf, 100));
	must_be(0, result(&t));
}

CASE(wakes_several)
{
	struct io io = { .buf = buf, .len = 1 };
	struct task t[3];
	int i;

	make_mapped();
	io.fd = r;
	begin(&t[0], do_wait, &in);
	begin(&t[1], do_read, &io);
	begin(&t[2], do_read, &io);
	/* The least that a task waits for. */
	must_be(1, in.own->need_wakeup);
	put(buf, 1);
	until(t[1].done || t[2].done);
	still_waits(&t[0]);
	put(buf, 101);
	for (i = 0; i < 3; i++)
		must(result(&t[i]) >= 0);
}

CASE(no_call_without_a_waiter)
{
	int i;

	/* The descriptors are closed: a call of WAKE would fail, and its errno would show. */
	make_mapped();
	close(r);
	close(w);
	errno = 0;
	for (i = 0; i < 1000; i++) {
		must_be(100, put(buf, 100));
		must_be(100, take(buf, 100));
	}
	must_be(0, errno);
}

CASE(edge_triggered)
{
	struct epoll_event e;
	int ep;

	make_mapped();
	ep = watch(r, EPOLLIN | EPOLLET);
	must_be(0, epoll_wait(ep, &e, 1, 0));
	for (int i = 0; i < 3; i++) {
		/* Each write is an edge, also if the reader has taken all bytes by itself. */
		put("hello", 5);
		must_be(1, epoll_wait(ep, &e, 1, FOREVER_MS));
		must_be(0, epoll_wait(ep, &e, 1, 0));
		must_be(5, take(buf, 10));
	}
	/* Level-triggered: as long as bytes are there. */
	close(ep);
	ep = watch(r, EPOLLIN);
	for (int i = 0; i < 3; i++) {
		put("hello", 5);
		must_be(1, epoll_wait(ep, &e, 1, FOREVER_MS));
		must_be(1, epoll_wait(ep, &e, 1, 0));
		must_be(5, take(buf, 10));
		must_be(0, epoll_wait(ep, &e, 1, 0));
	}
}

CASE(end_of_file)
{
	struct task t;

	make_mapped();
	must_be(0, rust_sample_closed(&in));
	put("hello", 5);
	begin(&t, do_wait, &in);
	close(w);
	/* The mapping holds the file open. */
	still_waits(&t);
	must_be(0, rust_sample_closed(&in));
	rust_sample_unmap(&out);
	must_be(0, result(&t));
	must_be(1, rust_sample_closed(&in));
	must_be(POLLIN | POLLHUP, events_of(r));
	/* The last bytes come before the end of file. */
	must_be(5, take(buf, 10));
	must_be(POLLHUP, events_of(r));
	must_be(0, read(r, buf, 1));
}

CASE(broken_pipe)
{
	struct task t;

	catch_signal(SIGPIPE, SA_RESTART);
	make_mapped();
	put(buf, CAPACITY);
	begin(&t, do_wait, &out);
	close(r);
	rust_sample_unmap(&in);
	must_be(0, result(&t));
	must_be(1, rust_sample_closed(&out));
	must(events_of(w) & POLLERR);
	must_fail(EPIPE, write(w, buf, 1));
	must_be(1, signals);
}

CASE(signal_ends_wait)
{
	struct task t;

	catch_signal(SIGUSR1, 0);
	make_mapped();
	begin(&t, do_wait, &in);
	must_be(0, pthread_kill(t.thread, SIGUSR1));
	must_fail(EINTR, result(&t));
	catch_signal(SIGUSR1, SA_RESTART);
	begin(&t, do_wait, &in);
	must_be(0, pthread_kill(t.thread, SIGUSR1));
	still_waits(&t);
	put(buf, 100);
	must_be(0, result(&t));
}

CASE(mapping_outlives_descriptors)
{
	make_mapped();
	must_fail(EWOULDBLOCK, unload_module());
	close(r);
	close(w);
	close(device_fd);
	must_be(5, put("hello", 5));
	must_be(5, take(buf, 10));
	must_fail(EWOULDBLOCK, unload_module());
	rust_sample_unmap(&in);
	must_fail(EWOULDBLOCK, unload_module());
	rust_sample_unmap(&out);
	unload_soon();
	must_be(0, load_module(""));
}

CASE(two_processes)
{
	const uint64_t all = 3000000;
	uint64_t done = 0;
	pid_t child;
	uint32_t seed = 7;
	size_t len;
	int status;

	make_fifo(0, 0);
	child = fork_child();
	if (!child) {
		close(r);
		map_writer();
		while (done < all) {
			void *to = rust_sample_reserve(&out, &len);

			if (!len) {
				must_be(0, rust_sample_wait(&out, 1));
				continue;
			}
			if (len > 1 + next(&seed) % 9000)
				len = 1 + next(&seed) % 100;
			if (len > all - done)
				len = all - done;
			make_bytes(to, done, len);
			rust_sample_commit(&out, len);
			done += len;
		}
		_exit(0);
	}
	close(w);
	map_reader();
	while (done < all) {
		const void *from = rust_sample_peek(&in, &len);

		if (!len) {
			must(!rust_sample_closed(&in) || (rust_sample_peek(&in, &len) && len));
			must_be(0, rust_sample_wait(&in, 1));
			continue;
		}
		check_bytes(from, done, len);
		rust_sample_consume(&in, len);
		done += len;
	}
	must_be(child, waitpid(child, &status, 0));
	must_be(0, status);
	must_be(1, rust_sample_closed(&in));
}

CASE(fork_drops_mappings)
{
	pid_t child;
	int status;

	make_mapped();
	put("hello", 5);
	child = fork_child();
	if (!child) {
		/* The child has the descriptors, and can map them again. */
		must_fail(ENOMEM, madvise(in.data, page, MADV_NORMAL));
		map_reader();
		must_be(5, take(buf, 10));
		_exit(0);
	}
	must_be(child, waitpid(child, &status, 0));
	must_be(0, status);
	must_be(0, take(buf, 10));
}

CASE(killed_writer)
{
	_Atomic uint64_t *committed = mmap(NULL, sizeof(*committed), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(committed != MAP_FAILED);
	for (int i = 0; i < 30; i++) {
		uint64_t got = 0;
		uint32_t seed = i + 1;
		size_t len;
		pid_t child;

		make_fifo(4096, 0);
		*committed = 0;
		child = fork_child();
		if (!child) {
			uint64_t done = 0;

			close(r);
			map_writer();
			for (;;) {
				void *to = rust_sample_reserve(&out, &len);

				if (!len) {
					rust_sample_wait(&out, 1);
					continue;
				}
				if (len > 100)
					len = 100;
				make_bytes(to, done, len);
				rust_sample_commit(&out, len);
				done += len;
				*committed = done;
			}
		}
		close(w);
		map_reader();
		while (got < 10000 + next(&seed) % 50000) {
			const void *from = rust_sample_peek(&in, &len);

			if (!len) {
				must_be(0, rust_sample_wait(&in, 1));
				continue;
			}
			check_bytes(from, got, len);
			rust_sample_consume(&in, len);
			got += len;
		}
		kill(child, SIGKILL);
		/* All bytes that it committed, then the end of file. */
		for (;;) {
			bool closed = rust_sample_closed(&in);
			const void *from = rust_sample_peek(&in, &len);

			if (!len && closed)
				break;
			if (!len)
				must_be(0, rust_sample_wait(&in, 1));
			check_bytes(from, got, len);
			rust_sample_consume(&in, len);
			got += len;
		}
		await_kill(child);
		must(got >= *committed);
		must_be(0, read(r, buf, 1));
		rust_sample_unmap(&in);
		close(r);
	}
}

CASE(splice_at_once)
{
	int ends[2];

	make_mapped();
	must_be(0, pipe2(ends, O_CLOEXEC));
	must_be(5, write(ends[1], "hello", 5));
	must_be(5, splice(ends[0], NULL, w, NULL, 5, 0));
	must_be(5, take(buf, 10));
	must_be(5, put("world", 5));
	must_be(5, splice(r, NULL, ends[1], NULL, 10, 0));
	must_be(5, read(ends[0], buf, 10));
	must(!memcmp(buf, "world", 5));
}

CASE(starts_with_zeroes)
{
	size_t i;

	for (int round = 0; round < 20; round++) {
		make_fifo(LARGE, O_CLOEXEC);
		map_reader();
		map_writer();
		for (i = 0; i < LARGE; i++)
			must(!in.data[i]);
		/* The next one may get this memory. */
		memset(out.data, 0xff, LARGE);
		rust_sample_unmap(&in);
		rust_sample_unmap(&out);
		close(r);
		close(w);
	}
}

CASE(splice_waits)
{
	struct splice s;
	struct task t;
	int ends[2];

	make_mapped();
	must_be(0, pipe2(ends, O_CLOEXEC));
	s = (struct splice){ r, ends[1], 0, 10 };
	begin(&t, do_splice, &s);
	put("hello", 5);
	must_be(5, result(&t));
	must_be(5, read(ends[0], buf, 10));
	must_be(CAPACITY, put(buf, CAPACITY));
	must_be(5, write(ends[1], "world", 5));
	s = (struct splice){ ends[0], w, 0, 5 };
	begin(&t, do_splice, &s);
	must_be(ATOMIC, take(buf, ATOMIC));
	must_be(5, result(&t));
}

CASE(clear_wakes)
{
	struct io io;
	struct task t;

	make_mapped();
	must_be(CAPACITY, put(buf, CAPACITY));
	io = (struct io){ w, buf, 10 };
	begin(&t, do_write, &io);
	must_be(0, ioctl(r, RUST_SAMPLE_IOC_CLEAR));
	must_be(10, result(&t));
}

CASE(wait_ignores_nonblock)
{
	struct task t;

	make_fifo(0, O_CLOEXEC | O_NONBLOCK);
	map_reader();
	begin(&t, do_wait, &in);
	must_be(100, write(w, buf, 100));
	must_be(0, result(&t));
}
