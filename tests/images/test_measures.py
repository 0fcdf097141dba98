"""The formulas, against their definitions written out in float64, scipy and Pillow's own statistics."""

from __future__ import annotations

import dataclasses
import math
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageStat
from scipy import ndimage

from sqlsel.images.pixels import blocks, edges
from sqlsel.images.pixels.measures import (
    Measures,
    channel_statistics,
    luminance,
    measure,
    sharpness,
    snr,
    uniform_row_ratio,
)
from sqlsel.images.pixels.opening import open_image
from sqlsel.process.in_order import in_order

EIGHT = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (2, 7), (33, 20), (64, 400), (50, 401), (41, 900)]


def picture(width: int, height: int, seed: int = 0, *, smooth: float = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).uniform(0, 255, (height, width, 3))
    if smooth:
        pixels = ndimage.gaussian_filter(pixels, (smooth, smooth, 0))
        pixels = 255 * (pixels - pixels.min()) / max(np.ptp(pixels), 1)
    return Image.fromarray(pixels.astype(np.uint8))


def flat(value: int, width: int = 8, height: int = 8) -> Image.Image:
    return Image.new("RGB", (width, height), (value,) * 3)


def grey_of(image: Image.Image) -> np.ndarray:
    """ITU-R BT.601 in the 16-bit fixed point of Pillow."""
    r, g, b = np.moveaxis(np.asarray(image.convert("RGB")).astype(np.int64), 2, 0)
    return (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16


def sharpness_by_scipy(image: Image.Image) -> float:
    """The border is copied by hand, as Pillow's filter does."""
    grey = grey_of(image)
    found = ndimage.correlate(grey, EIGHT, mode="nearest").clip(0, 255)
    found[[0, -1]], found[:, [0, -1]] = grey[[0, -1]], grey[:, [0, -1]]
    return float(found.std())


def luminance_by_definition(image: Image.Image) -> float:
    v = np.asarray(image.convert("RGB")) / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    f = np.where(y > (6 / 29) ** 3, np.cbrt(y), y * (29 / 6) ** 2 / 3 + 4 / 29)
    return float((116 * f - 16).mean())


def uniform_rows_by_scipy(image: Image.Image) -> float:
    grey = grey_of(image).astype(np.float64)
    height, width = grey.shape
    if height > 400:
        wide = max(1, round(width * 400 / height))
        y = (np.arange(400) + 0.5) * height / 400 - 0.5
        x = (np.arange(wide) + 0.5) * width / wide - 0.5
        at = np.meshgrid(y, x, indexing="ij")
        grey = ndimage.map_coordinates(grey, at, order=1, mode="nearest")
    if min(grey.shape) < 3:
        return 0.0
    found = ndimage.correlate(grey, EIGHT.astype(float))[1:-1, 1:-1]
    share = (np.abs(found) < 5 - 1e-3).mean(axis=1)
    return float((share > 0.97).mean())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("smooth", [0, 3])
def test_all_measures_are_their_definitions(size: tuple[int, int], smooth: float) -> None:
    image = picture(*size, smooth=smooth)
    found = measure(image)
    values = np.asarray(image).astype(np.float64)
    assert found.sharpness == pytest.approx(sharpness_by_scipy(image), abs=1e-9)
    assert found.snr == pytest.approx(
        values.mean() / values.std() if values.std() else 0, rel=1e-12
    )
    assert found.luminance == pytest.approx(luminance_by_definition(image), abs=1e-3)
    assert found.uniformRowRatio == pytest.approx(uniform_rows_by_scipy(image), abs=1e-12)
    assert found.mean == pytest.approx((values / 255).mean(axis=(0, 1)), rel=1e-12)
    assert found.std == pytest.approx((values / 255).std(axis=(0, 1)), rel=1e-9, abs=1e-12)
    assert found.sumOfValues == pytest.approx((values / 255).sum(axis=(0, 1)), rel=1e-12)
    assert found.sumOfSquares == pytest.approx(((values / 255) ** 2).sum(axis=(0, 1)), rel=1e-12)
    assert found.shape == (size[1], size[0], 3)
    assert (found.width, found.height) == size


def test_each_measure_alone_is_the_one_of_all_together() -> None:
    image = picture(70, 450, smooth=2).convert("RGBA")
    found = measure(image)
    assert found.sharpness == sharpness(image)
    assert found.snr == snr(image)
    assert found.luminance == luminance(image)
    assert found.uniformRowRatio == uniform_row_ratio(image)
    kept = dataclasses.asdict(channel_statistics(image))
    assert {key: getattr(found, key) for key in kept} == kept
    assert found.shape == (450, 70, 4)


def test_measures_have_the_keys_of_lightly_and_are_plain_numbers() -> None:
    found = dataclasses.asdict(measure(picture(9, 9)))
    assert list(found) == [
        *("sharpness", "snr", "luminance", "uniformRowRatio", "width", "height"),
        *("mean", "std", "sumOfValues", "sumOfSquares", "shape"),
    ]
    for value in found.values():
        for one in value if isinstance(value, tuple) else (value,):
            assert type(one) in {int, float}
    assert [field.name for field in dataclasses.fields(Measures)] == list(found)


# ---- sharpness


def test_a_flat_grey_image_has_sharpness_63_5() -> None:
    assert sharpness(flat(128)) == pytest.approx(63.5, abs=0.005)
    assert sharpness(flat(128)) == math.sqrt(28 * 36) / 64 * 128


@pytest.mark.parametrize("size", SIZES)
def test_edges_are_what_pillow_filters(size: tuple[int, int]) -> None:
    grey = picture(*size, seed=1).convert("L")
    for kernel in (
        ImageFilter.FIND_EDGES,
        ImageFilter.Kernel((3, 3), EIGHT.ravel().tolist(), 1, 0),
    ):
        assert np.array_equal(edges.edges(np.asarray(grey)), np.asarray(grey.filter(kernel)))


def test_edges_and_lightness_are_the_same_in_blocks_of_any_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = picture(37, 90)
    whole = measure(image)
    for pixels in (1, 37, 100, 37 * 45, 37 * 89):
        monkeypatch.setattr(blocks, "_PIXELS", pixels)
        parts = measure(image)
        assert parts.sharpness == whole.sharpness
        assert parts.luminance == pytest.approx(whole.luminance, rel=1e-12)


def test_blur_makes_an_image_less_sharp() -> None:
    image = picture(60, 60)
    found = [sharpness(image.filter(ImageFilter.GaussianBlur(r))) for r in (0, 1, 3)]
    assert found == sorted(found, reverse=True)


# ---- signal to noise, channels


def test_snr_of_a_flat_image_is_0_and_of_half_black_half_white_1() -> None:
    assert snr(flat(128)) == 0
    assert snr(flat(0)) == 0
    assert snr(flat(255, 999, 501)) == 0
    assert snr(Image.fromarray(np.array([[0, 255]], np.uint8))) == 1


def test_snr_is_of_all_channels_together() -> None:
    assert snr(Image.new("RGB", (5, 5), (255, 0, 0))) == pytest.approx(1 / math.sqrt(2))


def test_channels_are_those_of_pillows_statistics() -> None:
    image = picture(50, 31, smooth=1)
    stat, found = ImageStat.Stat(image), channel_statistics(image)
    assert [255 * v for v in found.mean] == pytest.approx(stat.mean)
    assert [255 * v for v in found.std] == pytest.approx(stat.stddev)
    assert [255 * v for v in found.sumOfValues] == pytest.approx(stat.sum)
    assert [255**2 * v for v in found.sumOfSquares] == pytest.approx(stat.sum2)


# ---- luminance


def test_black_has_luminance_0_and_white_100() -> None:
    assert luminance(flat(0)) == 0
    assert luminance(flat(255)) == pytest.approx(100, abs=1e-6)
    assert luminance(flat(119)) == pytest.approx(50.034, abs=1e-3)  # the usual middle grey


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((255, 0, 0), 53.2408), ((0, 255, 0), 87.7347), ((0, 0, 255), 32.2970)],
)
def test_pure_colours_have_the_lightness_that_tables_tell(
    colour: tuple[int, int, int], expected: float
) -> None:
    assert luminance(Image.new("RGB", (3, 3), colour)) == pytest.approx(expected, abs=2e-2)


