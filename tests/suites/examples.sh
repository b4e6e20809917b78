# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The examples of docs/device.md and docs/mapped.md do what they say.
#
# vm: --add docs/examples/fifo.sh --add docs/examples/fifo.py --add docs/examples/messages.py
# vm: --add /usr/bin/python3 --add python-library=/usr/lib/python3.13
# programs: calls fifo messages messages-rs

. ./lib.sh

if [ ! -e /usr/lib/python3.13 ]; then
	mkdir -p /usr/lib
	ln -s "$PWD/python-library" /usr/lib/python3.13
fi

# says OUTPUT COMMAND...: on a FIFO that is new.
says() {
	rmmod rust_sample
	insmod ./rust_sample.ko
	expected=$1
	shift
	status=0
	output=$("$@" 2>&1) || status=$?
	[ "$status" != 4 ] || skip "${output#SKIP }"
	assert_eq "$(printf '%b' "$expected")" "$output"
	assert_eq 0 "$status" 'status'
	assert_eq '0 0' "$(calls open:r fionread)" 'what is left'
}
state='6 of 131072 bytes are used\nhello'
check 'the example in C' says "'$state'" fifo
check 'the example in shell' says "'hello\nline 1\nline 2\nline 3\nused:\t6\nhello'" sh fifo.sh
check 'the example in Python' says "'$state'" python3 fifo.py

lines='1000 lines, 11890 bytes'
check 'the example of a mapped FIFO in C' says "'$lines'" messages
check 'the example of a mapped FIFO in Python' says "'$lines'" python3 messages.py
check 'the example of a mapped FIFO in Rust' says "'$lines'" messages-rs

run_tests
