// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of mapped FIFOs, for all capacities, and all values that programs can store as
 * positions. tests/host/cbmc states the rules for // comments, and ring.c what is not modelled.
 */
#include "ring.c"

/* A word that programs can change at any moment: each load has a value of its own. */
static __u64 load(void)
{
	__u64 any;

	return any;
}

/* What the kernel has loaded last as the position of its own end, and has stored as such. */
static __u64 loaded, stored;

static __u64 load_own(void)
{
	return loaded = load();
}

/* fifo/mapped.rs distance */
// fn distance(later: u64, earlier: u64, limit: usize) -> usize {
static size_t distance(__u64 later, __u64 earlier, size_t limit)
{
	// usize::try_from(later.wrapping_sub(earlier)).map_or(limit, |bytes| bytes.min(limit))
	return later - earlier > ~(size_t)0 ? limit : min(later - earlier, limit);
	// mapped-unlimited for putin: return later - earlier;
	// mapped-unlimited for takeout: return later - earlier;
	// mapped-unlimited for count: return later - earlier;
	// wrong for putin: return later < earlier ? 0 : later - earlier;
}

/* fifo/mapped.rs at */
// fn at(&self, offset: usize) -> usize {
static size_t data_at(size_t offset)
{
	// DATA.wrapping_add(offset)
	return 2 * page_size + offset;
	// wrong for place: return page_size + offset;
}

/* kernel_ext/mapping.rs at */
// fn at(&self, offset: usize) -> *mut u8 {
static size_t byte_at(size_t pages, size_t offset)
{
	// let offset = if offset < self.len { offset } else { 0 };
	return offset < pages ? offset : 0;
	// wrong for bytes: return offset;
	// self.memory.as_ptr().cast_mut().wrapping_add(offset)
}

/* kernel_ext/mapping.rs copy_from */
// pub(crate) fn copy_from(
// &self,
// offset: usize,
// len: usize,
// iov: &mut IovIterSource<'_>,
// ) -> usize {
static struct run copy_from(size_t pages, size_t offset, size_t len)
{
	// let len = len.min(self.len.saturating_sub(offset));
	len = min(len, offset < pages ? pages - offset : 0);
	// wrong for bytes: len = min(len, pages - offset);
	// wrong for bytes: len = min(len, pages);
	// unsafe { bindings::_copy_from_iter(self.at(offset).cast(), len, iov.as_raw()) }
	return (struct run){ byte_at(pages, offset), len };
}

/* kernel_ext/mapping.rs copy_to */
// pub(crate) fn copy_to(&self, offset: usize, len: usize, iov: &mut IovIterDest<'_>) -> usize {
static struct run copy_to(size_t pages, size_t offset, size_t len)
{
	// let len = len.min(self.len.saturating_sub(offset));
	len = min(len, offset < pages ? pages - offset : 0);
	// wrong for bytes: len = min(len, pages - offset);
	// unsafe { bindings::_copy_to_iter(self.at(offset).cast(), len, iov.as_raw()) }
	return (struct run){ byte_at(pages, offset), len };
}

/* fifo/mapped.rs len */
// pub(super) fn len(&self) -> usize {
static size_t mapped_len(const struct buffer *self)
{
	// let tail = self.tail.position.load(Acquire);
	__u64 tail = load();

	// distance(self.head.position.load(Acquire), tail, self.capacity)
	return distance(load(), tail, self->capacity);
	// mapped-read-twice for count: return load() - tail > self->capacity ? self->capacity : load() - tail;
}

/* fifo/mapped.rs available */
// pub(super) fn available(&self, side: Side) -> usize {
static size_t available(const struct buffer *self, bool reads)
{
	// match side {
	// Side::Read => self.len(),
	// Side::Write => self.capacity.wrapping_sub(self.len()),
	return reads ? mapped_len(self) : self->capacity - mapped_len(self);
}

