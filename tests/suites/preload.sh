# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Programs of Debian's packages, unchanged, whose pipes are private FIFOs: tests/preload/pipe.c is
# loaded into them. They print the same as on pipe(2).
#
# vm: --memory 2048 --add tests/preload/pipes.py
# packages: bash coreutils dash diffutils findutils gawk git grep gzip less libc-bin make parallel perl
# packages: procps python3 rsync sed socat sox strace tar zstd
# programs: pipe.so

. ./lib.sh
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
# shows that all pipes of PROGRAM are FIFOs. A slow kernel is left without strace, which slows
# each call down.
same() {
	need_system
	run "$2" >/tmp/on-pipe
	grep -qx 'status 0' /tmp/on-pipe || fail "on pipe(2): $(cat /tmp/on-pipe)"
	run "$2" LD_PRELOAD=/pipe.so >/tmp/on-fifo
	diff /tmp/on-pipe /tmp/on-fifo || fail 'it prints something else on a FIFO'
	[ "$SLOW" = 1 ] || return 0
	run "$2" strace -f -qq -X raw --decode-pids=comm -e 'trace=?pipe,pipe2,ioctl' -o /tmp/trace \
		-E LD_PRELOAD=/pipe.so >/tmp/on-fifo
	diff /tmp/on-pipe /tmp/on-fifo || fail 'it prints something else on a FIFO under strace'
	trace=$system/tmp/trace
	fifos=$(grep -c "<$1> ioctl(.*, $new_fifo, .* = 0$" "$trace") || fail "$1 makes no FIFO"
	! grep "<$1> pipe" "$trace" || fail "a pipe of $1 is no FIFO"
	echo "# $1: $fifos FIFOs"
}

# Each runs two or three times.
limit=180

prepare() {
	make_system
	cp pipe.so pipes.py "$system"
	ln -s gawk "$system/usr/bin/awk"
}
check 'the packages are unpacked' need_system

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

# Each of these opens /dev/stdin or /dev/fd/N, which lead to /proc/self/fd.
by_name() {
	same bash "bash -euc '
		cat <(echo hello) <(seq 3)
		diff <(seq 1 4) <(seq 2 5) || echo \$?
		seq 20000 | tee >(md5sum >one) >(tail -n 1 >two) | wc -l
		until [ -s one ] && [ -s two ]; do sleep 0.1; done
		cat one two
		while read -r line; do echo \"line \$line\"; done < <(seq 3)
		echo hello | cat /dev/stdin
		echo hello | cat - /dev/fd/0
		echo hello | { cat /dev/fd/3; } 3<&0
		echo hello | cp /dev/stdin copy
		cat copy
		{ echo one >/dev/stdout; echo two >/dev/stderr; } 2>&1 | sort -r
		true | test -p /dev/stdin && echo a pipe
		stat -L -c \"%F %a\" <(true)
		find -L <(true) -type p | wc -l'"
}
check "test -p, /dev/stdin, /dev/fd/N, bash's <(...) and >(...)" by_name

