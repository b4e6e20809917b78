# SPDX-License-Identifier: GPL-2.0
#
# Prints a kernel's log in which tests/splats finds splats, without KCSAN's reports on the kernel
# alone: a report counts if a frame of one of its two stacks belongs to a module.

# ioctl(2) compares f_flags with FASYNC without the lock that fasync_helper() takes to set it.
/BUG: KCSAN: data-race in do_vfs_ioctl \/ fasync_(insert|remove)_entry/ { next }
/BUG: KCSAN:/ {
	title = $0
	next
}
title && /\+0x[0-9a-f]+\/0x[0-9a-f]+ \[/ {
	print title
	title = ""
}
/=======/ { title = "" }
{ print }