def test_luminance_is_right_to_a_thousandth_for_every_colour_alone() -> None:
    rng = np.random.default_rng(5)
    colours = [*rng.integers(0, 256, (300, 3)), *rng.integers(0, 12, (300, 3))]
    colours += [np.array((v, v, v)) for v in range(256)]
    for r, g, b in colours:
        image = Image.new("RGB", (1, 1), (int(r), int(g), int(b)))
        assert luminance(image) == pytest.approx(luminance_by_definition(image), abs=1e-3)


# ---- uniform rows


def test_a_flat_image_has_only_uniform_rows_and_noise_none() -> None:
    for height in (3, 400, 401, 1000):
        assert uniform_row_ratio(flat(77, 60, height)) == 1
        assert uniform_row_ratio(picture(60, height)) == 0


@pytest.mark.parametrize("size", [(2, 50), (50, 2), (1, 1), (7, 2000)])
def test_where_no_pixel_has_eight_neighbours_the_ratio_is_0(size: tuple[int, int]) -> None:
    assert uniform_row_ratio(flat(77, *size)) == 0


def test_a_photo_of_which_the_lower_half_is_missing_has_half_its_rows_uniform() -> None:
    pixels = np.asarray(picture(80, 800)).copy()
    pixels[400:] = 128
    assert uniform_row_ratio(Image.fromarray(pixels)) == pytest.approx(0.5, abs=0.01)


