// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of the ring, for all positions, lengths and capacities. tests/host/cbmc states the
 * rules for // comments.
 *
 * Memory is not modelled, only offsets in it. A loop is proved by induction: its invariant holds at
 * first, and an iteration from any state in which it holds makes progress and ends with it.
 * Variables without a value, and the arguments of a proof, have any value.
 */
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define MIN_CAPACITY ((size_t)4096)
#define MAX_CAPACITY ((size_t)1 << 30)
#define CHECK(condition) __CPROVER_assert(condition, #condition)

enum amounts { WHOLE, PART };
enum units { RUN, BYTE };

struct buffer {
	size_t capacity;
};

struct run {
	size_t start;
	size_t len;
};

struct ring {
	__u64 head;
	__u64 tail;
	size_t capacity;
	size_t allocated;
	struct buffer buffer;
};

/* The caller's memory, and the bytes of the ring that it is copied to or from. */
struct iov {
	size_t len;
	/* The position in the ring of the next byte. */
	__u64 position;
	/* This number of bytes are wanted, still missing, and cannot be copied. */
	size_t wanted;
	size_t left;
	size_t bad;
};

struct outcome {
	size_t copied;
	size_t to_fault_in;
};

static size_t page_size;

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static bool is_power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

static size_t next_power_of_two(size_t n)
{
	size_t power;

	CHECK(n <= ~(size_t)0 / 2 + 1);
	__CPROVER_assume(is_power_of_two(power) && power >= n && power / 2 < max(n, 1));
	return power;
}

/* The type invariants. A ring without memory never held a byte. */
static bool is_buffer(const struct buffer *buffer)
{
	return !buffer->capacity ||
	       (is_power_of_two(buffer->capacity) && buffer->capacity <= MAX_CAPACITY);
}

static bool is_ring(const struct ring *ring)
{
	return is_buffer(&ring->buffer) && ring->allocated == ring->buffer.capacity &&
	       (!ring->capacity ||
		(is_power_of_two(ring->capacity) && ring->capacity >= MIN_CAPACITY)) &&
	       ring->capacity <= MAX_CAPACITY && ring->allocated <= ring->capacity &&
	       ring->head - ring->tail <= ring->allocated &&
	       (ring->allocated || (!ring->head && !ring->tail));
}

/* A run is within the buffer, and its bytes are at their places, see prove_places(). */
static void check_run(const struct buffer *buffer, struct run run, __u64 position)
{
	CHECK(run.start <= buffer->capacity && run.len <= buffer->capacity - run.start);
	CHECK(run.start == (position & (buffer->capacity - 1)) || !buffer->capacity);
}

/* An end copies `wanted` bytes, of which it must own as many. */
static void begin_copy(struct iov *iov, __u64 position, size_t wanted, size_t owned)
{
	CHECK(wanted <= owned && wanted <= iov->len);
	iov->position = position;
	iov->wanted = wanted;
	iov->left = wanted;
	__CPROVER_assume(iov->bad <= wanted);
}

static size_t copy(struct iov *iov, const struct buffer *buffer, struct run run)
{
	size_t copied = min(run.len, iov->left - iov->bad);

	check_run(buffer, run, iov->position);
	CHECK(run.len <= iov->left);
	iov->position += copied;
	iov->left -= copied;
	return copied;
}

/* kernel_ext/page_fault.rs limit_total */
// pub(crate) fn limit_total(self, wanted: usize) -> usize {
static size_t limit_total(enum units self, size_t wanted)
{
	// match self {
	switch (self) {
	// CopyUnit::Run => wanted,
	case RUN:
		return wanted;
	// CopyUnit::Byte => wanted.min(PAGE_SIZE),
	case BYTE:
		return min(wanted, page_size);
		// wrong for push: return max(wanted, page_size);
	}
}

/* kernel_ext/page_fault.rs limit_run */
// pub(crate) fn limit_run(self, len: usize) -> usize {
static size_t limit_run(enum units self, size_t len)
{
	// match self {
	switch (self) {
	// CopyUnit::Run => len,
	case RUN:
		return len;
	// CopyUnit::Byte => len.min(1),
	case BYTE:
		return min(len, 1);
		// wrong for push: return 1;
	}
}

