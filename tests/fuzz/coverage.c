// SPDX-License-Identifier: GPL-2.0
/*
 * The coverage of the module. The compiler inserts a call in each block of code, and KCOV
 * records the return addresses of these calls for each task.
 */

#include "fuzz.h"
#include <elf.h>
#include <linux/kcov.h>

#define TRACE (8 << 10) /* calls that one operation's trace may have */
#define PAGE 4096

struct point {
	int section;
	bool test; /* in a function of a KUnit test */
	uint64_t offset;
};

static struct point points[POINTS];
static int nr_points;

static struct {
	char name[64];
	uint64_t size;
	uint64_t in_page; /* where in its page it always begins */
	int first, end; /* its points */
} sections[SECTIONS];
static int nr_sections;

static struct {
	int fd;
	uint64_t *area;
} traces[THREADS + 1];

static int compare(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	if (p->section != q->section)
		return p->section < q->section ? -1 : 1;
	return p->offset < q->offset ? -1 : p->offset > q->offset;
}

/* The function at this place. */
static const char *function(const Elf64_Sym *symbols, size_t n, const char *names, int section,
			    uint64_t offset)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC &&
		    symbols[i].st_shndx == section && symbols[i].st_value <= offset &&
		    offset < symbols[i].st_value + symbols[i].st_size)
			return names + symbols[i].st_name;
	return "";
}

/*
 * Each relocation of a call is a point. The address that KCOV notes is the one
 * after the call, four bytes on, both on x86 and on arm64.
 */
void read_points(const char *ko)
{
	const Elf64_Shdr *header, *code, *table;
	const Elf64_Ehdr *elf;
	int fd = open(ko, O_RDONLY | O_CLOEXEC), i, of;
	off_t size = lseek(fd, 0, SEEK_END);
	const char *names, *function_name;
	const Elf64_Sym *symbols;
	const Elf64_Rela *call;
	size_t j;

	elf = mmap(NULL, size > 0 ? size : 1, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd < 0 || elf == MAP_FAILED || memcmp(elf->e_ident, ELFMAG, SELFMAG))
		die("%s is no module", ko);
	close(fd);
	header = (void *)((char *)elf + elf->e_shoff);
	for (i = 0; i < elf->e_shnum; i++) {
		of = header[i].sh_info;
		if (header[i].sh_type != SHT_RELA || !(header[of].sh_flags & SHF_EXECINSTR))
			continue;
		code = &header[of];
		table = &header[header[i].sh_link];
		symbols = (void *)((char *)elf + table->sh_offset);
		names = (char *)elf + header[table->sh_link].sh_offset;
		call = (void *)((char *)elf + header[i].sh_offset);
		if (nr_sections == SECTIONS)
			die("%s has too many sections", ko);
		snprintf(sections[nr_sections].name, sizeof(sections[0].name), "%s",
			 (char *)elf + header[elf->e_shstrndx].sh_offset + code->sh_name);
		sections[nr_sections].size = code->sh_size;
		for (j = 0; j < header[i].sh_size / sizeof(*call); j++) {
			if (strcmp(names + symbols[ELF64_R_SYM(call[j].r_info)].st_name,
				   "__sanitizer_cov_trace_pc"))
				continue;
			if (nr_points == POINTS)
				die("%s has too many points", ko);
			function_name = function(symbols, table->sh_size / sizeof(*symbols), names,
						 of, call[j].r_offset);
			points[nr_points++] = (struct point){
				.section = nr_sections,
				.test = strstr(function_name, "5tests") ||
					strstr(function_name, "7testing"),
				.offset = call[j].r_offset + 4,
			};
		}
		nr_sections++;
	}
	if (!nr_points)
		die("%s was built without KCOV", ko);
	qsort(points, nr_points, sizeof(points[0]), compare);
	for (i = 0; i < nr_points; i++) {
		if (!i || points[i - 1].section != points[i].section)
			sections[points[i].section].first = i;
		sections[points[i].section].end = i + 1;
	}
}

/* One trace for each thread, and one for the calls before and after them. */
void make_traces(void)
{
	int i;

	for (i = 0; i <= THREADS; i++) {
		traces[i].fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
		if (traces[i].fd < 0 || ioctl(traces[i].fd, KCOV_INIT_TRACE, TRACE))
			die("the kernel has no KCOV: %m");
		traces[i].area = mmap(NULL, TRACE * sizeof(uint64_t), PROT_READ | PROT_WRITE,
				      MAP_SHARED, traces[i].fd, 0);
		if (traces[i].area == MAP_FAILED)
			die("no memory for a trace: %m");
	}
}

