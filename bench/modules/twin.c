// SPDX-License-Identifier: GPL-2.0
/*
 * The twin of rust_sample in C: the same device by the same algorithm, with the
 * interface of rust_sample.h, to measure what Rust costs. It passes the tests of
 * rust_sample, as its node has the name that the parameter `name` gives.
 *
 * A FIFO that the kernel keeps, as fifo(7) and pipe(7) have it. The bytes are in a
 * ring. Each of its two ends has a mutex of its own, so that a reader and a writer
 * copy at the same time; neither is held during a page fault or while its holder
 * sleeps.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <asm/ioctls.h>

#include "rust_sample.h"

#define MIN_CAPACITY ((size_t)PIPE_BUF) /* an atomic write has to fit */
#define MAX_CAPACITY ((size_t)1 << 30) /* the largest power of two that kvmalloc() takes */
#define RETRIES 100 /* tries without progress before one copies byte by byte */

/*
 * The kernel crate calls what copy_to_iter() and copy_from_iter() call after their
 * checks. twin_checked.c has the twin with them.
 */
#ifdef TWIN_CHECKED
#define copy_out copy_to_iter
#define copy_in copy_from_iter
#else
#define copy_out _copy_to_iter
#define copy_in _copy_from_iter
#endif

/*
 * The tasks that wait for one side. Pollers have a queue of their own, so that an exclusive
 * one of them does not take a sleeper's wake-up.
 */
struct waiters {
	wait_queue_head_t sleepers; /* exclusive, so that a wake-up goes to one */
	wait_queue_head_t pollers;
	struct fasync_struct *fasync; /* under fifo->fasync_lock */
};

/*
 * The byte at position p lies at p % capacity. Those from tail to head, which wrap,
 * are the reader's, the others the writer's: each moves its own position, with
 * release, and looks at the other's with acquire.
 *
 * Lock order: write_lock, read_lock.
 */
struct fifo {
	u64 head ____cacheline_aligned_in_smp; /* bytes ever put in; under write_lock */
	struct mutex write_lock;
	u64 tail ____cacheline_aligned_in_smp; /* bytes ever taken out or cleared; read_lock */
	struct mutex read_lock;
	u64 cleared; /* bytes ever cleared; read_lock */

	size_t capacity ____cacheline_aligned_in_smp; /* of buffer; both change under both locks */
	u8 *buffer;
	size_t max_capacity;
	atomic_t readers; /* files open for reading */
	atomic_t writers; /* files open for writing */
	atomic64_t writers_ever; /* files ever opened for writing */
	struct waiters reading; /* for bytes, or the end of file */
	struct waiters writing; /* all for room for PIPE_BUF */
	struct mutex fasync_lock; /* a file is in both of its lists, or in none */
	struct miscdevice misc;
};

/* An open file. */
struct fifo_file {
	struct fifo *fifo;
	u64 unseen_since; /* writers_ever at its open */
	bool seen; /* it had seen a writer by then */
	bool opened_nonblock;
};

static struct fifo *fifo;

/* Exact for who holds both locks, for others what it was at some moment. */
static size_t fifo_len(const struct fifo *f)
{
	u64 tail, head;

	/* The tail first: it is then never ahead of the head. */
	tail = smp_load_acquire(&f->tail);
	/* Who sees bytes by this may read them. */
	head = smp_load_acquire(&f->head);

	return min(head - tail, READ_ONCE(f->capacity));
}

static bool has_room(const struct fifo *f)
{
	return fifo_len(f) + PIPE_BUF <= READ_ONCE(f->capacity);
}

/*
 * A waker first makes the condition true, then calls these. A waiter first enters the queue, then
 * checks the condition. A full barrier between the two steps on each side, here that of
 * wq_has_sleeper(), guarantees that at least one of them sees the other.
 */
static void wake_sleeper(struct waiters *w)
{
	if (wq_has_sleeper(&w->sleepers))
		wake_up_interruptible(&w->sleepers);
}

