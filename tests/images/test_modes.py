"""Every kind of pixels becomes RGB of 8 bits: 16-bit greys are scaled, transparency is dropped."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sqlsel.images.pixels.measures import measure
from sqlsel.images.pixels.opening import BadImage, as_rgb, open_image

RAMP = np.linspace(0, 65535, 4096).astype(np.uint16).reshape(64, 64)
COLOURS = np.random.default_rng(3).integers(0, 256, (9, 7, 3), np.uint8)


def grey_of(image: Image.Image) -> np.ndarray:
    """The one grey of an RGB image in which all channels are the same."""
    assert image.mode == "RGB"
    pixels = np.asarray(image)
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()
    return pixels[..., 0]


def test_an_rgb_image_is_given_back_as_it_is() -> None:
    image = Image.fromarray(COLOURS)
    assert as_rgb(image) is image


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bit_greys_in_files_lose_their_lower_byte_and_are_not_clipped(
    tmp_path: Path, name: str
) -> None:
    Image.fromarray(RAMP).save(tmp_path / name)
    image = open_image(tmp_path / name)
    assert image.mode in {"I;16", "I;16B", "I"}
    grey = grey_of(as_rgb(image))
    assert np.array_equal(grey, RAMP >> 8)
    assert (grey.min(), grey.max()) == (0, 255)


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
def test_both_orders_of_the_bytes_of_16_bits_mean_the_same(mode: str) -> None:
    values = RAMP.astype(">u2" if mode == "I;16B" else "<u2")
    image = Image.frombytes(mode, (64, 64), values.tobytes())
    assert np.array_equal(grey_of(as_rgb(image)), RAMP >> 8)


def test_16_bit_greys_and_16_bit_colours_of_a_file_come_out_the_same(tmp_path: Path) -> None:
    colours = np.repeat(RAMP[..., None], 3, axis=2).astype(">u2")
    (tmp_path / "a.ppm").write_bytes(b"P6 64 64 65535\n" + colours.tobytes())
    (tmp_path / "a.pgm").write_bytes(b"P5 64 64 65535\n" + RAMP.astype(">u2").tobytes())
    colour = grey_of(as_rgb(open_image(tmp_path / "a.ppm")))
    grey = grey_of(as_rgb(open_image(tmp_path / "a.pgm")))
    assert np.abs(colour.astype(int) - grey).max() <= 1  # Pillow rounds PPM, and cuts PNG and TIFF


def test_whole_numbers_beyond_16_bits_are_clipped() -> None:
    image = Image.fromarray(np.array([[-5, 0, 256, 65535, 2**31 - 1]], np.int32))
    assert grey_of(as_rgb(image)).tolist() == [[0, 0, 1, 255, 255]]


def test_floats_count_from_0_to_1_or_from_0_to_255() -> None:
    unit = Image.fromarray(np.array([[0, 0.5, 1]], np.float32))
    assert grey_of(as_rgb(unit)).tolist() == [[0, 128, 255]]
    wide = Image.fromarray(np.array([[-3, 0.4, 127.6, 255, 1e9, np.inf, np.nan]], np.float32))
    assert grey_of(as_rgb(wide)).tolist() == [[0, 0, 128, 255, 255, 255, 0]]


def test_black_and_white_is_0_and_255() -> None:
    image = Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1")
    assert grey_of(as_rgb(image)).tolist() == [[0, 255]]


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_under_full_transparency_the_colour_shows(mode: str) -> None:
    image = Image.fromarray(COLOURS).convert(mode)
    plain = as_rgb(image)
    image.putalpha(0)
    assert np.array_equal(np.asarray(as_rgb(image)), np.asarray(plain))


@pytest.mark.parametrize("transparency", [3, bytes(range(0, 250, 5)), b""])
def test_a_palette_with_transparency_gives_its_colours_without_a_warning(
    tmp_path: Path, transparency: int | bytes
) -> None:
    image = Image.fromarray(COLOURS).quantize(40)
    expected = np.asarray(image.convert("RGB"))
    image.save(tmp_path / "a.png", transparency=transparency)
    opened = open_image(tmp_path / "a.png")
    assert opened.mode == "P"
    assert np.array_equal(np.asarray(as_rgb(opened)), expected)


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize("transparency", [0, 255, (1, 2, 3), "none", None])
def test_nonsense_about_transparency_does_no_harm(mode: str, transparency: object) -> None:
    image = Image.fromarray(COLOURS).convert(mode)
    expected = np.asarray(image.convert("RGB"))
    image.info["transparency"] = transparency
    assert np.array_equal(np.asarray(as_rgb(image)), expected)
    assert image.info["transparency"] == transparency


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "RGBX"])
def test_there_and_back_a_smooth_picture_stays_nearly_the_same(mode: str) -> None:
    x = np.linspace(40, 200, 64)
    smooth = np.stack(np.broadcast_arrays(x, x[:, None], 120), axis=2).astype(np.uint8)
    image = Image.fromarray(smooth).convert(mode)
    assert image.mode == mode
    assert np.abs(np.asarray(as_rgb(image)).astype(int) - smooth).mean() < 3


MODES = ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "F"]


@pytest.mark.parametrize("mode", [*MODES, "I;16", "I;16B"])
def test_every_mode_is_measured_and_its_channels_counted(mode: str) -> None:
    image = Image.new(mode, (5, 4))
    measures = measure(image)
    assert measures.shape == (4, 5, len(image.getbands()))
    assert (measures.width, measures.height) == (5, 4)


def test_what_cannot_be_converted_is_a_bad_image(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.fromarray(COLOURS).convert("LAB")
    monkeypatch.setitem(sys.modules, "PIL.ImageCms", None)
    monkeypatch.delattr("PIL.ImageCms", raising=False)
    with pytest.raises(BadImage, match=r"has pixels that cannot be read as colours \(LAB\)"):
        as_rgb(image)
