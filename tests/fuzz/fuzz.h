/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer of /dev/rust_sample that KCOV guides. Its parts:
 *
 *	main.c		the loop: make a program, run it, keep it if it reached
 *			something new; a program that fails is shrunk and printed
 *	program.c	programs: random ones, mutations, their text
 *	run.c		runs a program in another process, and checks after it
 *			the invariants
 *	calls.c		the operations that programs consist of
 *	memory.c	the good and bad memory that they use
 *	load.c		loads and unloads the module
 *	faults.c	allocations and copies that fail
 *	coverage.c	the blocks of the module that were reached
 *
 * A program is a list of operations for up to four threads, which share some
 * file descriptors. In its text each operation is a line: the thread, the name,
 * its numbers, and perhaps the fault that is injected. A first line 'stream'
 * makes thread 0 the only one who writes and thread 1 the only one who reads, so
 * that each byte is checked.
 */
#ifndef FUZZ_H
#define FUZZ_H

/* In the process that runs a program. */
[[gnu::format(printf, 1, 2)]] _Noreturn void broken(const char *format, ...);
#define fail broken

#include <stddef.h>

#include "fixture.h"

#define THREADS 4
#define OPS 36 /* of a program, at most */
#define ARGS 4 /* of an operation, at most */
#define SLOTS 6 /* file descriptors that the threads share */
#define MEMORY (256 << 10) /* bytes of one kind for each thread */
#define SECTIONS 16
#define POINTS 4096
#define EDGES 65536

/* An operation's fault: 0 for none, the number of a fault point, or this. */
#define EVERY_COPY 999

struct op {
	uint8_t thread;
	uint8_t kind;
	uint16_t fault;
	uint64_t arg[ARGS];
};

struct program {
	bool stream;
	int n;
	struct op op[OPS];
};

/* The meaning of an operation's number, which decides which values are tried. */
enum domain {
	NONE,
	SLOT,
	MODE, /* of open(2) */
	OPEN_FLAGS,
	LENGTH,
	KIND, /* of memory */
	CAPACITIES,
	EVENTS,
	MILLISECONDS,
	REQUEST, /* of ioctl(2) */
	THREAD,
	SMALL, /* a choice, or some bits */
	ANY,
};

enum memory {
	GOOD,
	FRESH, /* its pages are missing at first */
	LATE, /* its pages are missing, and are provided late */
	EDGE, /* it ends soon */
	READ_ONLY,
	FORBIDDEN,
	NOWHERE,
	KERNELS,
	NR_MEMORY,
};

/* The effects of an operation. */
#define WRITES 1 /* bytes of the test stream */
#define READS 2 /* bytes, and checks them */
#define MOVES 4 /* bytes that are not looked at */
#define RELOADS 8
#define ADDS 16 /* a FIFO, whose bytes the device does not count */

struct thread {
	int number;
	int fail_nth; /* file descriptors of files in /proc */
	int make_it_fail;
	uint32_t seed;
	void *ring; /* io_uring's */
};

struct kind {
	const char *name;
	int weight;
	int flags;
	enum domain domain[ARGS];
	void (*run)(struct thread *t, const uint64_t *a);
};

/* Shared by all processes of the fuzzer. */
struct shared {
	struct program program;
	atomic_uchar seen[POINTS];
	atomic_uchar edges[EDGES];
	atomic_bool new; /* this program reached something new */
	atomic_uint loads; /* odd while the module is being reloaded */
	uint64_t bases[SECTIONS]; /* where the module's sections lie */
	atomic_llong written, taken; /* bytes, as the calls returned them */
	uint64_t head, tail; /* of the stream */
	atomic_bool failed;
	char why[400]; /* it failed */
	atomic_int doing[THREADS]; /* the operation, counted from 1 */
	atomic_int id[THREADS];
	atomic_int fd[SLOTS];
	int pipe[2];
	int file;
	int epoll;
	bool stream;
	bool alone; /* there is but one thread */
};

extern struct shared *shared;
extern struct kind kinds[];
extern int nr_kinds;

/* KIND(name, weight, flags, domain...) { ... } defines a kind of operation. */
#define KIND(name, ...)                                                     \
	static void op_##name(struct thread *t, const uint64_t *a);         \
	[[gnu::constructor]] static void add_##name(void)                   \
	{                                                                   \
		kinds[nr_kinds++] = KIND_OF(#name, op_##name, __VA_ARGS__); \
	}                                                                   \
	static void op_##name(struct thread *t, const uint64_t *a)

#define KIND_OF(name, run, weight, flags, ...) \
	((struct kind){ name, weight, flags, { __VA_ARGS__ }, run })

/* main.c */
[[gnu::format(printf, 1, 2)]] _Noreturn void die(const char *format, ...);

/* run.c */
#define RAN 0
#define BROKEN 1 /* a check failed */
#define SPLAT 2 /* in the kernel's log, which may print it only once */
int run_program(const struct program *p);
void watch_log(const char *patterns);

/* program.c */
void make_program(struct program *p, uint32_t *seed);
void mutate(struct program *p, const struct program *other, uint32_t *seed);
bool allowed(const struct program *p, const struct op *op);
int print_program(const struct program *p, char *text, size_t size, const char *between);
void parse_program(struct program *p, char *text, const char *name);
bool uses(const struct program *p, int flags);

/* calls.c */
void run_op(struct thread *t, const struct op *op);
void close_slot(int slot);
void limit_rights(bool limit);

/* memory.c */
void make_memory(void);
void serve_late_memory(void);
void *memory_to_write_from(struct thread *t, enum memory kind, size_t len, size_t good);
void *memory_to_read_into(struct thread *t, enum memory kind, size_t len, size_t good);
void forget_memory(void);
void wrote(struct thread *t, long bytes);
void took(struct thread *t, const void *memory, long bytes);

/* load.c */
void find_module(const char *ko);
bool is_loaded(void);
int load(const char *parameters);

/* faults.c */
void prepare_faults(void);
void aim_faults(uint64_t start, uint64_t end);
void aim_faults_at_init(void);
void open_faults(struct thread *t);
void set_fault(struct thread *t, int fault);

/* coverage.c */
void read_points(const char *ko);
void make_traces(void);
void start_trace(int thread);
void begin_trace(int thread);
void end_trace(int thread);
void end_trace_of_failed_load(int thread);
void find_sections(void);
int count_points(bool reached);
void print_points(void);

#endif /* FUZZ_H */
