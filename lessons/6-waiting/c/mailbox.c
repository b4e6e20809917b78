// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 6 in C: reads and writes that wait.
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

/* The longest message, in bytes. */
#define MESSAGE_MAX 256

static DEFINE_MUTEX(lock); /* protects message and len */
static char message[MESSAGE_MAX];
static size_t len; /* 0 if there is no message */
static DECLARE_WAIT_QUEUE_HEAD(arrived); /* readers wait here for a message */
static DECLARE_WAIT_QUEUE_HEAD(taken); /* writers wait here until the message is taken */

static bool full(void)
{
	return READ_ONCE(len);
}

/*
 * Takes the lock when the mailbox is full, or when it is empty. Returns 0, or an error without the
 * lock.
 */
static int lock_when(struct file *file, wait_queue_head_t *queue, bool wanted)
{
	mutex_lock(&lock);
	while (full() != wanted) {
		mutex_unlock(&lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		/* Enters the queue before it looks at the condition. */
		if (wait_event_interruptible(*queue, full() == wanted))
			return -ERESTARTSYS;
		/* Another task may have been faster, so look again under the lock. */
		mutex_lock(&lock);
	}
	return 0;
}

static ssize_t mailbox_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	ssize_t ret;

	if (!size)
		return 0;
	ret = lock_when(file, &arrived, true);
	if (ret)
		return ret;
	size = min(size, len);
	size -= copy_to_user(to, message, size);
	if (size) {
		WRITE_ONCE(len, 0);
		wake_up_all(&taken);
	}
	mutex_unlock(&lock);
	return size ?: -EFAULT;
}

static ssize_t mailbox_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char bytes[MESSAGE_MAX];
	ssize_t ret;

	if (!size)
		return 0;
	if (size > sizeof(bytes))
		return -EFBIG;
	/* The copy may sleep for long, so the lock is not held yet. */
	if (copy_from_user(bytes, from, size))
		return -EFAULT;
	ret = lock_when(file, &taken, false);
	if (ret)
		return ret;
	memcpy(message, bytes, size);
	WRITE_ONCE(len, size);
	wake_up_all(&arrived);
	mutex_unlock(&lock);
	return size;
}

static const struct file_operations mailbox_fops = {
	.owner = THIS_MODULE,
	.open = stream_open,
	.read = mailbox_read,
	.write = mailbox_write,
};

static struct miscdevice mailbox_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mailbox",
	.fops = &mailbox_fops,
};
module_misc_device(mailbox_device);

MODULE_AUTHOR("You");
MODULE_DESCRIPTION("A device that passes one message at a time");
MODULE_LICENSE("GPL");