/* fifo/mapped.rs publish */
// fn publish(&self, side: Side, position: u64, bytes: usize) {
static void publish(__u64 position, size_t bytes)
{
	stored = position;
	// if bytes != 0 {
	// let position = position.wrapping_add(bytes as u64);
	// self.control(side).position.store(position, Release);
	if (bytes != 0)
		stored = position + bytes;
	// smp_mb(Full);
}

/* fifo/mapped.rs push_from */
// pub(super) fn push_from(
// &self,
// iov: &mut IovIterSource<'_>,
// amount: Amount,
// unit: CopyUnit,
// ) -> CopyOutcome {
static struct outcome put_in(const struct buffer *self, struct iov *iov, enum amounts amount,
			     enum units unit)
{
	// let _producer = self.producer.lock();
	// let _pagefault_disabled = PagefaultDisabled::new();
	// let head = self.head.position.load(Relaxed);
	__u64 head = load_own();
	// let used = distance(head, self.tail.position.load(Acquire), self.capacity);
	size_t used = distance(head, load(), self->capacity);

	CHECK(used <= self->capacity);
	// let room = self.capacity.wrapping_sub(used);
	size_t room = self->capacity - used;
	// wrong for putin: size_t room = self->capacity;
	// let mut wanted = iov.len();
	size_t wanted = iov->len;

	// if room < wanted {
	if (room < wanted) {
		// if amount == Amount::Whole || room == 0 {
		if (amount == WHOLE || room == 0)
			// return CopyOutcome::NOTHING;
			return (struct outcome){ 0, 0 };
		// wanted = room;
		wanted = room;
		// wrong for putin: wanted = self->capacity;
	}
	// wanted = unit.limit_total(wanted);
	wanted = limit_total(unit, wanted);
	begin_copy(iov, head, wanted, self->capacity - used);
	// let copied = self.copy_runs(head, wanted, unit, |offset, run| {
	// self.pages.copy_from(offset, run, iov)
	size_t copied = copy_runs(self, head, wanted, unit, iov);
	// wrong for putin: size_t copied = copy_runs(self, load(), wanted, unit, iov);
	// let revert = |bytes| unsafe { iov.revert(bytes) };
	// let outcome = CopyOutcome::new(wanted, copied, amount, revert);
	struct outcome result = outcome(wanted, copied, amount, iov);
	// self.publish(Side::Write, head, outcome.copied);
	publish(head, result.copied);
	// wrong for putin: publish(load(), result.copied);
	// wrong for putin: publish(head, wanted);
	// outcome
	return result;
}

/* fifo/mapped.rs pop_into */
// pub(super) fn pop_into(
// &self,
// iov: &mut IovIterDest<'_>,
// amount: Amount,
// unit: CopyUnit,
// ) -> CopyOutcome {
static struct outcome take_out(const struct buffer *self, struct iov *iov, enum amounts amount,
			       enum units unit)
{
	// let _consumer = self.consumer.lock();
	// let _pagefault_disabled = PagefaultDisabled::new();
	// let tail = self.tail.position.load(Relaxed);
	__u64 tail = load_own();
	// let used = distance(self.head.position.load(Acquire), tail, self.capacity);
	size_t used = distance(load(), tail, self->capacity);

	CHECK(used <= self->capacity);
	// let wanted = unit.limit_total(used.min(iov.len()));
	size_t wanted = limit_total(unit, min(used, iov->len));
	// wrong for takeout: size_t wanted = limit_total(unit, iov->len);

