# SPDX-License-Identifier: GPL-2.0
"""The samples of the benchmark, and the figures of each point.

A point is a clock, a measure, its parameter and a peer. Under the clock 'icount' a value is
a number of instructions; under 'wall' it is a time that means something only beside another
of the same round; under 'count' it is a number of something else.
"""

import csv
import math
import statistics
from collections import defaultdict

BASE = "pipe"
THROUGHPUT = ("one", "two")
SIZES = (1, 64, 512, 4096, 16384, 65536)

# How much two passes of counted instructions may differ.
AGREE = 0.005


class Point:
    """The samples of a point by number, and their ratio to the samples of pipe(2)."""

    def __init__(self):
        self.samples = {}
        self.ratios = []

    @property
    def value(self):
        """The mean of the two passes, or the count."""
        return statistics.fmean(self.samples.values())

    @property
    def ratio(self):
        """How many times as fast as pipe(2)."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def settled(self):
        """Whether the passes agree."""
        low, high = min(self.samples.values()), max(self.samples.values())
        return high - low <= AGREE * high


def interval(values):
    """Where the median lies with 95 %: two ranks that a fair coin gives."""
    values = sorted(values)
    n, rank, tail = len(values), 0, 1
    while tail + math.comb(n, rank + 1) <= 0.025 * 2**n:
        rank += 1
        tail += math.comb(n, rank)
    return values[rank], values[-1 - rank]


def read(lines):
    """The points in the CSV lines of the program that measures, by their names."""
    points = defaultdict(Point)
    for line in csv.reader(lines):
        if len(line) == 6:
            clock, measure, parameter, peer, number, value = line
            key = clock, measure, int(parameter), peer
            points[key].samples[int(number)] = float(value)
    for (clock, measure, parameter, _), point in points.items():
        base = points.get((clock, measure, parameter, BASE))
        if base is None or clock == "count":
            continue
        if clock == "icount":
            point.ratios = [base.value / point.value]
        else:
            # Of the same round, in which the peers are measured one after another.
            point.ratios = [base.samples[n] / value for n, value in point.samples.items()
                            if n in base.samples]
    return dict(points)


def twelve(points, clock, peer):
    """The ratios to pipe(2) of the points of throughput that were measured, by name."""
    keys = [(clock, measure, size, peer) for measure in THROUGHPUT for size in SIZES]
    return {key[1:3]: points[key].ratio for key in keys if key in points}


def geometric_mean(ratios):
    return statistics.geometric_mean(ratios)
