# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Common programs use the device. They are from the toolchain's packages, copied into the
# VM. ./NAME calls those that busybox has, too.
#
# vm: --add /usr/bin/cat --add /usr/bin/cp --add /usr/bin/dd --add /usr/bin/head
# vm: --add /usr/bin/tail --add /usr/bin/tee --add /usr/bin/socat --add /usr/bin/pv
# vm: --add /usr/bin/stress-ng --add /usr/bin/fio --add /usr/bin/strace
# vm: --add /usr/bin/python3 --add python-library=/usr/lib/python3.13
# vm: --add tests/programs/programs.py --add uapi/rust_sample.h
# programs: calls

PATH=$PATH:$PWD

. ./lib.sh

device=/dev/rust_sample

# begin: the FIFO is empty, and there is a file to send.
begin() {
	calls open:rn drain:3000000 >/dev/null
	head -c "${1:-1234567}" /dev/urandom >/tmp/in
	rm -f /tmp/out
}

# arrived: all of it, and then nothing.
arrived() {
	cmp /tmp/in /tmp/out
	assert_eq '0 0' "$(calls open:r fionread)"
}

not_busybox() {
	for name in cat cp dd head tail tee; do
		"./$name" --version >/tmp/version
		grep -q coreutils /tmp/version || fail "$name is not coreutils'"
	done
}
check 'the programs are the real ones' not_busybox

# through WRITER READER: lines of shell, between which the file arrives.
through() {
	begin
	eval "$1" &
	eval "$2"
	wait "$!"
	arrived
}
check 'cat writes, cat reads' through "'./cat /tmp/in >$device'" "'./cat $device >/tmp/out'"
check 'cp writes, cp reads' through "'./cp /tmp/in $device'" "'./cp $device /tmp/out'"
check 'socat writes, socat reads' through \
	"'socat -u OPEN:/tmp/in,rdonly OPEN:$device,wronly'" \
	"'socat -u OPEN:$device,rdonly CREATE:/tmp/out'"
check 'pv writes, pv reads' through "'pv -q /tmp/in >$device'" "'pv -q $device >/tmp/out'"
check 'dd, blocks of 4096 to blocks of 1M' through \
	"'./dd if=/tmp/in of=$device bs=4096 status=none'" "'./dd if=$device of=/tmp/out bs=1M status=none'"
check 'dd, blocks of 300000 to blocks of 1000' through \
	"'./dd if=/tmp/in of=$device bs=300000 status=none'" "'./dd if=$device of=/tmp/out bs=1000 status=none'"

dd_full_blocks() {
	begin 1048576
	./dd if=/tmp/in of="$device" bs=1000 status=none &
	./dd if="$device" of=/tmp/out bs=65536 count=16 iflag=fullblock 2>/tmp/said
	wait "$!"
	arrived
	grep -q '^16+0 records in' /tmp/said || fail "$(cat /tmp/said)"
}
check 'dd with iflag=fullblock' dd_full_blocks

dd_nonblock() {
	begin
	exec 3<>"$device"
	assert_status 1 ./dd if="$device" of=/tmp/out iflag=nonblock status=none 2>/tmp/said
	grep -q 'Resource temporarily unavailable' /tmp/said || fail "$(cat /tmp/said)"
}
check 'dd with iflag=nonblock: EAGAIN while there is a writer' dd_nonblock

by_head() {
	begin
	head -c 100000 /tmp/in >/tmp/part
	./cat /tmp/part >"$device" &
	./head -c 60000 "$device" >/tmp/out
	./cat "$device" >>/tmp/out
	wait "$!"
	cmp /tmp/part /tmp/out
	printf 'one\ntwo\nthree\n' >"$device"
	assert_eq "$(printf 'one\ntwo')" "$(./head -n 2 "$device")"
	begin
}
check 'head -c takes bytes, head -n takes lines' by_head

by_tail() {
	begin
	seq 100 >"$device"
	assert_eq "$(printf '99\n100')" "$(./tail -n 2 "$device")"
}
check 'tail -n' by_tail

# followed LINES: tail has shown them.
followed() {
	[ "$(tr '\n' ' ' </tmp/out)" = "$1" ]
}

by_tail_f() {
	begin
	echo one >"$device"
	./tail -f -s 0.1 "$device" >/tmp/out &
	wait_until 10 followed 'one '
	echo two >"$device"
	wait_until 10 followed 'one two '
	printf 'three\nfour\n' >"$device"
	wait_until 10 followed 'one two three four '
	kill "$!"
}
check 'tail -f shows what one writer after another wrote' by_tail_f

by_tee() {
	through "./tee $device </tmp/in >/tmp/copy" "./cat $device >/tmp/out"
	cmp /tmp/in /tmp/copy
}
check 'tee' by_tee

