/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program that is a list of cases, `CASE(name) { ... }`; its first argument names the
 * case to run. See run_case().
 */
#ifndef CASES_H
#define CASES_H

#include "fixture.h"

static struct test_case cases[64];
static size_t nr_cases;

#define CASE(name)                                                     \
	static void name(void);                                        \
	[[gnu::constructor]] static void add_##name(void)              \
	{                                                              \
		cases[nr_cases++] = (struct test_case){ #name, name }; \
	}                                                              \
	static void name(void)

int main(int argc, char **argv)
{
	return run_case(cases, nr_cases, argc, argv);
}

#endif /* CASES_H */
