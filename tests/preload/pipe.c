// SPDX-License-Identifier: GPL-2.0
/*
 * A library for LD_PRELOAD: pipe(2) and pipe2(2) of any program give a private FIFO.
 *
 *	LD_PRELOAD=$PWD/build/tests/programs/pipe.so bash -c 'seq 1000 | tail -n 1'
 *
 * The pipes of static programs stay pipes, and so do those of popen(3), which calls pipe2(2) inside
 * the C library.
 */

#define _GNU_SOURCE

#include "rust_sample.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The two lowest free descriptors, as pipe2(2) gives them. For a moment there is a third.
 *
 * open() and close() of the C library are cancellation points of threads, and pipe2() is none:
 * hence syscall().
 */
int pipe2(int ends[2], int flags)
{
	struct rust_sample_new_fifo fifo = { .flags = flags };
	int device = syscall(SYS_openat, AT_FDCWD, "/dev/" MODULE, O_RDONLY | O_CLOEXEC);
	int error;

	if (device < 0)
		return -1;
	if (ioctl(device, RUST_SAMPLE_IOC_NEW_FIFO, &fifo)) {
		error = errno;
		syscall(SYS_close, device);
		errno = error;
		return -1;
	}
	/* The device's descriptor becomes the read end, that of the read end the write end. */
	ends[0] = dup3(fifo.read_fd, device, flags & O_CLOEXEC);
	ends[1] = dup3(fifo.write_fd, fifo.read_fd, flags & O_CLOEXEC);
	syscall(SYS_close, fifo.write_fd);
	return 0;
}

int pipe(int ends[2])
{
	return pipe2(ends, 0);
}