/* fifo/buffer.rs contiguous */
// fn contiguous(&self, position: u64, len: usize) -> (Self::Place, usize) {
static struct run contiguous(const struct buffer *self, __u64 position, size_t len)
{
	// let offset = position as usize & self.capacity().wrapping_sub(1);
	size_t offset = (size_t)position & (self->capacity - 1);
	// wrong for replace: size_t offset = (size_t)position & self->capacity;
	// wrong for replace: size_t offset = (unsigned short)position & (self->capacity - 1);
	// self.at(offset),
	// len.min(self.capacity().wrapping_sub(offset)),
	struct run run = { offset, min(len, self->capacity - offset) };
	// off-by-one for replace: struct run run = { offset, min(len, self->capacity - offset + 1) };
	// wrong for replace: struct run run = { offset, min(len, self->capacity) };
	// wrong for replace: struct run run = { offset, len };

	return run;
}

/* fifo/buffer.rs copy_runs */
// fn copy_runs(
// &self,
// mut position: u64,
// len: usize,
// unit: CopyUnit,
// mut copy: impl FnMut(Self::Place, usize) -> usize,
// ) -> usize {
static size_t copy_runs(const struct buffer *self, __u64 position, size_t len, enum units unit,
			struct iov *iov)
{
	__u64 any_position;
	size_t any;
	// let mut left = len;
	size_t left = len;
	// wrong for pop: size_t left = len + 1;

#define INVARIANT                                                                           \
	(iov->position == position && iov->left == left && left <= len && (left || !len) && \
	 iov->bad <= left && (self->capacity || !position))
	CHECK(INVARIANT);
	position = any_position;
	left = any;
	iov->position = position;
	iov->left = left;
	__CPROVER_assume(INVARIANT);
	// loop {
	// let (start, run) = self.contiguous(position, unit.limit_run(left));
	struct run run = contiguous(self, position, limit_run(unit, left));
	// wrong for pop: struct run run = contiguous(self, position, limit_run(unit, len));
	// let copied = copy(start, run);
	size_t copied = copy(iov, self, run);
	// position = position.wrapping_add(copied as u64);
	position += copied;
	// left = left.wrapping_sub(copied);
	left -= copied;
	// wrong for pop: left -= run.len;
	// if left == 0 {
	if (left == 0)
		// return len;
		return len;
	// if copied < run {
	if (copied < run.len)
		// return len.wrapping_sub(left);
		return len - left;
	// wrong for pop: return left;
	CHECK(left < any);
	CHECK(INVARIANT);
#undef INVARIANT
	__CPROVER_assume(false);
}

/* fifo/outcome.rs new */
// pub(super) fn new(
// wanted: usize,
// copied: usize,
// amount: Amount,
// revert: impl FnOnce(usize),
// ) -> Self {
static struct outcome outcome(size_t wanted, size_t copied, enum amounts amount, struct iov *iov)
{
	// if copied == wanted {
	if (copied == wanted)
		// return Self {
		// copied,
		// to_fault_in: 0,
		return (struct outcome){ copied, 0 };
	// if amount == Amount::Part {
	if (amount == PART)
		// return Self {
		// copied,
		// to_fault_in: wanted.wrapping_sub(copied),
		return (struct outcome){ copied, wanted - copied };
	// revert(copied);
	CHECK(copied == iov->wanted - iov->left);
	iov->left = iov->wanted;
	// wrong for push: ;
	// Self {
	// copied: 0,
	// to_fault_in: wanted,
	return (struct outcome){ 0, wanted };
	// wrong for push: return (struct outcome){ copied, wanted };
}

/* fifo/ring/ends.rs push_from */
// pub(crate) fn push_from(
// &mut self,
// iov: &mut IovIterSource<'_>,
// amount: Amount,
// unit: CopyUnit,
// ) -> CopyOutcome {
static struct outcome push_from(struct ring *self, struct iov *iov, enum amounts amount,
				enum units unit)
{
	// let _pagefault_disabled = PagefaultDisabled::new();
	// let ring = self.ring;
	struct ring *ring = self;
	// let buffer = unsafe { ring.buffer() };
	const struct buffer *buffer = &ring->buffer;
	// let used = self.head.wrapping_sub(ring.tail.position.load(Acquire)) as usize;
	size_t used = self->head - ring->tail;
	// let room = buffer.capacity().wrapping_sub(used);
	size_t room = buffer->capacity - used;
	// wrong for push: size_t room = ring->capacity - used;
	// wrong for push: size_t room = buffer->capacity - used + 1;
	// let mut wanted = iov.len();
	size_t wanted = iov->len;

