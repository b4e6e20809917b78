# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 5.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: meter meter32

# shellcheck source=lessons/teach.sh
. ./teach.sh

# gives RESULTS LOOK CALL...
gives() {
	results=$1 look=$2
	shift 2
	prints "$results" "$look" meter "$@"
}

check 'samples are added' gives "'0 0 0 12,7,3'" '"METER_ADD and METER_GET in ioctl()"' \
	add:5 add:7 add:0 get:24
check 'a reset sets all fields to 0' gives "'0 0 0,0,0'" '"METER_RESET in ioctl()"' add:5 reset get:24
check 'an old program, whose struct is smaller, gets the fields that it knows' gives "'0 5 5,5'" \
	'"the size in the number of METER_GET: it is that of the caller, see _IOC_SIZE()"' add:5 get:8 get:16
check 'a newer program, whose struct is larger, gets 0 in the fields behind' gives "'0 5,5,1,0,0'" \
	'"what you write behind your own fields: the caller must not see what was there before"' add:5 get:40
check 'a struct without a whole first field: EINVAL' gives "'EINVAL EINVAL EINVAL'" \
	'"the check of the size of METER_GET: 8 or more, a multiple of 8"' get:0 get:4 get:12
check 'an unknown number: ENOTTY' gives "'ENOTTY ENOTTY ENOTTY'" \
	'"the error of the last arm of the match: EINVAL is for a known ioctl with a wrong argument"' other:9 other:1 other:2
check 'flags that are not 0: EINVAL, and nothing is added' gives "'EINVAL 0,0,0'" \
	'"the checks in METER_ADD: what you ignore today, you can never use later"' add:5:1 get:24
check 'a reserved field that is not 0: EINVAL' gives "'EINVAL 0,0,0'" \
	'"the checks in METER_ADD: reserved has the same rule as flags"' add:5:0:1 get:24
check 'a total above 64 bits: EOVERFLOW, and nothing changes' \
	gives "'0 EOVERFLOW 18446744073709551615,18446744073709551615,1'" \
	'"checked_add(), before any field changes"' add:18446744073709551615 add:1 get:24
check 'bad addresses: EFAULT' gives "'EFAULT EFAULT 0,0,0'" \
	'"the ? after each read() and write() of the UserSlice"' badadd badget get:24

as_32_bit() {
	came=$(./meter32 add:5 add:7 get:24 get:8) || { echo "$came" && exit 4; }
	same 'meter32 add:5 add:7 get:24 get:8: 0 0 12,7,2 12' "meter32 add:5 add:7 get:24 get:8: $came" \
		"compat_ioctl(): without one of your own, 32-bit programs get your ioctl()"
}
check 'the same from a 32-bit program' as_32_bit

run_tests
