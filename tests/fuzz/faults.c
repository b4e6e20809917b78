// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on request: the Nth allocation or copy of a call fails, or each copy. Once the module
 * is loaded, only its own allocations and copies can fail.
 */

#include "fuzz.h"

#define FOLDER "/sys/kernel/debug/"

static const char *const kinds_of_fault[] = { "failslab", "fail_page_alloc", "fail_usercopy" };

static bool set(const char *folder, const char *name, const char *value)
{
	char path[128];
	ssize_t ret;
	int fd;

	snprintf(path, sizeof(path), FOLDER "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ret = write(fd, value, strlen(value));
	close(fd);
	return ret > 0;
}

void prepare_faults(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds_of_fault); i++)
		if (!set(kinds_of_fault[i], "verbose", "0"))
			die("the kernel has no %s", kinds_of_fault[i]);
	set("failslab", "ignore-gfp-wait", "N");
	set("fail_page_alloc", "ignore-gfp-wait", "N");
	set("fail_page_alloc", "min-order", "0");
	/* For tasks that want it. */
	set("fail_usercopy", "task-filter", "Y");
	set("fail_usercopy", "times", "-1");
	set("fail_usercopy", "probability", "100");
}

/* Only calls from these addresses can fail. */
void aim_faults(uint64_t start, uint64_t end)
{
	char text[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds_of_fault); i++) {
		/* Nothing can fail while the one is new and the other is old. */
		set(kinds_of_fault[i], "require-end", "0");
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)start);
		set(kinds_of_fault[i], "require-start", text);
		snprintf(text, sizeof(text), "0x%llx", (unsigned long long)end);
		set(kinds_of_fault[i], "require-end", text);
	}
}

/* Only the calls of a module's init function can fail. */
void aim_faults_at_init(void)
{
	static unsigned long long start, end;
	FILE *file = start ? NULL : fopen("/proc/kallsyms", "re");
	unsigned long long address, from = 0;
	char name[256];

	if (file) {
		while (fscanf(file, "%llx %*c %255s%*[^\n]", &address, name) == 2) {
			if (!strcmp(name, "do_one_initcall"))
				from = address;
			else if (from && address > from && (!end || address < end))
				end = address;
		}
		start = from;
		fclose(file);
	}
	aim_faults(start, end);
}

void open_faults(struct thread *t)
{
	t->fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	t->make_it_fail = open("/proc/thread-self/make-it-fail", O_RDWR | O_CLOEXEC);
	if (t->fail_nth < 0 || t->make_it_fail < 0)
		broken("no faults: %m");
}

/* The calling thread's calls fail so from here on; 0 ends it. */
void set_fault(struct thread *t, int fault)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", fault == EVERY_COPY ? 0 : fault);

	/* These may fail themselves, or lack the right: then there is no fault. */
	if (pwrite(t->fail_nth, text, len, 0) != len ||
	    pwrite(t->make_it_fail, fault == EVERY_COPY ? "1" : "0", 1, 0) != 1)
		return;
}