	// if room < wanted {
	if (room < wanted) {
		// let grows = buffer.capacity() < ring.capacity();
		bool grows = buffer->capacity < ring->capacity;

		// if amount == Amount::Whole || room == 0 || grows {
		if (amount == WHOLE || room == 0 || grows)
			// return CopyOutcome::NOTHING;
			return (struct outcome){ 0, 0 };
		// wanted = room;
		wanted = room;
		// wrong for push: wanted = ring->capacity;
	}
	// wanted = unit.limit_total(wanted);
	wanted = limit_total(unit, wanted);
	begin_copy(iov, self->head, wanted, room);
	// let copied = buffer.copy_runs(*self.head, wanted, unit, |start, run| {
	// let run = unsafe { slice::from_raw_parts_mut(start.cast::<MaybeUninit<u8>>(), run) };
	// iov.copy_from_iter_raw(run).len()
	size_t copied = copy_runs(buffer, self->head, wanted, unit, iov);
	// wrong for push: size_t copied = copy_runs(buffer, ring->tail, wanted, unit, iov);
	// let revert = |bytes| unsafe { iov.revert(bytes) };
	// let outcome = CopyOutcome::new(wanted, copied, amount, revert);
	struct outcome result = outcome(wanted, copied, amount, iov);
	// *self.head = self.head.wrapping_add(outcome.copied as u64);
	// ring.head.position.xchg(*self.head, Full);
	self->head += result.copied;
	// wrong for push: self->head += wanted;
	// outcome
	return result;
}

/* fifo/ring/ends.rs pop_into */
// pub(crate) fn pop_into(
// &mut self,
// iov: &mut IovIterDest<'_>,
// amount: Amount,
// unit: CopyUnit,
// ) -> CopyOutcome {
static struct outcome pop_into(struct ring *self, struct iov *iov, enum amounts amount,
			       enum units unit)
{
	// let _pagefault_disabled = PagefaultDisabled::new();
	// let ring = self.ring;
	struct ring *ring = self;
	// let buffer = unsafe { ring.buffer() };
	const struct buffer *buffer = &ring->buffer;
	// let used = ring.head.position.load(Acquire).wrapping_sub(*self.tail) as usize;
	size_t used = ring->head - self->tail;
	// let wanted = unit.limit_total(used.min(iov.len()));
	size_t wanted = limit_total(unit, min(used, iov->len));
	// wrong for pop: size_t wanted = limit_total(unit, iov->len);
	// wrong for pop: size_t wanted = limit_total(unit, used);

	// if wanted == 0 {
	if (wanted == 0)
		// return CopyOutcome::NOTHING;
		return (struct outcome){ 0, 0 };
	begin_copy(iov, self->tail, wanted, used);
	// let copied = buffer.copy_runs(*self.tail, wanted, unit, |start, run| {
	// let run = unsafe { slice::from_raw_parts(start, run) };
	// iov.copy_to_iter(run)
	size_t copied = copy_runs(buffer, self->tail, wanted, unit, iov);
	// let revert = |bytes| unsafe { iov.revert(bytes) };
	// let outcome = CopyOutcome::new(wanted, copied, amount, revert);
	struct outcome result = outcome(wanted, copied, amount, iov);
	// *self.tail = self.tail.wrapping_add(outcome.copied as u64);
	// ring.tail.position.xchg(*self.tail, Full);
	self->tail += result.copied;
	// lost-byte for pop: self->tail += wanted;
	// outcome
	return result;
}

/* fifo/ring/mod.rs len */
// pub(crate) fn len(&self) -> usize {
static size_t ring_len(const struct ring *self)
{
	// let tail = self.tail.position.load(Acquire);
	// let head = self.head.position.load(Acquire);
	// let len = usize::try_from(head.wrapping_sub(tail)).unwrap_or(usize::MAX);
	__u64 difference = self->head - self->tail;
	size_t len = difference > ~(size_t)0 ? ~(size_t)0 : difference;

	// len.min(self.capacity())
	return min(len, self->capacity);
	// wrong for len: return len;
}

