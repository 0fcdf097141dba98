"""Preprocessing: from a picture to the numbers that a model takes, and the transformation back for boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models.parts import Input

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Prepared:
    """A preprocessed picture: float32 of (3, height, width), or with the channels last.

    A point (x, y) of the stored picture of ``width`` × ``height`` pixels is in the model's input
    at (x · scale[0] + offset[0], y · scale[1] + offset[1]).
    """

    pixels: NDArray[np.float32]
    width: int
    height: int
    scale: tuple[float, float]
    offset: tuple[float, float]


@dataclass(frozen=True)
class _Placement:
    """The part ``box`` of the picture is resized to ``size`` and put at the top left of the model's input."""

    box: Box
    size: tuple[int, int]


def prepare(image: Image, settings: Input) -> Prepared:
    """The picture, resized, with channels and scale as ``settings`` say.

    ``settings.size`` must be known (else ValueError). Crop and stretch fill it; a letterbox keeps the proportions.
    """
    from sqlsel.images.pixels.opening import as_rgb

    if settings.size is None:
        raise ValueError("the size of the model's input is not known")
    rgb = as_rgb(image)
    placement = _PLACEMENTS[settings.resize](rgb.width, rgb.height, settings)
    left, top, right, bottom = placement.box
    x_scale = placement.size[0] / (right - left)
    y_scale = placement.size[1] / (bottom - top)
    return Prepared(
        _numbers(_resized(rgb, placement, settings), settings),
        rgb.width,
        rgb.height,
        (x_scale, y_scale),
        (-left * x_scale, -top * y_scale),
    )


def _crop(width: int, height: int, settings: Input) -> _Placement:
    """The centre of the picture after its short side was resized to ``short`` pixels.

    Rounding down and the place of the crop are those of torchvision's Resize and CenterCrop.
    """
    size = settings.size or (width, height)
    short = settings.short or max(size)
    long = short * max(width, height) / min(width, height)
    long = int(long) if settings.rounding == "down" else round(long)
    resized = (short, long) if width <= height else (long, short)
    spare = resized[0] - size[0], resized[1] - size[1]
    rounds_down = settings.rounding == "down"
    left, top = (round(s / 2) if rounds_down else s // 2 for s in spare)
    x_scale, y_scale = width / resized[0], height / resized[1]
    return _Placement(
        (left * x_scale, top * y_scale, (left + size[0]) * x_scale, (top + size[1]) * y_scale), size
    )


def _stretch(width: int, height: int, settings: Input) -> _Placement:
    """The whole picture, without its proportions."""
    return _Placement((0.0, 0.0, float(width), float(height)), settings.size or (width, height))


def _letterbox(width: int, height: int, settings: Input) -> _Placement:
    """The whole picture, as large as fits with its proportions (YOLOX: preproc)."""
    size = settings.size or (width, height)
    ratio = min(size[0] / width, size[1] / height)
    fitted = max(1, int(width * ratio)), max(1, int(height * ratio))
    return _Placement((0.0, 0.0, float(width), float(height)), fitted)


_PLACEMENTS = {"crop": _crop, "stretch": _stretch, "letterbox": _letterbox}


def _resized(rgb: Image, placement: _Placement, settings: Input) -> Image:
    """The part of the picture at its new size.

    Only that is computed: a long and narrow picture, resized as a whole, could be huge.
    """
    from PIL import Image as Pillow

    left, top, right, bottom = placement.box
    box = (left, top, min(right, float(rgb.width)), min(bottom, float(rgb.height)))
    shrinks = right - left >= placement.size[0] and bottom - top >= placement.size[1]
    if settings.interpolation == "area" and shrinks:
        resized = Pillow.fromarray(shrunk(np.asarray(rgb), box, placement.size))
    else:
        name = "bilinear" if settings.interpolation == "area" else settings.interpolation
        resized = rgb.resize(placement.size, Pillow.Resampling[name.upper()], box=box)
    if placement.size == settings.size or settings.size is None:
        return resized
    canvas = Pillow.new("RGB", settings.size, (settings.value,) * 3)
    canvas.paste(resized, (0, 0))
    return canvas


def shrunk(pixels: Pixels, box: Box, size: tuple[int, int]) -> Pixels:
    """The part ``box`` (left, top, right, bottom) of the pixels (height, width, channels), resized to ``size``.

    Each new pixel is the mean of the area that it covers (OpenCV: INTER_AREA).
    ``size`` is (width, height). Partly covered pixels count by their share. The box must lie within and be no
    smaller than ``size``.
    """
    left, top, right, bottom = box
    first, last = int(left), min(int(np.ceil(right)), pixels.shape[1])
    rows = _means(pixels[:, first:last], top, bottom, size[1])
    turned = np.ascontiguousarray(rows.transpose(1, 0, 2))
    columns = _means(turned, left - first, right - first, size[0])
    return np.ascontiguousarray(np.rint(columns).astype(np.uint8).transpose(1, 0, 2))


def _means(values: NDArray[Any], start: float, stop: float, count: int) -> NDArray[np.float32]:
    """The means over ``count`` equal intervals of the first axis, from ``start`` to ``stop``."""
    edges = np.linspace(start, stop, count + 1).clip(0, len(values))
    begin, end = edges[:-1], edges[1:]
    first = begin.astype(np.int64)
    means = np.zeros((count, *values.shape[1:]), np.float32)
    part = np.empty_like(means)
    # All intervals take their step-th pixel at once: as many steps as the widest interval has pixels.
    for step in range(int(np.ceil(end - first).max())):
        pixel = first + step
        share = (np.minimum(pixel + 1, end) - np.maximum(pixel, begin)).clip(0) / (end - begin)
        part[...] = values[np.minimum(pixel, len(values) - 1)]
        part *= share.astype(np.float32)[:, None, None]
        means += part
    return means


def _numbers(rgb: Image, settings: Input) -> NDArray[np.float32]:
    """(pixel / scale − mean) / std, step by step in float32, as torchvision computes it."""
    planes = np.asarray(rgb).transpose(2, 0, 1)
    if settings.channels == "BGR":
        planes = planes[::-1]
    numbers = planes.astype(np.float32, order="C")
    numbers /= np.float32(settings.scale)
    numbers -= np.array(settings.mean, np.float32)[:, None, None]
    numbers /= np.array(settings.std, np.float32)[:, None, None]
    return (
        np.ascontiguousarray(numbers.transpose(1, 2, 0)) if settings.layout == "NHWC" else numbers
    )
