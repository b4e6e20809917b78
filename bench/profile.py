# SPDX-License-Identifier: GPL-2.0
"""Shows where the instructions of a write and a read go.

The program bench/pair runs in the VM, and QEMU writes down each instruction
between its begin() and end(), one by one: it stops there at breakpoints of its
stub for debuggers, which also passes commands to its monitor. So nothing is
sampled and nothing estimated, and the figures are the same on every run.

Under TCG `rep movsb` is one instruction for each byte that it copies.
"""

import argparse
import bisect
import collections
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

PAIR = "build/bench/pair"
INTERRUPT = re.compile(r"asm_sysvec_|asm_common_interrupt|el[01][th]_64_irq|asm_exc_nmi")


def die(what, why, todo):
    sys.exit(f"profile: error: {what}\nprofile:   why:  {why}\nprofile:   todo: {todo}")


class Stub:
    """QEMU's stub for debuggers, by its protocol: $data#checksum."""

    def __init__(self, path, vm):
        self.socket = socket.socket(socket.AF_UNIX)
        while vm.poll() is None:
            try:
                self.socket.connect(path)
                self.stream = self.socket.makefile("rb")
                return
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.1)
        sys.exit(1)  # The VM's script has said why.

    def receive(self):
        """The next packet; an empty one when QEMU has ended."""
        while byte := self.stream.read(1):
            if byte == b"$":
                data = b""
                while (byte := self.stream.read(1)) not in (b"#", b""):
                    data += byte
                self.stream.read(2)
                with contextlib.suppress(BrokenPipeError):  # QEMU's last word
                    self.socket.sendall(b"+")
                return data.decode()
        return ""

    def call(self, packet):
        """Sends a packet and returns the reply."""
        self.socket.sendall(f"${packet}#{sum(packet.encode()) % 256:02x}".encode())
        return self.receive()

    def monitor(self, command):
        """Has QEMU's monitor do it."""
        reply = self.call("qRcmd," + command.encode().hex())
        said = ""
        while reply and reply.startswith("O") and reply != "OK":
            said += bytes.fromhex(reply[1:]).decode()
            reply = self.receive()
        if reply != "OK" or said.strip():
            die(f"QEMU does not take '{command}'", said.strip() or reply, "adapt bench/profile.py to this QEMU")

    def breakpoint(self, address, on):
        if self.call(f"{'Z' if on else 'z'}0,{address:x},1") != "OK":
            die("QEMU sets no breakpoint", "its stub refuses", "look at its version")

    def go_to(self, address):
        """Runs until there; False if the VM ended before."""
        self.breakpoint(address, True)
        reply = self.call("c")
        if not reply or reply[0] not in "ST":
            return False
        self.breakpoint(address, False)
        return True


class Symbols:
    """Symbols by address, from lines of `ADDRESS TYPE NAME [MODULE]`."""

    def __init__(self, lines):
        found = {}
        for line in lines:
            words = line.split()
            if len(words) >= 3 and words[1] in "tTwW":
                name = words[2] + (" " + words[3] if len(words) > 3 else "")
                # Of several names for one place, the plainest.
                address = int(words[0], 16)
                found[address] = min(found.get(address, name), name, key=lambda n: (n[0] == "_", n))
        self.addresses = sorted(found)
        self.names = [found[address] for address in self.addresses]

    def name(self, address):
        i = bisect.bisect_right(self.addresses, address) - 1
        return self.names[i] if i >= 0 else "?"


def demangle(names):
    """From Rust's names, readable ones."""
    out = subprocess.run(["c++filt", "-i"], input="\n".join(names), text=True, check=True,
                         capture_output=True).stdout
    return dict(zip(names, out.split("\n")))


