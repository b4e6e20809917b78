# SPDX-License-Identifier: GPL-2.0
"""Uses pipes through Python's library, and prints what came through. The argument names a
function."""

import asyncio
import hashlib
import multiprocessing
import os
import subprocess
import sys

DATA = bytes(range(256)) * 2000


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def processes():
    print(digest(subprocess.run(["cat"], input=DATA, capture_output=True).stdout))
    print(subprocess.check_output("seq 100000 | tail -n 1", shell=True))
    first = subprocess.Popen(["seq", "100000"], stdout=subprocess.PIPE)
    second = subprocess.Popen(["md5sum"], stdin=first.stdout, stdout=subprocess.PIPE, text=True)
    first.stdout.close()
    print(second.communicate()[0], first.wait())
    first = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
    print(first.stdout.read(10))
    first.stdout.close()
    print(first.wait())
    both = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True)
    print(both.stdout, both.stderr, both.returncode)
    # A slow machine may need longer for the first line.
    part, timeout = None, 0.5
    while not part:
        try:
            subprocess.run(["sh", "-c", "echo part; exec sleep 100"], capture_output=True,
                           timeout=timeout)
        except subprocess.TimeoutExpired as error:
            part, timeout = error.stdout, 2 * timeout
    print("timeout", part)
    try:
        subprocess.run(["/no/such/program"])
    except FileNotFoundError as error:
        print(error)
    child = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    child.wait()
    try:
        child.stdin.write(DATA)
        child.stdin.flush()
    except BrokenPipeError as error:
        print(error)


def square(number):
    return number * number


def send(connection):
    for number in range(5):
        connection.send((number, DATA[: number * 50_000]))
    connection.close()


def workers():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(pool.map(square, range(1000))))
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=send, args=(sender,))
    child.start()
    sender.close()
    try:
        while True:
            number, data = receiver.recv()
            print(number, digest(data))
    except EOFError:
        print("end")
    child.join()
    queue = multiprocessing.get_context("fork").Queue()
    queue.put(DATA)
    print(digest(queue.get()))


def asynchronous():
    async def run():
        reader, writer = os.pipe()
        os.write(writer, b"hello")
        os.close(writer)
        stream = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), open(reader, "rb", buffering=0)
        )
        print((await stream.read()).decode())

        loop = asyncio.get_running_loop()
        reader, writer = os.pipe()
        transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, open(writer, "wb", buffering=0)
        )
        sender = asyncio.StreamWriter(transport, protocol, None, loop)
        sender.write(DATA)
        reading = asyncio.create_task(asyncio.to_thread(open(reader, "rb").read))
        await sender.drain()
        sender.close()
        print(digest(await reading))
        child = await asyncio.create_subprocess_shell(
            "cat; echo err >&2",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await child.communicate(DATA)
        print(digest(out), err, child.returncode)

    asyncio.run(run())


def size():
    try:
        subprocess.run(["true"], stdin=subprocess.PIPE, pipesize=1 << 17)
        print("works")
    except OSError as error:
        print(error.strerror)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