/* fifo/ring/mod.rs move_bytes */
// unsafe fn move_bytes(&self, buffer: &mut Buffer) -> Result {
static bool move_bytes(struct ring *self, struct buffer *buffer)
{
	// let len = self.len();
	size_t len = ring_len(self);

	// if len > buffer.capacity() {
	if (len > buffer->capacity)
		// return Err(EBUSY);
		return false;
	// let old = unsafe { &mut *self.buffer.get() };
	struct buffer old = self->buffer;
	// let mut position = self.tail_position();
	__u64 position = self->tail;
	// wrong for replace: __u64 position = self->head;
	// let mut left = len;
	size_t left = len;
	/* Of the next byte to move, and the number of bytes to move. */
	__u64 place = self->tail, any_position;
	size_t rest = self->head - self->tail, any;

#define INVARIANT (position == place && left == rest && left <= len)
	CHECK(INVARIANT);
	position = any_position;
	place = position;
	left = any;
	rest = left;
	__CPROVER_assume(INVARIANT);
	// while left != 0 {
	if (left != 0) {
		// let (from, run) = old.contiguous(position, left);
		struct run from = contiguous(&old, position, left);
		// let (to, run) = buffer.contiguous(position, run);
		struct run to = contiguous(buffer, position, from.len);
		// wrong for replace: struct run to = contiguous(buffer, position, left);
		// wrong for replace: struct run to = contiguous(buffer, len - left, from.len);
		size_t run = to.len;

		// unsafe { ptr::copy_nonoverlapping(from, to, run) };
		check_run(&old, (struct run){ from.start, run }, place);
		check_run(buffer, to, place);
		CHECK(run && run <= rest);
		place += run;
		rest -= run;
		// position = position.wrapping_add(run as u64);
		position += run;
		// wrong for replace: position += from.len;
		// left = left.wrapping_sub(run);
		left -= run;
		// wrong for replace: left -= from.len;
		CHECK(INVARIANT);
#undef INVARIANT
		__CPROVER_assume(false);
	}
	// self.allocated.store(buffer.capacity(), Relaxed);
	self->allocated = buffer->capacity;
	// wrong for replace: ;
	// mem::swap(old, buffer);
	self->buffer = *buffer;
	*buffer = old;
	// Ok(())
	return true;
}

/* fifo/ring/mod.rs replace_buffer */
// pub(crate) fn replace_buffer(&self, buffer: &mut Buffer, limit: usize) -> Result {
static bool replace_buffer(struct ring *self, struct buffer *buffer, size_t limit)
{
	// let (_producer, _consumer) = (self.producer(), self.consumer());
	// let capacity = buffer.capacity();
	size_t capacity = buffer->capacity;

	// if capacity > limit.max(self.capacity()) {
	if (capacity > max(limit, self->capacity))
		// return Err(EPERM);
		return false;
	// early-permission for replace: ;
	// unsafe { self.move_bytes(buffer) }?;
	if (!move_bytes(self, buffer))
		return false;
	// self.capacity.store(capacity, Relaxed);
	self->capacity = capacity;
	// wrong for replace: self->capacity = buffer->capacity;
	// Ok(())
	return true;
}

/* fifo/ring/mod.rs grow_buffer */
// pub(crate) fn grow_buffer(&self, buffer: &mut Buffer) -> Result {
static bool grow_buffer(struct ring *self, struct buffer *buffer)
{
	// let (_producer, _consumer) = (self.producer(), self.consumer());
	// if buffer.capacity() <= self.allocated() || buffer.capacity() > self.capacity() {
	if (buffer->capacity <= self->allocated || buffer->capacity > self->capacity)
		// return Ok(());
		return true;
	// unsafe { self.move_bytes(buffer) }
	return move_bytes(self, buffer);
	// wrong for grow: return replace_buffer(self, buffer, buffer->capacity);
}

/* fifo/mod.rs round_capacity */
// pub(crate) fn round_capacity(bytes: u64) -> Result<usize> {
static size_t round_capacity(__u64 bytes)
{
	// match usize::try_from(bytes) {
	// Ok(bytes @ 1..=MAX_CAPACITY) => Ok(bytes.next_power_of_two().max(MIN_CAPACITY)),
	if (bytes >= 1 && bytes <= MAX_CAPACITY)
		return max(next_power_of_two(bytes), MIN_CAPACITY);
	// wrong for round: return next_power_of_two(bytes);
	// _ => Err(EINVAL),
	return 0;
}

/* fifo/mod.rs grow */
// fn grow(&self, len: usize) -> Result<bool> {
static bool grow(struct ring *self, size_t len, const struct ring *later)
{
	// let (allocated, capacity) = (self.ring.allocated(), self.ring.capacity());
	size_t allocated = self->allocated, capacity = self->capacity;

	// if allocated >= capacity {
	if (allocated >= capacity)
		// return Ok(false);
		return false;
	// let wanted = len.min(capacity).next_power_of_two();
	size_t wanted = next_power_of_two(min(len, capacity));
	// wrong for grow: size_t wanted = next_power_of_two(len);

	CHECK(allocated <= ~(size_t)0 / 4);
	CHECK(capacity >= MIN_CAPACITY);
	// let mut buffer = Buffer::new(wanted.max(allocated * 4).clamp(MIN_CAPACITY, capacity))?;
	struct buffer buffer = { min(max(max(wanted, allocated * 4), MIN_CAPACITY), capacity) };
	// wrong for grow: struct buffer buffer = { min(max(max(len, allocated * 4), MIN_CAPACITY), capacity) };
	// wrong for grow: struct buffer buffer = { max(max(wanted, allocated * 4), MIN_CAPACITY) };

	CHECK(is_power_of_two(buffer.capacity) && buffer.capacity <= MAX_CAPACITY);
	CHECK(buffer.capacity > allocated && buffer.capacity >= min(len, capacity));
	/* Other tasks have changed the ring meanwhile. */
	*self = *later;
	// self.ring.grow_buffer(&mut buffer)?;
	CHECK(grow_buffer(self, &buffer));
	// Ok(true)
	return true;
}

