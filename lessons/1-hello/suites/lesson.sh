# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 1.
#
# vm: --no-module --add lessons/teach.sh --add insmod=/usr/sbin/insmod

# shellcheck source=lessons/teach.sh
. ./teach.sh

greets_once() {
	load
	same 'greeting 1 of 1' "$(said)" \
		"pr_info! in init(), and the default of the parameter; does the text end with \n?"
}
check 'a load logs one greeting' greets_once

greets_three_times() {
	load times=3
	same 'greeting 1 of 3
greeting 2 of 3
greeting 3 of 3' "$(said)" "the parameter times in module!, and the loop in init()"
}
check 'times=3 logs three greetings, numbered from 1' greets_three_times

takes_ten() {
	load times=10
	same 'greeting 10 of 10' "$(said | tail -n 1)" "the check of the parameter: 10 is the largest value"
}
check 'times=10 is permitted' takes_ten

check 'times=0 is refused: EINVAL' refused EINVAL times=0
check 'times=11 is refused: EINVAL' refused EINVAL times=11

says_why() {
	refused EINVAL times=11
	came=$(said | grep -v greeting | grep times) || true
	[ -n "$came" ] || wrong "a line in the log that names the parameter times" "$(said)" \
		"pr_err! before return Err(...): the user of insmod sees only the error code"
}
check 'a refused load says in the log which parameter is wrong' says_why

does_nothing() {
	refused EINVAL times=11
	same '' "$(said | grep -E 'greeting|goodbye')" \
		"the order in init(): check all parameters first, then act"
}
check 'a refused load neither greets nor says goodbye' does_nothing

says_goodbye() {
	load times=4
	unload
	same 'goodbye after 4 greetings' "$(said | tail -n 1)" \
		"drop() of the module's type, and the field that keeps the number; does the text end with \n?"
}
check 'an unload says goodbye, with the number of greetings' says_goodbye

run_tests
