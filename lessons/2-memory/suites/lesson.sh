# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 2.
#
# vm: --no-module --add lessons/teach.sh --add insmod=/usr/sbin/insmod

# shellcheck source=lessons/teach.sh
. ./teach.sh

# A number of entries of 8 bytes each for which no computer has the memory, and one whose size in
# bytes is 8 more than the largest number of 64 bits.
huge=1099511627776 overflow=2305843009213693953

makes_both() {
	load first=4 second=100
	same 'first: 4 entries, sum 6
second: 100 entries, sum 4950' "$(said)" "Table::new(), and its two calls in init()"
}
check 'a load makes and fills both tables' makes_both

frees_in_order() {
	load
	mark unload
	unload
	same 'second freed, 4 entries
first freed, 4 entries' "$(said)" \
		"the fields of Tables: Rust drops them in the order in which the struct lists them"
}
check 'an unload frees the second table, then the first' frees_in_order

fits() {
	load first=1000000
	same 'first: 1000000 entries, sum 499999500000' "$(said | head -n 1)" \
		"the type of the vector: kmalloc() ends at 4 MiB, KVVec goes on with vmalloc()"
}
check 'a table of a million entries is made' fits

check 'no memory for the first table: ENOMEM' refused ENOMEM first="$huge"
# allocated: prints how many pages the kernel has allocated since boot.
allocated() {
	awk '/^pgalloc_/ { pages += $2 } END { print pages }' /proc/vmstat
}
takes_nothing() {
	unload
	before=$(allocated)
	refused ENOMEM first="$huge"
	mib=$((($(allocated) - before) / 256))
	[ "$mib" -lt 64 ] || wrong "insmod $module.ko first=$huge fails before it takes memory" \
		"it took $mib MiB, and then failed" \
		"the loop in Table::new(): with_capacity() before it asks for all memory at once"
}
check 'a size that is refused takes no memory' takes_nothing

check 'a size that overflows: ENOMEM' refused ENOMEM first="$overflow"

frees_first() {
	refused ENOMEM second="$huge"
	same 'first: 4 entries, sum 6
first freed, 4 entries' "$(said)" \
		"the ? after Table::new() for the second table: it drops what exists so far, and only that"
}
check 'no memory for the second table: ENOMEM, and the first is freed' frees_first

run_tests
