// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 7: asks whether /dev/mailbox is ready, in the ways that programs have. Runs the operations
 * that its arguments name on one file that is open for both, and prints the result of each:
 *
 *	poll		events that hold now: i IN, o OUT
 *	in, out		the same after a wait for IN or OUT. Another process writes or reads meanwhile
 *	epoll		begins to watch for IN and OUT, each reported once (EPOLLET)
 *	event		events that epoll reports now
 *	async		asks for signals
 *	signal		events of the next signal
 *	write:TEXT, read
 *
 * "-" stands for no event. At the end of its time, poll(2) looks once more: "late" stands for an event
 * that only this look found.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char text[512];
static int fd, epfd;

static void show(unsigned int events)
{
	snprintf(text, sizeof(text), "%s%s%s", events & POLLIN ? "i" : "",
		 events & POLLOUT ? "o" : "", events & (POLLIN | POLLOUT) ? "" : "-");
}

static int ask(short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ret = poll(&p, 1, ms);

	show(ret > 0 ? p.revents : 0);
	return ret;
}

/* Waits for the event that another process brings. */
static int wait_for(short event)
{
	struct timespec moment = { 0, 300000000 }, begin, end;
	char buf[256];
	pid_t other = fork();
	int ret;

	if (!other) {
		nanosleep(&moment, NULL);
		ret = event == POLLIN ? write(fd, "hello", 5) : read(fd, buf, sizeof(buf));
		_exit(ret < 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	ret = ask(event, 10000);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (end.tv_sec - begin.tv_sec >= 10)
		snprintf(text, sizeof(text), "late");
	waitpid(other, NULL, 0);
	return ret;
}

static int watch(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

	epfd = epoll_create1(0);
	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
}

static int event(void)
{
	struct epoll_event e = { 0 };
	int ret = epoll_wait(epfd, &e, 1, 0);

	show(ret > 0 ? e.events : 0);
	return ret;
}

/* Only sigtimedwait(2) takes the signals, which F_SETSIG makes carry their events. */
static int async(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGRTMIN))
		return -1;
	return fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC);
}

static int next_signal(void)
{
	struct timespec now = { 0 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	show(sigtimedwait(&set, &info, &now) > 0 ? info.si_band : 0);
	return 0;
}

int main(int argc, char **argv)
{
	int i, ret;

	fd = open("/dev/mailbox", O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		perror("/dev/mailbox");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		char *op = argv[i];

		memset(text, 0, sizeof(text));
		if (!strcmp(op, "poll"))
			ret = ask(POLLIN | POLLOUT, 0);
		else if (!strcmp(op, "in"))
			ret = wait_for(POLLIN);
		else if (!strcmp(op, "out"))
			ret = wait_for(POLLOUT);
		else if (!strcmp(op, "epoll"))
			ret = watch();
		else if (!strcmp(op, "event"))
			ret = event();
		else if (!strcmp(op, "async"))
			ret = async();
		else if (!strcmp(op, "signal"))
			ret = next_signal();
		else if (!strncmp(op, "write:", 6))
			ret = write(fd, op + 6, strlen(op + 6));
		else
			ret = read(fd, text, sizeof(text) - 1);
		if (ret < 0)
			snprintf(text, sizeof(text), "%s", strerrorname_np(errno));
		else if (!text[0])
			snprintf(text, sizeof(text), "%d", ret);
		printf("%s%s", i > 1 ? " " : "", text);
	}
	puts("");
	return 0;
}
