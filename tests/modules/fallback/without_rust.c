// SPDX-License-Identifier: GPL-2.0
/*
 * A module that tells that it is in C.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

static int __init fallback_init(void)
{
	pr_info("in C\n");
	return 0;
}

static void __exit fallback_exit(void)
{
}

module_init(fallback_init);
module_exit(fallback_exit);

MODULE_DESCRIPTION("Tells that it is in C");
MODULE_LICENSE("GPL");
