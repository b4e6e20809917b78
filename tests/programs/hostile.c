// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that store random values into everything that a mapped FIFO shares with programs, while
 * others make all calls on it. `hostile STEPS SEED`: each of the callers makes as many calls.
 *
 * No call may hang or exceed a limit. Other FIFOs must not change. Only bytes of this FIFO may come
 * out: those are zeroes and capital letters.
 */

#include "fixture.h"

#include "rust_sample_mapped.h"

#include <sys/uio.h>

#define SMALL 4096
#define LETTER(seed) ('A' + next(seed) % 26)

static struct rust_sample_end in, out;
static int r, w;
static atomic_bool over;
static atomic_long steps;
static long wanted;

static void make_fifo(int ends[2], unsigned int flags)
{
	struct rust_sample_new_fifo request = { .capacity = SMALL, .flags = flags };

	must_be(0, new_fifo(&request));
	ends[0] = request.read_fd;
	ends[1] = request.write_fd;
}

/* A value near the edges of what makes sense. */
static uint64_t odd_value(uint32_t *seed)
{
	static const uint64_t edges[] = {
		0,	    1,		SMALL - 1,  SMALL, SMALL + 1,
		1ULL << 31, 1ULL << 32, 1ULL << 63, -1ULL, -(uint64_t)SMALL
	};
	uint64_t value = edges[next(seed) % ARRAY_SIZE(edges)];

	switch (next(seed) % 4) {
	case 0:
		return value;
	case 1:
		return in.peer->position + value;
	case 2:
		return out.peer->position + next(seed) % (2 * SMALL);
	default:
		return (uint64_t)next(seed) << 32 | next(seed);
	}
}

static long scribble(void *argument)
{
	uint32_t seed = (uintptr_t)argument;

	while (!over) {
		struct rust_sample_control *control = next(&seed) % 2 ? in.own : out.own;
		__u64 *words[] = { &control->position, &control->position, &control->need_wakeup,
				   &control->closed };
		size_t at = next(&seed) % SMALL, len = next(&seed) % (SMALL - at);

		__atomic_store_n(words[next(&seed) % ARRAY_SIZE(words)], odd_value(&seed),
				 __ATOMIC_RELAXED);
		memset(out.data + at, LETTER(&seed), len);
		/* Or wait a little, so that callers also see a quiet FIFO. */
		if (!(next(&seed) % 64))
			sched_yield();
	}
	return 0;
}

static void check_read(const unsigned char *buf, long len)
{
	long i;

	for (i = 0; i < len; i++)
		if (buf[i] && (buf[i] < 'A' || buf[i] > 'Z'))
			fail("a byte that was never written: %#x", buf[i]);
}

/* Moves no more than `len`, or fails as it may. */
static void check_result(long ret, long len)
{
	must(ret <= len);
	if (ret < 0)
		must(errno == EAGAIN || errno == EINTR || errno == EPIPE);
}

/* One call, chosen at random. Blocking ones are ended by signals. */
static void step(uint32_t *seed, int ends[2])
{
	unsigned char buf[2 * SMALL];
	long len = 1 + next(seed) % sizeof(buf);
	struct iovec iov = { buf, len };
	struct pollfd p[2] = { { .fd = r, .events = POLLIN }, { .fd = w, .events = POLLOUT } };
	struct rust_sample_info info;
	int flags = next(seed) % 8 ? RWF_NOWAIT : 0, bytes;
	__u64 number = 1 + next(seed) % SMALL;
	long ret;

	switch (next(seed) % 16) {
	default:
		memset(buf, 'z', len);
		ret = preadv2(r, &iov, 1, -1, flags);
		check_result(ret, len);
		check_read(buf, ret);
		break;
	case 4 ... 7:
		memset(buf, LETTER(seed), len);
		check_result(pwritev2(w, &iov, 1, -1, flags), len);
		break;
	case 8:
		must(poll(p, 2, next(seed) % 2) >= 0 || errno == EINTR);
		break;
	case 9:
		must_be(0, ioctl(r, FIONREAD, &bytes));
		must(bytes >= 0 && bytes <= SMALL);
		break;
	case 10:
		info = info_of(w);
		must(info.capacity == SMALL && info.used <= SMALL);
		break;
	case 11:
		must_be(0, ioctl(next(seed) % 2 ? r : w, RUST_SAMPLE_IOC_WAKE));
		break;
	case 12:
		must_be(0, ioctl(r, RUST_SAMPLE_IOC_CLEAR));
		break;
	case 13:
		ret = ioctl(next(seed) % 2 ? r : w, RUST_SAMPLE_IOC_WAIT, &number);
		must(!ret || errno == EINTR);
		break;
	case 14:
		ret = splice(r, NULL, ends[1], NULL, len, SPLICE_F_NONBLOCK);
		check_result(ret, len);
		if (ret > 0) {
			must_be(ret, read(ends[0], buf, sizeof(buf)));
			check_read(buf, ret);
		}
		break;
	case 15:
		must_fail(EBUSY, set_capacity(w, 2 * SMALL));
		break;
	}
}

static long call(void *argument)
{
	uint32_t seed = (uintptr_t)argument;
	int ends[2];

	must_be(0, pipe2(ends, O_CLOEXEC));
	while (steps++ < wanted)
		step(&seed, ends);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t seed = argc > 2 ? atol(argv[2]) : 1;
	struct task scribblers[2], callers[3];
	int ends[2], others[2][2];
	char hello[8];
	size_t i;

	wanted = argc > 1 ? atol(argv[1]) : 10000;
	catch_signal(SIGUSR1, 0);
	signal(SIGPIPE, SIG_IGN);
	/* Two FIFOs beside it, which must keep their bytes. */
	make_fifo(others[0], 0);
	make_fifo(ends, RUST_SAMPLE_FIFO_MAPPABLE);
	make_fifo(others[1], RUST_SAMPLE_FIFO_MAPPABLE);
	for (i = 0; i < 2; i++)
		must_be(5, write(others[i][1], "hello", 5));
	r = ends[0];
	w = ends[1];
	must_be(0, rust_sample_map(&in, r, SMALL, PROT_READ));
	must_be(0, rust_sample_map(&out, w, SMALL, PROT_READ | PROT_WRITE));
	for (i = 0; i < ARRAY_SIZE(scribblers); i++)
		start(&scribblers[i], scribble, (void *)(uintptr_t)(seed * 16 + i + 1));
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		start(&callers[i], call, (void *)(uintptr_t)(seed * 16 + i + 8));
	/* A signal ends each call that waits. */
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		for (long n = 1; !callers[i].done; n++) {
			for (size_t j = 0; j < ARRAY_SIZE(callers); j++)
				if (!callers[j].done)
					pthread_kill(callers[j].thread, SIGUSR1);
			if (!(n % 1000)) {
				printf("# %ld of %ld steps\n", (long)steps, wanted);
				fflush(stdout);
			}
			sleep_ms(2);
		}
	over = true;
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		result(&callers[i]);
	for (i = 0; i < ARRAY_SIZE(scribblers); i++)
		result(&scribblers[i]);
	for (i = 0; i < 2; i++) {
		must_be(5, read(others[i][0], hello, 8));
		must(!memcmp(hello, "hello", 5));
	}
	printf("%ld steps, seed %u\n", wanted, seed);
	return 0;
}
