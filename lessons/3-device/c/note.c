// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 3 in C: a device with open, read and write.
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* The largest note, in bytes. */
#define NOTE_MAX 4096

/* An open file. */
struct note {
	struct mutex lock; /* protects len and text */
	size_t len;
	char text[NOTE_MAX];
};

static int note_open(struct inode *inode, struct file *file)
{
	struct note *note = kmalloc(sizeof(*note), GFP_KERNEL_ACCOUNT);

	if (!note)
		return -ENOMEM;
	mutex_init(&note->lock);
	note->len = 0;
	file->private_data = note;
	return 0;
}

static int note_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t note_read(struct file *file, char __user *to, size_t wanted, loff_t *pos)
{
	struct note *note = file->private_data;
	ssize_t ret = 0;
	size_t len;

	mutex_lock(&note->lock);
	if (*pos < note->len && wanted) {
		len = min_t(size_t, wanted, note->len - *pos);
		/* The function returns how many bytes it could not copy. */
		len -= copy_to_user(to, note->text + *pos, len);
		*pos += len;
		ret = len ?: -EFAULT;
	}
	mutex_unlock(&note->lock);
	return ret;
}

static ssize_t note_write(struct file *file, const char __user *from, size_t wanted, loff_t *pos)
{
	struct note *note = file->private_data;
	ssize_t ret;
	size_t len;

	if (!wanted)
		return 0;
	mutex_lock(&note->lock);
	len = min_t(size_t, wanted, NOTE_MAX - note->len);
	if (!len) {
		ret = -ENOSPC;
		goto unlock;
	}
	len -= copy_from_user(note->text + note->len, from, len);
	if (!len) {
		ret = -EFAULT;
		goto unlock;
	}
	note->len += len;
	ret = len;
unlock:
	mutex_unlock(&note->lock);
	return ret;
}

static const struct file_operations note_fops = {
	.owner = THIS_MODULE,
	.open = note_open,
	.release = note_release,
	.read = note_read,
	.write = note_write,
};

static struct miscdevice note_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "note",
	.fops = &note_fops,
};
module_misc_device(note_device);

MODULE_AUTHOR("You");
MODULE_DESCRIPTION("A device whose files each hold a note");
MODULE_LICENSE("GPL");
