// SPDX-License-Identifier: GPL-2.0
/* The operations that programs consist of. */

#include "fuzz.h"
#include <liburing.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SEGMENTS 8

struct kind kinds[64];
int nr_kinds;

static int slot(uint64_t number)
{
	return shared->fd[number % SLOTS];
}

void close_slot(int number)
{
	int fd = atomic_exchange(&shared->fd[number], -1);

	if (fd >= 0)
		close(fd);
}

/* Closes the previous file of the slot. */
static void fill_slot(uint64_t number, int fd)
{
	if (fd < 0)
		return;
	fd = atomic_exchange(&shared->fd[number % SLOTS], fd);
	if (fd >= 0)
		close(fd);
}

KIND(open, 60, 0, SLOT, MODE, OPEN_FLAGS)
{
	/* Not O_CREAT: that creates a regular file while the module is not loaded. */
	static const int flags[] = {
		O_NONBLOCK, O_ASYNC, O_APPEND,	  O_DIRECT, O_TRUNC,
		O_NOCTTY,   O_SYNC,  O_DIRECTORY, O_PATH,
	};
	int all = O_CLOEXEC | (a[1] & O_ACCMODE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		all |= a[2] >> i & 1 ? flags[i] : 0;
	fill_slot(a[0], open(device(), all, 0600));
}

KIND(close, 20, 0, SLOT)
{
	close_slot(a[0] % SLOTS);
}

KIND(dup, 5, 0, SLOT, SLOT)
{
	fill_slot(a[1], fcntl(slot(a[0]), F_DUPFD_CLOEXEC, 0));
}

static size_t length(uint64_t len)
{
	return len < MEMORY ? len : MEMORY;
}

KIND(read, 40, READS, SLOT, LENGTH, KIND, LENGTH)
{
	size_t len = length(a[1]);
	void *m = memory_to_read_into(t, a[2], len, a[3]);

	took(t, m, read(slot(a[0]), m, len));
}

KIND(write, 50, WRITES, SLOT, LENGTH, KIND, LENGTH)
{
	size_t len = length(a[1]);

	wrote(t, write(slot(a[0]), memory_to_write_from(t, a[2], len, a[3]), len));
}

/* Splits memory at random; in one case of four a segment of it is bad. */
static int split(struct iovec *v, char *m, size_t len, uint32_t seed)
{
	int n = 1 + seed % SEGMENTS, i;
	size_t part;

	seed |= 1;
	for (i = 0; i < n; i++) {
		part = i == n - 1 ? len : next(&seed) % (2 * len / (n - i) + 1);
		part = part < len ? part : len;
		v[i] = (struct iovec){ .iov_base = m, .iov_len = part };
		m += part;
		len -= part;
	}
	if (!(next(&seed) % 4))
		v[next(&seed) % n].iov_base = (void *)8;
	return n;
}

/* Flags of preadv2(2) by the bits of a number, of which some lead nowhere. */
static int how(uint64_t bits)
{
	static const int flags[] = {
		0,	   RWF_NOWAIT, RWF_NOSIGNAL, RWF_NOWAIT | RWF_HIPRI,
		RWF_DSYNC, RWF_APPEND, 1 << 30,	     RWF_NOWAIT,
	};

	return flags[bits % ARRAY_SIZE(flags)];
}

KIND(readv, 20, READS, SLOT, LENGTH, KIND, ANY)
{
	size_t len = length(a[1]);
	char *m = memory_to_read_into(t, a[2], len, len / 2);
	struct iovec v[SEGMENTS];
	int n = split(v, m, len, a[3]);

	if (a[3] & 1 << 16)
		took(t, m, readv(slot(a[0]), v, n));
	else
		took(t, m, preadv2(slot(a[0]), v, n, a[3] & 1 << 17 ? 0 : -1, how(a[3] >> 20)));
}

KIND(writev, 20, WRITES, SLOT, LENGTH, KIND, ANY)
{
	size_t len = length(a[1]);
	char *m = memory_to_write_from(t, a[2], len, len / 2);
	struct iovec v[SEGMENTS];
	int n = split(v, m, len, a[3]);

	if (a[3] & 1 << 16)
		wrote(t, writev(slot(a[0]), v, n));
	else
		wrote(t, pwritev2(slot(a[0]), v, n, a[3] & 1 << 17 ? 0 : -1, how(a[3] >> 20)));
}

KIND(forget, 8, 0, NONE)
{
	forget_memory();
}

/* One of several calls: the one whose number is `which`. */
#define CALL(number, call) (which == (number) ? (void)(ret = (call)) : (void)0)

/* Calls that a stream refuses, or that are unusual on one. */
KIND(other, 5, 0, SLOT, SMALL, LENGTH)
{
	int fd = slot(a[0]), which = a[1] % 16;
	struct stat st;
	char buf[16] = "";
	off_t ret = -1;
	void *m;

	CALL(0, lseek(fd, a[2], SEEK_SET));
	CALL(1, lseek(fd, 0, SEEK_CUR));
	CALL(2, pread(fd, buf, sizeof(buf), a[2]));
	CALL(3, pwrite(fd, buf, sizeof(buf), a[2]));
	CALL(5, fsync(fd));
	CALL(6, ftruncate(fd, a[2]));
	CALL(7, fallocate(fd, 0, 0, 4096));
	CALL(8, fstat(fd, &st));
	CALL(9, flock(fd, LOCK_SH | LOCK_NB));
	CALL(10, posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	CALL(11, fchmod(fd, 0600));
	CALL(12, fcntl(fd, F_SETPIPE_SZ, 65536));
	CALL(13, fcntl(fd, F_GETPIPE_SZ));
	CALL(14, readahead(fd, 0, 4096));
	CALL(15, syncfs(fd));
	if (which == 4) {
		m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (m != MAP_FAILED)
			munmap(m, 4096);
	}
	if (shared->alone && which < 4 && ret >= 0)
		broken("a stream has a position: call %d returned %lld", which, (long long)ret);
}

KIND(poll, 10, 0, SLOT, EVENTS, MILLISECONDS, SMALL)
{
	struct pollfd p[2] = {
		{ .fd = slot(a[0]), .events = a[1] },
		{ .fd = slot(a[0] + 1), .events = a[1] >> 4 },
	};

	poll(p, 1 + (a[3] & 1), a[2]);
}

KIND(select, 5, 0, SLOT, SMALL, MILLISECONDS)
{
	struct timeval time = { 0, a[2] % 1000 * 1000 };
	int fd = slot(a[0]);
	fd_set sets[3];
	int i;

	if (fd < 0 || fd >= FD_SETSIZE)
		return;
	for (i = 0; i < 3; i++) {
		FD_ZERO(&sets[i]);
		if (a[1] >> i & 1)
			FD_SET(fd, &sets[i]);
	}
	select(fd + 1, &sets[0], &sets[1], &sets[2], &time);
}

KIND(epoll_ctl, 8, 0, SLOT, EVENTS, SMALL, SMALL)
{
	static const uint32_t more[] = { 0, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE };
	static const int calls[] = { EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL };
	struct epoll_event event = { .events = a[1] | more[a[2] % 4], .data.u64 = a[0] };

	epoll_ctl(shared->epoll, calls[a[3] % 4], slot(a[0]), &event);
}

KIND(epoll_wait, 5, 0, MILLISECONDS)
{
	struct epoll_event events[4];

	epoll_wait(shared->epoll, events, 4, a[0]);
}

/* A request that the device does not know, whatever the numbers. */
static unsigned long unknown(uint64_t number)
{
	unsigned int r = number * 2654435761U;

	if (_IOC_TYPE(r) == RUST_SAMPLE_IOC_MAGIC || _IOC_TYPE(r) == 'T')
		r ^= 0x1000;
	return r;
}

KIND(ioctl, 20, 0, SLOT, REQUEST, KIND, ANY)
{
	void *m = memory_to_read_into(t, a[2], 16384, a[3]);
	int fd = slot(a[0]), on = a[3] & 1, which = a[1] % 20, ret = -1;
	/* The struct's size is part of the request. */
	unsigned long sized = _IOC(_IOC_READ, RUST_SAMPLE_IOC_MAGIC, 1, a[3] % 16384);
	unsigned long near = _IOC(a[3] % 4, RUST_SAMPLE_IOC_MAGIC, a[3] / 4 % 8, a[3] % 97);

	if (which < 7)
		ioctl(fd, which < 2 ? FIONREAD : which < 4 ? RUST_SAMPLE_IOC_GET_INFO : sized, m);
	CALL(7, ioctl(fd, near, m));
	CALL(8, ioctl(fd, RUST_SAMPLE_IOC_SET_CAPACITY, m));
	CALL(9, ioctl(fd, FIONBIO, &on));
	CALL(10, ioctl(fd, FIOASYNC, &on));
	CALL(11, ioctl(fd, TCGETS, m));
	CALL(12, ioctl(fd, FIOQSIZE, m));
	if (which > 12 && ioctl(fd, unknown(a[3]), m) != -1 && shared->alone)
		broken("ioctl 0x%lx is known", unknown(a[3]));
}

KIND(set_capacity, 15, 0, SLOT, CAPACITIES)
{
	uint64_t bytes = a[1];

	ioctl(slot(a[0]), RUST_SAMPLE_IOC_SET_CAPACITY, &bytes);
}

KIND(clear, 8, MOVES, SLOT, ANY)
{
	ioctl(slot(a[0]), RUST_SAMPLE_IOC_CLEAR, a[1]);
}

/* In one case of four the request lies in memory of another kind. */
KIND(new_fifo, 12, ADDS, SLOT, SLOT, CAPACITIES, ANY)
{
	struct rust_sample_new_fifo request = {
		.capacity = a[3] & 1 ? 0 : a[2],
		.flags = O_CLOEXEC | (a[3] & 2 ? O_NONBLOCK : 0) | (a[3] & 4 ? O_DIRECT : 0) |
			 (a[3] & 8 ? RUST_SAMPLE_FIFO_MAPPABLE : 0),
	};
	enum memory kind = a[3] / 16 % 4 == 3 ? a[3] / 64 % NR_MEMORY : GOOD;
	struct rust_sample_new_fifo *fifo;

	/* The other readable kinds hold the same bytes. */
	memcpy(memory_to_read_into(t, GOOD, 0, 0), &request, sizeof(request));
	fifo = memory_to_read_into(t, kind, sizeof(request), a[3] / 512 % sizeof(request));
	if (ioctl(slot(a[0]), RUST_SAMPLE_IOC_NEW_FIFO, fifo))
		return;
	fill_slot(a[1], fifo->read_fd);
	fill_slot(a[1] + 1, fifo->write_fd);
}

/*
 * Maps a part of a FIFO for a moment, stores something there, and wakes the other end. In one
 * case of two the arguments of mmap(2) are bad.
 */
KIND(map, 12, 0, SLOT, ANY, ANY, CAPACITIES)
{
	static const off_t offsets[] = { RUST_SAMPLE_MAP_OWN, RUST_SAMPLE_MAP_OWN,
					 RUST_SAMPLE_MAP_PEER, RUST_SAMPLE_MAP_DATA, 4096 };
	off_t offset = offsets[a[1] / 2 % ARRAY_SIZE(offsets)];
	int prot = PROT_READ | (a[1] & 1 ? 0 : PROT_WRITE), fd = slot(a[0]);
	int bad = a[1] / 16 % 8, shared_or_private = bad == 1 ? MAP_PRIVATE : MAP_SHARED;
	struct rust_sample_info info = {};
	size_t len = 4096;
	uint64_t *words;

	ioctl(fd, RUST_SAMPLE_IOC_GET_INFO, &info);
	if (offset == RUST_SAMPLE_MAP_DATA)
		len = 2 * info.capacity;
	/* Not for a millisecond and more. */
	if (len > 1 << 20)
		return;
	len = bad == 2 ? len + 4096 : bad == 3 ? (len + 4096) / 2 : len;
	offset += bad == 4 ? 1LL << 40 : 0;
	words = mmap(NULL, len, prot, shared_or_private, fd, offset);
	if (words != MAP_FAILED) {
		if (prot & PROT_WRITE)
			words[a[2] % 10] = a[2] & 16 ? words[0] + a[3] : a[3];
		munmap(words, len);
	}
	ioctl(fd, RUST_SAMPLE_IOC_WAKE);
}

KIND(wait, 6, 0, SLOT, LENGTH, KIND)
{
	uint64_t bytes = a[1];

	ioctl(slot(a[0]), RUST_SAMPLE_IOC_WAIT,
	      a[2] == GOOD ? &bytes : memory_to_read_into(t, a[2], sizeof(bytes), 4));
}

/* Opens a file by its descriptor, or reads the text of the link. */
KIND(reopen, 10, 0, SLOT, SLOT, MODE, OPEN_FLAGS)
{
	char name[64], text[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", slot(a[0]));
	if (a[3] & 4)
		fill_slot(a[1],
			  open(name, O_CLOEXEC | (a[2] & O_ACCMODE) | (a[3] & 1 ? O_NONBLOCK : 0) |
					     (a[3] & 2 ? O_PATH : 0)));
	else if (readlink(name, text, sizeof(text)) < 0)
		return;
}

KIND(fcntl, 15, 0, SLOT, SMALL, SMALL)
{
	static const int flags[] = { 0, O_NONBLOCK, O_ASYNC, O_NONBLOCK | O_ASYNC, O_DIRECT };
	int fd = slot(a[0]);

	if (a[1] % 4 == 0)
		fcntl(fd, F_SETOWN, a[2] & 1 ? getpid() : 0);
	else if (a[1] % 4 == 1)
		fcntl(fd, F_SETSIG, a[2] & 1 ? SIGUSR2 : 0);
	else
		fcntl(fd, F_SETFL, flags[a[2] % ARRAY_SIZE(flags)]);
}

KIND(pipe_put, 8, 0, LENGTH)
{
	size_t len = length(a[0]);

	if (write(shared->pipe[1], memory_to_write_from(t, GOOD, len, 0), len) < 0)
		return;
}

KIND(pipe_get, 8, 0, LENGTH)
{
	size_t len = length(a[0]);

	if (read(shared->pipe[0], memory_to_read_into(t, GOOD, len, 0), len) < 0)
		return;
}

KIND(pipe_set, 5, 0, SMALL, SMALL)
{
	fcntl(shared->pipe[0], F_SETPIPE_SZ, 4096 << a[0] % 5);
	fcntl(shared->pipe[a[1] & 1], F_SETFL, a[1] & 2 ? O_NONBLOCK : 0);
}

KIND(splice_to, 10, MOVES, SLOT, LENGTH, SMALL)
{
	wrote(t, splice(shared->pipe[0], NULL, slot(a[0]), NULL, length(a[1]), a[2]));
}

KIND(splice_from, 10, MOVES, SLOT, LENGTH, SMALL)
{
	took(t, NULL, splice(slot(a[0]), NULL, shared->pipe[1], NULL, length(a[1]), a[2]));
}

KIND(sendfile, 6, MOVES, SLOT, LENGTH, SMALL, LENGTH)
{
	int fd = slot(a[0]);
	off_t at = a[3] % MEMORY;

	if (a[2] % 4 < 2)
		took(t, NULL,
		     sendfile(a[2] % 4 ? shared->file : shared->pipe[1], fd, NULL, length(a[1])));
	else
		wrote(t, sendfile(fd, shared->file, &at, length(a[1])));
}

KIND(tee, 2, 0, SLOT)
{
	if (tee(slot(a[0]), shared->pipe[1], 4096, 0) >= 0 && shared->alone)
		broken("tee took the device");
	if (copy_file_range(slot(a[0]), NULL, shared->file, NULL, 4096, 0) > 0 && shared->alone)
		broken("copy_file_range took the device");
}

/* One request, which is cancelled if it takes long. */
KIND(uring, 12, MOVES, SLOT, LENGTH, KIND, SMALL)
{
	struct __kernel_timespec limit = { 0, 8000000 };
	struct io_uring *ring = t->ring;
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	size_t len = length(a[1]);
	int wanted = 1, kind = a[3] % 8, ret;
	void *m = NULL;

	if (!ring) {
		ring = calloc(1, sizeof(*ring));
		if (!ring || io_uring_queue_init(4, ring, 0)) {
			free(ring);
			return;
		}
		t->ring = ring;
	}
	sqe = io_uring_get_sqe(ring);
	if (!sqe)
		return;
	if (kind < 2) {
		m = memory_to_read_into(t, a[2], len, len / 2);
		io_uring_prep_read(sqe, slot(a[0]), m, len, -1);
	} else if (kind < 4) {
		m = memory_to_write_from(t, a[2], len, len / 2);
		io_uring_prep_write(sqe, slot(a[0]), m, len, -1);
	} else if (kind == 4) {
		io_uring_prep_poll_add(sqe, slot(a[0]), a[2] & 1 ? POLLIN : POLLOUT);
	} else if (kind == 5) {
		io_uring_prep_splice(sqe, shared->pipe[0], -1, slot(a[0]), -1, len, 0);
	} else if (kind == 6) {
		io_uring_prep_splice(sqe, slot(a[0]), -1, shared->pipe[1], -1, len, 0);
	} else {
		io_uring_prep_nop(sqe);
	}
	if (a[3] & 8)
		sqe->flags |= IOSQE_ASYNC;
	sqe->user_data = 1;
	io_uring_submit(ring);
	while (wanted) {
		ret = io_uring_wait_cqe_timeout(ring, &cqe, &limit);
		/* A request that is just about to wait may miss the first of these. */
		if (ret == -ETIME) {
			sqe = io_uring_get_sqe(ring);
			if (sqe) {
				io_uring_prep_cancel64(sqe, 1, 0);
				sqe->user_data = 2;
				io_uring_submit(ring);
				wanted++;
				limit = (struct __kernel_timespec){ 2, 0 };
			}
		}
		if (ret)
			continue;
		if (cqe->user_data == 1 && (kind < 2 || kind == 6))
			took(t, m, cqe->res);
		else if (cqe->user_data == 1 && kind < 6 && kind != 4)
			wrote(t, cqe->res);
		io_uring_cqe_seen(ring, cqe);
		wanted--;
	}
}

KIND(fdinfo, 6, 0, SLOT, ANY)
{
	char name[64], text[512];
	size_t piece = 1 + a[1] % (sizeof(text) - 1);
	int fd;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", slot(a[0]));
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while (read(fd, text, piece) > 0)
		;
	close(fd);
}

/* A process that has the same files open, for a moment. */
KIND(fork, 4, 0, ANY)
{
	pid_t child = fork();
	int i;

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (i = 0; i < SLOTS; i++)
			if (a[0] >> i & 1)
				close(shared->fd[i]);
		_exit(0);
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

KIND(signal, 5, 0, THREAD, SMALL)
{
	syscall(SYS_tgkill, getpid(), shared->id[a[0] % THREADS], a[1] & 1 ? SIGUSR2 : SIGUSR1);
}

KIND(sleep, 8, 0, MILLISECONDS)
{
	struct timespec time = { 0, a[0] % 1000 * 1000000 };

	if (a[0])
		nanosleep(&time, NULL);
	else
		sched_yield();
}

/* The calling thread is without CAP_SYS_RESOURCE, or has it again. */
void limit_rights(bool limit)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return;
	data[0].effective &= ~(1 << CAP_SYS_RESOURCE);
	if (!limit)
		data[0].effective |= data[0].permitted & 1 << CAP_SYS_RESOURCE;
	syscall(SYS_capset, &header, data);
}

KIND(limit, 4, 0, SMALL)
{
	limit_rights(!(a[0] & 1));
}

/* Fills or empties the FIFO without waiting. */
KIND(fill, 10, WRITES, SLOT, LENGTH)
{
	size_t len = length(a[1]);
	struct iovec v = { .iov_len = len };
	long ret, n = 0;

	do {
		v.iov_base = memory_to_write_from(t, GOOD, len, 0);
		ret = pwritev2(slot(a[0]), &v, 1, -1, RWF_NOWAIT);
		wrote(t, ret);
	} while (ret > 0 && n++ < 64);
}

KIND(drain, 10, READS, SLOT, LENGTH)
{
	size_t len = length(a[1]);
	struct iovec v = { .iov_len = len };
	long ret, n = 0;

	do {
		v.iov_base = memory_to_read_into(t, GOOD, len, 0);
		ret = preadv2(slot(a[0]), &v, 1, -1, RWF_NOWAIT);
		took(t, v.iov_base, ret);
	} while (ret > 0 && n++ < 64);
}

/* The trace means nothing if the module was loaded again meanwhile. */
void run_op(struct thread *t, const struct op *op)
{
	unsigned int loads = shared->loads;
	bool reloads = kinds[op->kind].flags & RELOADS;

	begin_trace(t->number);
	set_fault(t, op->fault);
	kinds[op->kind].run(t, op->arg);
	set_fault(t, 0);
	if (reloads || (shared->loads == loads && !(loads & 1)))
		end_trace(t->number);
}
