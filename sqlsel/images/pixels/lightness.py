"""Mean lightness of an image (CIE L*) by two lookup tables: from sRGB to luminance, and from there to L*."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sqlsel.images.pixels.blocks import blocks

_STEPS = 1 << 21  # of linear light: three rounded shares of Y move L* by 1.5 · 903.3 / 2²¹ < 1e-3


def mean_lightness(rgb: Image.Image) -> float:
    """0 (black) to 100 (white); sRGB (IEC 61966-2-1), Y by ITU-R BT.709, L* by CIE 15."""
    red, green, blue = _shares_of_luminance()
    lightness = _lightness()
    total = 0.0
    for start, stop in blocks(0, rgb.height, rgb.width):
        pixels = np.asarray(rgb.crop((0, start, rgb.width, stop)))
        steps = red.take(pixels[..., 0])
        steps += green.take(pixels[..., 1])
        steps += blue.take(pixels[..., 2])
        total += float(lightness.take(steps).sum(dtype=np.float64))  # float32 would lose digits
    return total / (rgb.width * rgb.height)


@cache
def _shares_of_luminance() -> NDArray[np.int32]:
    """For each value of red, green and blue its contribution to the luminance Y, in steps of 1 / _STEPS."""
    values = np.arange(256) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    shares = np.array([0.2126, 0.7152, 0.0722])
    steps: NDArray[np.int32] = np.rint(shares[:, None] * linear * _STEPS).astype(np.int32)
    return steps


@cache
def _lightness() -> NDArray[np.float32]:
    """L* for each number of steps; three rounded shares may add up to one step above white."""
    luminance = np.minimum(np.arange(_STEPS + 2) / _STEPS, 1)
    curved, straight = 116 * np.cbrt(luminance) - 16, 24389 / 27 * luminance
    return np.where(luminance > 216 / 24389, curved, straight).astype(np.float32)
