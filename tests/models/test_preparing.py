from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sqlsel.images.models.parts import Input
from sqlsel.images.models.preparing import Prepared, prepare, shrunk

SIZES = [(400, 533), (533, 400), (300, 300), (97, 613), (1000, 31), (64, 48), (7, 5), (256, 256)]


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Noise over a slope, so that every pixel of a result depends on where it was taken from."""
    random = np.random.default_rng(seed)
    y, x = np.indices((height, width))
    slope = np.stack([x * 200 // width, y * 200 // height, (x + y) % 200], axis=2)
    return Image.fromarray((slope + random.integers(0, 50, slope.shape)).astype(np.uint8))


def torchvision(image: Image.Image, short: int, size: int) -> Image.Image:
    """Resize(short) and CenterCrop(size), as torchvision.transforms.functional computes them."""
    width, height = image.size
    long = int(short * max(width, height) / min(width, height))
    resized = (short, long) if width <= height else (long, short)
    whole = image.resize(resized, Image.Resampling.BILINEAR)
    top, left = round((resized[1] - size) / 2.0), round((resized[0] - size) / 2.0)
    return whole.crop((left, top, left + size, top + size))


def image_of(prepared: Prepared) -> NDArray[np.int64]:
    """The pixels as rows of RGB, where nothing was subtracted and divided."""
    return np.rint(prepared.pixels.transpose(1, 2, 0)).astype(np.int64)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_crop_is_torchvisions(size: tuple[int, int]) -> None:
    image = picture(*size)
    expected = np.asarray(torchvision(image, 64, 56)).astype(np.int64)
    found = image_of(prepare(image, Input((56, 56), short=64)))
    assert np.abs(found - expected).max() <= 1
    assert (found != expected).mean() < 0.01


def test_numbers_are_torchvisions_bit_by_bit() -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    image = picture(40, 40)
    found = prepare(image, Input((40, 40), scale=255, mean=mean, std=std)).pixels
    one = np.float32(1)
    for channel in range(3):
        for x, y in ((0, 0), (39, 12), (17, 39)):
            pixel = np.float32(image.getpixel((x, y))[channel])
            expected = (pixel / (255 * one) - np.float32(mean[channel])) / np.float32(std[channel])
            assert found[channel, y, x] == expected
    assert found.dtype == np.float32


def test_a_long_crop_of_another_shape_lies_in_the_centre() -> None:
    image = picture(300, 100)
    found = image_of(prepare(image, Input((60, 20), short=60, interpolation="nearest")))
    resized = np.asarray(image.resize((180, 60), Image.Resampling.NEAREST))
    assert (found == resized[20:40, 60:120]).all()


def test_rounding_to_the_nearest_makes_the_long_side_longer() -> None:
    image = picture(431, 400)  # 256 · 431 / 400 = 275.84
    found = image_of(prepare(image, Input((224, 224), short=256, rounding="nearest")))
    resized = np.asarray(image.resize((276, 256), Image.Resampling.BILINEAR)).astype(np.int64)
    assert np.abs(found - resized[16:240, 26:250]).max() <= 1
    down = image_of(prepare(image, Input((224, 224), short=256)))
    resized = np.asarray(image.resize((275, 256), Image.Resampling.BILINEAR)).astype(np.int64)
    assert np.abs(down - resized[16:240, 26:250]).max() <= 1  # round(25.5) is 26
    assert (down != found).any()


@pytest.mark.parametrize("name", ["bilinear", "hamming", "bicubic", "box", "lanczos", "nearest"])
def test_stretching_is_pillows_resize(name: str) -> None:
    image = picture(97, 61)
    found = image_of(prepare(image, Input((40, 32), resize="stretch", interpolation=name)))
    assert (found == np.asarray(image.resize((40, 32), Image.Resampling[name.upper()]))).all()


@pytest.mark.parametrize(
    ("size", "within"),
    [((100, 50), (40, 20)), ((50, 100), (20, 40)), ((30, 30), (40, 40)), ((400, 3), (40, 1))],
)
def test_a_letterbox_stands_at_the_top_left(size: tuple[int, int], within: tuple[int, int]) -> None:
    image = picture(*size)
    found = image_of(prepare(image, Input((40, 40), resize="letterbox")))
    resized = np.asarray(image.resize(within, Image.Resampling.BILINEAR))
    assert (found[: within[1], : within[0]] == resized).all()
    assert (found[within[1] :] == 114).all()
    assert (found[:, within[0] :] == 114).all()


def test_the_rest_of_a_letterbox_has_the_value_asked_for() -> None:
    found = prepare(picture(10, 20), Input((8, 8), resize="letterbox", value=0)).pixels
    assert (found[:, :, 4:] == 0).all()


def test_bgr_turns_pixels_while_means_stay_in_the_order_of_the_channels() -> None:
    image = Image.new("RGB", (4, 4), (10, 20, 30))
    found = prepare(image, Input((4, 4), channels="BGR", mean=(1, 2, 3), std=(1, 2, 4)))
    assert found.pixels[:, 0, 0].tolist() == [29, 9, 1.75]


def test_channels_may_come_last() -> None:
    image = picture(30, 20)
    last = prepare(image, Input((12, 8), resize="stretch", layout="NHWC", mean=(1, 2, 3))).pixels
    first = prepare(image, Input((12, 8), resize="stretch", mean=(1, 2, 3))).pixels
    assert last.shape == (8, 12, 3)
    assert (last.transpose(2, 0, 1) == first).all()
    assert last.flags.c_contiguous
    assert first.flags.c_contiguous


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK"])
def test_pictures_of_other_modes_become_rgb(mode: str) -> None:
    found = prepare(picture(20, 20).convert(mode), Input((8, 8)))
    assert found.pixels.shape == (3, 8, 8)
    if mode in ("L", "LA", "1"):
        assert (found.pixels[0] == found.pixels[2]).all()


def test_a_long_and_narrow_picture_takes_no_memory_beyond_its_crop() -> None:
    image = Image.new("RGB", (60_000, 2))  # with its short side at 256 it would be 7.7 million wide
    assert prepare(image, Input((224, 224), short=256)).pixels.shape == (3, 224, 224)


@pytest.mark.parametrize("resize", ["crop", "stretch", "letterbox"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_points_go_to_the_model_and_back(resize: str, size: tuple[int, int]) -> None:
    """A slope from left to right and one from top to bottom tell where each pixel comes from."""
    width, height = size
    y, x = np.indices((height, width))
    x, y = (x + 0.5) / width * 250, (y + 0.5) / height * 250
    image = Image.fromarray(np.stack([x, y, x * 0], axis=2).round().astype(np.uint8))
    found = prepare(image, Input((48, 40), resize=resize, value=255))
    rows, columns = np.indices((40, 48))
    inside = np.ones((40, 48), bool)
    inside[:2], inside[-2:], inside[:, :2], inside[:, -2:] = False, False, False, False
    if resize == "letterbox":
        inside &= (columns < width * found.scale[0] - 2) & (rows < height * found.scale[1] - 2)
    across = ((columns + 0.5) - found.offset[0]) / found.scale[0] / width * 250
    down = ((rows + 0.5) - found.offset[1]) / found.scale[1] / height * 250
    # a colour of 250 steps over the picture; one step is as fine as a slope of 8 bits can be
    coarse = 1.1 + 125 * max(1 / width, 1 / height)
    assert np.abs(found.pixels[0] - across)[inside].max(initial=0) <= coarse
    assert np.abs(found.pixels[1] - down)[inside].max(initial=0) <= coarse
    assert (found.width, found.height) == size


def area_mean(
    values: NDArray[np.uint8], top: float, bottom: float, left: float, right: float
) -> float:
    total = 0.0
    for y in range(math.floor(top), min(math.ceil(bottom), len(values))):
        for x in range(math.floor(left), min(math.ceil(right), values.shape[1])):
            part = (min(y + 1, bottom) - max(y, top)) * (min(x + 1, right) - max(x, left))
            total += part * int(values[y, x])
    return total / ((bottom - top) * (right - left))


@pytest.mark.parametrize("size", [(7, 5), (20, 11), (13, 30), (9, 9)], ids=str)
@pytest.mark.parametrize("box", [None, (0.75, 1.25, 6.9, 4.5)], ids=["whole", "part"])
def test_area_is_the_mean_of_what_a_pixel_covers(
    size: tuple[int, int], box: tuple[float, float, float, float] | None
) -> None:
    width, height = size
    left, top, right, bottom = box or (0.0, 0.0, float(width), float(height))
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    found = shrunk(values, (left, top, right, bottom), (5, 3))
    assert found.shape == (3, 5, 3)
    down, across = (bottom - top) / 3, (right - left) / 5
    for row, column, channel in np.ndindex(3, 5, 3):
        y, x = top + row * down, left + column * across
        expected = area_mean(values[:, :, channel], y, y + down, x, x + across)
        assert abs(found[row, column, channel] - expected) <= 0.501


def test_area_of_the_same_size_changes_nothing() -> None:
    values = np.random.default_rng(1).integers(0, 256, (9, 8, 3), np.uint8)
    assert (shrunk(values, (0, 0, 8, 9), (8, 9)) == values).all()


@pytest.mark.parametrize("size", [(20, 50), (50, 20), (20, 20)], ids=str)
def test_area_is_bilinear_where_a_picture_grows(size: tuple[int, int]) -> None:
    image = picture(*size)
    area = prepare(image, Input((40, 40), resize="stretch", interpolation="area"))
    plain = prepare(image, Input((40, 40), resize="stretch"))
    assert (area.pixels == plain.pixels).all()
    small = prepare(image, Input((10, 10), resize="stretch", interpolation="area"))
    assert (small.pixels != prepare(image, Input((10, 10), resize="stretch")).pixels).any()


def test_area_crops_like_the_other_interpolations() -> None:
    image = Image.fromarray(
        np.kron(np.random.default_rng(2).integers(0, 256, (30, 45, 3)), np.ones((4, 4, 1))).astype(
            np.uint8
        )
    )
    given = Input((20, 20), short=30, interpolation="area")
    expected = np.asarray(image)[::4, ::4][5:25, 12:32]  # round(12.5) is 12
    assert (image_of(prepare(image, given)) == expected).all()
