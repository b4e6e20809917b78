// SPDX-License-Identifier: GPL-2.0
/* Loads and unloads the module, by the calling task, so that KCOV sees it. */

#include "fuzz.h"

static int ko;

void find_module(const char *name)
{
	ko = open(name, O_RDONLY | O_CLOEXEC);
	if (ko < 0)
		die("cannot open %s: %m", name);
}

bool is_loaded(void)
{
	return !access("/sys/module/" MODULE "/sections", F_OK);
}

int load(const char *parameters)
{
	return syscall(SYS_finit_module, ko, parameters, 0);
}

static pthread_mutex_t reloading = PTHREAD_MUTEX_INITIALIZER;

static void reload(struct thread *t, const uint64_t *a)
{
	static const char *const odd[] = { "", "capacity=lots ", "max_capacity= ", "nonsense=1 " };
	char parameters[128];
	int tries = 10;

	if (unload_module() && is_loaded())
		return;
	shared->loads++;
	end_trace(t->number);
	snprintf(parameters, sizeof(parameters), "%scapacity=%llu max_capacity=%llu",
		 odd[a[2] / 16 % ARRAY_SIZE(odd)], (unsigned long long)a[0],
		 (unsigned long long)a[1]);
	aim_faults_at_init();
	if (load(a[2] % 4 ? parameters : "")) {
		end_trace_of_failed_load(t->number);
		set_fault(t, 0);
		while (load("") && !is_loaded())
			if (!tries--)
				broken("the module cannot be loaded again: %m");
	}
	find_sections();
	end_trace(t->number);
	shared->loads++;
}

/*
 * Closes all files, unloads the module unless it is still open, and loads it with these
 * parameters, which may be invalid. If that fails, loads it without any.
 */
KIND(reload, 2, RELOADS, CAPACITIES, CAPACITIES, ANY)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		close_slot(i);
	pthread_mutex_lock(&reloading);
	reload(t, a);
	pthread_mutex_unlock(&reloading);
}