static void wake_one(struct waiters *w, __poll_t events)
{
	wake_sleeper(w);
	/* After its barrier. */
	if (waitqueue_active(&w->pollers))
		wake_up_poll(&w->pollers, events);
}

static void wake_all(struct waiters *w)
{
	if (wq_has_sleeper(&w->sleepers))
		wake_up_interruptible_all(&w->sleepers);
	/* After the barrier above. */
	if (waitqueue_active(&w->pollers))
		wake_up_all(&w->pollers);
}

static void made_bytes(struct fifo *f)
{
	wake_one(&f->reading, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&f->reading.fasync, SIGIO, POLL_IN);
}

static void made_room(struct fifo *f)
{
	if (has_room(f))
		wake_one(&f->writing, EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&f->writing.fasync, SIGIO, POLL_OUT);
}

/* A task that was woken calls these when it leaves: if the condition still holds, wake the next. */
static void hand_on_bytes(struct fifo *f)
{
	if (fifo_len(f))
		wake_sleeper(&f->reading);
}

static void hand_on_room(struct fifo *f)
{
	if (has_room(f))
		wake_sleeper(&f->writing);
}

/*
 * Puts in as many bytes as fit, if @whole all or none, and returns their number. @missing is the
 * number of further bytes that a missing page kept out. If @bytewise, copies single bytes, at most
 * one page.
 */
static size_t fifo_push(struct fifo *f, struct iov_iter *from, bool whole, bool bytewise,
			size_t *missing)
{
	size_t len = iov_iter_count(from), room, offset, run, copied, done = 0;

	guard(mutex)(&f->write_lock);
	*missing = 0;
	/* The reader no longer uses the bytes before the tail. */
	room = f->capacity - (f->head - smp_load_acquire(&f->tail));
	if (!room || (whole && room < len))
		return 0;
	len = min3(len, room, bytewise ? PAGE_SIZE : SIZE_MAX);

	pagefault_disable();
	do {
		offset = (f->head + done) & (f->capacity - 1);
		run = min3(len - done, f->capacity - offset, bytewise ? 1 : SIZE_MAX);
		copied = copy_in(f->buffer + offset, run, from);
		done += copied;
	} while (copied == run && done < len);
	pagefault_enable();

	*missing = len - done;
	if (whole && *missing) {
		iov_iter_revert(from, done);
		*missing = len;
		return 0;
	}
	/* Who sees the new head sees the bytes. */
	smp_store_release(&f->head, f->head + done);
	return done;
}

/* The same the other way. */
static size_t fifo_pop(struct fifo *f, struct iov_iter *to, bool whole, bool bytewise,
		       size_t *missing)
{
	size_t len = iov_iter_count(to), there, offset, run, copied, done = 0;

	guard(mutex)(&f->read_lock);
	*missing = 0;
	/* The bytes up to the head can be seen. */
	there = smp_load_acquire(&f->head) - f->tail;
	if (!there)
		return 0;
	len = min3(len, there, bytewise ? PAGE_SIZE : SIZE_MAX);

	pagefault_disable();
	do {
		offset = (f->tail + done) & (f->capacity - 1);
		run = min3(len - done, f->capacity - offset, bytewise ? 1 : SIZE_MAX);
		copied = copy_out(f->buffer + offset, run, to);
		done += copied;
	} while (copied == run && done < len);
	pagefault_enable();

	*missing = len - done;
	if (whole && *missing) {
		iov_iter_revert(to, done);
		*missing = len;
		return 0;
	}
	/* The writer may overwrite them only after they were read. */
	smp_store_release(&f->tail, f->tail + done);
	return done;
}

/*
 * Whether to retry a copy of @done bytes that met a page, which was faulted in if
 * @came. @failures counts the tries in a row that copied nothing: a page may be gone
 * again, or be present and still not be copied from or to.
 */
