// SPDX-License-Identifier: GPL-2.0
/*
 * Sets the capacity of /dev/rust_sample, writes to it, looks at its state, and
 * reads without ever waiting in read(2), until the last writer has closed it.
 *
 *	cc -I uapi -o fifo docs/examples/fifo.c
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rust_sample.h"

#define DEVICE "/dev/rust_sample"

int main(void)
{
	int writer = open(DEVICE, O_WRONLY);
	int reader = open(DEVICE, O_RDONLY | O_NONBLOCK);
	struct pollfd ready = { .fd = reader, .events = POLLIN };
	struct rust_sample_info info;
	__u64 capacity = 128 * 1024;
	char buffer[4096];
	ssize_t bytes;

	if (writer < 0 || reader < 0)
		err(1, DEVICE);
	/* This takes a file that is open for writing. */
	if (ioctl(writer, RUST_SAMPLE_IOC_SET_CAPACITY, &capacity))
		err(1, "the capacity");
	/* Up to PIPE_BUF bytes go in whole, whatever other tasks write. */
	if (write(writer, "hello\n", 6) != 6)
		err(1, "write");
	if (ioctl(reader, RUST_SAMPLE_IOC_GET_INFO, &info))
		err(1, "the state");
	printf("%llu of %llu bytes are used\n", info.used, info.capacity);
	close(writer);

	for (;;) {
		/* Bytes are there, or the last writer has gone: POLLIN or POLLHUP. */
		if (poll(&ready, 1, -1) < 0)
			err(1, "poll");
		bytes = read(reader, buffer, sizeof(buffer));
		if (bytes > 0)
			fwrite(buffer, 1, bytes, stdout);
		else if (bytes == 0)
			break;
		else if (errno != EAGAIN) /* another reader was faster */
			err(1, "read");
	}
	close(reader);
	return 0;
}
