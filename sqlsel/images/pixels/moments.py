"""Means and deviations of 8-bit values from their histogram: whole numbers until the last step."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Moments:
    """The number of some values from 0 to 255, their sum and the sum of their squares; exact."""

    number: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        return self.total / self.number

    @property
    def deviation(self) -> float:
        """Of the population; exactly 0 where all values are the same."""
        return sqrt(self.number * self.squares - self.total**2) / self.number


def moments(image: Image.Image) -> list[Moments]:
    """One per channel of an image of 8 bits per channel."""
    values = np.arange(256)
    rows = np.array(image.histogram(), np.int64).reshape(-1, 256)
    return [Moments(int(row.sum()), int(row @ values), int(row @ values**2)) for row in rows]


def together(channels: list[Moments]) -> Moments:
    """Of the values of all channels."""
    return Moments(
        sum(channel.number for channel in channels),
        sum(channel.total for channel in channels),
        sum(channel.squares for channel in channels),
    )