static int may_retry(size_t done, bool came, unsigned int *failures)
{
	if (!came || (!done && *failures == RETRIES))
		return -EFAULT;
	if (!done && *failures && signal_pending(current))
		return -ERESTARTSYS;
	*failures = done ? 0 : *failures + 1;
	return 0;
}

/* Puts in as many bytes as fit. Waits for pages, not for room. */
static int fifo_put(struct fifo *f, struct iov_iter *from, bool whole)
{
	size_t done, missing, came;
	unsigned int failures = 0;
	int ret;

	do {
		done = fifo_push(f, from, whole, failures == RETRIES, &missing);
		if (done)
			made_bytes(f);
		if (!missing)
			return 0;
		/* The page may take long: others may have the room. */
		hand_on_room(f);
		came = missing - fault_in_iov_iter_readable(from, missing);
		ret = may_retry(done, whole ? came == missing : came, &failures);
	} while (!ret);
	return ret;
}

/*
 * Takes out the bytes that are there, in one step even if pages are missing at first, so that
 * readers of equal-sized records get whole ones. Takes them part by part only if an address is bad
 * or pages vanish again and again.
 */
static ssize_t fifo_take(struct fifo *f, struct iov_iter *to)
{
	size_t done, missing, came, total = 0;
	unsigned int failures = 0;
	bool whole = true;
	int ret;

	do {
		done = fifo_pop(f, to, whole, failures == RETRIES, &missing);
		total += done;
		if (done)
			made_room(f);
		if (!missing)
			return total;
		/* The page may take long: others may have the bytes. */
		hand_on_bytes(f);
		came = missing - fault_in_iov_iter_writeable(to, missing);
		whole = whole && came == missing && failures < RETRIES / 2;
		ret = may_retry(done, came, &failures);
	} while (!ret);
	return total ? total : ret;
}

static bool has_no_writer(struct fifo *f)
{
	return !atomic_read_acquire(&f->writers);
}

/*
 * No writer has the FIFO open, and this file has seen one. In this order, see
 * fifo_open(): a first writer that comes in between is still there.
 */
static bool has_hung_up(const struct fifo_file *ff)
{
	struct fifo *f = ff->fifo;

	return (atomic64_read_acquire(&f->writers_ever) != ff->unseen_since || ff->seen) &&
	       has_no_writer(f);
}

/* The end of file once no bytes are left. */
static bool at_end(const struct fifo_file *ff)
{
	return (ff->opened_nonblock && has_no_writer(ff->fifo)) || has_hung_up(ff);
}

static int sleep_for_bytes(struct fifo_file *ff)
{
	struct fifo *f = ff->fifo;

	return wait_event_interruptible_exclusive(f->reading.sleepers, fifo_len(f) || at_end(ff));
}

static int sleep_for_room(struct fifo *f)
{
	return wait_event_interruptible_exclusive(f->writing.sleepers, has_room(f));
}

static bool is_nonblock(const struct file *file)
{
	return READ_ONCE(file->f_flags) & O_NONBLOCK;
}

/*
 * A synchronous call with pages is a splice, which holds the lock of a pipe: it waits
 * in fifo_splice_read() and fifo_splice_write() instead.
 */
static bool is_nowait(struct kiocb *iocb, const struct iov_iter *iter)
{
	return is_nonblock(iocb->ki_filp) || iocb->ki_flags & IOCB_NOWAIT ||
	       (is_sync_kiocb(iocb) && iov_iter_is_bvec(iter));
}

static ssize_t fifo_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct fifo_file *ff = iocb->ki_filp->private_data;
	bool end, slept = false;
	struct fifo *f = ff->fifo;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	for (;;) {
		ret = fifo_take(f, to);
		if (ret)
			break;
		/*
		 * The writers first and the bytes again after that: those of a write and a
		 * close in between come before the end of file.
		 */
		end = at_end(ff);
		if (fifo_len(f))
			continue;
		if (end)
			break;
		if (is_nowait(iocb, to)) {
			ret = -EAGAIN;
			break;
		}
		slept = true;
		ret = sleep_for_bytes(ff);
		if (ret)
			break;
	}
	if (slept)
		hand_on_bytes(f);
	return ret;
}

