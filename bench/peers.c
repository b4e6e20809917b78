// SPDX-License-Identifier: GPL-2.0
/*
 * The peers that are measured: the devices, and the alternatives that programs use.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rust_sample.h"

static int open_as(const struct peer *peer, int flags)
{
	int fd = open(peer->node, flags | O_CLOEXEC);

	if (fd < 0)
		die("%s: open %s", peer->name, peer->node);
	return fd;
}

/* Opens the reader's end first, so that it sees a writer. */
static void open_device(const struct peer *peer, struct ends *ends)
{
	ends->reader = open_as(peer, O_RDONLY);
	ends->writer = open_as(peer, O_WRONLY);
}

/* A FIFO's capacity is a parameter of its module. */
static void open_fifo_device(const struct peer *peer, struct ends *ends)
{
	struct rust_sample_info info;

	open_device(peer, ends);
	if (ioctl(ends->reader, RUST_SAMPLE_IOC_GET_INFO, &info) < 0)
		die("%s: GET_INFO", peer->name);
	errno = 0;
	if (info.capacity != CAPACITY)
		die("%s: its capacity is %llu", peer->name, (unsigned long long)info.capacity);
}

/* Creates a FIFO of the module's default capacity. */
static void open_private(const struct peer *peer, struct ends *ends)
{
	static int device = -1;
	struct rust_sample_new_fifo fifo = { .flags = O_CLOEXEC };

	if (device < 0)
		device = open("/dev/rust_sample", O_RDONLY | O_CLOEXEC);
	if (ioctl(device, RUST_SAMPLE_IOC_NEW_FIFO, &fifo) < 0)
		die("%s: NEW_FIFO", peer->name);
	ends->reader = fifo.read_fd;
	ends->writer = fifo.write_fd;
}

static void set_pipe_capacity(const struct peer *peer, int fd)
{
	if (fcntl(fd, F_SETPIPE_SZ, CAPACITY) != CAPACITY)
		die("%s: F_SETPIPE_SZ", peer->name);
}

/* All pipes have the same capacity. The first one alone is checked, as this takes time. */
static void open_pipe(const struct peer *peer, struct ends *ends)
{
	static bool checked;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("%s: pipe2", peer->name);
	ends->reader = fds[0];
	ends->writer = fds[1];
	if (!checked && fcntl(ends->writer, F_GETPIPE_SZ) != CAPACITY)
		die("%s: F_GETPIPE_SZ", peer->name);
	checked = true;
}

/* An open for both ends does not block. */
static void open_fifo(const struct peer *peer, struct ends *ends)
{
	int both;

	if (access(peer->node, F_OK) < 0 && mkfifo(peer->node, 0600) < 0)
		die("%s: mkfifo %s", peer->name, peer->node);
	both = open_as(peer, O_RDWR);
	open_device(peer, ends);
	close(both);
	set_pipe_capacity(peer, ends->writer);
}

/*
 * The kernel counts the memory of the packets against twice this value. About as many bytes fit
 * in large blocks, and fewer in small ones.
 */
static void open_unix(const struct peer *peer, struct ends *ends)
{
	int capacity = CAPACITY;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		die("%s: socketpair", peer->name);
	if (setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &capacity, sizeof(capacity)) < 0)
		die("%s: SO_SNDBUF", peer->name);
	ends->writer = fds[0];
	ends->reader = fds[1];
}

static void open_memfd(const struct peer *peer, struct ends *ends)
{
	ends->writer = memfd_create("bench", MFD_CLOEXEC);
	if (ends->writer < 0 || ftruncate(ends->writer, CAPACITY) < 0)
		die("%s: memfd_create", peer->name);
	ends->reader = ends->writer;
}

static void close_end(const struct peer *peer, int fd)
{
	if (peer->unmap)
		peer->unmap(fd);
	close(fd);
}

void close_ends(const struct peer *peer, struct ends *ends)
{
	if (ends->writer >= 0)
		close_end(peer, ends->writer);
	if (ends->reader >= 0 && ends->reader != ends->writer)
		close_end(peer, ends->reader);
}

int open_node(const struct peer *peer)
{
	return open_as(peer, O_RDWR);
}

void open_and_close(const struct peer *peer)
{
	struct ends fresh;

	if (peer->node) {
		close(open_node(peer));
	} else {
		peer->open(peer, &fresh);
		close_ends(peer, &fresh);
	}
}

static ssize_t put_at_start(int fd, const void *data, size_t size)
{
	return pwrite(fd, data, size, 0);
}

static ssize_t get_at_start(int fd, void *data, size_t size)
{
	return pread(fd, data, size, 0);
}

#define STREAM .put = write, .get = read, .waits = true
#define DEVICE(n) { .name = n, .node = "/dev/" n, .open = open_fifo_device, STREAM }

const struct peer peers[] = {
	{ .name = "pipe", .open = open_pipe, STREAM },
	DEVICE("rust_sample"),
	{ .name = "private", .open = open_private, STREAM },
	{ .name = "mapped",
	  .open = open_mapped,
	  .put = put_mapped,
	  .get = get_mapped,
	  .waits = true,
	  .unmap = close_mapped },
	{ .name = "ring",
	  .open = open_ring,
	  .put = put_in_ring,
	  .get = get_from_ring,
	  .waits = true,
	  .unmap = close_ring },
	DEVICE("twin"),
	DEVICE("twin_checked"),
	{ .name = "fifo", .node = "/tmp/bench.fifo", .open = open_fifo, STREAM },
	{ .name = "unix", .open = open_unix, STREAM },
	{ .name = "memfd", .open = open_memfd, .put = put_at_start, .get = get_at_start },
	{ .name = "floor", .node = "/dev/floor", .open = open_device, .put = write, .get = read },
};

const size_t nr_peers = ARRAY_SIZE(peers);
