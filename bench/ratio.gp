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
	set terminal svg size 960,500 font "sans-serif,13" background "white" linewidth 1.6
} else {
	set terminal pngcairo size 960,500 font "sans,10" linewidth 1.6
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
unset key

# Each peer has a color and a shape: the plot must also be readable in grey.
color(n) = word("#d55e00 #0072b2 #3d8fc4 #009e73 #aa4499 #666666", n)
shape(n) = int(word("7 4 8 13 11 2", n))
# The peer's rows of this measure alone.
mine(n, measure) = strcol(1) eq clock && strcol(2) eq measure && strcol(4) eq word(peers, n)
x(n, measure) = mine(n, measure) ? column(3) : NaN

# Only one task can use the memfd, the last one: a read of it does not wait.
last(measure) = words(peers) - (measure eq "one" ? 0 : 1)
look = "with linespoints linecolor rgb color(n) linewidth (n == 1 ? 2 : 1) \
	pointtype shape(n) pointsize (n == 1 ? 0.6 : 0.8)"
# Counted instructions have no interval.
intervals = clock ne "wall" ? "" : "for [n = 1:last(measure)] results skip 1 \
	using (x(n, measure)):9:(0):($10 - $9) with vectors nohead linecolor rgb color(n),"

# The part of the height that is below the panels, for the key.
below = 0.08
set multiplot title (clock eq "wall" ? \
	"Times as fast as pipe(2): wall time, two CPUs, median and its 95 % interval" : \
	"Times as fast as pipe(2): counted instructions, one CPU")
set size 0.5, 0.94 - below
do for [panel = 1:2] {
	set origin 0.5 * (panel - 1), below
	set title word(titles, panel)
	measure = word(measures, panel)
	plot 1 with lines linecolor rgb "#444444" dashtype 2, \
		@intervals for [n = 1:last(measure)] results skip 1 using (x(n, measure)):8 @look
}
# One key for both, in a plot of nothing.
unset title
unset xlabel
unset border
unset tics
unset grid
set margins 0, 0, 0, 0
set origin 0, 0
set size 1, below
set key at screen 0.5, screen 0.5 * below center horizontal Left reverse maxrows 1 samplen 2.5 width -1
set yrange [1:2]
plot for [n = 1:last(word(measures, 1))] NaN @look title word(peers, n) noenhanced
unset multiplot
