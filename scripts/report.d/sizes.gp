# SPDX-License-Identifier: GPL-2.0
#
# Plots sizes without Rust and with it, in a panel for each line of the table:
#
#	gnuplot -c scripts/report.d/sizes.gp SIZES.csv OUTPUT.svg
#
# A line has a title, the bytes without Rust, and the bytes with it.

sizes = ARG1
set terminal svg size 960,340 font "sans-serif,13" background "white"
set output ARG2
set datafile separator comma
set style fill solid
set boxwidth 0.7
set border 3
set tics nomirror
set grid ytics linetype 1 linecolor rgb "#dddddd"
set xrange [0.4:2.6]
set format y "%.0f"
set ylabel "KiB"

stats sizes skip 0 using 2 nooutput
lines = STATS_records
title_of(n) = word(system(sprintf("sed -n 's/^\"\\([^\"]*\\)\".*/\\1/p' '%s' | sed -n %dp | tr ' ' '~'", sizes, n + 1)), 1)

set multiplot layout 1,lines
do for [n = 0:lines - 1] {
	what = title_of(n)
	is_module = strstrt(what, "module") > 0
	set title system("echo '".what."' | tr '~' ' '")
	set xtics (is_module ? "in C" : "without Rust" 1, is_module ? "in Rust" : "with Rust" 2)
	set autoscale y
	stats sizes every ::n::n using 2 nooutput
	a = STATS_min
	stats sizes every ::n::n using 3 nooutput
	b = STATS_min
	# Room for the label above a bar.
	set yrange [0:1.15 * (a > b ? a : b) / 1024]
	plot sizes every ::n::n using (1):($2 / 1024) with boxes linecolor rgb "#999999" notitle, \
		sizes every ::n::n using (2):($3 / 1024) with boxes linecolor rgb "#d55e00" notitle, \
		sizes every ::n::n using (1):($2 / 1024):(sprintf("%.0f", $2 / 1024)) with labels offset 0,0.7 notitle, \
		sizes every ::n::n using (2):($3 / 1024):(sprintf("%.0f (%+.1f %%)", $3 / 1024, 100.0 * ($3 - $2) / $2)) \
			with labels offset 0,0.7 notitle
}
unset multiplot