/* From here on for the calling thread, until it ends. */
void start_trace(int thread)
{
	if (ioctl(traces[thread].fd, KCOV_ENABLE, KCOV_TRACE_PC))
		broken("KCOV cannot be enabled: %m");
}

void begin_trace(int thread)
{
	__atomic_store_n(&traces[thread].area[0], 0, __ATOMIC_RELAXED);
}

static int point_at(const uint64_t *bases, uint64_t address)
{
	int i, low, high, middle;

	for (i = 0; i < nr_sections; i++) {
		if (!bases[i] || sections[i].first == sections[i].end)
			continue;
		low = sections[i].first;
		high = sections[i].end;
		while (low < high) {
			middle = (low + high) / 2;
			if (bases[i] + points[middle].offset < address)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < sections[i].end && bases[i] + points[low].offset == address)
			return low;
	}
	return -1;
}

static void mark(int thread, const uint64_t *bases)
{
	const uint64_t *area = traces[thread].area;
	uint64_t n = __atomic_load_n(&area[0], __ATOMIC_RELAXED), i;
	unsigned int edge, last = 0;
	int point;

	for (i = 1; i <= n && i < TRACE; i++) {
		point = point_at(bases, area[i]);
		if (point < 0)
			continue;
		shared->seen[point] = 1;
		edge = (last * 4093 + point) % EDGES;
		last = point;
		if (!shared->edges[edge]) {
			shared->edges[edge] = 1;
			shared->new = true;
		}
	}
	begin_trace(thread);
}

void end_trace(int thread)
{
	mark(thread, shared->bases);
}

/* How many addresses a section explains that begins at `base`. */
static int explained(const uint64_t *area, uint64_t n, int section, uint64_t base)
{
	uint64_t i;
	int j, found = 0;

	for (i = 1; i <= n; i++)
		for (j = sections[section].first; j < sections[section].end; j++)
			found += base + points[j].offset == area[i];
	return found;
}

/*
 * A module whose load failed has gone, and nothing tells where it was. But a
 * section begins at the same place in a page each time, and its points are known:
 * take what explains most of the trace, again and again.
 */
void end_trace_of_failed_load(int thread)
{
	uint64_t n = traces[thread].area[0], area[256], i, base, best_base = 0;
	int section, best_section = 0, j, found, best;
	uint64_t bases[SECTIONS] = { 0 };

	if (n > ARRAY_SIZE(area) - 1)
		n = ARRAY_SIZE(area) - 1;
	memcpy(area, traces[thread].area, (n + 1) * sizeof(area[0]));
	do {
		best = 0;
		for (i = 1; i <= n && best < (int)n; i++) {
			for (j = 0; j < nr_points; j++) {
				section = points[j].section;
				base = area[i] - points[j].offset;
				if (!area[i] || base % PAGE != sections[section].in_page ||
				    bases[section])
					continue;
				found = explained(area, n, section, base);
				if (found > best) {
					best = found;
					best_section = section;
					best_base = base;
				}
			}
		}
		if (!best)
			break;
		bases[best_section] = best_base;
		for (i = 1; i <= n; i++)
			if (point_at(bases, area[i]) >= 0)
				area[i] = 0;
	} while (true);
	mark(thread, bases);
}

/* Call this after each load. From then on only the module's own calls can fail. */
void find_sections(void)
{
	char name[2048], text[32];
	ssize_t len;
	int i, fd;

	for (i = 0; i < nr_sections; i++) {
		shared->bases[i] = 0;
		snprintf(name, sizeof(name), "/sys/module/rust_sample/sections/%s",
			 sections[i].name);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
		if (len <= 0)
			continue;
		text[len] = 0;
		shared->bases[i] = strtoull(text, NULL, 16);
		sections[i].in_page = shared->bases[i] % PAGE;
		if (!strcmp(sections[i].name, ".text"))
			aim_faults(shared->bases[i], shared->bases[i] + sections[i].size);
	}
}

/* Without the points of KUnit tests, which the module has on kernels with KUnit. */
int count_points(bool reached)
{
	int i, n = 0;

	for (i = 0; i < nr_points; i++)
		n += !points[i].test && (!reached || shared->seen[i]);
	return n;
}

/* For tests/fuzz/blocks, which names the blocks. */
void print_points(void)
{
	int i;

	for (i = 0; i < nr_points; i++)
		if (shared->seen[i])
			printf("reached: %s 0x%llx\n", sections[points[i].section].name,
			       (unsigned long long)points[i].offset);
}
