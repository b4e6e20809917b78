# SPDX-License-Identifier: GPL-2.0
#
# Compares the results on pipes with those on FIFOs, and prints tables in Markdown. The first
# file has the documented differences: a case, and its reason. The second has the results:
# collection, pipe or fifo, part, result, case. Ends with 1 on a difference that is not
# documented, a documented one that is none, and lost results.

FILENAME == ARGV[1] {
	if (/^[^#]/) {
		name = $1
		sub(/^[^ ]+ +/, "")
		reason[name] = $0
	}
	next
}

{
	part = $1 " " $3
	if (!(part in seen)) {
		seen[part] = 1
		parts[++parts_n] = part
	}
	kind = $2
	result = $4
	sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
	if (!((part, $0) in case_)) {
		case_[part, $0] = 1
		part_of[++n] = part
		name_of[n] = $0
	}
	results[kind, part, $0] = result
}

END {
	for (i = 1; i <= n; i++) {
		part = part_of[i]
		name = name_of[i]
		pipe = results["pipe", part, name]
		fifo = results["fifo", part, name]
		if (pipe == "skipped" && fifo == "skipped")
			continue
		cases[part]++
		pipes[part] += pipe == "passed"
		fifos[part] += fifo == "passed"
		if (pipe == "lost" || fifo == "lost") {
			list = list sprintf("| `%s` | %s | %s | **no results** |\n", name, pipe, fifo)
			bad++
		} else if (pipe != fifo) {
			differences[part]++
			why = name in reason ? reason[name] : "**not documented**"
			list = list sprintf("| `%s` | %s | %s | %s |\n", name, pipe, fifo, why)
			bad += !(name in reason)
		} else if (name in reason) {
			list = list sprintf("| `%s` | %s | %s | **no difference** |\n", name, pipe, fifo)
			bad++
		}
	}
	print "| collection | cases | passed on pipe(2) | passed on the FIFO | differences |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= parts_n; i++) {
		part = parts[i]
		printf "| %s | %d | %d | %d | %d |\n", part, cases[part], pipes[part], fifos[part], differences[part]
		sums[1] += cases[part]
		sums[2] += pipes[part]
		sums[3] += fifos[part]
		sums[4] += differences[part]
	}
	printf "| all | %d | %d | %d | %d |\n", sums[1], sums[2], sums[3], sums[4]
	if (list)
		printf "\n| case | on pipe(2) | on the FIFO | reason |\n|---|---|---|---|\n%s", list
	exit bad > 0 || n == 0
}
