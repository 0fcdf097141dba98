"""Opens image files of unknown origin; whatever is wrong with one is a ``BadImage``.

Only formats that Pillow decodes itself are read (EPS and the like would start programs), only
regular files, and at most as many pixels as Pillow takes for no decompression bomb.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from sqlsel.images.pixels.quiet import quiet

_READERS = (  # imported by name, since Pillow else imports all of its formats to find two of them
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    TiffImagePlugin.TiffImageFile,
    PpmImagePlugin.PpmImageFile,
)
FORMATS = tuple(str(reader.format) for reader in _READERS)
MOST_PIXELS = 89_478_485  # a quarter of a GiB at 3 bytes; Pillow's own bound for its warning

# Without a handler the few log messages of Pillow's would go to stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class BadImage(Exception):
    """Why an image cannot be used: one line without the path, to follow the name of the file."""


def open_image(path: Path) -> Image.Image:
    """The image in a file, decoded, with the file closed; of several frames or pages the first.

    Pixels are as stored: an orientation in the EXIF data is ignored, as with Lightly. The format is
    recognised by the content, not by the name. May be called from many threads at once.

    Raises:
        BadImage: no regular file, none of ``FORMATS``, damaged, cut off, or more than
            ``MOST_PIXELS`` pixels.
    """
    with _opened(path) as image:
        image.load()
        _check_size(image)
        return image


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of the image in a file, as stored; only its header is read.

    Raises:
        BadImage: as ``open_image`` does, but for damage behind the header.
    """
    with _opened(path) as image:
        return image.size


def as_rgb(image: Image.Image) -> Image.Image:
    """The image in mode RGB, 8 bits; an RGB image is returned as it is.

    Greys of 16 bits, and mode ``I``, which Pillow uses for 16 bits, too, lose their lower byte, as
    16-bit colours do when Pillow opens them. Floats are taken as 0 to 1 if all lie there, else as
    0 to 255. Transparency is dropped: the colour under it shows.

    Raises:
        BadImage: the pixels cannot be converted.
    """
    if image.mode == "RGB":
        return image
    try:
        with quiet():
            return _without_transparent_colour(_to_8_bits(image)).convert("RGB")
    except (ImportError, MemoryError, OSError, ValueError) as error:
        raise BadImage(f"has pixels that cannot be read as colours ({image.mode})") from error


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Context: the image with its header read; any error inside of the block becomes a ``BadImage``.

    Pillow raises whatever its decoders run into: OSError, SyntaxError, struct.error, MemoryError …
    """
    try:
        with quiet(), os.fdopen(_regular_file(path), "rb") as file:
            image = Image.open(file, formats=FORMATS)
            _check_size(image)
            yield image
    except BadImage:
        raise
    except Exception as error:
        raise BadImage(_reason(error)) from error


def _regular_file(path: Path) -> int:
    """A file descriptor for reading; BadImage for what is no regular file. A pipe without a writer does not block."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        state = os.fstat(file)
        if stat.S_ISDIR(state.st_mode):
            raise BadImage("is a folder")
        if not stat.S_ISREG(state.st_mode):
            raise BadImage("is not a regular file")
        if state.st_size == 0:
            raise BadImage("is empty")
    except BaseException:
        os.close(file)
        raise
    return file


def _check_size(image: Image.Image) -> None:
    """BadImage for no pixels or too many; called with the header only, before anything is decoded."""
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise BadImage(f"has {pixels:,} pixels; at most {MOST_PIXELS:,} are read")
    if pixels == 0:
        raise BadImage("has no pixels")


def _reason(error: Exception) -> str:
    """The error as one line, without the path and without control characters."""
    match error:
        case UnidentifiedImageError():
            formats = ", ".join(FORMATS)
            return f"is no image of a known format ({formats}), or its header is damaged"
        case Image.DecompressionBombError():
            return f"has too many pixels; at most {MOST_PIXELS:,} are read"
        case FileNotFoundError():
            return "does not exist"
        case MemoryError():
            return "does not fit into memory"
        case OSError(strerror=str(why)):
            return f"cannot be read ({why})"
    return _damage(" ".join(str(error).split()) or type(error).__name__)


def _damage(text: str) -> str:
    """The message of a decoder as a reason; other than printable characters are replaced by ``?``."""
    text = "".join(c if c.isprintable() else "?" for c in text[:200])
    text = text.removeprefix("image file is truncated ")
    if text.startswith("("):
        return f"is truncated {text}"
    return f"is {'truncated' if 'truncated' in text.lower() else 'damaged'} ({text})"


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Greys of more bits reduced to 8; Pillow itself would clip them at 255."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode == "I":
        return Image.fromarray((np.clip(np.asarray(image), 0, 65535) >> 8).astype(np.uint8))
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))  # NaN has no colour; it becomes black
        scale = 255 if values.min() >= 0 and values.max() <= 1 else 1
        return Image.fromarray((values.clip(0, 255) * scale + 0.5).clip(0, 255).astype(np.uint8))
    return image


def _without_transparent_colour(image: Image.Image) -> Image.Image:
    """The image without the entry which colour is transparent, which Pillow would try to convert."""
    if "transparency" not in image.info:
        return image
    plain = image.copy()
    del plain.info["transparency"]
    return plain
