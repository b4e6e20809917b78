# SPDX-License-Identifier: GPL-2.0
#
# Prints a kernel's log in which tests/splats finds splats, without KCSAN's reports on the kernel
# alone: a report counts if a frame of one of its two stacks belongs to a module.

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
