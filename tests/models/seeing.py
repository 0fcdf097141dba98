"""A model asked what it sees in a black picture, for tests of what its outputs mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from sqlsel.images.models.open_model import Model, Prediction, open_model
from sqlsel.images.models.parts import Input, Output, Settings


def rows(predictions: list[Prediction]) -> list[list[float]]:
    return [[p.category, p.score, *(p.bbox or ())] for p in predictions]


def opened(path: Path, output: Output, **given: Any) -> Model:
    return open_model(path, Settings("m.toml", Input(**given), None, output))


def seen(model: Model, width: int, height: int) -> list[Prediction]:
    return model.predict([model.prepare(Image.new("RGB", (width, height)))])[0]
