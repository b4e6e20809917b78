# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Memory with tags: arm64's memory tagging extension. A page with the wrong tag is
# present, and a copy still fails there.
#
# vm: --mte
# needs: ARM64_MTE
# programs: faults

. ./lib.sh

check 'memory with another tag refuses the copy: EFAULT, or the bytes before it' faults wrong_tag

run_tests