# From a socket to the device.
socat_echo() {
	begin 200000
	socat -u UNIX-LISTEN:/tmp/socket OPEN:"$device",wronly,nonblock &
	wait_until 10 test -S /tmp/socket
	socat -u OPEN:/tmp/in,rdonly UNIX-CONNECT:/tmp/socket &
	socat -u -T 10 OPEN:"$device",rdonly CREATE:/tmp/out
	wait
	arrived
}
check 'socat from a socket, to a file with O_NONBLOCK' socat_echo

# pv splices if one side is a pipe.
pv_splices() {
	through "cat /tmp/in | strace -f -o /tmp/into -e trace=splice pv -q >$device" \
		"strace -f -o /tmp/from -e trace=splice pv -q $device | cat >/tmp/out"
	grep -q 'splice(.* = [1-9]' /tmp/into || fail "no splice into it: $(cat /tmp/into)"
	grep -q 'splice(.* = [1-9]' /tmp/from || fail "no splice out of it: $(cat /tmp/from)"
}
check 'pv between it and a pipe: by splice' pv_splices

stress() {
	begin
	stress-ng --dev 2 --dev-file "$device" --klog-check --verify --timeout 2 >/tmp/said 2>&1 ||
		fail "$(cat /tmp/said)"
	grep -q 'dev: 1 of 1 devices opened and exercised' /tmp/said || fail "$(cat /tmp/said)"
	grep -q 'passed: 2: dev (2)' /tmp/said || fail "$(cat /tmp/said)"
	! grep -qi 'klog-check:\|fail:\|warn:' /tmp/said || fail "$(cat /tmp/said)"
	begin
	assert_eq '0 5 5:hello' "$(calls open:rw write:hello read:9)"
}
check 'stress-ng --dev --klog-check finds nothing wrong' stress

# by_fio ENGINE SIZE: blocks of SIZE; fio's reader verifies the writer's blocks.
by_fio() {
	begin
	cd /tmp
	for job in write:--do_verify=0 read:--verify_fatal=1; do
		fio --name="${job%%:*}" --rw="${job%%:*}" "${job#*:}" --filename="$device" \
			--ioengine="$1" --bs="$2" --size=1M --verify=crc32c --minimal \
			>"/tmp/${job%%:*}" 2>&1 &
		jobs="${jobs:-} $!"
	done
	for job in $jobs; do
		wait "$job" || fail "$(cat /tmp/write /tmp/read)"
	done
	# The fields: KiB that were read, and KiB that were written.
	assert_eq 1024 "$(grep '^3;' /tmp/read | cut -d ';' -f 6)"
	assert_eq 1024 "$(grep '^3;' /tmp/write | cut -d ';' -f 47)"
	assert_eq '0 0' "$(calls open:r fionread)"
}
check 'fio, engine sync, blocks of 4k, verified' by_fio sync 4k
check 'fio, engine sync, blocks of 64k, verified' by_fio sync 64k
check 'fio, engine io_uring, blocks of 4k, verified' by_fio io_uring 4k
check 'fio, engine io_uring, blocks of 64k, verified' by_fio io_uring 64k

# number DIRECTION NUMBER SIZE: an ioctl's, as _IO, _IOR and _IOW of the header make it.
number() {
	echo $(($1 << 30 | $3 << 16 | magic << 8 | $2))
}

by_strace() {
	begin
	magic=$(sed -n 's/^#define RUST_SAMPLE_IOC_MAGIC //p' rust_sample.h | tr A-F a-f)
	strace -o /tmp/out -e trace=ioctl calls open:rw write:hello fionread \
		"ioctl:$(number 2 1 56)" "ioctl:$(number 1 2 8)" "ioctl:$(number 0 3 0)" >/tmp/results
	assert_eq '0 5 5 EFAULT EFAULT 0' "$(cat /tmp/results)"
	# Names would be those of another driver that has the same numbers.
	assert_eq "ioctl(3, FIONREAD, [5]) = 0
ioctl(3, _IOC(_IOC_READ, $magic, 0x1, 0x38), 0) = -1 EFAULT (Bad address)
ioctl(3, _IOC(_IOC_WRITE, $magic, 0x2, 0x8), 0) = -1 EFAULT (Bad address)
ioctl(3, _IOC(_IOC_NONE, $magic, 0x3, 0), 0) = 0" "$(grep '^ioctl' /tmp/out | tr -s ' ')"
}
check "strace's view of the ioctls" by_strace

# by_python TEST: of tests/programs/programs.py.
by_python() {
	begin
	if [ ! -e /usr/lib/python3.13 ]; then
		mkdir -p /usr/lib
		ln -s "$PWD/python-library" /usr/lib/python3.13
	fi
	python3 programs.py "$1"
	assert_eq '0 0' "$(calls open:r fionread)"
}
limit=60
check "Python's files in text mode" by_python text
check "Python's files in binary mode, with a buffer and without" by_python binary
check "Python's selectors" by_python select
check "Python's asyncio" by_python asynchronous
check "Python's subprocess" by_python processes

run_tests
