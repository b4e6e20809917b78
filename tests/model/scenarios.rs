// SPDX-License-Identifier: GPL-2.0

//! The scenarios: a few tasks use a FIFO, and each task must end, whatever the order of their
//! steps. A lost wake-up is a deadlock, which loom finds.
//!
//! The last writer must not close while a task waits for another wake-up: the end of file wakes all
//! tasks, and would hide that this wake-up was lost.

use super::fifo::{
    Caller,
    Fifo,
    Kind,
    Reader,
    Side,
    Writer, //
};
use crate::{
    kernel_ext::{
        Got,
        PollEvents,
        PollTable,
        SharedPages,
        SharedWord, //
    },
    Scenario, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Full,
            Relaxed,
            Release, //
        },
        barrier::smp_mb,
        Arc, //
    },
    task::start,
};

macro_rules! scenarios {
    ($($run:ident: $preemptions:expr, $says:literal;)*) => {
        pub(crate) const SCENARIOS: &[Scenario] = &[$(Scenario {
            name: stringify!($run),
            says: $says,
            preemptions: $preemptions,
            run: $run,
        }),*];
    };
}

// loom explores all interleavings of two tasks. With more tasks it explores those with a limited
// number of preemptions: switches away from a task that could continue.
scenarios! {
    write: None, "a write wakes a reader that is about to sleep";
    read_again: Some(3), "a reader that waits again is woken again";
    two_writes: Some(2), "two writes wake two readers";
    one_write: Some(3), "one write for two readers: the first wakes the second";
    read: None, "a read wakes a writer that is about to sleep";
    one_read: Some(3), "one read makes room for two writers: the first wakes the second";
    wait_readable: Some(3), "a reader that waited for bytes and leaves them wakes the next one";
    wait_writable: Some(3), "a writer that waited for room and leaves it wakes the next one";
    reader_signal: Some(2), "a wake-up is not lost with a reader that leaves for a signal";
    writer_signal: Some(2), "a wake-up is not lost with a writer that leaves for a signal";
    page: Some(2), "a reader whose page is not faulted in does not keep another from the bytes";
    refused_read: None, "a read into a present page that takes no byte ends";
    refused_write: None, "a write from a present page that gives no byte ends";
    atomic_write: None, "an atomic write from two pages, one non-present, puts in all or nothing";
    close: Some(3), "the last close wakes two readers";
    come_and_go: None, "a read sees no end of file before the bytes of a writer that has closed";
    come_and_go_unwaited: None, "nor does a read that may not wait";
    come_and_go_polled: None,
        "a poll sees no end of file before the bytes of a writer that has closed";
    open: None, "a reader that opens at the same time as a writer has seen a writer";
    poll_readable: None, "a poller sees the bytes or is woken";
    poll_writable: None, "a poller sees the room or is woken";
    poll_end: None, "a poller sees the end of file or is woken";
    last_reader: None, "the last reader's close fails a blocked write";
    grow: Some(2), "writers that find too little memory allocate more, and no byte is lost";
    poll_error: None, "a poller sees that no reader is left or is woken";
    set_capacity: None, "a greater capacity wakes a writer";
    clear: None, "a clear wakes a writer";
    mapped_write: None, "a mapped writer wakes a reader that is about to sleep";
    mapped_read: None, "a mapped reader wakes a writer that is about to sleep";
    mapped_poll: None, "a mapped writer wakes a poller";
    mapped_wait: Some(2), "a mapped writer wakes tasks that wait for different numbers of bytes";
}

fn fifo(capacity: usize) -> Arc<Fifo> {
    Fifo::new(capacity, Kind::Device).unwrap()
}

fn pair(capacity: usize) -> (Reader, Writer, Writer) {
    let fifo = Fifo::new(capacity, Kind::Private).unwrap();
    let writers = (writer(&fifo), writer(&fifo));
    (reader(&fifo), writers.0, writers.1)
}

/// A call of read(2) or write(2).
struct Call {
    may_block: bool,
}

const BLOCKING: Call = Call { may_block: true };

impl Caller for Call {
    fn may_block(&self) -> bool {
        self.may_block
    }

    fn send_sigpipe(&self) {}
}

