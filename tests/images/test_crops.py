"""Crops against slices of the array."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from sqlsel.errors import InvalidInput
from sqlsel.images.pixels.cut import crop
from sqlsel.images.pixels.opening import BadImage

PIXELS = np.arange(30 * 40, dtype=np.int32).reshape(30, 40)
IMAGE = Image.fromarray(PIXELS)


def cut(*bbox: float, padding: float = 0.0) -> list[list[int]]:
    return np.asarray(crop(IMAGE, bbox, padding)).tolist()


@pytest.mark.parametrize("box", [(0, 0, 40, 30), (3, 4, 5, 6), (39, 29, 1, 1), (0, 0, 1, 30)])
def test_a_box_of_whole_pixels_is_a_slice(box: tuple[int, int, int, int]) -> None:
    x, y, w, h = box
    assert cut(*box) == PIXELS[y : y + h, x : x + w].tolist()


def test_a_box_between_pixels_is_covered() -> None:
    assert cut(3.2, 4.9, 2.0, 0.2) == PIXELS[4:6, 3:6].tolist()
    assert cut(3.4, 4.4, 0.1, 0.1) == PIXELS[4:5, 3:4].tolist()


def test_padding_widens_around_the_centre() -> None:
    assert cut(10, 10, 20, 10, padding=0.2) == PIXELS[9:21, 8:32].tolist()
    assert cut(10, 10, 10, 10, padding=0.1) == PIXELS[9:21, 9:21].tolist()
    assert cut(10, 10, 20, 10, padding=1) == PIXELS[5:25, 0:40].tolist()


def test_what_reaches_beyond_the_image_is_cut_off() -> None:
    assert cut(-5, -5, 10, 10) == PIXELS[:5, :5].tolist()
    assert cut(35, 25, 1e308, 1e308) == PIXELS[25:, 35:].tolist()
    assert cut(-1e308, 0, 1.5e308, 1, padding=1e3) == PIXELS[:].tolist()


def test_at_least_one_pixel_is_cut_where_the_box_touches_the_image() -> None:
    assert cut(5, 5, 1e-30, 1e-30) == [[PIXELS[5, 5]]]
    assert cut(math.nextafter(40, 0), 0, 9, 1) == [[PIXELS[0, 39]]]
    assert cut(-3, -3, math.nextafter(3, 4), 4) == [[PIXELS[0, 0]]]


def test_random_crops_cover_their_box_and_no_pixel_more() -> None:
    rng = np.random.default_rng(1)
    for x, y, w, h in zip(
        *rng.uniform([[-9], [-9], [0.01], [0.01]], [[39], [29], [30], [30]], (4, 500)), strict=True
    ):
        centres = (np.arange(30)[:, None], np.arange(40)[None, :])
        down = (centres[0] + 1 - 1e-3 > y) & (centres[0] + 1e-3 < y + h)
        across = (centres[1] + 1 - 1e-3 > x) & (centres[1] + 1e-3 < x + w)
        expected = PIXELS[down & across]
        if len(expected):
            assert np.asarray(crop(IMAGE, [x, y, w, h])).ravel().tolist() == expected.tolist()
        else:
            with pytest.raises(BadImage, match="outside"):
                crop(IMAGE, [x, y, w, h])


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((40, 0, 5, 5), "outside of its 40 × 30 pixels"),
        ((0, 30, 5, 5), "outside"),
        ((-5, 0, 5, 5), "outside"),
        ((0, -7, 5, 5), "outside"),
        ((1, 1, 0, 5), "empty box"),
        ((1, 1, 5, -1), "empty box"),
        ((math.nan, 1, 5, 5), "not four finite numbers"),
        ((1, 1, math.inf, 5), "not four finite numbers"),
        ((1, 1, 5), "not four finite numbers"),
        ((1, 1, 5, 5, 5), "not four finite numbers"),
    ],
)
def test_a_box_without_a_part_in_the_image_is_a_bad_image(
    box: tuple[float, ...], reason: str
) -> None:
    with pytest.raises(BadImage, match=reason):
        crop(IMAGE, box, 0.5)


@pytest.mark.parametrize("padding", [-0.1, math.nan, math.inf])
def test_padding_that_is_no_number_of_0_or_more_is_refused(padding: float) -> None:
    with pytest.raises(InvalidInput, match="padding: expected"):
        crop(IMAGE, (1, 1, 2, 2), padding)


def test_a_crop_is_independent_of_its_image() -> None:
    image = Image.new("RGB", (9, 9), "red")
    part = crop(image, (1, 1, 3, 3))
    image.paste("blue", (0, 0, 9, 9))
    assert part.getpixel((0, 0)) == (255, 0, 0)