def test_a_row_is_uniform_above_97_percent_of_its_pixels_not_at_it() -> None:
    grey = np.full((3, 102), 100, np.uint8)  # 100 pixels with eight neighbours
    grey[1, 1] = 101  # disturbs two of them by 1, itself by 8
    assert uniform_row_ratio(Image.fromarray(grey)) == 1
    grey[1, [1, 11, 21]] = 101
    assert uniform_row_ratio(Image.fromarray(grey)) == 0


def test_a_laplacian_of_5_is_too_much_and_of_4_is_not() -> None:
    grey = np.full((3, 5), 100, np.uint8)
    grey[0] = [100, 104, 100, 104, 100]
    assert uniform_row_ratio(Image.fromarray(grey)) == 0  # -8 in the middle
    grey[0] = [100, 104, 100, 100, 100]
    assert uniform_row_ratio(Image.fromarray(grey)) == 1
    grey[0] = [100, 105, 100, 100, 100]
    assert uniform_row_ratio(Image.fromarray(grey)) == 0


def test_images_are_never_scaled_up() -> None:
    image = picture(30, 20, smooth=4)
    larger = image.resize((600, 400), Image.Resampling.BICUBIC)
    assert uniform_row_ratio(image) < uniform_row_ratio(larger)


@pytest.mark.parametrize("fields", [(400, 300), (400, 7), (3, 3), (1, 1)])
def test_scaling_is_bilinear_between_the_centres_of_pixels(fields: tuple[int, int]) -> None:
    grey = np.asarray(picture(533, 711).convert("L"))
    zoom = [n / old for n, old in zip(fields, grey.shape, strict=True)]
    expected = ndimage.zoom(
        grey.astype(np.float64), zoom, order=1, mode="nearest", grid_mode=True, prefilter=False
    )
    assert edges.Scaled(grey, *fields).rows(slice(None)) == pytest.approx(expected, abs=1e-3)


# ---- real photos


@pytest.fixture
def photos(realdata: Path) -> list[Path]:
    return sorted((realdata / "clothing").glob("*/*.jpg"))


@pytest.mark.realdata
def test_40_photos_measure_as_an_independent_implementation_does(photos: list[Path]) -> None:
    for path in photos[::9] + photos[-2:]:
        with Image.open(path) as image:
            values = np.asarray(image.convert("RGB")).astype(np.float64)
            found = measure(open_image(path))
            assert found.sharpness == pytest.approx(sharpness_by_scipy(image), rel=1e-9)
            assert found.snr == pytest.approx(values.mean() / values.std(), rel=1e-9)
            assert found.luminance == pytest.approx(luminance_by_definition(image), abs=1e-3)
            assert found.uniformRowRatio == pytest.approx(uniform_rows_by_scipy(image), abs=1 / 398)


@pytest.mark.realdata
@pytest.mark.slow
def test_341_photos_are_measured_the_same_on_one_thread_and_two(photos: list[Path]) -> None:
    def work(path: Path) -> Measures:
        return measure(open_image(path))

    found = []
    for threads in (1, 2):
        begin = time.perf_counter()
        found.append(list(in_order(work, photos, threads=threads)))
        seconds = time.perf_counter() - begin
        print(f"{threads} threads: {len(photos) / seconds:.0f} photos per second")
    assert found[0] == found[1]
    assert len(found[0]) == 341
    for one in found[0]:
        assert 0 < one.luminance < 100
        assert 0 <= one.uniformRowRatio < 1
        assert min(one.sharpness, one.snr, *one.std) > 0