static ssize_t fifo_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct fifo_file *ff = iocb->ki_filp->private_data;
	size_t len = iov_iter_count(from);
	struct fifo *f = ff->fifo;
	bool slept = false;
	ssize_t ret;

	for (;;) {
		ret = fifo_put(f, from, len <= PIPE_BUF);
		if (ret || !iov_iter_count(from))
			break;
		if (is_nowait(iocb, from)) {
			ret = -EAGAIN;
			break;
		}
		slept = true;
		ret = sleep_for_room(f);
		if (ret)
			break;
	}
	if (slept)
		hand_on_room(f);
	len -= iov_iter_count(from);
	return len ? len : ret;
}

static bool splice_may_wait(struct file *file, unsigned int flags)
{
	return !(flags & SPLICE_F_NONBLOCK || is_nonblock(file));
}

/*
 * Called with the lock of @pipe, which is unlocked while this waits. Then the pipe may
 * have lost its last reader or its last free slot, and copy_splice_read() would lose
 * the bytes: splice(2) checks both only before it calls.
 */
static ssize_t fifo_splice_read(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
				size_t len, unsigned int flags)
{
	struct fifo_file *ff = file->private_data;
	bool slept = false;
	ssize_t ret;

	for (;;) {
		ret = copy_splice_read(file, pos, pipe, len, flags);
		if (ret != -EAGAIN || !splice_may_wait(file, flags))
			break;
		slept = true;
		pipe_unlock(pipe);
		ret = sleep_for_bytes(ff);
		pipe_lock(pipe);
		if (ret)
			break;
		if (!pipe->readers) {
			send_sig(SIGPIPE, current, 0);
			ret = -EPIPE;
			break;
		}
		if (pipe_is_full(pipe)) {
			ret = -EAGAIN;
			break;
		}
	}
	if (slept)
		hand_on_bytes(ff->fifo);
	return ret;
}

static ssize_t fifo_splice_write(struct pipe_inode_info *pipe, struct file *file, loff_t *pos,
				 size_t len, unsigned int flags)
{
	struct fifo_file *ff = file->private_data;
	bool slept = false;
	ssize_t ret;

	for (;;) {
		ret = iter_file_splice_write(pipe, file, pos, len, flags);
		if (ret != -EAGAIN || !splice_may_wait(file, flags))
			break;
		slept = true;
		ret = sleep_for_room(ff->fifo);
		if (ret)
			break;
	}
	if (slept)
		hand_on_room(ff->fifo);
	return ret;
}

/* As for a FIFO: a stream has no page cache. */
static int fifo_fadvise(struct file *file, loff_t offset, loff_t len, int advice)
{
	return -ESPIPE;
}

static __poll_t fifo_poll(struct file *file, poll_table *wait)
{
	struct fifo_file *ff = file->private_data;
	struct fifo *f = ff->fifo;
	__poll_t events = 0;

	if (file->f_mode & FMODE_READ) {
		poll_wait(file, &f->reading.pollers, wait);
		/* The writers first: the bytes of the last writer come before the end of file. */
		if (has_hung_up(ff))
			events |= EPOLLHUP;
		if (fifo_len(f))
			events |= EPOLLIN | EPOLLRDNORM;
	}
	if (file->f_mode & FMODE_WRITE) {
		poll_wait(file, &f->writing.pollers, wait);
		if (has_room(f))
			events |= EPOLLOUT | EPOLLWRNORM;
	}
	return events;
}

