# SPDX-License-Identifier: GPL-2.0
#
# Plots how many times as fast as pipe(2) the peers are, by the clock CLOCK, in two panels:
#
#	gnuplot -c bench/ratio.gp RESULTS.csv CLOCK blocks|tasks OUTPUT.svg
#
# OUTPUT.png works, too.

results = ARG1
clock = ARG2
by_blocks = ARG3 eq "blocks"
output = ARG4

if (output[strlen(output) - 2:] eq "svg") {
	set terminal svg size 960,460 font "sans-serif,13" background "white" linewidth 1.6
} else {
	set terminal pngcairo size 960,460 font "sans,10" linewidth 1.6
}
set output output
set datafile separator comma
# A row of something else does not break the line.
set datafile missing NaN

peers = "rust_sample twin twin_checked fifo unix memfd"
if (by_blocks) {
	measures = "one two"
	titles = "'one task: write, then read back' 'two tasks: one writes, one reads'"
	set xtics ("1" 1, "64" 64, "512" 512, "4K" 4096, "16K" 16384, "64K" 65536)
	set xlabel "bytes in a block"
	set xrange [0.7:95000]
} else {
	measures = "readers writers"
	titles = "'one writer, many readers' 'many writers, one reader'"
	set xtics (1, 2, 4, 8)
	set xlabel "tasks beside the one"
	set xrange [0.9:9]
}
set logscale x 2
set logscale y 2
set ytics (0.1, 0.2, 0.3, 0.5, 0.7, "1: pipe(2)" 1, 1.2, 1.5, 2, 3, 4)
set grid ytics linetype 1 linecolor rgb "#dddddd"
set border 3
set tics nomirror
set bmargin 5.5
# One for both panels.
set key at screen 0.5, screen 0.05 center horizontal maxrows 1

color(n) = word("#d55e00 #0072b2 #56b4e9 #009e73 #e69f00 #999999", n)
# The peer's rows of this measure alone.
mine(n, measure) = strcol(1) eq clock && strcol(2) eq measure && strcol(4) eq word(peers, n)

# Counted instructions need no interval.
set errorbars clock eq "wall" ? 1 : 0
low(ratio) = clock eq "wall" ? column(9) : ratio
high(ratio) = clock eq "wall" ? column(10) : ratio

set multiplot layout 1,2 title (clock eq "wall" ? \
	"Times as fast as pipe(2): wall time, two CPUs, median and its 95 % interval" : \
	"Times as fast as pipe(2): counted instructions, one CPU")
do for [panel = 1:2] {
	set title word(titles, panel)
	measure = word(measures, panel)
	# The memfd, the last one, knows no waiting.
	last = words(peers) - (measure eq "one" ? 0 : 1)
	plot 1 with lines linecolor rgb "#444444" dashtype 2 notitle, \
		for [n = 1:last] results skip 1 \
		using (mine(n, measure) ? $3 : NaN):8 with linespoints \
		linecolor rgb color(n) linewidth (n == 1 ? 2 : 1) pointtype 7 pointsize 0.5 \
		title (panel == 1 ? word(peers, n) : "") noenhanced, \
		for [n = 1:last] results skip 1 \
		using (mine(n, measure) ? $3 : NaN):8:(low($8)):(high($8)) with yerrorbars \
		linecolor rgb color(n) pointtype 7 pointsize 0 notitle
}
unset multiplot
