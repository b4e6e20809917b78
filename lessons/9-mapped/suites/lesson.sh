# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 9.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: board

# shellcheck source=lessons/teach.sh
. ./teach.sh

# afresh RESULTS LOOK OPERATION...: with the module just loaded.
afresh() {
	results=$1 look=$2
	shift 2
	load
	prints "$results" "$look" board "$@"
}

check 'the board has four pages of zeros' afresh "'0 0'" \
	'"Board::new(): Page::alloc_page() with __GFP_ZERO, four times"' map:4 zeros:4
check 'two mappings show the same memory' afresh "'0 0 0 7 0 7'" \
	'"the pages: all files share those of the Board"' map:4 put:3:7 map:4 get:3 first get:3
check 'another process sees the same memory' afresh "'0 0 9'" \
	'"the pages: all files share those of the Board"' map:4 child:2:9 get:2
check 'a mapping of a part begins at its offset' afresh "'0 0 0 5 0'" \
	'"vm_pgoff: the first page that the program asks for"' map:4 put:2:5 map:2:2 get:0 get:1
check 'a mapping of more pages than there are: EINVAL' afresh "'EINVAL EINVAL EINVAL'" \
	'"the check of offset and length, before any page is inserted"' map:5 map:2:3 map:1:4
check 'a mapping cannot grow: EFAULT' afresh "'0 EFAULT'" '"set_dontexpand()"' map:2 grow
check 'a private mapping: EINVAL' afresh "'EINVAL'" '"the flag VM_MAYSHARE: see vma.flags()"' private
check 'a shared mapping of a file that is open for reading only' afresh "'0 0'" \
	'"the flag VM_MAYSHARE: this mapping has no VM_SHARED"' readonly get:0
check 'a mapping that can be executed: EINVAL' afresh "'EINVAL'" '"try_clear_mayexec()"' exec
check 'a mapping cannot be made executable later: EACCES' afresh "'0 EACCES'" '"try_clear_mayexec()"' map:1 protect

stays() {
	load
	prints '0 0' "the pages" board map:1 put:0:3
	prints '0 3' "the owner of the pages: they live as long as the module" board map:1 get:0
}
check 'the memory outlives its mappings' stays

run_tests
