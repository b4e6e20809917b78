// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the ioctls of lesson 5 that its arguments name on one open file of /dev/meter, and prints
 * the result of each: 0 or the error's name, and after a METER_GET the fields that came.
 *
 *	meter add:5 add:7 get:24	prints	0 0 12,7,2
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "../../lessons/5-ioctl/skeleton/meter.h"

static char text[256];

/* Calls METER_GET as a program whose struct has `size` bytes. */
static int get(int fd, unsigned int size)
{
	unsigned char buf[128];
	unsigned int i, len = 0;
	__u64 field;
	int ret;

	memset(buf, 0xaa, sizeof(buf));
	ret = ioctl(fd, _IOC(_IOC_READ, 'm', 2, size), buf);
	if (ret)
		return ret;
	for (i = 0; i + sizeof(field) <= size; i += sizeof(field)) {
		memcpy(&field, buf + i, sizeof(field));
		len += snprintf(text + len, sizeof(text) - len, "%s%llu", i ? "," : "",
				(unsigned long long)field);
	}
	for (i = size; i < sizeof(buf); i++)
		if (buf[i] != 0xaa) {
			snprintf(text, sizeof(text), "memory-behind-the-struct-was-overwritten");
			break;
		}
	return 0;
}

int main(int argc, char **argv)
{
	int i, ret, fd = open("/dev/meter", O_RDWR);

	if (fd < 0) {
		perror("/dev/meter");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		char name[16] = "";
		unsigned long long n = 0;
		struct meter_sample sample = { 0 };

		text[0] = 0;
		if (sscanf(argv[i], "%15[a-z]:%llu:%u:%u", name, &n, &sample.flags,
			   &sample.reserved) < 1)
			return 2;
		sample.value = n;
		if (!strcmp(name, "add"))
			ret = ioctl(fd, METER_ADD, &sample);
		else if (!strcmp(name, "get"))
			ret = get(fd, n);
		else if (!strcmp(name, "reset"))
			ret = ioctl(fd, METER_RESET);
		else if (!strcmp(name, "badadd"))
			ret = ioctl(fd, METER_ADD, NULL);
		else if (!strcmp(name, "badget"))
			ret = ioctl(fd, METER_GET, NULL);
		else
			ret = ioctl(fd, _IO('m', n), NULL);
		printf("%s%s", i > 1 ? " " : "",
		       ret     ? strerrorname_np(errno) :
		       text[0] ? text :
				 "0");
	}
	puts("");
	return 0;
}
