"""Files made to harm: bombs, cuts, flipped bits. Each is an image or a ``BadImage``, soon, and no more."""

from __future__ import annotations

import io
import random
import signal
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
from PIL import Image

from sqlsel.images.pixels.measures import measure
from sqlsel.images.pixels.opening import MOST_PIXELS, BadImage, open_image


class TooLong(BaseException):
    """Not an Exception, so that nobody takes it for bad data."""


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """A minute, then the test fails instead of hanging."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def encoded(
    name: str, *, size: tuple[int, int] = (64, 48), seed: int = 0, **options: object
) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, name, **options)  # type: ignore[arg-type]
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes((width + 1) * min(height, 4))))
    return b"\x89PNG\r\n\x1a\n" + b"".join((header, *chunks, rows, chunk(b"IEND", b"")))


def outcome(path: Path, data: bytes) -> str:
    """``image``, or the reason."""
    path.write_bytes(data)
    try:
        image = open_image(path)
        measure(image)
    except BadImage as error:
        text = str(error)
        assert text.isprintable()
        assert str(path) not in text
        return text
    return "image"


def test_a_header_of_30000_by_30000_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(30_000, 30_000))
    with pytest.raises(BadImage, match="pixels; at most 89,478,485 are read"):
        open_image(tmp_path / "a.png")


def test_one_row_above_the_limit_is_refused_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(10_000, 8_948))
    with pytest.raises(BadImage, match="has 89,480,000 pixels; at most 89,478,485 are read"):
        open_image(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(png(10_000, 8_947))
    assert open_image(tmp_path / "b.png").size == (10_000, 8_947)
    assert MOST_PIXELS == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("name", ["BMP", "GIF", "TIFF", "PPM"])
def test_bombs_of_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    small = encoded(name, size=(7, 5))
    grown = {
        "BMP": small[:18] + struct.pack("<ii", 30_000, 30_000) + small[26:],
        "GIF": small[:6] + struct.pack("<HH", 30_000, 30_000) + small[10:],
        "PPM": b"P6 30000 30000 255\n" + bytes(100),
        "TIFF": tiff(30_000, 30_000),
    }
    assert (
        outcome(tmp_path / "a", grown[name]) == "has too many pixels; at most 89,478,485 are read"
    )


def tiff(width: int, height: int, *texts: tuple[int, int]) -> bytes:
    """A TIFF of greys; ``texts``: tag and length of what is said to be in the file, but is not."""
    numbers = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (278, height)]
    entries = [(tag, 4, 1, value) for tag, value in numbers]
    entries = sorted(entries + [(tag, 2, length, 200) for tag, length in texts])
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + bytes(4)


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
def test_what_unpacks_to_50_megabytes_beside_the_pixels_is_not_unpacked(
    tmp_path: Path, kind: bytes
) -> None:
    packed = zlib.compress(bytes(50 << 20), 9)
    between = {b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0", b"iCCP": b"a\0\0"}[kind]
    (tmp_path / "a.png").write_bytes(png(4, 4, chunk(kind, between + packed)))
    with pytest.raises(BadImage, match="too large"):
        open_image(tmp_path / "a.png")


def test_many_texts_of_one_megabyte_are_refused(tmp_path: Path) -> None:
    texts = [chunk(b"zTXt", b"k%d\0\0" % n + zlib.compress(bytes(1_000_000))) for n in range(80)]
    assert "Too much memory" in outcome(tmp_path / "a.png", png(4, 4, *texts))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM"])
def test_cut_off_anywhere_it_is_told_of(tmp_path: Path, name: str) -> None:
    data, cut = encoded(name), random.Random(name)
    # The last bytes may be missing without harm: the end mark of JPEG or GIF, the tags of TIFF.
    places = [cut.randrange(len(data) - 600) for _ in range(30)]
    found = [outcome(tmp_path / "a", data[:place]) for place in places]
    assert "image" not in found
    assert all(
        text.startswith(
            ("is truncated (", "is no image", "is damaged (", "is empty", "cannot be read (")
        )
        for text in found
    )
    if name in {"JPEG", "PNG", "PPM", "BMP"}:
        assert sum(text.startswith("is truncated (") for text in found) >= 15


MADE = {
    "jpeg": encoded("JPEG"),
    "progressive": encoded("JPEG", progressive=True),
    "png": encoded("PNG"),
    "webp": encoded("WEBP"),
    "webp without loss": encoded("WEBP", lossless=True),
    "bmp": encoded("BMP"),
    "gif": encoded("GIF"),
    "ppm": encoded("PPM"),
    "tiff": encoded("TIFF"),
    "tiff lzw": encoded("TIFF", compression="tiff_lzw"),
    "tiff deflate": encoded("TIFF", compression="tiff_deflate"),
    "tiff jpeg": encoded("TIFF", compression="jpeg"),
}


def test_300_files_with_flipped_bits_are_images_or_bad_images(tmp_path: Path) -> None:
    flip = random.Random(7)
    damaged = []
    for number in range(300):
        data = bytearray(MADE[sorted(MADE)[number % len(MADE)]])
        for _ in range(flip.choice((1, 2, 20))):
            reach = flip.choice((40, 400, len(data)))  # headers are where it hurts
            data[flip.randrange(min(reach, len(data)))] ^= 1 << flip.randrange(8)
        damaged.append(bytes(data))
    with ThreadPoolExecutor(4) as threads:  # any of Pillow's warnings would be an error here
        paths = [tmp_path / str(number) for number in range(300)]
        found = list(threads.map(outcome, paths, damaged))
    assert 30 < found.count("image") < 270


def test_only_noise_and_headers_with_noise_are_bad_images(tmp_path: Path) -> None:
    make = random.Random(8)
    for data in MADE.values():
        assert outcome(tmp_path / "a", make.randbytes(3000)) != "image"
        assert outcome(tmp_path / "a", data[:16] + make.randbytes(3000)) != "image"


def test_a_picture_with_damaged_tags_is_read_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(4, 4, (270, 9_999_999)) + bytes(300))
    with pytest.warns(UserWarning, match="Tag data larger than file"), Image.open(path) as image:
        assert image.size == (4, 4)
    assert open_image(path).size == (4, 4)
