// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/floor: an empty misc device, whose reads and writes say that all was done.
 * What a call costs without any work is the floor below which no device can get.
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uio.h>

static ssize_t floor_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	return iov_iter_count(iter);
}

static int floor_open(struct inode *inode, struct file *file)
{
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static const struct file_operations floor_fops = {
	.owner = THIS_MODULE,
	.open = floor_open,
	.read_iter = floor_iter,
	.write_iter = floor_iter,
};

static struct miscdevice floor = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.fops = &floor_fops,
};
module_misc_device(floor);

MODULE_AUTHOR("The rust_sample authors");
MODULE_DESCRIPTION("An empty device, to measure what a call costs");
MODULE_LICENSE("GPL");
