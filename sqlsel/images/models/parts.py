"""The content of a settings file: how pictures are preprocessed, and what a model's outputs mean.

A field is a key of the file; its annotation holds the reader of its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_type_hints

from sqlsel.images.models.class_names import classes
from sqlsel.images.models.settings_fields import Reader, integer, number, one_of, size, text, triple

KINDS = ("classification", "fastestdet", "yolox", "boxes")


@dataclass(frozen=True)
class Input:
    """Preprocessing: from a picture to the numbers that the model takes.

    ``size``: width and height of the model's input; None: as the model's file has it.
    ``resize``: crop (short side to ``short``, then the centre), stretch, or letterbox (as large as
    fits, at the top left, the rest filled with ``value``).
    ``rounding``: of the long side before the crop: down, as torchvision does it, or nearest.
    ``interpolation``: Pillow's, or area: OpenCV's for pictures that shrink, bilinear where they grow.
    The numbers are (pixel / ``scale`` − ``mean``) / ``std``; ``mean`` and ``std`` are in the order
    of ``channels``.
    """

    size: Annotated[tuple[int, int] | None, size] = None
    resize: Annotated[str, one_of("way to resize", "crop", "stretch", "letterbox")] = "crop"
    short: Annotated[int | None, integer(1, 8192)] = None
    rounding: Annotated[str, one_of("rounding", "down", "nearest")] = "down"
    value: Annotated[int, integer(0, 255)] = 114
    interpolation: Annotated[
        str,
        one_of(
            "interpolation", "bilinear", "area", "hamming", "bicubic", "box", "lanczos", "nearest"
        ),
    ] = "bilinear"
    channels: Annotated[str, one_of("order of channels", "RGB", "BGR")] = "RGB"
    scale: Annotated[float, number(0, 1e6, above=True)] = 1.0
    mean: Annotated[tuple[float, float, float], triple(-1e6, 1e6)] = (0.0, 0.0, 0.0)
    std: Annotated[tuple[float, float, float], triple(0, 1e6, above=True)] = (1.0, 1.0, 1.0)
    layout: Annotated[str, one_of("layout", "NCHW", "NHWC")] = "NCHW"
    name: Annotated[str | None, text] = None
    batch: Annotated[int, integer(1, 1024)] = 8


@dataclass(frozen=True)
class Embedding:
    """``tensor``: the output that is the embedding (None: the first); ``pool``: how tokens become one vector."""

    tensor: Annotated[str | None, text] = None
    pool: Annotated[str, one_of("pool", "mean", "first")] = "mean"


@dataclass(frozen=True)
class Output:
    """How predictions are decoded; keys that a ``kind`` does not use have their defaults."""

    kind: Annotated[str, one_of("kind", "embedding", *KINDS)]
    tensor: Annotated[str | None, text] = None
    boxes: Annotated[str, text] = ""
    scores: Annotated[str, text] = ""
    activation: Annotated[str, one_of("activation", "softmax", "sigmoid", "none")] = "none"
    min_score: Annotated[float, number(0, 1)] = 0.0
    overlap: Annotated[float, number(0, 1)] = 0.45
    classes: Annotated[tuple[str, ...], classes] = ()
    format: Annotated[str, one_of("format", "xyxy", "xywh", "cxcywh")] = "xyxy"
    units: Annotated[str, one_of("unit", "relative", "pixels")] = "relative"
    background: Annotated[int | None, integer(0, 1_000_000)] = None
    probabilities: Annotated[str, one_of("kind", "scores", "estimated")] = "estimated"


@dataclass(frozen=True)
class Settings:
    """All tables of a settings file; ``source`` names it in messages. A table that is missing is None."""

    source: str
    input: Input
    embedding: Embedding | None
    output: Output | None


@cache
def readers(part: type) -> dict[str, Reader[Any]]:
    """Key → the reader of its value, for ``Input``, ``Embedding`` or ``Output``."""
    hints = get_type_hints(part, include_extras=True)
    return {key: hint.__metadata__[0] for key, hint in hints.items()}
