// SPDX-License-Identifier: GPL-2.0
/*
 * Lesson 8 in C: a function around one of the kernel's.
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/* The most bytes in one line. */
#define BYTES_MAX 16

/* The memory for a line, and bytes behind it that must stay as they are. */
#define MEMORY 128
#define UNUSED 0xee

static unsigned int width = 64;
module_param(width, uint, 0);
MODULE_PARM_DESC(width, "The size of the memory for a line, 0 to 64 bytes");

/* An open file, and the bytes of the last write. */
struct open_file {
	struct mutex lock; /* protects len and bytes */
	size_t len;
	u8 bytes[BYTES_MAX];
};

/*
 * Writes bytes as hexadecimal numbers into a line of size bytes, and returns the length of the text,
 * which ends where the line is full. The two must not overlap.
 */
static size_t hex_line(const u8 *bytes, size_t len, char *line, size_t size)
{
	int wanted;

	/* The kernel's function has no text for a line without room for a NUL: it can return -1. */
	if (!size)
		return 0;
	wanted = hex_dump_to_buffer(bytes, len, BYTES_MAX, 1, line, size, false);
	/* If the text was cut, this is the length that it would have without that. */
	return min_t(size_t, wanted, size - 1);
}

static int hexline_open(struct inode *inode, struct file *file)
{
	struct open_file *open_file = kzalloc(sizeof(*open_file), GFP_KERNEL_ACCOUNT);

	if (!open_file)
		return -ENOMEM;
	mutex_init(&open_file->lock);
	file->private_data = open_file;
	return 0;
}

static int hexline_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* Returns the line, whatever the position. */
static ssize_t hexline_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct open_file *open_file = file->private_data;
	size_t len, room = min(width, 64);
	char memory[MEMORY];

	memset(memory, UNUSED, sizeof(memory));
	mutex_lock(&open_file->lock);
	len = hex_line(open_file->bytes, open_file->len, memory, room);
	mutex_unlock(&open_file->lock);
	if (memchr_inv(memory + room, UNUSED, sizeof(memory) - room)) {
		pr_err("memory behind the line was overwritten\n");
		return -EIO;
	}
	len = min(len, size);
	size = len - copy_to_user(to, memory, len);
	return len && !size ? -EFAULT : size;
}

/* Takes up to BYTES_MAX bytes. */
static ssize_t hexline_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct open_file *open_file = file->private_data;
	size_t len = min(size, BYTES_MAX);
	u8 bytes[BYTES_MAX];

	len -= copy_from_user(bytes, from, len);
	if (size && !len)
		return -EFAULT;
	mutex_lock(&open_file->lock);
	memcpy(open_file->bytes, bytes, len);
	open_file->len = len;
	mutex_unlock(&open_file->lock);
	return len;
}

static const struct file_operations hexline_fops = {
	.owner = THIS_MODULE,
	.open = hexline_open,
	.release = hexline_release,
	.read = hexline_read,
	.write = hexline_write,
};

static struct miscdevice hexline_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hexline",
	.fops = &hexline_fops,
};
module_misc_device(hexline_device);

MODULE_AUTHOR("You");
MODULE_DESCRIPTION("A device that shows bytes as hexadecimal numbers");
MODULE_LICENSE("GPL");