fn reader(fifo: &Arc<Fifo>) -> Reader {
    Reader::open(fifo.clone(), false)
}

fn writer(fifo: &Arc<Fifo>) -> Writer {
    Writer::open(fifo.clone())
}

/// Reads up to `N` bytes. Returns their number and the bytes.
fn read_as<const N: usize>(reader: &Reader, may_block: bool) -> Result<(usize, [u8; N])> {
    let mut data = [0; N];
    let bytes = reader.read(&mut IovIterDest::new(&mut data), &Call { may_block })?;
    Ok((bytes, data))
}

/// Reads up to `N` bytes, and blocks until there are some.
fn get<const N: usize>(reader: &Reader) -> Result<(usize, [u8; N])> {
    read_as(reader, true)
}

fn put(writer: &Writer, data: &[u8]) -> Result<usize> {
    writer.write(&mut IovIterSource::new(data), &BLOCKING)
}

pub(crate) fn write() {
    let fifo = fifo(2);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let reading = start(move || get(&reader));
    assert_eq!(put(&writer, b"a"), Ok(1));
    assert_eq!(reading.join(), Ok((1, *b"a")));
}

pub(crate) fn read_again() {
    let fifo = fifo(2);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let reading = start(move || [get(&reader), get(&reader)]);
    assert_eq!(put(&writer, b"a"), Ok(1));
    assert_eq!(put(&writer, b"b"), Ok(1));
    assert_eq!(reading.join(), [Ok((1, *b"a")), Ok((1, *b"b"))]);
}

pub(crate) fn two_writes() {
    let fifo = fifo(2);
    let (readers, writer) = ([reader(&fifo), reader(&fifo)], writer(&fifo));
    let reading = readers.map(|reader| start(move || get(&reader)));
    assert_eq!(put(&writer, b"a"), Ok(1));
    assert_eq!(put(&writer, b"b"), Ok(1));
    let mut read = reading.map(|reading| reading.join().unwrap());
    read.sort();
    assert_eq!(read, [(1, *b"a"), (1, *b"b")]);
}

pub(crate) fn one_write() {
    let fifo = fifo(2);
    let (readers, writer) = ([reader(&fifo), reader(&fifo)], writer(&fifo));
    let reading = readers.map(|reader| start(move || get(&reader)));
    assert_eq!(put(&writer, b"ab"), Ok(2));
    let mut read = reading.map(|reading| reading.join().unwrap());
    read.sort();
    assert_eq!(read, [(1, *b"a"), (1, *b"b")]);
}

