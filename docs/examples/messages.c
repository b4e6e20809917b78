// SPDX-License-Identifier: GPL-2.0
/*
 * Sends 1,000 lines to a child process through a mapped FIFO. Each process makes a
 * system call only to wait for the other, or to wake it.
 *
 *	cc -I uapi -o messages docs/examples/messages.c
 */

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "rust_sample_mapped.h"

#define DEVICE "/dev/rust_sample"

static void send_lines(struct rust_sample_end *out)
{
	char line[32], *to;
	size_t room, len;
	int i;

	for (i = 0; i < 1000; i++) {
		len = snprintf(line, sizeof(line), "message %d\n", i);
		to = rust_sample_reserve(out, &room);
		if (room < len) {
			if (rust_sample_wait(out, len))
				err(1, "wait");
			to = rust_sample_reserve(out, &room);
		}
		memcpy(to, line, len);
		rust_sample_commit(out, len);
	}
}

static void count_lines(struct rust_sample_end *in)
{
	size_t lines = 0, bytes = 0, len, i;

	for (;;) {
		/* In this order: the last bytes come before the end. */
		int closed = rust_sample_closed(in);
		const char *part = rust_sample_peek(in, &len);

		if (!len && closed)
			break;
		if (!len && rust_sample_wait(in, 1))
			err(1, "wait");
		for (i = 0; i < len; i++)
			lines += part[i] == '\n';
		bytes += len;
		rust_sample_consume(in, len);
	}
	printf("%zu lines, %zu bytes\n", lines, bytes);
}

int main(void)
{
	struct rust_sample_new_fifo fifo = { .flags = RUST_SAMPLE_FIFO_MAPPABLE };
	struct rust_sample_end end;
	int device = open(DEVICE, O_RDONLY);
	pid_t child;

	if (device < 0 || ioctl(device, RUST_SAMPLE_IOC_NEW_FIFO, &fifo))
		err(1, DEVICE);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		close(fifo.write_fd);
		if (rust_sample_map(&end, fifo.read_fd, fifo.capacity, PROT_READ))
			err(1, "mmap");
		count_lines(&end);
		return 0;
	}
	close(fifo.read_fd);
	if (rust_sample_map(&end, fifo.write_fd, fifo.capacity, PROT_READ | PROT_WRITE))
		err(1, "mmap");
	send_lines(&end);
	/* The end is closed when neither a mapping nor a descriptor is left. */
	rust_sample_unmap(&end);
	close(fifo.write_fd);
	waitpid(child, NULL, 0);
	return 0;
}
