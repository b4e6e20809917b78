// SPDX-License-Identifier: GPL-2.0
/* Runs a program in another process, and checks the invariants after it. */

#include "fuzz.h"
#include <regex.h>
#include <stdarg.h>
#include <sys/epoll.h>

#define TICK_MS 12 /* a signal interrupts a blocked call after that time */
#define LIMIT_S 20 /* a program in which no operation begins for that long hangs */
#define SOON_MS 60000 /* io_uring closes its files within that time */

static int log_fd;
static regex_t splats[64];
static int nr_splats;

/* Ends the process that runs a program. The first reason is kept. */
void broken(const char *format, ...)
{
	va_list list;

	if (!atomic_exchange(&shared->failed, true)) {
		va_start(list, format);
		vsnprintf(shared->why, sizeof(shared->why), format, list);
		va_end(list);
	}
	_exit(1);
}

/* A timer that interrupts the calls of this thread. */
static timer_t make_ticks(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	timer_t timer;

	event._sigev_un._tid = syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		broken("no timer: %m");
	return timer;
}

static void let_tick(timer_t timer, int ms)
{
	struct itimerspec time = { { 0, ms * 1000000 }, { 0, ms * 1000000 } };

	if (timer_settime(timer, 0, &time, NULL))
		broken("no timer: %m");
}

static bool has_thread(const struct program *p, int thread)
{
	int i;

	for (i = 0; i < p->n && p->op[i].thread != thread; i++)
		;
	return i < p->n;
}

/* Idle threads wait here before and after each program. */
static pthread_barrier_t barrier;

static void *thread_main(void *argument)
{
	struct thread t = { .number = (intptr_t)argument };
	const struct program *p = &shared->program;
	timer_t ticks;
	int i;

	shared->id[t.number] = syscall(SYS_gettid);
	ticks = make_ticks();
	open_faults(&t);
	start_trace(t.number);
	while (true) {
		pthread_barrier_wait(&barrier);
		if (has_thread(p, t.number)) {
			let_tick(ticks, TICK_MS);
			limit_rights(false);
			for (i = 0; i < p->n; i++) {
				if (p->op[i].thread != t.number)
					continue;
				shared->doing[t.number] = i + 1;
				run_op(&t, &p->op[i]);
			}
			shared->doing[t.number] = 0;
			let_tick(ticks, 0);
		}
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

/* Each program begins with the same FIFO. */
static struct rust_sample_info reset(void)
{
	struct rust_sample_info info;
	int fd = open_device(O_RDWR | O_NONBLOCK);

	must_be(0, ioctl(fd, RUST_SAMPLE_IOC_CLEAR));
	must_be(0, set_capacity(fd, CAPACITY));
	info = info_of(fd);
	close(fd);
	return info;
}

/* Checks the FIFO once no file is open: its totals agree with the results of the calls. */
static void check(const struct rust_sample_info *before)
{
	struct thread t = { .number = THREADS };
	struct pollfd p = { open_device(O_RDWR | O_NONBLOCK), POLLIN | POLLOUT, 0 };
	struct rust_sample_info info, expected;
	long limit = now_ms() + SOON_MS * slow(), ret, left = 0;
	static unsigned char buf[CAPACITY];
	int bytes;

	/* io_uring closes late. */
	while (info = info_of(p.fd), info.readers != 1 || info.writers != 1) {
		if (now_ms() > limit)
			broken("there are %lld readers and %lld writers, but no file is open",
			       (long long)info.readers - 1, (long long)info.writers - 1);
		poll(NULL, 0, 1);
	}
	expected = info;
	expected.used = info.total_in - info.total_out - info.total_cleared;
	if (!uses(&shared->program, RELOADS | ADDS)) {
		expected.total_in = before->total_in + shared->written;
		expected.total_out = before->total_out + shared->taken;
	}
	must_be_info(&expected, &info);
	must(info.used <= info.capacity && info.capacity >= ATOMIC);
	must(!(info.capacity & (info.capacity - 1)));
	must_be(0, ioctl(p.fd, FIONREAD, &bytes));
	must_be(info.used, bytes);
	must(poll(&p, 1, 0) >= 0);
	must_be((info.used ? POLLIN : 0) | (info.capacity - info.used >= ATOMIC ? POLLOUT : 0),
		p.revents);
	while ((ret = read(p.fd, buf, sizeof(buf))) > 0) {
		took(&t, buf, ret);
		left += ret;
	}
	must_fail(EAGAIN, ret);
	must_be(info.used, left);
	close(p.fd);
}

static void run(void)
{
	const struct program *p = &shared->program;
	struct rust_sample_info before;
	int i, n = 0;

	begin_trace(THREADS);
	before = reset();
	for (i = 0; i < SLOTS; i++)
		shared->fd[i] = -1;
	for (i = 0; i < THREADS; i++)
		n += has_thread(p, i);
	shared->alone = n == 1;
	shared->stream = p->stream;
	shared->written = 0;
	shared->taken = 0;
	shared->head = 0;
	shared->tail = 0;
	shared->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pipe2(shared->pipe, O_CLOEXEC))
		broken("no pipe: %m");

	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);

	for (i = 0; i < SLOTS; i++)
		close_slot(i);
	close(shared->epoll);
	close(shared->pipe[0]);
	close(shared->pipe[1]);
	check(&before);
	end_trace(THREADS);
}

