# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Programs of Debian's packages, unchanged, whose pipes are private FIFOs: tests/preload/pipe.c is
# loaded into them. They print the same as on pipe(2).
#
# vm: --memory 2048
# packages: bash coreutils dash diffutils findutils gawk git grep gzip less make parallel perl procps
# packages: python3 rsync sed socat sox strace tar zstd
# programs: pipe.so

# shellcheck source=tests/lib.sh
. ./lib.sh
# shellcheck source=tests/packages.sh
. ./packages.sh

# run COMMANDS [WORD...]: shows what lines of shell print, and their status. The WORDs come
# before the shell.
run() {
	commands=$1
	shift
	rm -rf "$system/tmp/work"
	mkdir "$system/tmp/work"
	status=0
	inside "$@" sh -euc "cd /tmp/work; $commands" 2>&1 || status=$?
	echo "status $status"
}

# RUST_SAMPLE_IOC_NEW_FIFO, as strace shows it.
new_fifo=0xc018f704

# same PROGRAM COMMANDS: they print the same on pipe(2) and on FIFOs, also under strace, which
# shows that all pipes of PROGRAM are FIFOs.
same() {
	run "$2" >/tmp/on-pipe
	grep -qx 'status 0' /tmp/on-pipe || fail "on pipe(2): $(cat /tmp/on-pipe)"
	run "$2" LD_PRELOAD=/pipe.so >/tmp/on-fifo
	diff /tmp/on-pipe /tmp/on-fifo || fail 'it prints something else on a FIFO'
	run "$2" strace -f -qq -X raw --decode-pids=comm -e 'trace=?pipe,pipe2,ioctl' -o /tmp/trace \
		-E LD_PRELOAD=/pipe.so >/tmp/on-fifo
	diff /tmp/on-pipe /tmp/on-fifo || fail 'it prints something else on a FIFO under strace'
	trace=$system/tmp/trace
	fifos=$(grep -c "<$1> ioctl(.*, $new_fifo, .* = 0$" "$trace") || fail "$1 makes no FIFO"
	! grep "<$1> pipe" "$trace" || fail "a pipe of $1 is no FIFO"
	echo "# $1: $fifos FIFOs"
}

# Each runs three times.
limit=180

prepare() {
	make_system
	cp pipe.so "$system"
	ln -s gawk "$system/usr/bin/awk"
}
check 'the packages are unpacked' prepare

# A file of some megabytes.
data=/usr/bin/git

by_shell() {
	same "$1" "$1 -euc '
		cat $data | tr a-z A-Z | cat | head -c 300000 | od -An -v -tx1 -w64 | sort | md5sum
		cat $data | cat | cat | md5sum
		text=\$(seq 20000 | tail -n 3)
		echo \"\$text\"
		echo \"\$(echo \"\$(echo nested)\" | tr a-z A-Z)\"
		cat <<-END | md5sum
			\$(seq 5000)
		END
		seq 10 | while read -r line; do echo \"line \$line\"; done
		yes | head -n 3
		! false | false
		{ sleep 0.1; echo late; } | cat'"
}
check 'dash: pipelines, command substitution, here-documents' by_shell dash
check 'bash: pipelines, command substitution, here-documents' by_shell bash

by_bash() {
	same bash "bash -euc '
		yes | head -n 2 || :
		echo \"\${PIPESTATUS[@]}\"
		set -o pipefail
		cat $data | head -c 10 | md5sum || echo \"broken \$?\"
		seq 1000000 | head -n 1 || echo \"broken \$?\"
		coproc { while read -r line; do echo \"got \$line\"; done; }
		for i in 1 2 3; do
			echo \"\$i\" >&\"\${COPROC[1]}\"
			read -r answer <&\"\${COPROC[0]}\"
			echo \"\$answer\"
		done
		shopt -s lastpipe
		seq 3 | mapfile -t lines
		echo \"\${lines[@]}\"'"
}
check 'bash: pipefail, SIGPIPE, coproc, lastpipe' by_bash

by_make() {
	same make "
		printf '%s\n' 'all: a b' 'a b:' '	+@\$(MAKE) --no-print-directory -f inner \$@' >Makefile
		printf '%s\n' 'a: \$(addprefix a,1 2 3 4 5 6)' 'b: \$(addprefix b,1 2 3 4 5 6)' '%:' \
			'	@echo \$@ begins >>log; sleep 0.05; echo \$@ ends >>log' '.PHONY: a b' >inner
		make -s -j 3 --jobserver-style=pipe -Otarget
		sort log | md5sum
		# No more than three at once, and all three tokens in use.
		awk '/begins/ && ++n > most { most = n } /ends/ { n-- } END { print most }' log
		make -s -j 2 --jobserver-style=pipe -f /dev/null --eval='x := \$(shell seq 1000)' \
			--eval='all:; @echo \$(words \$(x))'"
}
check "GNU make: -j with a job server's pipe, output by target, \$(shell)" by_make

by_tar() {
	same sh "
		cp -a /usr/lib/git-core/mergetools /usr/share/perl5/Git.pm .
		tar -cf - mergetools Git.pm | zstd -q | zstd -qd | tar -xf - --one-top-level=copy
		diff -r mergetools copy/mergetools
		cmp Git.pm copy/Git.pm
		ls copy/mergetools | md5sum"
	same tar "
		cp -a /usr/share/perl5/Git* .
		tar --zstd -cf archive.tar.zst Git*
		tar -xf archive.tar.zst --one-top-level=copy
		cmp Git.pm copy/Git.pm
		tar -xf archive.tar.zst --to-command='md5sum; echo \$TAR_FILENAME' Git.pm"
}
check 'tar | zstd | tar, tar --zstd, tar --to-command' by_tar

run_tests
