"""From a picture to the numbers that a model takes, and the way back for its boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models.area import shrunk
from sqlsel.images.models.parts import Input

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Prepared:
    """A picture as the model takes it: float32 of (3, height, width), or with the channels last.

    A point (x, y) of the stored picture of ``width`` × ``height`` pixels stands in the model's input
    at (x · scale[0] + offset[0], y · scale[1] + offset[1]).
    """

    pixels: NDArray[np.float32]
    width: int
    height: int
    scale: tuple[float, float]
    offset: tuple[float, float]


@dataclass(frozen=True)
class _Placed:
    """``box`` of the picture, resized to ``size``, lies at the top left of the model's input."""

    box: Box
    size: tuple[int, int]


def prepare(image: Image, given: Input) -> Prepared:
    """The picture, resized, in the order of channels and on the scale that ``given`` asks for.

    ``given.size`` must be known. Crop and stretch fill it; a letterbox keeps the proportions.
    """
    from sqlsel.images.pixels.opening import as_rgb

    if given.size is None:
        raise ValueError("the size of the model's input is not known")
    rgb = as_rgb(image)
    placed = _PLACES[given.resize](rgb.width, rgb.height, given)
    left, top, right, bottom = placed.box
    across = placed.size[0] / (right - left)
    down = placed.size[1] / (bottom - top)
    return Prepared(
        _numbers(_resized(rgb, placed, given), given),
        rgb.width,
        rgb.height,
        (across, down),
        (-left * across, -top * down),
    )


def _crop(width: int, height: int, given: Input) -> _Placed:
    """The centre of the picture whose short side was made ``short`` pixels long.

    Rounding down and its crop are those of torchvision's Resize and CenterCrop.
    """
    size = given.size or (width, height)
    short = given.short or max(size)
    long = short * max(width, height) / min(width, height)
    long = int(long) if given.rounding == "down" else round(long)
    resized = (short, long) if width <= height else (long, short)
    spare = resized[0] - size[0], resized[1] - size[1]
    down = given.rounding == "down"
    left, top = (round(s / 2) if down else s // 2 for s in spare)
    across, along = width / resized[0], height / resized[1]
    return _Placed(
        (left * across, top * along, (left + size[0]) * across, (top + size[1]) * along), size
    )


def _stretch(width: int, height: int, given: Input) -> _Placed:
    return _Placed((0.0, 0.0, float(width), float(height)), given.size or (width, height))


def _letterbox(width: int, height: int, given: Input) -> _Placed:
    """As large as fits, its proportions kept (YOLOX: preproc)."""
    size = given.size or (width, height)
    ratio = min(size[0] / width, size[1] / height)
    within = max(1, int(width * ratio)), max(1, int(height * ratio))
    return _Placed((0.0, 0.0, float(width), float(height)), within)


_PLACES = {"crop": _crop, "stretch": _stretch, "letterbox": _letterbox}


def _resized(rgb: Image, placed: _Placed, given: Input) -> Image:
    """Only what is needed is computed: no large picture arises from one that is long and narrow."""
    from PIL import Image as Pillow

    left, top, right, bottom = placed.box
    box = (left, top, min(right, float(rgb.width)), min(bottom, float(rgb.height)))
    shrinks = right - left >= placed.size[0] and bottom - top >= placed.size[1]
    if given.interpolation == "area" and shrinks:
        resized = Pillow.fromarray(shrunk(np.asarray(rgb), box, placed.size))
    else:
        name = "bilinear" if given.interpolation == "area" else given.interpolation
        resized = rgb.resize(placed.size, Pillow.Resampling[name.upper()], box=box)
    if placed.size == given.size or given.size is None:
        return resized
    canvas = Pillow.new("RGB", given.size, (given.value,) * 3)
    canvas.paste(resized, (0, 0))
    return canvas


def _numbers(rgb: Image, given: Input) -> NDArray[np.float32]:
    """(pixel / scale − mean) / std, step by step in float32, as torchvision computes it."""
    planes = np.asarray(rgb).transpose(2, 0, 1)
    if given.channels == "BGR":
        planes = planes[::-1]
    numbers = planes.astype(np.float32, order="C")
    numbers /= np.float32(given.scale)
    numbers -= np.array(given.mean, np.float32)[:, None, None]
    numbers /= np.array(given.std, np.float32)[:, None, None]
    return np.ascontiguousarray(numbers.transpose(1, 2, 0)) if given.layout == "NHWC" else numbers
