"""What a settings file describes: how pictures enter a model, and what its outputs mean."""

from __future__ import annotations

from dataclasses import dataclass

RESIZES = ("crop", "stretch", "letterbox")
INTERPOLATIONS = ("bilinear", "area", "hamming", "bicubic", "box", "lanczos", "nearest")
ROUNDINGS = ("down", "nearest")
CHANNELS = ("RGB", "BGR")
LAYOUTS = ("NCHW", "NHWC")
POOLS = ("mean", "first")
KINDS = ("classification", "fastestdet", "yolox", "boxes")
ACTIVATIONS = ("softmax", "sigmoid", "none")
FORMATS = ("xyxy", "xywh", "cxcywh")
UNITS = ("relative", "pixels")
PROBABILITIES = ("scores", "estimated")


@dataclass(frozen=True)
class Input:
    """From a picture to numbers.

    ``size``: width and height of the model's input; None: as the model's file has it.
    ``resize``: crop (short side to ``short``, then the centre), stretch, or letterbox (as large as
    fits, at the top left, the rest filled with ``value``).
    ``rounding``: of the long side before the crop: down, as torchvision has it, or nearest.
    ``interpolation``: Pillow's, or area: OpenCV's for pictures that shrink, bilinear where they grow.
    The numbers are (pixel / ``scale`` − ``mean``) / ``std``; ``mean`` and ``std`` are in the order
    of ``channels``.
    """

    size: tuple[int, int] | None = None
    resize: str = "crop"
    short: int | None = None
    rounding: str = "down"
    value: int = 114
    interpolation: str = "bilinear"
    channels: str = "RGB"
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    layout: str = "NCHW"
    name: str | None = None
    batch: int = 8


@dataclass(frozen=True)
class Embedding:
    """``tensor``: the output that is the embedding (None: the first); ``pool``: how tokens become one."""

    tensor: str | None = None
    pool: str = "mean"


@dataclass(frozen=True)
class Output:
    """What the predictions are made of; keys that a kind does not know keep their defaults."""

    kind: str
    tensor: str | None = None
    boxes: str = ""
    scores: str = ""
    activation: str = "none"
    min_score: float = 0.0
    overlap: float = 0.45
    classes: tuple[str, ...] = ()
    format: str = "xyxy"
    units: str = "relative"
    background: int | None = None
    probabilities: str = "estimated"


@dataclass(frozen=True)
class Settings:
    """All of it. ``source`` names the file in messages; a part that is None was not described."""

    source: str
    input: Input
    embedding: Embedding | None
    output: Output | None
