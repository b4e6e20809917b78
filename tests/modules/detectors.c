// SPDX-License-Identifier: GPL-2.0
/*
 * Commits the fault whose name is written to /dev/detectors.
 * tests/suites/detectors.sh checks that the debug kernel finds it.
 *
 * The writing task commits it, not insmod: a task that dies while it loads a module
 * leaves it half loaded, and the kernel keeps pointers to its stack.
 */

#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

/* A fault that the kernel does not find ends after this time. */
#define LONGEST (30 * HZ)

/* Keeps the compiler from removing a computation. */
static unsigned long sink;

/* The name `stop` completes it. */
static DECLARE_COMPLETION(stopped);

static int none(char __user *buf)
{
	return 0;
}

static int stop(char __user *buf)
{
	complete_all(&stopped);
	return 0;
}

/* The access stays within the object, so KASAN does not report it. */
static int index_out_of_bounds(char __user *buf)
{
	static struct {
		int array[4];
		int after[4];
	} object;
	size_t index = ARRAY_SIZE(object.array) + 1;

	OPTIMIZER_HIDE_VAR(index);
	sink = object.array[index];
	return 0;
}

static int invalid_bool(char __user *buf)
{
	union {
		u8 byte;
		bool flag;
	} two = { .byte = 2 };

	barrier_data(&two);
	sink = two.flag;
	return 0;
}

static int preemptible_cpu(char __user *buf)
{
	sink = smp_processor_id();
	return 0;
}

static int no_read_section(char __user *buf)
{
	static int __rcu *pointer;

	sink = !rcu_dereference(pointer);
	return 0;
}

static void expired(struct timer_list *timer)
{
}

static int free_active_timer(char __user *buf)
{
	struct timer_list *timer = kmalloc_obj(*timer);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, expired, 0);
	mod_timer(timer, jiffies + LONGEST);
	kfree(timer);
	return 0;
}

static DECLARE_COMPLETION(work_may_end);

static void work(struct work_struct *unused)
{
	wait_for_completion(&work_may_end);
}

/* The first work blocks the queue, so that the next one stays active. */
static int free_active_work(char __user *buf)
{
	struct workqueue_struct *queue = alloc_ordered_workqueue("detectors", 0);
	struct work_struct *first = kmalloc_obj(*first);
	struct work_struct *next = kmalloc_obj(*next);
	int ret = -ENOMEM;

	if (queue && first && next) {
		INIT_WORK(first, work);
		INIT_WORK(next, work);
		reinit_completion(&work_may_end);
		queue_work(queue, first);
		queue_work(queue, next);
		kfree(next);
		next = NULL;
		complete_all(&work_may_end);
		ret = 0;
	}
	if (queue)
		destroy_workqueue(queue);
	kfree(first);
	kfree(next);
	return ret;
}

static void called(struct rcu_head *head)
{
}

static int call_rcu_twice(char __user *buf)
{
	static struct rcu_head head;

	rcu_read_lock();
	call_rcu(&head, called);
	call_rcu(&head, called);
	rcu_read_unlock();
	rcu_barrier();
	return 0;
}

static int list_del_twice(char __user *buf)
{
	LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
	return 0;
}

/* KASAN does not see this access. */
static noinline __no_sanitize_address void write_unseen(u8 *to)
{
	WRITE_ONCE(*to, 0);
}

/* With interrupts off, no other task gets the page in between. */
static int write_to_freed_page(char __user *buf)
{
	struct page *page = alloc_page(GFP_KERNEL), *again;
	unsigned long flags;

	if (!page)
		return -ENOMEM;
	local_irq_save(flags);
	__free_page(page);
	write_unseen(page_address(page));
	again = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	local_irq_restore(flags);
	if (again)
		__free_page(again);
	return again == page ? 0 : -EAGAIN;
}

/* Freed at unload, as the copying task does not return. */
static void *object;

static int copy_too_much(char __user *buf)
{
	size_t size = 128;

	OPTIMIZER_HIDE_VAR(size);
	return copy_to_user(buf, object, size) ? -EFAULT : 0;
}

static int hang(char __user *buf)
{
	reinit_completion(&stopped);
	wait_for_completion_timeout(&stopped, LONGEST);
	return 0;
}

/* Stops once a taint shows that the fault was found: other tasks wait for the processor. */
static int spin(char __user *buf)
{
	unsigned long end = jiffies + LONGEST;

	preempt_disable();
	while (!test_taint(TAINT_SOFTLOCKUP) && time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
	return 0;
}

static const struct {
	const char *name;
	int (*commit)(char __user *buf);
} faults[] = {
	{ "none", none },
	{ "stop", stop },
	{ "index_out_of_bounds", index_out_of_bounds },
	{ "invalid_bool", invalid_bool },
	{ "preemptible_cpu", preemptible_cpu },
	{ "no_read_section", no_read_section },
	{ "free_active_timer", free_active_timer },
	{ "free_active_work", free_active_work },
	{ "call_rcu_twice", call_rcu_twice },
	{ "list_del_twice", list_del_twice },
	{ "write_to_freed_page", write_to_freed_page },
	{ "copy_too_much", copy_too_much },
	{ "hang", hang },
	{ "spin", spin },
};

static ssize_t detectors_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	char name[32] = "";
	size_t i;
	int ret;

	if (len >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, buf, len))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!sysfs_streq(name, faults[i].name))
			continue;
		ret = faults[i].commit((char __user *)buf);
		return ret ?: len;
	}
	return -EINVAL;
}

static const struct file_operations detectors_fops = {
	.owner = THIS_MODULE,
	.write = detectors_write,
};

static struct miscdevice detectors = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "detectors",
	.fops = &detectors_fops,
};

static int __init detectors_init(void)
{
	int ret;

	object = kzalloc(64, GFP_KERNEL);
	if (!object)
		return -ENOMEM;
	ret = misc_register(&detectors);
	if (ret)
		kfree(object);
	return ret;
}

static void __exit detectors_exit(void)
{
	misc_deregister(&detectors);
	kfree(object);
}

module_init(detectors_init);
module_exit(detectors_exit);
MODULE_AUTHOR("The rust_sample authors");
MODULE_DESCRIPTION("Faults for the debug kernel to find");
MODULE_LICENSE("GPL");
