"""Mean and standard deviation of 8-bit values from their histogram: in integers until the last step."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Moments:
    """Count, sum and sum of squares of values from 0 to 255, as integers, so exact."""

    number: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        return self.total / self.number

    @property
    def deviation(self) -> float:
        """The population standard deviation; exactly 0 where all values are equal."""
        return sqrt(self.number * self.squares - self.total**2) / self.number


def moments(image: Image.Image) -> list[Moments]:
    """The moments of each channel of an image of 8 bits per channel."""
    values = np.arange(256)
    rows = np.array(image.histogram(), np.int64).reshape(-1, 256)
    return [Moments(int(row.sum()), int(row @ values), int(row @ values**2)) for row in rows]


def combined(channels: list[Moments]) -> Moments:
    """The moments of the values of all channels together."""
    return Moments(
        sum(channel.number for channel in channels),
        sum(channel.total for channel in channels),
        sum(channel.squares for channel in channels),
    )
