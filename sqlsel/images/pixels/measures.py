"""The measures ``lightly.*``: numbers that find blurred, noisy, dark or broken images.

Formulas are Lightly's where it published them, else sqlsel's own; each function says which. All
are computed on RGB of 8 bits, or on its grey (ITU-R BT.601, Pillow's ``convert("L")``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sqlsel.images.pixels.edges import Grey, deviation_of_edges, share_of_uniform_rows
from sqlsel.images.pixels.lightness import mean_lightness
from sqlsel.images.pixels.moments import Moments, combined, moments
from sqlsel.images.pixels.opening import as_rgb

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class ChannelStatistics:
    """Statistics of red, green and blue, with values from 0 to 1."""

    mean: Triple
    std: Triple
    sumOfValues: Triple  # noqa: N815  Lightly's key
    sumOfSquares: Triple  # noqa: N815  Lightly's key


@dataclass(frozen=True)
class Measures:
    """All measures of one image; ``shape``: height, width, channels of the image as stored."""

    sharpness: float
    snr: float
    luminance: float
    uniformRowRatio: float  # noqa: N815  Lightly's key
    width: int
    height: int
    mean: Triple
    std: Triple
    sumOfValues: Triple  # noqa: N815  Lightly's key
    sumOfSquares: Triple  # noqa: N815  Lightly's key
    shape: tuple[int, int, int]


def measure(image: Image.Image) -> Measures:
    """All measures of an image of any mode; raises ``BadImage`` where it cannot be converted to RGB."""
    rgb = as_rgb(image)
    grey = _grey(rgb)
    channels = moments(rgb)
    statistics = _statistics(channels)
    return Measures(
        sharpness=deviation_of_edges(grey),
        snr=_snr(channels),
        luminance=mean_lightness(rgb),
        uniformRowRatio=share_of_uniform_rows(grey),
        width=image.width,
        height=image.height,
        mean=statistics.mean,
        std=statistics.std,
        sumOfValues=statistics.sumOfValues,
        sumOfSquares=statistics.sumOfSquares,
        shape=(image.height, image.width, len(image.getbands())),
    )


def sharpness(image: Image.Image) -> float:
    """Standard deviation of the grey image after a 3 × 3 edge filter of -1 with 8 in the middle.

    Source: Lightly's Python client, which filters with Pillow: results are clipped to 0 … 255, and
    the pixels of the border stay *unfiltered*. A flat grey 128 of 8 × 8 has 63.5 therefore, not 0;
    old thresholds rely on it.
    """
    return deviation_of_edges(_grey(as_rgb(image)))


def snr(image: Image.Image) -> float:
    """Signal to noise: mean / standard deviation of all values (0 … 255) of all channels; 0 if flat.

    Source: Lightly's Python client.
    """
    return _snr(moments(as_rgb(image)))


def luminance(image: Image.Image) -> float:
    """Mean lightness, 0 (black) to 100 (white): CIE L* of the relative luminance; right to 1e-3.

    Lightly does not publish its formula; this is sqlsel's: sRGB to linear light (IEC 61966-2-1),
    Y by 0.2126, 0.7152 and 0.0722 (ITU-R BT.709), L* by CIE 15.
    """
    return mean_lightness(as_rgb(image))


def uniform_row_ratio(image: Image.Image) -> float:
    """Share of rows that are uniform, which broken images have many of; 0 to 1.

    Source: Lightly's documentation, with the details as sqlsel reads them. The grey is scaled down,
    never up, to 400 rows, bilinearly between the centres of pixels and without smoothing first. A
    row is uniform if more than 97 % of its pixels have a 3 × 3 Laplacian (8 in the middle, whole
    neighbourhoods only) below 5/255 in magnitude. 0 if a side is below 3.
    """
    return share_of_uniform_rows(_grey(as_rgb(image)))


def channel_statistics(image: Image.Image) -> ChannelStatistics:
    """Mean, population standard deviation, sum and sum of squares per channel, values from 0 to 1.

    Source: the image metadata of later versions of Lightly. Exact but for the last rounding.
    """
    return _statistics(moments(as_rgb(image)))


def _grey(rgb: Image.Image) -> Grey:
    return np.asarray(rgb.convert("L"))


def _snr(channels: list[Moments]) -> float:
    """Mean / standard deviation over all channels; 0 for a flat image."""
    values = combined(channels)
    return values.mean / values.deviation if values.deviation else 0.0


def _statistics(channels: list[Moments]) -> ChannelStatistics:
    """The moments of three channels, scaled from 0 … 255 to 0 … 1."""
    red, green, blue = channels
    return ChannelStatistics(
        mean=(red.mean / 255, green.mean / 255, blue.mean / 255),
        std=(red.deviation / 255, green.deviation / 255, blue.deviation / 255),
        sumOfValues=(red.total / 255, green.total / 255, blue.total / 255),
        sumOfSquares=(red.squares / 255**2, green.squares / 255**2, blue.squares / 255**2),
    )