/* The process that runs one program for each byte that it reads. */
static void work(int orders, int results)
{
	pthread_t thread;
	sigset_t all;
	intptr_t i;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	catch_signal(SIGUSR1, 0);
	catch_signal(SIGUSR2, 0);
	catch_signal(SIGIO, 0);
	if (!is_loaded() && load(""))
		broken("the module cannot be loaded: %m");
	find_sections();
	start_trace(THREADS);
	shared->file = memfd_create("fuzz", MFD_CLOEXEC);
	if (shared->file < 0 || ftruncate(shared->file, MEMORY))
		broken("no file: %m");
	pthread_barrier_init(&barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, thread_main, (void *)i))
			broken("no thread");
	/* For the others. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	serve_late_memory();
	while (read(orders, &byte, 1) == 1) {
		run();
		if (write(results, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static struct {
	pid_t id;
	int fd, orders, results;
} worker;

static void start_worker(void)
{
	int orders[2], results[2];

	if (pipe2(orders, O_CLOEXEC) || pipe2(results, O_CLOEXEC))
		die("no pipe: %m");
	fflush(stdout);
	worker.id = fork();
	if (!worker.id) {
		close(orders[1]);
		close(results[0]);
		work(orders[0], results[1]);
	}
	close(orders[0]);
	close(results[1]);
	worker.orders = orders[1];
	worker.results = results[0];
	worker.fd = syscall(SYS_pidfd_open, worker.id, 0);
	if (worker.id < 0 || worker.fd < 0)
		die("no process: %m");
}

static void end_worker(void)
{
	int status = 0;

	kill(worker.id, SIGKILL);
	waitpid(worker.id, &status, 0);
	close(worker.fd);
	close(worker.orders);
	close(worker.results);
	worker.id = 0;
	if (!atomic_exchange(&shared->failed, true))
		snprintf(shared->why, sizeof(shared->why), "it ended with status 0x%x", status);
}

/* Prints the operation of each thread of a program that hangs. */
static void print_hang(const struct program *p, pid_t child)
{
	char name[64], text[4096];
	const struct op *op;
	ssize_t len;
	int i, fd;

	for (i = 0; i < THREADS; i++) {
		if (!shared->doing[i])
			continue;
		op = &p->op[shared->doing[i] - 1];
		printf("hangs: thread %d in line %d, %s\n", i, shared->doing[i],
		       kinds[op->kind].name);
		snprintf(name, sizeof(name), "/proc/%d/task/%d/stack", child, shared->id[i]);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		if (len > 0)
			printf("%.*s", (int)len, text);
		if (fd >= 0)
			close(fd);
	}
}

/* The kernel's log from now on, and the expressions that splats in it match. */
void watch_log(const char *patterns)
{
	FILE *file = fopen(patterns, "re");
	char line[256];

	if (!file)
		die("cannot open %s: %m", patterns);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		if (nr_splats == (int)ARRAY_SIZE(splats) ||
		    regcomp(&splats[nr_splats++], line, REG_EXTENDED | REG_NOSUB))
			die("bad or too many expressions in %s", patterns);
	}
	fclose(file);
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END))
		die("cannot read the kernel's log: %m");
}

static bool found_splat(void)
{
	bool found = false;
	char line[8192];
	ssize_t len;
	char *text;
	int i;

	while ((len = read(log_fd, line, sizeof(line) - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = 0;
		text = strchr(line, ';');
		if (!text || !strncmp(text, ";fuzz: ", 7))
			continue;
		for (i = 0; i < nr_splats && !found; i++) {
			if (regexec(&splats[i], text + 1, 0, NULL, 0))
				continue;
			found = true;
			text[strcspn(text, "\n")] = 0;
			snprintf(shared->why, sizeof(shared->why), "in the kernel's log: %s",
				 text + 1);
		}
	}
	return found;
}

/* Waits for the end of a program. Returns 0 if no operation begins for too long. */
static int wait_for_end(struct pollfd *ends)
{
	int i, now, before[THREADS] = { 0 }, seconds = 0, ret = 0;

	while (seconds++ < LIMIT_S * slow() && ret == 0) {
		ret = poll(ends, 2, 1000);
		for (i = 0; i < THREADS; i++) {
			now = shared->doing[i];
			if (now != before[i])
				seconds = 0;
			before[i] = now;
		}
	}
	return ret;
}

/* Returns RAN, or BROKEN or SPLAT with the reason in shared->why. */
int run_program(const struct program *p)
{
	struct pollfd ends[2];
	int ret;
	char byte = 0;

	shared->program = *p;
	shared->failed = false;
	shared->new = false;
	memset(shared->doing, 0, sizeof(shared->doing));
	if (!worker.id)
		start_worker();
	ends[0] = (struct pollfd){ .fd = worker.results, .events = POLLIN };
	ends[1] = (struct pollfd){ .fd = worker.fd, .events = POLLIN };
	if (write(worker.orders, &byte, 1) != 1)
		die("the worker takes no orders: %m");
	ret = wait_for_end(ends);
	if (ret <= 0) {
		print_hang(p, worker.id);
		snprintf(shared->why, sizeof(shared->why), "no operation begins for %ld s",
			 LIMIT_S * slow());
		shared->failed = true;
	}
	if (ret <= 0 || ends[1].revents || read(worker.results, &byte, 1) != 1)
		end_worker();
	if (found_splat())
		return SPLAT;
	return shared->failed ? BROKEN : RAN;
}
