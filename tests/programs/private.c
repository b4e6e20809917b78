// SPDX-License-Identifier: GPL-2.0
/*
 * Private FIFOs, which RUST_SAMPLE_IOC_NEW_FIFO creates. The cases that ON_BOTH() declares run on
 * pipe2(2) first, then on such a FIFO: both must do the same.
 */

#include "cases.h"

#include <dirent.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>

static bool on_fifo;

static int make(int ends[2], int flags)
{
	struct rust_sample_new_fifo request = { .flags = flags, .read_fd = -1, .write_fd = -1 };
	int ret = on_fifo ? new_fifo(&request) : pipe2(ends, flags);

	if (on_fifo) {
		ends[0] = request.read_fd;
		ends[1] = request.write_fd;
	}
	return ret;
}

#define ON_BOTH(name)                  \
	static void both_##name(void); \
	CASE(name)                     \
	{                              \
		puts("on a pipe:");    \
		both_##name();         \
		puts("on a FIFO:");    \
		on_fifo = true;        \
		open_file();           \
		both_##name();         \
	}                              \
	static void both_##name(void)

/* So that its descriptor is in use before a case counts them. */
static void open_file(void)
{
	device_fd = open_device(O_RDONLY);
}

static int r, w;
static char buf[2 * CAPACITY];

static void make_pair(int flags)
{
	int ends[2];

	must_be(0, make(ends, flags));
	r = ends[0];
	w = ends[1];
}