def read_log(path, first):
    """Counts of addresses, in parts that each begin with the address `first`."""
    parts = []
    traced = re.compile(rb"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
    address = None

    def executed():
        if address == first:
            parts.append(collections.Counter())
        if parts and address is not None:
            parts[-1][address] += 1

    with open(path, "rb") as log:
        for line in log:
            if found := traced.match(line):
                executed()
                address = int(found[1], 16)
            elif line.startswith(b"Stopped execution"):
                # QEMU was interrupted and executes this instruction again.
                address = None
    return parts[:-1]


def measure(options, runs, folder):
    """For each run, which is a peer and a size, the counts of its pairs; and the symbols."""
    nm = subprocess.run(["nm", PAIR], text=True, check=True, capture_output=True).stdout
    places = {line.split()[-1]: int(line.split()[0], 16) for line in nm.splitlines()}
    script = "for ko in *.ko; do [ $ko = rust_sample.ko ] || insmod ./$ko || exit; done\n"
    script += "grep -i ' [tw] ' /proc/kallsyms && echo end || exit\n"
    for peer, size in runs:
        # The last pair has no successor, so its end is unknown.
        script += f"./pair {peer} {size} {options.pairs + 1} || exit\n"
    command = ["scripts/vm", "--kernel", options.kernel, "--icount", "--gdb", f"{folder}/stub",
               "--add", PAIR]
    for module in options.load:
        command += ["--add", module]
    parts = []
    with open(f"{folder}/out", "w+") as out:
        vm = subprocess.Popen(command + ["--", "sh", "-c", script], stdout=out)
        try:
            stub = Stub(f"{folder}/stub", vm)
            while stub.go_to(places["begin"]):
                log = f"{folder}/{len(parts)}.log"
                stub.monitor(f"logfile {log}")
                stub.monitor("one-insn-per-tb on")
                stub.monitor("log exec,nochain")
                stub.go_to(places["end"])
                stub.monitor("log none")
                stub.monitor("one-insn-per-tb off")
                parts.append(read_log(log, places["pair"]))
                os.unlink(log)
            status = vm.wait()
        finally:
            vm.terminate()
            vm.wait()
        out.seek(0)
        lines, _, said = out.read().partition("\nend\n")
    if status or len(parts) != len(runs):
        die("not all could be measured", said.strip() or lines[-200:].strip(),
            "name only nodes that the loaded modules make")
    return parts, Symbols(lines.splitlines())


def by_function(pairs, symbols):
    """The instructions of each function, as the mean of the pairs without an interrupt."""
    clean, sums = 0, collections.Counter()
    for pair in pairs:
        functions = collections.Counter()
        for address, count in pair.items():
            functions["user space" if address < 1 << 63 else symbols.name(address)] += count
        if not any(INTERRUPT.match(name) for name in functions):
            clean += 1
            sums.update(functions)
    if not clean:
        die("an interrupt fell into each pair", "a block takes longer than a timer's tick",
            "choose a smaller --size")
    return {name: count / clean for name, count in sums.items()}


def row(counts, widths, name):
    cells = (f"{count:{width}.1f}".replace(".0", "  ") if count else " " * width
             for count, width in zip(counts, widths))
    print("  ".join(cells) + "  " + name)


def main():
    parser = argparse.ArgumentParser(
        prog="bench/profile", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    parser.add_argument("--kernel", default="stock", help="the kernel to boot (stock)")
    parser.add_argument("--size", action="append", type=int, metavar="BYTES",
                        help="the size of a block (4096); may be given several times")
    parser.add_argument("--pairs", type=int, default=8, help="how many pairs (8)")
    parser.add_argument("--totals", action="store_true", help="show only the totals")
    parser.add_argument("--load", action="append", default=[], metavar="KO",
                        help="another module to load, a path in the project")
    parser.add_argument("peer", nargs="*", default=["/dev/rust_sample", "pipe"],
                        help="a node, or 'pipe' (/dev/rust_sample pipe)")
    options = parser.parse_args()
    sizes = options.size or [4096]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    runs = [(peer, size) for size in sizes for peer in options.peer]
    with tempfile.TemporaryDirectory() as folder:
        parts, symbols = measure(options, runs, folder)
    columns = {run: by_function(pairs, symbols) for run, pairs in zip(runs, parts)}
    readable = demangle(sorted({name for column in columns.values() for name in column}))

    widths = [max(10, len(peer)) for peer in options.peer]
    print("Instructions of one write and one read, the mean of "
          f"{options.pairs} pairs but for those that an interrupt fell into.")
    heads = "  ".join(f"{peer:>{width}}" for peer, width in zip(options.peer, widths))
    if options.totals:
        print(f"\n{heads}  bytes of a block")
    for size in sizes:
        counts = {name: [columns[peer, size].get(name, 0) for peer in options.peer]
                  for name in readable}
        total = [sum(count) for count in zip(*counts.values())]
        if options.totals:
            row(total, widths, str(size))
            continue
        print(f"\n{heads}  function, for blocks of {size} bytes")
        for name in sorted(counts, key=lambda name: (-max(counts[name]), name)):
            if any(counts[name]):
                row(counts[name], widths, readable[name])
        row(total, widths, "total")


main()
