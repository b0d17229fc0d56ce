"""What is told of many numbers: their median and quartiles, a percentile, ratios in pairs."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some numbers, and the quartiles around it."""

    median: float
    low: float
    high: float


def spread(numbers):
    """The spread of one number or more."""
    if len(numbers) == 1:
        return Spread(numbers[0], numbers[0], numbers[0])
    low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return Spread(median, low, high)


def percentile(numbers, percent):
    """The least of `numbers` that `percent` per cent of them do not exceed (nearest rank)."""
    ranked = sorted(numbers)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


def interleaved(pairs):
    """The order in which two are asked, `pairs` times each: A B, B A, A B and so on.

    What slows the machine down for a while, or ever more, slows both.
    """
    return [(0, 1) if pair % 2 == 0 else (1, 0) for pair in range(pairs)]


def paired(first, second, pairs):
    """The results of asking two callables in turn, a pair (first's, second's) for each turn."""
    ways, results = (first, second), []
    for order in interleaved(pairs):
        found = {way: ways[way]() for way in order}
        results.append((found[0], found[1]))
    return results