# What | gives comes from popen(3).
by_gawk() {
	same gawk "gawk 'BEGIN {
		sort = \"sort -n -r | head -n 2\"
		for (i = 0; i < 20000; i++) print i |& sort
		close(sort, \"to\")
		while ((sort |& getline) > 0) print
		while ((\"seq 20000\" |& getline) > 0) sum += \$1
		print sum
	}'"
}
check "gawk: |& in both directions" by_gawk

by_make() {
	same make "
		printf '%s\n' 'all: a b' 'a b:' '	+@\$(MAKE) --no-print-directory -f inner \$@' >Makefile
		printf '%s\n' 'a: \$(addprefix a,1 2 3 4 5 6)' 'b: \$(addprefix b,1 2 3 4 5 6)' '%:' \
			'	@echo \$@ begins >>log; sleep 0.3; echo \$@ ends >>log' '.PHONY: a b' >inner
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

by_git() {
	same git "
		export GIT_AUTHOR_DATE=@1000000000 GIT_COMMITTER_DATE=@1000000000 GIT_PAGER='cat -n'
		git config --global user.name name
		git config --global user.email name@example.org
		git init -q -b main one
		cd one
		git config filter.upper.clean 'tr a-z A-Z'
		git config filter.upper.smudge 'tr A-Z a-z'
		echo 'text filter=upper' >.gitattributes
		for i in 1 2; do
			echo \"hello \$i\" >text
			seq \${i}0000 >numbers
			git add .
			git commit -q -m \"commit \$i\"
		done
		git show HEAD:text
		git repack -adq
		git clone -q \"file://\$PWD\" ../two
		git -C ../two fsck
		cmp numbers ../two/numbers
		socat -u EXEC:'git -C ../two log --oneline',pty STDOUT
		git archive HEAD | tar -tf -
		git bundle create - --all | cat >../bundle
		git bundle verify ../bundle"
}
check 'git: pager, clone, fsck, filters, archive, bundle' by_git

by_rsync() {
	same socat "
		cp -a /usr/lib/git-core/mergetools .
		seq 50000 >numbers
		printf '%s\n' '#!/bin/sh' shift 'exec socat - \"EXEC:\$*,pipes\"' >via
		chmod +x via
		rsync -a -e ./via mergetools numbers host:copy
		diff -r mergetools copy/mergetools
		cmp numbers copy/numbers
		rsync -ani -e ./via mergetools numbers host:copy"
}
check 'rsync to another process, through pipes of socat' by_rsync

by_python() {
	same python3 "python3 /pipes.py $1"
}
check "Python: subprocess" by_python processes
check "Python: multiprocessing" by_python workers
check "Python: asyncio" by_python asynchronous

by_perl() {
	same perl "perl -we '
		use strict;
		use IPC::Open3;
		open(my \$from, \"-|\", \"seq\", 1000) or die;
		my @lines = <\$from>;
		close(\$from);
		print scalar(@lines), \" \", \$?, \"\n\";
		open(my \$to, \"|-\", \"md5sum\") or die;
		print \$to @lines;
		close(\$to);
		print \`echo hello | tr a-z A-Z\`;
		pipe(my \$r, my \$w) or die;
		if (!fork()) {
			close(\$r);
			print \$w \"from the child\n\" x 10000;
			exit;
		}
		close(\$w);
		@lines = <\$r>;
		print scalar(@lines), \"\n\";
		my \$id = open3(my \$in, my \$out, undef, \"tr\", \"a-z\", \"A-Z\");
		print \$in \"three\n\";
		close(\$in);
		print <\$out>;
		waitpid(\$id, 0);
		\$SIG{PIPE} = sub { print \"SIGPIPE\n\" };
		pipe(\$r, \$w) or die;
		close(\$r);
		syswrite(\$w, \"x\") or print \"\$!\n\";'"
}
check 'Perl: open, pipe, backquotes, IPC::Open3, SIGPIPE' by_perl

by_xargs() {
	same xargs "seq 200 | xargs -P 4 -n 5 sh -c 'echo \$#' | sort | uniq -c
		echo x | xargs /no/such/program || echo \$?"
	same parallel "
		seq 5 | parallel --will-cite -k -j 2 echo got
		seq 1000 | parallel --will-cite -k -j 2 --pipe -N 400 wc -l"
}
check 'xargs -P, GNU parallel' by_xargs

by_coreutils() {
	same sort "head -c 300000 $data | od -An -v -tx1 -w16 |
		sort -S 100k --parallel=2 --compress-program=gzip | md5sum"
	same split "seq 10000 | split -n r/3 --filter='md5sum; echo \$FILE'"
}
check 'sort --compress-program, split --filter' by_coreutils

# After one end of file, socat gives the rest half a second, unless -t says more. It waits for all of
# that time if both directions are used, so its input ends only after the output is there.
by_socat() {
	same socat "
		socat -u -t 60 EXEC:'seq 20000',pipes STDOUT | md5sum
		{ echo hello; until [ -s out ]; do sleep 0.1; done; } |
			socat - SYSTEM:'head -n 1 | tr a-z A-Z',pipes >out
		cat out"
}
check 'socat: EXEC with pipes' by_socat

by_sox() {
	same sh "sox -D -n -t au - synth 2 sine 440 | sox -D -t au - -t au - reverse | sox -D -t au - -t raw - | md5sum"
}
check 'sox | sox | sox' by_sox

# differs COMMANDS ON-PIPE ON-FIFO: what they print.
differs() {
	need_system
	assert_eq "$2
status 0" "$(run "$1")" 'on pipe(2)'
	assert_eq "$3
status 0" "$(run "$1" LD_PRELOAD=/pipe.so)" 'on a FIFO'
}
no_size() {
	differs 'python3 /pipes.py size' 'works' 'Bad file descriptor'
}
check "cannot work: Python's subprocess with pipesize" no_size

run_tests