/* Within a run, and in the bytes from a position up to a capacity later, each has a place. */
void prove_places(size_t capacity, __u64 position, size_t bytes, __u64 other)
{
	size_t mask = capacity - 1;
	size_t start = (size_t)position & mask;

	__CPROVER_assume(is_power_of_two(capacity));
	CHECK(bytes >= capacity - start || ((size_t)(position + bytes) & mask) == start + bytes);
	CHECK(other - position >= capacity || other == position || ((size_t)other & mask) != start);
}

static void prove_copy(const struct iov *iov, enum amounts amount, enum units unit,
		       struct outcome result, size_t moved)
{
	size_t copied = iov->wanted - iov->left;

	CHECK(moved == result.copied && moved == copied);
	CHECK(unit == RUN || iov->wanted <= page_size);
	/* It stops at the first byte that cannot be copied, and tells how much is missing. */
	CHECK(copied == iov->wanted - iov->bad || (amount == WHOLE && copied == 0));
	CHECK(result.to_fault_in == (iov->bad ? iov->wanted - copied : 0));
}

void prove_push(struct ring ring, struct iov iov, enum amounts amount, enum units unit, size_t size)
{
	const struct ring old = ring;
	struct outcome result;

	iov.wanted = iov.left = 0;
	page_size = size;
	__CPROVER_assume(is_ring(&ring) && (amount == WHOLE || amount == PART) &&
			 (unit == RUN || unit == BYTE));
	result = push_from(&ring, &iov, amount, unit);
	CHECK(is_ring(&ring) && ring.tail == old.tail);
	if (iov.wanted)
		prove_copy(&iov, amount, unit, result, ring.head - old.head);
}

void prove_pop(struct ring ring, struct iov iov, enum amounts amount, enum units unit, size_t size)
{
	const struct ring old = ring;
	struct outcome result;

	iov.wanted = iov.left = 0;
	page_size = size;
	__CPROVER_assume(is_ring(&ring) && (amount == WHOLE || amount == PART) &&
			 (unit == RUN || unit == BYTE));
	result = pop_into(&ring, &iov, amount, unit);
	CHECK(is_ring(&ring) && ring.head == old.head);
	if (iov.wanted)
		prove_copy(&iov, amount, unit, result, ring.tail - old.tail);
}

void prove_replace(struct ring ring, struct buffer buffer, size_t limit)
{
	const struct ring old = ring;
	size_t capacity = buffer.capacity;
	bool fits;

	__CPROVER_assume(is_ring(&ring) && is_buffer(&buffer) && capacity >= MIN_CAPACITY);
	fits = replace_buffer(&ring, &buffer, limit);
	CHECK(fits == (old.head - old.tail <= capacity && capacity <= max(limit, old.capacity)));
	CHECK(is_ring(&ring) && is_buffer(&buffer));
	CHECK(ring.head == old.head && ring.tail == old.tail);
	CHECK(ring.capacity == (fits ? capacity : old.capacity));
}

void prove_grow(struct ring ring, struct ring later, size_t len)
{
	struct ring old = ring;

	__CPROVER_assume(is_ring(&ring) && is_ring(&later));
	if (grow(&ring, len, &later))
		old = later;
	CHECK(is_ring(&ring) && ring.capacity == old.capacity);
	CHECK(ring.head == old.head && ring.tail == old.tail);
}

void prove_round(__u64 bytes)
{
	size_t capacity = round_capacity(bytes);

	if (bytes && bytes <= MAX_CAPACITY)
		CHECK(is_power_of_two(capacity) && capacity >= bytes && capacity >= MIN_CAPACITY &&
		      capacity <= MAX_CAPACITY);
	else
		CHECK(!capacity);
}

/* `head` and `tail` are what two loads saw. */
void prove_len(struct ring ring)
{
	CHECK(ring_len(&ring) <= ring.capacity);
}
