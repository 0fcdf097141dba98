"""What random choices of some rows give: means and shares, with the band in which 90 % of the choices fall.

Sampling is without replacement. The mean of n of N numbers is close to normal, with the variance
s² / n · (N − n) / (N − 1), where s² is that of all (Cochran, Sampling Techniques, 3rd ed. 1977, section 2.6); the
number of rows of a class is hypergeometric.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_QUANTILE = 1.6448536269514722  # of the standard normal distribution at 95 %


class Band(NamedTuple):
    """The mean over random choices, and the quantiles at 5 % and 95 %."""

    low: float
    mean: float
    high: float


def mean_band(values: NDArray[np.float64], count: int) -> Band:
    """The mean of ``count`` of the ``values``, drawn without replacement."""
    size = len(values)
    mean = float(values.mean())
    if size <= 1 or count >= size:
        return Band(mean, mean, mean)
    variance = float(values.var()) / count * (size - count) / (size - 1)
    width = _QUANTILE * math.sqrt(variance)
    return Band(mean - width, mean, mean + width)


def count_band(size: int, marked: int, drawn: int) -> Band:
    """How many of ``marked`` rows are among ``drawn`` of ``size`` rows: hypergeometric, its quantiles whole numbers."""
    drawn = min(drawn, size)
    mean = drawn * marked / size if size else 0.0
    first, last = max(0, drawn - (size - marked)), min(drawn, marked)
    counts = np.arange(first, last + 1)
    # P(k + 1) / P(k) = (marked − k) (drawn − k) / ((k + 1) (size − marked − drawn + k + 1)), summed as logarithms.
    k = counts[:-1].astype(np.float64)
    ratios = (marked - k) * (drawn - k) / ((k + 1) * (size - marked - drawn + k + 1))
    log = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    cumulated = np.cumsum(np.exp(log - log.max()))
    low, high = np.searchsorted(cumulated, np.array([0.05, 0.95]) * cumulated[-1], side="left")
    return Band(float(counts[low]), mean, float(counts[min(high, len(counts) - 1)]))