static void close_pair(void)
{
	close(r);
	close(w);
}

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	must(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Counts SIGPIPE instead of being ended by it. */
static void count_sigpipe(void)
{
	signals = 0;
	catch_signal(SIGPIPE, SA_RESTART);
}

ON_BOTH(descriptors)
{
	int lowest = dup(0), next = dup(0);

	close(lowest);
	close(next);
	make_pair(O_CLOEXEC);
	must_be(lowest, r);
	must_be(next, w);
	must_be(FD_CLOEXEC, fcntl(r, F_GETFD));
	must_be(FD_CLOEXEC, fcntl(w, F_GETFD));
	must_be(O_RDONLY, fcntl(r, F_GETFL) & ~O_LARGEFILE);
	must_be(O_WRONLY, fcntl(w, F_GETFL) & ~O_LARGEFILE);
	close_pair();
	make_pair(O_NONBLOCK);
	must_be(0, fcntl(r, F_GETFD));
	must_be(0, fcntl(w, F_GETFD));
	must_be(O_RDONLY | O_NONBLOCK, fcntl(r, F_GETFL) & ~O_LARGEFILE);
	must_be(O_WRONLY | O_NONBLOCK, fcntl(w, F_GETFL) & ~O_LARGEFILE);
	must_fail(EAGAIN, read(r, buf, 1));
	must_fail(EBADF, write(r, buf, 1));
	must_fail(EBADF, read(w, buf, 1));
	close_pair();
}

ON_BOTH(status)
{
	struct stat st, other;
	struct statfs fs;
	int fd;

	umask(077);
	make_pair(0);
	for (fd = r; fd <= w; fd += w - r) {
		must_be(0, fstat(fd, &st));
		must_be(S_IFIFO | 0600, st.st_mode);
		must_be(geteuid(), st.st_uid);
		must_be(getegid(), st.st_gid);
		must_be(1, st.st_nlink);
		must_be(0, st.st_size);
		must_be(4096, st.st_blksize);
		must(st.st_mtime >= time(NULL) - 60);
	}
	must_be(0, fstat(r, &other));
	must(st.st_dev == other.st_dev && st.st_ino == other.st_ino);
	must_be(0, fstatfs(r, &fs));
	must_be(PIPEFS_MAGIC, fs.f_type);
	must_be(0, fchmod(r, 0640));
	must_be(0, fstat(w, &st));
	must_be(S_IFIFO | 0640, st.st_mode);
	close_pair();
	make_pair(0);
	must_be(0, fstat(r, &other));
	must(st.st_ino != other.st_ino);
	close_pair();
}

/* Either end gives a reader, a writer or both. */
ON_BOTH(opened_again)
{
	int r2, w2, both;

	make_pair(0);
	must_be(5, write(w, "hello", 5));
	r2 = open_again(w, O_RDONLY);
	w2 = open_again(r, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
	both = open_again(w, O_RDWR);
	must(r2 >= 0 && w2 >= 0 && both >= 0);
	must_be(O_WRONLY | O_NONBLOCK, fcntl(w2, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	must_fail(EBADF, write(r2, buf, 1));
	must_fail(EBADF, read(w2, buf, 1));
	must_fail(ESPIPE, lseek(both, 0, SEEK_CUR));
	must_be(5, read(r2, buf, 10));
	must_be(1, write(w2, "a", 1));
	must_be(1, write(both, "b", 1));
	must_be(2, read(both, buf, 10));
	must(!memcmp(buf, "ab", 2));
	must_be(CAPACITY, write(w2, buf, 2 * CAPACITY));
	must_fail(EAGAIN, write(w2, buf, 1));
	must_be(CAPACITY, read(r2, buf, 2 * CAPACITY));
	/* Each counts for the end of file and for EPIPE. */
	close(w);
	close(both);
	must_be(0, events_of(r));
	must_be(1, write(w2, "c", 1));
	close(w2);
	must_be(1, read(r, buf, 10));
	must_be(0, read(r, buf, 10));
	must_be(POLLHUP, events_of(r2));
	w = open_again(r, O_WRONLY);
	must_be(0, events_of(r));
	close(r);
	must_be(POLLOUT, events_of(w));
	must_be(1, write(w, "d", 1));
	close(r2);
	count_sigpipe();
	must_fail(EPIPE, write(w, buf, 1));
	must_be(1, signals);
	must_be(POLLOUT | POLLERR, events_of(w));
	/* An end comes back, and with it the bytes. */
	r = open_again(w, O_RDONLY);
	must(r >= 0);
	must_be(1, write(w, "e", 1));
	must_be(2, read(r, buf, 10));
	must(!memcmp(buf, "de", 2));
	close(w);
	/* A reader opened without a writer does not wait for one. */
	r2 = open_again(r, O_RDONLY);
	must_be(0, read(r2, buf, 1));
	must_be(POLLHUP, events_of(r2));
	w2 = open_again(r, O_RDONLY | O_NONBLOCK);
	must_be(0, read(w2, buf, 1));
	must_be(POLLHUP, events_of(w2));
	close(w2);
	close(r2);
	close(r);
}

/* The end that comes back ends what waits. */
ON_BOTH(opened_again_wakes)
{
	struct epoll_event e;
	int ep, w2;

	make_pair(O_NONBLOCK);
	ep = watch(r, EPOLLIN | EPOLLET);
	close(w);
	must_be(1, epoll_wait(ep, &e, 1, 0));
	must_be(EPOLLHUP, e.events);
	w2 = open_again(r, O_WRONLY);
	must_be(1, write(w2, "x", 1));
	must_be(1, epoll_wait(ep, &e, 1, 0));
	must_be(EPOLLIN, e.events);
	close(w2);
	close(ep);
	close(r);
}

ON_BOTH(other_user)
{
	pid_t child;

	make_pair(0);
	child = fork_child();
	if (!child) {
		struct stat st;

		must_be(0, setgid(65534));
		must_be(0, setuid(65534));
		must_fail(EACCES, open_again(r, O_RDONLY));
		must_fail(EACCES, open_again(w, O_WRONLY));
		must_be(0, write(w, buf, 0));
		make_pair(0);
		must_be(0, fstat(r, &st));
		must_be(65534, st.st_uid);
		must_be(65534, st.st_gid);
		must(open_again(w, O_RDWR) >= 0);
		_exit(0);
	}
	end_child(child);
	must_be(0, fchmod(r, 0604));
	child = fork_child();
	if (!child) {
		must_be(0, setgid(65534));
		must_be(0, setuid(65534));
		must(open_again(w, O_RDONLY) >= 0);
		must_fail(EACCES, open_again(r, O_WRONLY));
		_exit(0);
	}
	end_child(child);
	close_pair();
}

ON_BOTH(exec_closes)
{
	char program[128];
	int flags;

	for (flags = 0; flags <= O_CLOEXEC; flags += O_CLOEXEC) {
		pid_t child;

		make_pair(flags);
		snprintf(program, sizeof(program), "[ %s -e /proc/self/fd/%d ]", flags ? "!" : "",
			 r);
		child = fork_child();
		if (!child)
			execl("/bin/sh", "sh", "-c", program, NULL);
		end_child(child);
		close_pair();
	}
}

ON_BOTH(no_descriptors)
{
	struct rlimit limit, less;
	int before, room, ends[2] = { -1, -1 };

	must_be(0, getrlimit(RLIMIT_NOFILE, &limit));
	before = open_files();
	for (room = 0; room < 2; room++) {
		int lowest = dup(0);

		close(lowest);
		less = (struct rlimit){ lowest + room, limit.rlim_max };
		must_be(0, setrlimit(RLIMIT_NOFILE, &less));
		must_fail(EMFILE, make(ends, 0));
		must_be(0, setrlimit(RLIMIT_NOFILE, &limit));
		must_be(before, open_files());
	}
	make_pair(0);
	close_pair();
}

ON_BOTH(bytes)
{
	int n = -1;

	make_pair(0);
	make_bytes((unsigned char *)buf, 0, CAPACITY);
	must_be(CAPACITY, write(w, buf, CAPACITY));
	must_be(0, ioctl(r, FIONREAD, &n));
	must_be(CAPACITY, n);
	must_be(POLLIN, events_of(r));
	must_be(0, events_of(w));
	memset(buf, 0, CAPACITY);
	must_be(CAPACITY, read(r, buf, CAPACITY));
	check_bytes((unsigned char *)buf, 0, CAPACITY);
	must_be(0, events_of(r));
	must_be(POLLOUT, events_of(w));
	close_pair();
}

/* A reader that waits gets all bytes of a write that fits at once, also from a new FIFO. */
ON_BOTH(one_block)
{
	struct task reader;
	struct io io;

	make_pair(0);
	io = (struct io){ r, buf, CAPACITY };
	begin(&reader, do_read, &io);
	must_be(CAPACITY, write(w, buf + CAPACITY, CAPACITY));
	must_be(CAPACITY, result(&reader));
	close_pair();
}

ON_BOTH(end_of_file)
{
	make_pair(0);
	must_be(5, write(w, "hello", 5));
	close(w);
	must_be(POLLIN | POLLHUP, events_of(r));
	must_be(5, read(r, buf, 10));
	must_be(POLLHUP, events_of(r));
	must_be(0, read(r, buf, 10));
	close(r);
	/* At once, too, and without O_NONBLOCK. */
	make_pair(0);
	close(w);
	must_be(0, read(r, buf, 10));
	must_be(POLLHUP, events_of(r));
	close(r);
}

ON_BOTH(end_of_file_wakes)
{
	struct task reader, poller;
	struct io io;
	struct pollfd p;

	make_pair(0);
	io = (struct io){ r, buf, 10 };
	p = (struct pollfd){ r, POLLIN, 0 };
	begin(&reader, do_read, &io);
	begin(&poller, do_poll, &p);
	close(w);
	must_be(0, result(&reader));
	must_be(1, result(&poller));
	must_be(POLLHUP, p.revents);
	close(r);
}

ON_BOTH(broken_pipe)
{
	struct iovec iov = { buf, 1 };

	count_sigpipe();
	make_pair(0);
	must_be(5, write(w, "hello", 5));
	close(r);
	must_fail(EPIPE, write(w, buf, 1));
	must_be(1, signals);
	must_fail(EPIPE, write(w, buf, 2 * CAPACITY));
	must_be(2, signals);
	/* The lack of a reader counts before a bad address. A write of no bytes is no error. */
	must_fail(EPIPE, write(w, bad_after(0), 1));
	must_be(3, signals);
	must_be(0, write(w, buf, 0));
	must_be(3, signals);
	must_fail(EPIPE, pwritev2(w, &iov, 1, -1, RWF_NOSIGNAL));
	must_be(3, signals);
	must_be(POLLOUT | POLLERR, events_of(w));
	close(w);
}

ON_BOTH(broken_pipe_nonblock)
{
	count_sigpipe();
	make_pair(O_NONBLOCK);
	must_be(CAPACITY, write(w, buf, 2 * CAPACITY));
	must_fail(EAGAIN, write(w, buf, 1));
	must_be(0, events_of(w));
	close(r);
	must_be(POLLERR, events_of(w));
	must_fail(EPIPE, write(w, buf, 1));
	must_be(1, signals);
	close(w);
}

ON_BOTH(sigpipe_kills)
{
	pid_t child = fork_child();
	int status;

	if (!child) {
		signal(SIGPIPE, SIG_DFL);
		make_pair(0);
		close(r);
		write(w, buf, 1);
		_exit(0);
	}
	until(waitpid(child, &status, WNOHANG) == child);
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

ON_BOTH(broken_pipe_wakes)
{
	struct task writers[3], poller;
	struct io io;
	struct pollfd p;
	size_t i;

	count_sigpipe();
	make_pair(0);
	must_be(CAPACITY, write(w, buf, CAPACITY));
	io = (struct io){ w, buf, 1 };
	p = (struct pollfd){ w, 0, 0 };
	for (i = 0; i < ARRAY_SIZE(writers); i++)
		begin(&writers[i], do_write, &io);
	begin(&poller, do_poll, &p);
	close(r);
	for (i = 0; i < ARRAY_SIZE(writers); i++)
		must_fail(EPIPE, result(&writers[i]));
	must_be(ARRAY_SIZE(writers), signals);
	must_be(1, result(&poller));
	must_be(POLLERR, p.revents);
	close(w);
}

/* Part of a write has gone in: it returns a short count, and sends SIGPIPE. */
ON_BOTH(broken_pipe_after_a_part)
{
	struct task writer;
	struct io io;

	count_sigpipe();
	make_pair(0);
	io = (struct io){ w, buf, 2 * CAPACITY };
	begin(&writer, do_write, &io);
	close(r);
	must_be(CAPACITY, result(&writer));
	must_be(1, signals);
	close(w);
}

ON_BOTH(edge_triggered)
{
	struct epoll_event e;
	int ep;

	make_pair(O_NONBLOCK);
	must_be(CAPACITY, write(w, buf, CAPACITY));
	ep = watch(w, EPOLLOUT | EPOLLET);
	must_be(0, epoll_wait(ep, &e, 1, 0));
	close(r);
	must_be(1, epoll_wait(ep, &e, 1, 0));
	must_be(EPOLLERR, e.events);
	must_be(0, epoll_wait(ep, &e, 1, 0));
	close(ep);
	close(w);
}

/* With O_ASYNC, the last close of one end sends SIGIO to the other. */
ON_BOTH(sigio)
{
	int end;

	for (end = 0; end < 2; end++) {
		make_pair(O_NONBLOCK);
		catch_signal(SIGIO, SA_RESTART);
		must_be(0, fcntl(end ? w : r, F_SETOWN, getpid()));
		must_be(0, fcntl(end ? w : r, F_SETFL, O_NONBLOCK | O_ASYNC));
		signals = 0;
		close(end ? r : w);
		must_be(1, signals);
		close(end ? w : r);
	}
}

ON_BOTH(fork_keeps_ends)
{
	pid_t child;

	make_pair(O_CLOEXEC);
	child = fork_child();
	if (!child) {
		close(r);
		sleep_ms(SHORT_MS);
		must_be(5, write(w, "hello", 5));
		_exit(0);
	}
	close(w);
	must_be(5, read(r, buf, 10));
	must_be(0, read(r, buf, 10));
	end_child(child);
	close(r);
}

ON_BOTH(in_a_message)
{
	int sockets[2];

	make_pair(0);
	must_be(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets));
	send_fd(sockets[0], w);
	close(w);
	/* The message holds it. */
	must_be(0, events_of(r));
	w = receive_fd(sockets[1]);
	must_be(5, write(w, "hello", 5));
	must_be(5, read(r, buf, 10));
	close_pair();
	close(sockets[0]);
	close(sockets[1]);
}

ON_BOTH(splice_without_reader)
{
	int ends[2];

	count_sigpipe();
	make_pair(0);
	must_be(0, pipe2(ends, O_CLOEXEC));
	must_be(5, write(ends[1], "hello", 5));
	close(r);
	must_fail(EPIPE, splice(ends[0], NULL, w, NULL, 5, 0));
	must_be(1, signals);
	/* The pipe keeps its bytes. */
	must_be(5, read(ends[0], buf, 10));
	close(w);
	close(ends[0]);
	close(ends[1]);
}

ON_BOTH(splice_waits)
{
	struct splice s;
	struct task t;
	int ends[2];

	count_sigpipe();
	must_be(0, pipe2(ends, O_CLOEXEC));
	/* From the FIFO: it waits for bytes, then finds the end of file. */
	make_pair(0);
	s = (struct splice){ r, ends[1], 0, 0 };
	begin(&t, do_splice, &s);
	close(w);
	must_be(0, result(&t));
	close(r);
	/* To the FIFO: it waits for room, then has no reader. */
	make_pair(0);
	must_be(CAPACITY, write(w, buf, CAPACITY));
	must_be(5, write(ends[1], "hello", 5));
	s = (struct splice){ ends[0], w, 0, 5 };
	begin(&t, do_splice, &s);
	close(r);
	must_fail(EPIPE, result(&t));
	must_be(1, signals);
	close(w);
	close(ends[0]);
	close(ends[1]);
}

ON_BOTH(sendfile_from_file)
{
	int file = memfd_create("file", MFD_CLOEXEC);

	count_sigpipe();
	make_pair(0);
	must_be(100, write(file, buf, 100));
	must_be(0, lseek(file, 0, SEEK_SET));
	must_be(100, sendfile(w, file, NULL, 100));
	must_be(100, read(r, buf, 200));
	close(r);
	must_be(0, lseek(file, 0, SEEK_SET));
	must_fail(EPIPE, sendfile(w, file, NULL, 100));
	must_be(1, signals);
	close(w);
	close(file);
}

ON_BOTH(other_calls)
{
	struct iovec iov = { buf, 1 };

	make_pair(O_NONBLOCK);
	must_fail(ESPIPE, lseek(r, 0, SEEK_CUR));
	must_fail(ESPIPE, pread(r, buf, 1, 0));
	must_fail(ESPIPE, pwrite(w, buf, 1, 0));
	must_be(ESPIPE, posix_fadvise(r, 0, 0, POSIX_FADV_NORMAL));
	must_fail(ESPIPE, fallocate(w, 0, 0, 10));
	must_fail(EINVAL, ftruncate(w, 0));
	must_fail(EINVAL, fsync(w));
	must_fail(ENOTTY, ioctl(r, 0x5401 /* TCGETS */, buf));
	must(mmap(NULL, 4096, PROT_READ, MAP_SHARED, r, 0) == MAP_FAILED && errno == ENODEV);
	must_fail(EAGAIN, preadv2(r, &iov, 1, -1, RWF_NOWAIT));
	must_be(1, pwritev2(w, &iov, 1, -1, RWF_NOWAIT));
	must_fail(EFAULT, read(r, bad_after(0), 1));
	must_be(1, read(r, buf, 2));
	close_pair();
}

/* Sends each byte back, until the end of file. */
static long echo(void *argument)
{
	int *ends = argument;
	char c;

	while (read(ends[0], &c, 1) == 1)
		must_be(1, write(ends[1], &c, 1));
	close(ends[1]);
	return 0;
}

ON_BOTH(ping_pong)
{
	int there[2], back[2], i;
	struct task t;
	char c;

	must_be(0, make(there, 0));
	must_be(0, make(back, 0));
	start(&t, echo, (int[]){ there[0], back[1] });
	for (i = 0; i < 1000; i++) {
		c = i;
		must_be(1, write(there[1], &c, 1));
		must_be(1, read(back[0], &c, 1));
		must_be((char)i, c);
	}
	close(there[1]);
	must_be(0, read(back[0], &c, 1));
	must_be(0, result(&t));
	close(there[0]);
	close(back[0]);
}

/* What only the device has */

CASE(capacity)
{
	static const struct {
		__u64 wanted, got;
	} sizes[] = { { 0, CAPACITY }, { 1, 4096 }, { 4097, 8192 }, { 1 << 20, 1 << 20 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct rust_sample_new_fifo request = { .capacity = sizes[i].wanted };
		__u64 got = sizes[i].got;

		must_be(0, new_fifo(&request));
		must_be(got, request.capacity);
		must_be(got, info_of(request.read_fd).capacity);
		must_be(0, fcntl(request.write_fd, F_SETFL, O_NONBLOCK));
		while (got) {
			long part = got < sizeof(buf) ? got : sizeof(buf);

			must_be(part, write(request.write_fd, buf, part));
			got -= part;
		}
		must_fail(EAGAIN, write(request.write_fd, buf, 1));
		close(request.read_fd);
		close(request.write_fd);
	}
}

CASE(bad_requests)
{
	static const struct {
		struct rust_sample_new_fifo request;
		int error;
	} bad[] = {
		{ { .flags = O_DIRECT }, EINVAL },
		{ { .flags = O_RDWR }, EINVAL },
		{ { .flags = O_NONBLOCK | 1 << 30 }, EINVAL },
		{ { .reserved = 1 }, EINVAL },
		{ { .capacity = (1 << 30) + 1 }, EINVAL },
		{ { .capacity = ~0ULL }, EINVAL },
	};
	struct rust_sample_new_fifo *fixed, good = { .flags = O_CLOEXEC };
	int before;
	size_t i;

	open_file();
	before = open_files();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rust_sample_new_fifo request = bad[i].request;

		must_fail(bad[i].error, new_fifo(&request));
		must(!memcmp(&request, &bad[i].request, sizeof(request)));
	}
	must_fail(EFAULT, new_fifo(NULL));
	must_fail(EFAULT, new_fifo((void *)bad_after(sizeof(good) - 1)));
	/* The kernel can read the request, but not write the answer. */
	fixed = (void *)map_memory(4096, MAP_PRIVATE);
	*fixed = good;
	must_be(0, mprotect(fixed, 4096, PROT_READ));
	must_fail(EFAULT, new_fifo(fixed));
	must_be(before, open_files());
	/* A different size is a different request. */
	must_fail(ENOTTY, ioctl(device_fd,
				_IOC(_IOC_READ | _IOC_WRITE, RUST_SAMPLE_IOC_MAGIC, 4, 16), &good));
	/* What the caller passes as descriptors has no meaning. */
	good.read_fd = 0;
	good.write_fd = 1;
	must_be(0, new_fifo(&good));
	must(good.read_fd > 2 && good.write_fd > 2);
	must_be(before + 2, open_files());
}

CASE(no_files)
{
	struct rust_sample_new_fifo request = { 0 };
	char limit[32] = "";
	pid_t child;
	int lowest, status;

	open_file();
	must(read_text("/proc/sys/fs/file-max", limit, sizeof(limit)) > 0);
	must(write_text("/proc/sys/fs/file-max", "0"));
	child = fork_child();
	if (!child) {
		lowest = dup(0);
		close(lowest);
		/* The limit does not hold for root. */
		must_be(0, setuid(65534));
		must_fail(ENFILE, new_fifo(&request));
		must_be(lowest, dup(0));
		_exit(0);
	}
	until(waitpid(child, &status, WNOHANG) == child);
	must(write_text("/proc/sys/fs/file-max", limit));
	must_be(0, status);
	must_be(0, new_fifo(&request));
}

CASE(permission)
{
	struct rust_sample_new_fifo request = { .capacity = 1 << 21 };
	pid_t child;

	open_file();
	must_be(0, new_fifo(&request));
	child = fork_child();
	if (!child) {
		must_be(0, setuid(65534));
		must_fail(EPERM, new_fifo(&request));
		request = (struct rust_sample_new_fifo){ .capacity = 1 << 20 };
		must_be(0, new_fifo(&request));
		_exit(0);
	}
	end_child(child);
}

CASE(apart)
{
	struct rust_sample_info before, info;
	int r1, w1, n, file;

	on_fifo = true;
	open_file();
	file = device_fd;
	before = info_of(file);
	make_pair(O_NONBLOCK);
	r1 = r;
	w1 = w;
	/* An end of such a FIFO serves as a file of the device. */
	device_fd = r;
	make_pair(O_NONBLOCK);
	must_be(5, write(w1, "hello", 5));
	must_be(3, write(w, "abc", 3));
	must_be(0, ioctl(r1, FIONREAD, &n));
	must_be(5, n);
	info = info_of(r);
	must_be(3, info.used);
	must_be(1, info.readers);
	must_be(1, info.writers);
	must_be(3, info.total_in);
	must_be(0, ioctl(w, RUST_SAMPLE_IOC_CLEAR));
	must_fail(EBADF, ioctl(r, RUST_SAMPLE_IOC_CLEAR));
	must_be(3, info_of(w).total_cleared);
	must_be(0, set_capacity(w, 8192));
	must_be(8192, info_of(r).capacity);
	must_fail(EBADF, set_capacity(r, 8192));
	must_be(5, read(r1, buf, 10));
	must(!memcmp(buf, "hello", 5));
	info = info_of(file);
	must_be_info(&before, &info);
}

CASE(link_text)
{
	char target[64] = "", want[64];
	struct stat st;

	on_fifo = true;
	make_pair(0);
	must_be(0, fstat(r, &st));
	must(readlink(name_of(r), target, sizeof(target) - 1) > 0);
	snprintf(want, sizeof(want), MODULE ":[%llu]", (unsigned long long)st.st_ino);
	must(!strcmp(want, target));
}

CASE(packets)
{
	int flags;

	on_fifo = true;
	make_pair(0);
	must_fail(EINVAL, open_again(w, O_WRONLY | O_DIRECT));
	must_be(1, info_of(r).writers);
	must_fail(EINVAL, fcntl(w, F_SETFL, O_DIRECT));
	flags = fcntl(w, F_GETFL);
	must_be(O_WRONLY, flags & ~O_LARGEFILE);
}

CASE(keeps_the_module)
{
	on_fifo = true;
	make_pair(O_CLOEXEC);
	close(device_fd);
	must_fail(EAGAIN, unload_module());
	close(r);
	must_fail(EAGAIN, unload_module());
	must_be(0, write(w, buf, 0));
	r = open_again(w, O_RDWR);
	close(w);
	must_fail(EAGAIN, unload_module());
	/* No file operations hold the module for this one, which keeps the bytes, too. */
	must_be(1, write(r, "x", 1));
	w = open_again(r, O_PATH);
	close(r);
	sleep_ms(SHORT_MS);
	must_fail(EAGAIN, unload_module());
	r = open_again(w, O_RDONLY);
	must_be(1, read(r, buf, 1));
	must_be(0, read(r, buf, 1));
	close(r);
	close(w);
	unload_soon();
	must_be(0, load_module(""));
}

/* A watch gets events of files that were opened by name alone, and keeps the module. */
CASE(watched)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), again;
	struct inotify_event event;
	char name[32];

	if (watch < 0)
		skip("the kernel has no inotify(7)");
	on_fifo = true;
	make_pair(O_CLOEXEC);
	close(device_fd);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", r);
	must(inotify_add_watch(watch, name, IN_ACCESS | IN_MODIFY) >= 0);
	must_be(2, write(w, "xy", 2));
	must_be(1, read(r, buf, 1));
	must_fail(EAGAIN, read(watch, &event, sizeof(event)));
	again = open_again(r, O_RDWR);
	must_be(1, read(again, buf, 1));
	must_be(sizeof(event), read(watch, &event, sizeof(event)));
	must_be(IN_ACCESS, event.mask);
	must_be(1, write(again, "z", 1));
	must_be(sizeof(event), read(watch, &event, sizeof(event)));
	must_be(IN_MODIFY, event.mask);
	close(again);
	close(r);
	close(w);
	sleep_ms(SHORT_MS);
	must_fail(EAGAIN, unload_module());
	close(watch);
	unload_soon();
	must_be(0, load_module(""));
}

CASE(parameters)
{
	struct rust_sample_new_fifo request = { 0 };
	__u64 capacity;
	pid_t child;

	unload_soon();
	must_be(0, load_module("capacity=8192 max_capacity=10000"));
	open_file();
	must_be(0, new_fifo(&request));
	must_be(8192, request.capacity);
	w = open_device(O_WRONLY);
	child = fork_child();
	if (!child) {
		must_be(0, setuid(65534));
		/* The limit is rounded, too. */
		capacity = 16384;
		must_be(0, ioctl(w, RUST_SAMPLE_IOC_SET_CAPACITY, &capacity));
		capacity++;
		must_fail(EPERM, ioctl(w, RUST_SAMPLE_IOC_SET_CAPACITY, &capacity));
		request = (struct rust_sample_new_fifo){ .capacity = 16384 };
		must_be(0, new_fifo(&request));
		request = (struct rust_sample_new_fifo){ .capacity = 16385 };
		must_fail(EPERM, new_fifo(&request));
		_exit(0);
	}
	end_child(child);
	close(w);
	close(device_fd);
	close(request.read_fd);
	close(request.write_fd);
	unload_soon();
	must_be(0, load_module(""));
}

static atomic_bool stop;

/*
 * A close is stopped at many moments: the closer runs on processor 1, where a task of a higher
 * priority comes in. After the close has given back its reference to the module, it still uses the
 * module's mount. An unload that begins there must wait for it.
 */

static atomic_int phase; /* 1: the closer may close, 2: the other task has come, 3: it may leave */
static atomic_bool closed;
static sem_t come;

static void run_on(int processor, int policy)
{
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		skip("this needs two processors");
	must_be(0, sched_setscheduler(0, policy, &param));
}

static void spin(long n)
{
	while (n-- > 0)
		atomic_signal_fence(memory_order_seq_cst);
}

#define BEFORE_CLOSE 20000

static long close_last(void *argument)
{
	run_on(1, SCHED_OTHER);
	while (!phase)
		;
	spin(BEFORE_CLOSE);
	close(r);
	closed = true;
	return 0;
}

static long come_in(void *argument)
{
	long end;

	run_on(1, SCHED_FIFO);
	while (!sem_wait(&come) && !stop) {
		phase = 2;
		/* An unload that waits for the closer does not end before. */
		for (end = now_ms() + 300 * slow(); phase == 2 && now_ms() < end;)
			;
	}
	return 0;
}

CASE(unload_waits)
{
	long delay = BEFORE_CLOSE, tries, met = 0;
	struct task closer, other;
	bool late, unloaded;

	on_fifo = true;
	run_on(0, SCHED_OTHER);
	must_be(0, sem_init(&come, 0, 0));
	start(&other, come_in, NULL);
	for (tries = 0; met < 3 && tries < 2000; tries++) {
		make_pair(O_CLOEXEC);
		close(device_fd);
		device_fd = -1;
		close(w);
		phase = 0;
		closed = false;
		start(&closer, close_last, NULL);
		until(closer.id);
		phase = 1;
		spin(delay);
		sem_post(&come);
		while (phase == 1)
			;
		/* Come a little earlier next time, or a little later. */
		late = closed;
		unloaded = !late && !unload_module();
		if (late)
			delay -= delay / 50;
		else if (!unloaded)
			delay += delay / 50;
		phase = 3;
		must_be(0, result(&closer));
		if (unloaded) {
			met++;
			must_be(0, load_module(""));
		}
	}
	stop = true;
	sem_post(&come);
	result(&other);
	printf("# %ld unloads met a close in %ld tries\n", met, tries);
	if (!met)
		skip("no unload met a close");
}

CASE(many)
{
	const char *stress = getenv("STRESS");
	long left = stress && !strcmp(stress, "full") ? 100000 : 2000;

	on_fifo = true;
	for (; left; left--) {
		make_pair(O_CLOEXEC);
		if (left % 3 == 0)
			must_be(5, write(w, "hello", 5));
		close_pair();
	}
}

static long make_and_close(void *argument)
{
	long n = 0;

	while (!stop) {
		struct rust_sample_new_fifo request = { .flags = O_CLOEXEC };
		int fd = open(device(), O_RDWR | O_CLOEXEC), path;

		if (fd < 0) {
			must(is_unloaded(errno));
			continue;
		}
		must_be(0, ioctl(fd, RUST_SAMPLE_IOC_NEW_FIFO, &request));
		close(fd);
		must_be(1, write(request.write_fd, "x", 1));
		path = open_again(request.write_fd, O_PATH);
		close(request.write_fd);
		must_be(1, read(request.read_fd, buf, 1));
		close(request.read_fd);
		close(path);
		n++;
		/* Time to unload. */
		sleep_ms(2 * slow());
	}
	return n;
}

/* Creation while others fork, are killed, and unload the module. */
CASE(races)
{
	struct task makers[2];
	int i, unloads = 0;
	long made = 0;

	for (i = 0; i < 2; i++)
		start(&makers[i], make_and_close, NULL);
	for (i = 0; i < 100 / slow() || (!unloads && i < 1000 / slow()); i++) {
		pid_t child = fork_child();

		if (!child)
			make_and_close(NULL);
		sleep_ms(i % 7);
		if (i % 2 && !unload_module()) {
			unloads++;
			must_be(0, load_module(""));
		}
		kill_child(child);
	}
	stop = true;
	for (i = 0; i < 2; i++)
		made += result(&makers[i]);
	printf("# %ld FIFOs, %d unloads\n", made, unloads);
	must(made > 0);
	if (!unloads)
		skip("no unload succeeded");
}
