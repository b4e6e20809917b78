// SPDX-License-Identifier: GPL-2.0
/* Programs: random ones, mutations, and their text. */

#include "fuzz.h"

static uint32_t below(uint32_t n, uint32_t *seed)
{
	return next(seed) % n;
}

static const uint32_t lengths[] = {
	0,    1,    2,	  7,	8,     56,    63,    64,    100,   1000,  4095,	  4096,	  4097,
	5000, 8191, 8192, 8193, 12288, 20000, 61440, 65535, 65536, 65537, 100000, 131072, 262144,
};

static const uint64_t capacities[] = {
	0,	    1,	     4095,    4096,	  4097,
	8192,	    16384,   65536,   65537,	  131072,
	1048576,    1048577, 2097152, 1ULL << 30, (1ULL << 30) + 1,
	UINT64_MAX,
};

static uint64_t value(enum domain domain, uint32_t *seed)
{
	switch (domain) {
	case SLOT:
		/* Few slots, so that threads share files. */
		return below(3, seed) ? below(3, seed) : below(SLOTS, seed);
	case MODE:
		return below(8, seed) ? below(3, seed) : 3;
	case OPEN_FLAGS:
		return below(3, seed) ? below(2, seed) : below(512, seed);
	case LENGTH:
		return below(4, seed) ? lengths[below(ARRAY_SIZE(lengths), seed)] :
					below(70000, seed);
	case KIND:
		return below(2, seed) ? below(NR_MEMORY, seed) : GOOD;
	case CAPACITIES:
		return capacities[below(ARRAY_SIZE(capacities), seed)];
	case EVENTS:
		return below(2, seed) ? 0x5 : next(seed) & 0x7fff;
	case MILLISECONDS:
		return below(2, seed) ? 0 : below(12, seed);
	case THREAD:
		return below(THREADS, seed);
	case REQUEST:
		return below(24, seed);
	case SMALL:
		return below(16, seed);
	case ANY:
		return below(2, seed) ? next(seed) : below(256, seed);
	case NONE:
		break;
	}
	return 0;
}

static uint16_t fault(int flags, uint32_t *seed)
{
	/* A load has many points that can fail, and a new FIFO has some. */
	if (flags & RELOADS)
		return below(3, seed) ? 1 + below(80, seed) : 0;
	if (flags & ADDS)
		return below(3, seed) ? 0 : 1 + below(40, seed);
	if (below(8, seed))
		return 0;
	return below(6, seed) ? 1 + below(12, seed) : EVERY_COPY;
}

/* Whether a stream's bytes can still be checked after the operation. */
bool allowed(const struct program *p, const struct op *op)
{
	int flags = kinds[op->kind].flags;

	if (!p->stream)
		return true;
	return !(flags & (MOVES | RELOADS | ADDS)) && (!(flags & WRITES) || op->thread == 0) &&
	       (!(flags & READS) || op->thread == 1);
}

bool uses(const struct program *p, int flags)
{
	int i;

	for (i = 0; i < p->n; i++)
		if (kinds[p->op[i].kind].flags & flags)
			return true;
	return false;
}

static int random_kind(uint32_t *seed)
{
	int i, all = 0;

	for (i = 0; i < nr_kinds; i++)
		all += kinds[i].weight;
	all = below(all, seed);
	for (i = 0; (all -= kinds[i].weight) >= 0; i++)
		;
	return i;
}

static void make_op(const struct program *p, struct op *op, int threads, uint32_t *seed)
{
	int i;

	do {
		memset(op, 0, sizeof(*op));
		op->thread = below(threads, seed);
		op->kind = random_kind(seed);
	} while (!allowed(p, op) || (kinds[op->kind].flags & RELOADS && uses(p, RELOADS)));
	for (i = 0; i < ARGS; i++)
		op->arg[i] = value(kinds[op->kind].domain[i], seed);
	op->fault = fault(kinds[op->kind].flags, seed);
}

static void leave_out(struct program *p, int at)
{
	p->n--;
	memmove(&p->op[at], &p->op[at + 1], (p->n - at) * sizeof(p->op[0]));
}

/* Loads take long: of several one stays, at random. */
static void leave_one_reload(struct program *p, uint32_t *seed)
{
	int i, n = 0, stays;

	for (i = 0; i < p->n; i++)
		n += !!(kinds[p->op[i].kind].flags & RELOADS);
	stays = n ? below(n, seed) : 0;
	for (i = p->n - 1; i >= 0; i--)
		if (kinds[p->op[i].kind].flags & RELOADS && --n != stays)
			leave_out(p, i);
}