/* With the barrier that the caller needs before it checks the device, see wake_sleeper(). */
static int fifo_fasync_helper(int fd, struct file *file, int on, struct fasync_struct **queue)
{
	int ret = fasync_helper(fd, file, on, queue);

	/* See above. */
	smp_mb();
	return ret;
}

static int fifo_fasync(int fd, struct file *file, int on)
{
	struct fifo_file *ff = file->private_data;
	struct fifo *f = ff->fifo;
	int entered = 0, ret;

	guard(mutex)(&f->fasync_lock);
	if (file->f_mode & FMODE_READ) {
		entered = fifo_fasync_helper(fd, file, on, &f->reading.fasync);
		if (entered < 0)
			return entered;
	}
	if (!(file->f_mode & FMODE_WRITE))
		return entered;
	ret = fifo_fasync_helper(fd, file, on, &f->writing.fasync);
	if (ret < 0 && entered > 0)
		fasync_helper(-1, file, 0, &f->reading.fasync);
	return ret;
}

static void fifo_clear(struct fifo *f)
{
	u64 len;

	mutex_lock(&f->read_lock);
	/* As fifo_pop() does. */
	len = smp_load_acquire(&f->head) - f->tail;
	/* The tail before what was cleared, see fifo_info(). */
	smp_store_release(&f->tail, f->tail + len);
	/* In this order. */
	smp_store_release(&f->cleared, f->cleared + len);
	mutex_unlock(&f->read_lock);
	if (len)
		made_room(f);
}

