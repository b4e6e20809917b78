// SPDX-License-Identifier: GPL-2.0
/*
 * What single calls cost: there and back again, open and close, a look at the state.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct echo {
	const struct peer *peer;
	struct ends there;
	int back;
	long nr;
};

static void echo_bytes(void *argument)
{
	struct echo *echo = argument;
	char byte;
	long i;

	for (i = 0; i < echo->nr; i++) {
		if (echo->peer->get(echo->there.reader, &byte, 1) != 1 ||
		    write(echo->back, &byte, 1) != 1)
			die("%s: an answer", echo->peer->name);
	}
}

/*
 * A byte goes to another task through the peer, which answers through a pipe. With one
 * device, and so one FIFO, there is no way back through the peer itself; what the pipe adds
 * is the same for all. An operation is there and back.
 */
double ping_pong(const struct peer *peer, long unused)
{
	struct echo echo = { .peer = peer, .nr = operations_of_many(10000) };
	struct team team;
	double begin, end;
	int back[2];
	char byte = 1;
	long i;

	if (pipe(back) < 0)
		die("pipe");
	echo.back = back[1];
	peer->open(peer, &echo.there);
	team_make(&team, 1, echo_bytes, &echo);
	team_start(&team);
	begin = now();
	for (i = 0; i < echo.nr; i++) {
		if (peer->put(echo.there.writer, &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			die("%s: ping-pong", peer->name);
	}
	end = now();
	team_await(&team);
	team_end(&team);
	close(back[0]);
	close(back[1]);
	close_ends(&echo.there);
	return (end - begin) / echo.nr;
}

/* What has a name stays open meanwhile, so that its state needs not be made anew. */
double opens(const struct peer *peer, long unused)
{
	long i, nr = operations(5000);
	struct ends ends;
	double begin, end;

	peer->open(peer, &ends);
	begin = now();
	for (i = 0; i < nr; i++)
		open_and_close(peer);
	end = now();
	close_ends(&ends);
	return (end - begin) / nr;
}

/* A look that does not wait, at a reader's end without bytes. */
double polls(const struct peer *peer, long unused)
{
	long i, nr = operations(1000);
	struct pollfd fd = { .events = POLLIN };
	struct ends ends;
	double begin, end;

	peer->open(peer, &ends);
	fd.fd = ends.reader;
	begin = now();
	for (i = 0; i < nr; i++) {
		if (poll(&fd, 1, 0) != 0)
			die("%s: poll says %#x", peer->name, fd.revents);
	}
	end = now();
	close_ends(&ends);
	return (end - begin) / nr;
}

double fionreads(const struct peer *peer, long unused)
{
	long i, nr = operations(800);
	int bytes = -1;
	struct ends ends;
	double begin, end;

	peer->open(peer, &ends);
	begin = now();
	for (i = 0; i < nr; i++) {
		if (ioctl(ends.reader, FIONREAD, &bytes) < 0 || bytes != 0)
			die("%s: FIONREAD says %d", peer->name, bytes);
	}
	end = now();
	close_ends(&ends);
	return (end - begin) / nr;
}