	// if wanted == 0 {
	if (wanted == 0)
		// return CopyOutcome::NOTHING;
		return (struct outcome){ 0, 0 };
	begin_copy(iov, tail, wanted, used);
	// let copied = self.copy_runs(tail, wanted, unit, |offset, run| {
	// self.pages.copy_to(offset, run, iov)
	size_t copied = copy_runs(self, tail, wanted, unit, iov);
	// wrong for takeout: size_t copied = copy_runs(self, load(), wanted, unit, iov);
	// let revert = |bytes| unsafe { iov.revert(bytes) };
	// let outcome = CopyOutcome::new(wanted, copied, amount, revert);
	struct outcome result = outcome(wanted, copied, amount, iov);
	// self.publish(Side::Read, tail, outcome.copied);
	publish(tail, result.copied);
	// wrong for takeout: publish(tail, wanted);
	// outcome
	return result;
}

/* fifo/mapped.rs clear */
// pub(super) fn clear(&self) -> usize {
static size_t clear(const struct buffer *self)
{
	// let _consumer = self.consumer.lock();
	// let tail = self.tail.position.load(Relaxed);
	__u64 tail = load_own();
	// let len = distance(self.head.position.load(Acquire), tail, self.capacity);
	size_t len = distance(load(), tail, self->capacity);
	// wrong for count: size_t len = load() - tail;

	// self.publish(Side::Read, tail, len);
	publish(tail, len);
	// let cleared = self.cleared.load(Relaxed).wrapping_add(len as u64);
	// self.cleared.store(cleared, Release);
	// len
	return len;
}

/* As NEW_FIFO creates it: the capacity is a multiple of a page. */
static bool is_mapped(const struct buffer *buffer, size_t size)
{
	page_size = size;
	return is_buffer(buffer) && is_power_of_two(size) && size >= 4096 && size <= 65536 &&
	       buffer->capacity >= size;
}

/* Whatever positions programs store, all copies lie in the ring, and move just as many bytes. */
void prove_putin(struct buffer buffer, struct iov iov, enum amounts amount, enum units unit,
		 size_t size)
{
	struct outcome result;

	iov.wanted = iov.left = 0;
	__CPROVER_assume(is_mapped(&buffer, size) && (amount == WHOLE || amount == PART) &&
			 (unit == RUN || unit == BYTE));
	result = put_in(&buffer, &iov, amount, unit);
	if (iov.wanted)
		prove_copy(&iov, amount, unit, result, stored - loaded);
}

void prove_takeout(struct buffer buffer, struct iov iov, enum amounts amount, enum units unit,
		   size_t size)
{
	struct outcome result;

	iov.wanted = iov.left = 0;
	__CPROVER_assume(is_mapped(&buffer, size) && (amount == WHOLE || amount == PART) &&
			 (unit == RUN || unit == BYTE));
	result = take_out(&buffer, &iov, amount, unit);
	if (iov.wanted)
		prove_copy(&iov, amount, unit, result, stored - loaded);
}

void prove_count(struct buffer buffer, size_t size, bool reads)
{
	__CPROVER_assume(is_mapped(&buffer, size));
	CHECK(available(&buffer, reads) <= buffer.capacity);
	CHECK(clear(&buffer) <= buffer.capacity);
}

static void check_copy(struct run copy, struct run run)
{
	CHECK(copy.len == run.len && copy.start == 2 * page_size + run.start);
}

/* A run of the ring, see check_run(), lies behind the control pages, and is copied in whole. */
void prove_place(struct buffer buffer, size_t size, struct run run)
{
	size_t pages;

	__CPROVER_assume(is_mapped(&buffer, size));
	__CPROVER_assume(run.start < buffer.capacity && run.len <= buffer.capacity - run.start);
	pages = 2 * page_size + buffer.capacity;
	check_copy(copy_from(pages, data_at(run.start), run.len), run);
	check_copy(copy_to(pages, data_at(run.start), run.len), run);
}

/* Whatever a driver asks for, a copy lies within the pages. */
void prove_bytes(size_t pages, size_t offset, size_t len)
{
	struct run from = copy_from(pages, offset, len), to = copy_to(pages, offset, len);

	__CPROVER_assume(pages);
	CHECK(from.start < pages && from.len <= pages - from.start);
	CHECK(to.start < pages && to.len <= pages - to.start);
}