pub(crate) fn read() {
    let fifo = fifo(2);
    let (reader, first, second) = (reader(&fifo), writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let writing = start(move || put(&second, b"cd"));
    assert_eq!(get(&reader), Ok((2, *b"ab")));
    assert_eq!(writing.join(), Ok(2));
    assert_eq!(get(&reader), Ok((2, *b"cd")));
}

pub(crate) fn one_read() {
    let fifo = fifo(4);
    let (reader, first) = (reader(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"abcd"), Ok(4));
    let writing = [writer(&fifo), writer(&fifo)].map(|writer| start(move || put(&writer, b"ef")));
    assert_eq!(get(&reader), Ok((4, *b"abcd")));
    assert_eq!(writing.map(|writing| writing.join()), [Ok(2), Ok(2)]);
}

pub(crate) fn wait_readable() {
    let fifo = fifo(2);
    let (leaving, reader, writer) = (reader(&fifo), reader(&fifo), writer(&fifo));
    let leaving = start(move || leaving.wait().map(drop));
    let reading = start(move || get(&reader));
    assert_eq!(put(&writer, b"a"), Ok(1));
    assert_eq!(reading.join(), Ok((1, *b"a")));
    // For `leaving`, if it came too late for the first byte.
    assert_eq!(put(&writer, b"b"), Ok(1));
    assert_eq!(leaving.join(), Ok(()));
}

pub(crate) fn wait_writable() {
    let fifo = fifo(2);
    let (reader, first) = (reader(&fifo), writer(&fifo));
    let (leaving, second) = (writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let leaving = start(move || leaving.wait().map(drop));
    let writing = start(move || put(&second, b"cd"));
    assert_eq!(get(&reader), Ok((2, *b"ab")));
    assert_eq!(writing.join(), Ok(2));
    assert_eq!(get(&reader), Ok((2, *b"cd")));
    assert_eq!(leaving.join(), Ok(()));
}

pub(crate) fn reader_signal() {
    let fifo = fifo(2);
    let (leaving, reader, writer) = (reader(&fifo), reader(&fifo), writer(&fifo));
    let leaving = start(move || get::<1>(&leaving));
    let task = leaving.task.clone();
    let reading = start(move || get::<1>(&reader));
    let signalling = start(move || task.signal());
    assert_eq!(put(&writer, b"a"), Ok(1));
    match leaving.join() {
        Ok(read) => {
            assert_eq!(read, (1, *b"a"));
            assert_eq!(put(&writer, b"a"), Ok(1));
        }
        Err(error) => assert_eq!(error, ERESTARTSYS),
    }
    assert_eq!(reading.join(), Ok((1, *b"a")));
    signalling.join();
}

pub(crate) fn writer_signal() {
    let fifo = fifo(2);
    let (reader, first) = (reader(&fifo), writer(&fifo));
    let (leaving, second) = (writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let leaving = start(move || put(&leaving, b"cd"));
    let task = leaving.task.clone();
    let writing = start(move || put(&second, b"cd"));
    let signalling = start(move || task.signal());
    assert_eq!(get(&reader), Ok((2, *b"ab")));
    match leaving.join() {
        Ok(bytes) => {
            assert_eq!(bytes, 2);
            assert_eq!(get(&reader), Ok((2, *b"cd")));
        }
        Err(error) => assert_eq!(error, ERESTARTSYS),
    }
    assert_eq!(writing.join(), Ok(2));
    signalling.join();
}

pub(crate) fn page() {
    let fifo = fifo(2);
    let (held_up, reader) = (reader(&fifo), reader(&fifo));
    let (first, second) = (writer(&fifo), writer(&fifo));
    let reading = start(move || {
        assert_eq!(get(&reader), Ok((1, *b"a")));
        assert_eq!(put(&second, b"b"), Ok(1));
    });
    let held_up = start(move || {
        let mut data = [0];
        let mut iov = IovIterDest::new(&mut data);
        iov.miss(0, move || reading.join());
        let result = held_up.read(&mut iov, &BLOCKING);
        (result, data)
    });
    assert_eq!(put(&first, b"a"), Ok(1));
    assert_eq!(held_up.join(), (Ok(1), *b"b"));
}

pub(crate) fn refused_read() {
    let fifo = fifo(4);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    assert_eq!(put(&writer, b"abc"), Ok(3));
    let read = |good| {
        let mut data = [0; 2];
        let mut iov = IovIterDest::new(&mut data);
        iov.refuse(good);
        let result = reader.read(&mut iov, &BLOCKING);
        (result, data)
    };
    assert_eq!(read(0), (Err(EFAULT), [0, 0]), "bytes lost or moved");
    assert_eq!(read(1), (Ok(1), *b"a\0"), "bytes lost or moved");
    assert_eq!(get(&reader), Ok((2, *b"bc")), "bytes lost or moved");
}

pub(crate) fn refused_write() {
    let fifo = fifo(4);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let write = |data, good| {
        let mut iov = IovIterSource::new(data);
        iov.refuse(good);
        writer.write(&mut iov, &BLOCKING)
    };
    // The first is atomic, the second is not.
    assert_eq!(write(b"ab", 1), Err(EFAULT), "bytes lost or moved");
    assert_eq!(write(b"cde", 1), Ok(1), "bytes lost or moved");
    assert_eq!(get(&reader), Ok((1, *b"c\0")), "bytes lost or moved");
}

pub(crate) fn atomic_write() {
    let fifo = fifo(4);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let mut iov = IovIterSource::new(b"ab");
    iov.miss(1, move || assert_eq!(fifo.len(), 0, "not atomic"));
    assert_eq!(writer.write(&mut iov, &BLOCKING), Ok(2));
    assert_eq!(get(&reader), Ok((2, *b"ab")));
}

pub(crate) fn close() {
    let fifo = fifo(2);
    let (readers, writer) = ([reader(&fifo), reader(&fifo)], writer(&fifo));
    // The readers have seen the writer, so its close is the end of file for them.
    let reading = readers.map(|reader| start(move || get::<1>(&reader)));
    drop(writer);
    for reading in reading {
        assert_eq!(reading.join(), Ok((0, [0])), "no end of file");
    }
}

pub(crate) fn come_and_go() {
    let fifo = fifo(2);
    let reader = reader(&fifo);
    let reading = start(move || get(&reader));
    let writer = writer(&fifo);
    assert_eq!(put(&writer, b"a"), Ok(1));
    drop(writer);
    assert_eq!(reading.join(), Ok((1, *b"a")), "a false end of file");
}

pub(crate) fn come_and_go_unwaited() {
    let fifo = fifo(2);
    let reader = reader(&fifo);
    let reading = start(move || read_as(&reader, false));
    let writer = writer(&fifo);
    assert_eq!(put(&writer, b"a"), Ok(1));
    drop(writer);
    let result = reading.join();
    assert!(
        matches!(result, Ok((1, [b'a'])) | Err(EAGAIN)),
        "a false end of file"
    );
}

pub(crate) fn come_and_go_polled() {
    let fifo = fifo(2);
    let reader = reader(&fifo);
    let polling = start(move || reader.poll(&PollTable::new(&Got::default())));
    let writer = writer(&fifo);
    assert_eq!(put(&writer, b"a"), Ok(1));
    drop(writer);
    let events = polling.join();
    assert!(events != PollEvents::HUP, "a false end of file");
}

pub(crate) fn open() {
    let fifo = fifo(2);
    let opening = start({
        let fifo = fifo.clone();
        move || reader(&fifo)
    });
    let writer = writer(&fifo);
    let reader = opening.join();
    drop(writer);
    assert_eq!(get::<1>(&reader), Ok((0, [0])), "no end of file");
}

/// Asserts that a poller has seen the event `seen`, or was woken with `woken`.
fn assert_sees((events, got): (PollEvents, Got), seen: PollEvents, woken: PollEvents) {
    assert!(
        events.contains(seen) || got.get().contains(woken),
        "not told"
    );
}

pub(crate) fn poll_readable() {
    let fifo = fifo(2);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let polling = start(move || {
        let got = Got::default();
        (reader.poll(&PollTable::new(&got)), got)
    });
    assert_eq!(put(&writer, b"a"), Ok(1));
    assert_sees(polling.join(), PollEvents::READABLE, PollEvents::READABLE);
}

pub(crate) fn poll_writable() {
    let fifo = fifo(2);
    let (reader, first, second) = (reader(&fifo), writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let polling = start(move || {
        let got = Got::default();
        (second.poll(&PollTable::new(&got)), got)
    });
    assert_eq!(get(&reader), Ok((2, *b"ab")));
    assert_sees(polling.join(), PollEvents::WRITABLE, PollEvents::WRITABLE);
}

pub(crate) fn poll_end() {
    let fifo = fifo(2);
    let (reader, writer) = (reader(&fifo), writer(&fifo));
    let polling = start(move || {
        let got = Got::default();
        (reader.poll(&PollTable::new(&got)), got)
    });
    drop(writer);
    assert_sees(polling.join(), PollEvents::HUP, PollEvents::READABLE);
}

pub(crate) fn last_reader() {
    let (reader, first, second) = pair(2);
    assert_eq!(put(&first, b"ab"), Ok(2));
    let writing = start(move || put(&second, b"cd"));
    drop(reader);
    assert_eq!(writing.join(), Err(EPIPE), "no error");
}

pub(crate) fn grow() {
    let (reader, first, second) = pair(4);
    let writing = [first, second].map(|writer| start(move || (put(&writer, b"ab"), writer)));
    let mut bytes = 0;
    while bytes < 4 {
        let (len, read) = get::<2>(&reader).unwrap();
        assert_eq!(&read[..len], &b"abab"[bytes..bytes + len]);
        bytes += len;
    }
    for writing in writing {
        assert_eq!(writing.join().0, Ok(2));
    }
}

pub(crate) fn poll_error() {
    let (reader, first, second) = pair(2);
    assert_eq!(put(&first, b"ab"), Ok(2));
    let polling = start(move || {
        let got = Got::default();
        (second.poll(&PollTable::new(&got)), got)
    });
    drop(reader);
    assert_sees(polling.join(), PollEvents::ERR, PollEvents::WRITABLE);
}

pub(crate) fn set_capacity() {
    let fifo = fifo(2);
    let (first, second) = (writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let writing = start(move || put(&second, b"cd"));
    assert_eq!(fifo.set_capacity(4, 4), Ok(()));
    assert_eq!(writing.join(), Ok(2));
    assert_eq!(get(&reader(&fifo)), Ok((4, *b"abcd")));
}

pub(crate) fn clear() {
    let fifo = fifo(2);
    let (first, second) = (writer(&fifo), writer(&fifo));
    assert_eq!(put(&first, b"ab"), Ok(2));
    let writing = start(move || put(&second, b"cd"));
    fifo.clear();
    assert_eq!(writing.join(), Ok(2));
    assert_eq!(get(&reader(&fifo)), Ok((2, *b"cd")));
}

/// A program that maps an end: the functions of rust_sample_mapped.h, without the bytes.
struct Program {
    fifo: Arc<Fifo>,
    side: Side,
    /// The position of each end, and the bytes that its tasks wait for: the read end first.
    words: [[SharedWord; 2]; 2],
}

impl Program {
    /// Maps the end `side` of a new FIFO.
    fn new(side: Side) -> Self {
        let fifo = Fifo::new(PAGE_SIZE, Kind::Mappable).unwrap();
        let pages = SharedPages::last().unwrap();
        let word = |offset| SharedWord::new(&pages, offset).unwrap();
        let words = [0, PAGE_SIZE].map(|page| [0, 64].map(|offset| word(page + offset)));
        Self { fifo, side, words }
    }

    /// Moves the position of the end by `bytes`.
    fn publish(&self, bytes: u64) {
        let [read, write] = &self.words;
        let (own, peer) = match self.side {
            Side::Read => (read, write),
            Side::Write => (write, read),
        };
        own[0].store(own[0].load(Relaxed) + bytes, Release);
        smp_mb(Full);
        let wanted = peer[1].load(Relaxed);
        let used = write[0].load(Relaxed) - read[0].load(Relaxed);
        let available = match self.side {
            Side::Read => PAGE_SIZE as u64 - used,
            Side::Write => used,
        };
        if wanted != 0 && wanted <= available {
            self.fifo.wake(self.side.other());
        }
    }
}

pub(crate) fn mapped_write() {
    let program = Program::new(Side::Write);
    let (reader, _writer) = (reader(&program.fifo), writer(&program.fifo));
    let reading = start(move || get::<1>(&reader));
    program.publish(1);
    assert_eq!(reading.join(), Ok((1, [0])));
}

pub(crate) fn mapped_read() {
    let program = Program::new(Side::Read);
    let (_reader, writer) = (reader(&program.fifo), writer(&program.fifo));
    assert_eq!(put(&writer, &[0; PAGE_SIZE]), Ok(PAGE_SIZE));
    let writing = start(move || put(&writer, b"ab"));
    program.publish(2);
    assert_eq!(writing.join(), Ok(2));
}

pub(crate) fn mapped_poll() {
    let program = Program::new(Side::Write);
    let (reader, _writer) = (reader(&program.fifo), writer(&program.fifo));
    let polling = start(move || {
        let got = Got::default();
        let events = reader.poll(&PollTable::new(&got));
        (events, got)
    });
    program.publish(1);
    let (events, got) = polling.join();
    let events = events | got.get();
    assert!(events.contains(PollEvents::READABLE), "not told");
}

pub(crate) fn mapped_wait() {
    let program = Program::new(Side::Write);
    let (reader, _writer) = (reader(&program.fifo), writer(&program.fifo));
    let fifo = program.fifo.clone();
    let waiting = start(move || fifo.wait_for(Side::Read, 2));
    let reading = start(move || get::<1>(&reader));
    program.publish(1);
    assert_eq!(reading.join(), Ok((1, [0])));
    program.publish(2);
    assert_eq!(waiting.join(), Ok(()));
}