static u8 *alloc_buffer(size_t capacity)
{
	return kvmalloc(capacity, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

/* Copies what is in the FIFO to its place in a buffer of another capacity. */
static void fifo_copy(const struct fifo *f, u8 *buffer, size_t capacity)
{
	u64 pos;
	size_t from, to, run;

	for (pos = f->tail; pos != f->head; pos += run) {
		from = pos & (f->capacity - 1);
		to = pos & (capacity - 1);
		run = min3(f->head - pos, f->capacity - from, capacity - to);
		memcpy(buffer + to, f->buffer + from, run);
	}
}

static int fifo_set_capacity(struct fifo *f, size_t capacity)
{
	u8 *buffer = alloc_buffer(capacity);
	int ret = 0;

	if (!buffer)
		return -ENOMEM;
	mutex_lock(&f->write_lock);
	mutex_lock(&f->read_lock);
	if (fifo_len(f) <= capacity) {
		fifo_copy(f, buffer, capacity);
		swap(f->buffer, buffer);
		WRITE_ONCE(f->capacity, capacity);
	} else {
		ret = -EBUSY;
	}
	mutex_unlock(&f->read_lock);
	mutex_unlock(&f->write_lock);
	kvfree(buffer);
	if (ret)
		return ret;
	wake_all(&f->reading);
	wake_all(&f->writing);
	return 0;
}

/* A power of two, or 0 for nonsense. */
static size_t round_capacity(u64 bytes)
{
	if (!bytes || bytes > MAX_CAPACITY)
		return 0;
	return max(roundup_pow_of_two(bytes), MIN_CAPACITY);
}

static void fifo_info(struct fifo *f, struct rust_sample_info *info)
{
	info->capacity = READ_ONCE(f->capacity);
	info->used = fifo_len(f);
	info->readers = atomic_read(&f->readers);
	info->writers = atomic_read(&f->writers);
	info->total_in = READ_ONCE(f->head);
	/* In this order: the tail is never behind what was cleared. */
	info->total_cleared = smp_load_acquire(&f->cleared);
	info->total_out = READ_ONCE(f->tail) - info->total_cleared;
}

/* Fills a struct of the caller's of any size: what fits whole, and zeroes. */
static long get_info(struct fifo *f, void __user *to, size_t size)
{
	struct rust_sample_info info;
	size_t known = min(round_down(size, sizeof(u64)), sizeof(info));

	fifo_info(f, &info);
	if (copy_to_user(to, &info, known) || clear_user(to + known, size - known))
		return -EFAULT;
	return 0;
}

static long set_capacity(struct fifo *f, const u64 __user *from)
{
	size_t capacity;
	u64 bytes;

	if (copy_from_user(&bytes, from, sizeof(bytes)))
		return -EFAULT;
	capacity = round_capacity(bytes);
	if (!capacity)
		return -EINVAL;
	if (capacity > READ_ONCE(f->capacity) && capacity > f->max_capacity &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return fifo_set_capacity(f, capacity);
}

static long fifo_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct fifo_file *ff = file->private_data;
	void __user *user = (void __user *)arg;
	struct fifo *f = ff->fifo;

	switch (cmd) {
	case FIONREAD:
		return put_user(min(fifo_len(f), INT_MAX), (int __user *)user);
	case RUST_SAMPLE_IOC_SET_CAPACITY:
		if (!(file->f_mode & FMODE_WRITE))
			return -EBADF;
		return set_capacity(f, user);
	case RUST_SAMPLE_IOC_CLEAR:
		if (!(file->f_mode & FMODE_WRITE))
			return -EBADF;
		fifo_clear(f);
		return 0;
	}
	/* The struct may grow. */
	if ((cmd & ~IOCSIZE_MASK) == (RUST_SAMPLE_IOC_GET_INFO & ~IOCSIZE_MASK))
		return get_info(f, user, _IOC_SIZE(cmd));
	return -ENOTTY;
}

static void fifo_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct fifo_file *ff = file->private_data;
	struct rust_sample_info info;

	fifo_info(ff->fifo, &info);
	seq_printf(m, "capacity:\t%llu\n", info.capacity);
	seq_printf(m, "used:\t%llu\n", info.used);
	seq_printf(m, "readers:\t%llu\n", info.readers);
	seq_printf(m, "writers:\t%llu\n", info.writers);
	seq_printf(m, "total_in:\t%llu\n", info.total_in);
	seq_printf(m, "total_out:\t%llu\n", info.total_out);
	seq_printf(m, "total_cleared:\t%llu\n", info.total_cleared);
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct fifo *f = container_of(file->private_data, struct fifo, misc);
	struct fifo_file *ff;

	/* Refused after this call otherwise, when a writer would have been seen. */
	if (file->f_flags & O_DIRECT || (file->f_flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	ff = kmalloc_obj(*ff, GFP_KERNEL_ACCOUNT);
	if (!ff)
		return -ENOMEM;
	ff->fifo = f;
	ff->opened_nonblock = file->f_flags & O_NONBLOCK;
	/* The writer first: a file that is both has seen one. */
	if (file->f_mode & FMODE_WRITE) {
		atomic_inc(&f->writers);
		/* Who sees the second, see at_end(), sees the first. */
		smp_mb__after_atomic();
		atomic64_inc(&f->writers_ever);
	}
	if (file->f_mode & FMODE_READ) {
		atomic_inc(&f->readers);
		/* In this order: a writer who opens and closes meanwhile changes the count. */
		ff->unseen_since = atomic64_read_acquire(&f->writers_ever);
		ff->seen = atomic_read_acquire(&f->writers) ||
			   (!ff->opened_nonblock && fifo_len(f));
	}
	file->private_data = ff;
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static int fifo_release(struct inode *inode, struct file *file)
{
	struct fifo_file *ff = file->private_data;
	struct fifo *f = ff->fifo;

	if (file->f_mode & FMODE_READ)
		atomic_dec(&f->readers);
	/* The end of file is for each reader to see. */
	if (file->f_mode & FMODE_WRITE && atomic_dec_and_test(&f->writers)) {
		wake_all(&f->reading);
		kill_fasync(&f->reading.fasync, SIGIO, POLL_IN);
	}
	kfree(ff);
	return 0;
}

static const struct file_operations fifo_fops = {
	.owner = THIS_MODULE,
	.open = fifo_open,
	.release = fifo_release,
	.read_iter = fifo_read_iter,
	.write_iter = fifo_write_iter,
	.splice_read = fifo_splice_read,
	.splice_write = fifo_splice_write,
	.poll = fifo_poll,
	.fadvise = fifo_fadvise,
	.fasync = fifo_fasync,
	.unlocked_ioctl = fifo_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = fifo_show_fdinfo,
};

static void waiters_init(struct waiters *w)
{
	init_waitqueue_head(&w->sleepers);
	init_waitqueue_head(&w->pollers);
}

static struct fifo *fifo_new(size_t capacity, size_t max_capacity)
{
	struct fifo *f = kzalloc_obj(*f);

	if (!f)
		return NULL;
	f->buffer = alloc_buffer(capacity);
	if (!f->buffer) {
		kfree(f);
		return NULL;
	}
	f->capacity = capacity;
	f->max_capacity = max_capacity;
	mutex_init(&f->write_lock);
	mutex_init(&f->read_lock);
	mutex_init(&f->fasync_lock);
	waiters_init(&f->reading);
	waiters_init(&f->writing);
	/* So that lockdep knows the order, also where the two never meet. */
	if (IS_ENABLED(CONFIG_PROVE_LOCKING)) {
		mutex_lock(&f->write_lock);
		might_lock(&f->read_lock);
		mutex_unlock(&f->write_lock);
	}
	return f;
}

static void fifo_free(struct fifo *f)
{
	kvfree(f->buffer);
	kfree(f);
}

static char *name = KBUILD_MODNAME;
module_param(name, charp, 0);
MODULE_PARM_DESC(name, "Name of the node in /dev");

static unsigned long long capacity = 65536;
module_param(capacity, ullong, 0);
MODULE_PARM_DESC(capacity,
		 "Bytes that the FIFO holds, rounded up to a power of two, at least 4096");

static unsigned long long max_capacity = 1048576;
module_param(max_capacity, ullong, 0);
MODULE_PARM_DESC(max_capacity,
		 "Greatest capacity in bytes without CAP_SYS_RESOURCE, rounded likewise");

static size_t __init parameter(const char *which, u64 bytes)
{
	size_t rounded = round_capacity(bytes);

	if (!rounded)
		pr_err("%s=%llu is not from 1 to %zu bytes\n", which, bytes, MAX_CAPACITY);
	return rounded;
}

static int __init twin_init(void)
{
	size_t first, most;
	int ret;

	first = parameter("capacity", capacity);
	if (!first)
		return -EINVAL;
	most = parameter("max_capacity", max_capacity);
	if (!most)
		return -EINVAL;
	if (first > most) {
		pr_err("capacity=%llu is above max_capacity=%llu\n", capacity, max_capacity);
		return -EINVAL;
	}

	fifo = fifo_new(first, most);
	if (!fifo) {
		pr_err("no memory for a capacity of %zu bytes\n", first);
		return -ENOMEM;
	}
	fifo->misc.minor = MISC_DYNAMIC_MINOR;
	fifo->misc.name = name;
	fifo->misc.fops = &fifo_fops;
	ret = misc_register(&fifo->misc);
	if (ret) {
		fifo_free(fifo);
		return ret;
	}
	pr_info("loaded: capacity %zu bytes, at most %zu\n", first, most);
	return 0;
}

static void __exit twin_exit(void)
{
	struct rust_sample_info info;

	misc_deregister(&fifo->misc);
	fifo_info(fifo, &info);
	pr_info("unloaded: %llu bytes in, %llu out, %llu cleared, %llu left\n", info.total_in,
		info.total_out, info.total_cleared, info.used);
	fifo_free(fifo);
}

module_init(twin_init);
module_exit(twin_exit);
MODULE_AUTHOR("The rust_sample authors");
MODULE_DESCRIPTION("The twin of rust_sample, written in C");
MODULE_LICENSE("GPL");
