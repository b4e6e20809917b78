# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The ioctls of rust_sample.h, by 64-bit and 32-bit programs, as root and as an
# ordinary user; none of them writes into the kernel's log.
#
# programs: ioctl ioctl32

. ./lib.sh

# quiet PROGRAM CASE: one of the fixture's. The log gets no line that names the module
# or the program; the kernel may write about itself at any time.
quiet() {
	"$@"
	assert_eq '' "$(log_after "$MARKER" | grep -e 'rust_sample' -e "] $1")" 'the log'
}

for program in ioctl ioctl32; do
	check "$program: FIONREAD" quiet $program fionread
	check "$program: GET_INFO, field by field" quiet $program fields
	check "$program: GET_INFO and FIONREAD by any file" quiet $program any_file
	check "$program: GET_INFO with smaller and larger structs" quiet $program sizes
	check "$program: CLEAR" quiet $program clear
	check "$program: CLEAR wakes writers and pollers" quiet $program clear_wakes
	check "$program: SET_CAPACITY, rounded" quiet $program capacity
	check "$program: SET_CAPACITY: EINVAL, EBUSY" quiet $program capacity_errors
	check "$program: SET_CAPACITY: ENOMEM" quiet $program no_memory
	check "$program: SET_CAPACITY: the limit of a memory cgroup holds: ENOMEM" \
		quiet $program memory_cgroup
	check "$program: a file open for reading changes nothing: EBADF" \
		quiet $program not_for_readers
	check "$program: unknown commands: ENOTTY" quiet $program unknown
	check "$program: bad addresses: EFAULT" quiet $program bad_addresses
	check "$program: SET_CAPACITY above max_capacity needs CAP_SYS_RESOURCE" \
		quiet $program permission
	check "$program: SET_CAPACITY: a capacity above max_capacity can shrink without it" \
		quiet $program shrink_without_permission
	check "$program: SET_CAPACITY: a capability in a namespace does not count" \
		quiet $program permission_in_namespace
done

run_tests