void make_program(struct program *p, uint32_t *seed)
{
	int threads = 1 + below(THREADS, seed), i;

	memset(p, 0, sizeof(*p));
	p->stream = threads > 1 && !below(3, seed);
	p->n = 4 + below(OPS - 4, seed);
	for (i = 0; i < p->n; i++)
		make_op(p, &p->op[i], threads, seed);
}

static void insert(struct program *p, int at, const struct op *op)
{
	if (p->n == OPS || !allowed(p, op) || (kinds[op->kind].flags & RELOADS && uses(p, RELOADS)))
		return;
	memmove(&p->op[at + 1], &p->op[at], (p->n - at) * sizeof(*op));
	p->op[at] = *op;
	p->n++;
}

void mutate(struct program *p, const struct program *other, uint32_t *seed)
{
	int times = 1 + below(4, seed), at, i;
	struct op op, *o;

	leave_one_reload(p, seed);
	while (times--) {
		at = below(p->n, seed);
		o = &p->op[at];
		switch (below(7, seed)) {
		case 0:
		case 1:
			make_op(p, &op, THREADS, seed);
			insert(p, at, &op);
			break;
		case 2:
			if (p->n > 1)
				leave_out(p, at);
			break;
		case 3:
		case 4:
			i = below(ARGS, seed);
			o->arg[i] = value(kinds[o->kind].domain[i], seed);
			break;
		case 5:
			o->fault = fault(kinds[o->kind].flags, seed);
			break;
		case 6:
			for (i = below(other->n, seed); i < other->n && at < p->n; i++)
				insert(p, at++, &other->op[i]);
			break;
		}
	}
}

/* Returns its length. */
int print_program(const struct program *p, char *text, size_t size, const char *between)
{
	const struct kind *k;
	size_t len = 0;
	int i, j;

	if (p->stream)
		len += snprintf(text + len, size - len, "stream%s", between);
	for (i = 0; i < p->n && len < size; i++) {
		k = &kinds[p->op[i].kind];
		len += snprintf(text + len, size - len, "%d %s", p->op[i].thread, k->name);
		for (j = 0; j < ARGS && k->domain[j] != NONE && len < size; j++)
			len += snprintf(text + len, size - len, " %llu",
					(unsigned long long)p->op[i].arg[j]);
		if (p->op[i].fault && len < size)
			len += snprintf(text + len, size - len, " fault %d", p->op[i].fault);
		if (len < size)
			len += snprintf(text + len, size - len, "%s", between);
	}
	return len;
}

static bool parse_op(struct op *op, char *line)
{
	char *save, *word = strtok_r(line, " \t", &save);
	int i, arg = 0;

	memset(op, 0, sizeof(*op));
	op->thread = word ? strtoul(word, NULL, 0) : THREADS;
	word = strtok_r(NULL, " \t", &save);
	if (op->thread >= THREADS || !word)
		return false;
	for (i = 0; i < nr_kinds && strcmp(kinds[i].name, word); i++)
		;
	op->kind = i;
	if (i == nr_kinds)
		return false;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (!strcmp(word, "fault")) {
			word = strtok_r(NULL, " \t", &save);
			op->fault = word ? strtoul(word, NULL, 0) : 0;
			return word;
		}
		if (arg == ARGS)
			return false;
		op->arg[arg++] = strtoull(word, NULL, 0);
	}
	return true;
}

/* Operations are separated by newlines or semicolons. '#' begins a comment. */
void parse_program(struct program *p, char *text, const char *name)
{
	char *save, *line;

	memset(p, 0, sizeof(*p));
	for (line = strtok_r(text, "\n;", &save); line; line = strtok_r(NULL, "\n;", &save)) {
		line += strspn(line, " \t");
		line[strcspn(line, "#")] = 0;
		if (!*line)
			continue;
		if (!strncmp(line, "stream", 6)) {
			p->stream = true;
			continue;
		}
		if (p->n == OPS)
			die("%s: a program has at most %d operations", name, OPS);
		if (!parse_op(&p->op[p->n], line) || !allowed(p, &p->op[p->n]))
			die("%s: bad operation %d", name, p->n + 1);
		p->n++;
	}
	if (!p->n)
		die("%s: a program has at least one operation", name);
}
