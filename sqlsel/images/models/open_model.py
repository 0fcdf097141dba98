"""A model and its settings, ready to embed pictures and predict.

The result for a picture does not depend on the other pictures of its batch, nor on threads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from sqlsel.images.models import preparing
from sqlsel.images.models.answers import PredictionOutput
from sqlsel.images.models.batches import Batches
from sqlsel.images.models.embedding_output import EmbeddingOutput
from sqlsel.images.models.fitting import input_tensor, with_input_size
from sqlsel.images.models.parts import Settings
from sqlsel.images.models.picture_predictions import Prediction
from sqlsel.images.models.preparing import Prepared
from sqlsel.images.models.runtime import Graph, file_hash
from sqlsel.images.pixels import need_pillow

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ("Kind", "Model", "Prediction", "Prepared", "open_model")

Kind = Literal["classification", "object-detection"]


def open_model(path: Path, settings: Settings) -> Model:
    """The model in an ONNX file, as the settings describe it; it has run once on zeros.

    Raises:
        InvalidInput: the file is no ONNX model that onnxruntime can open.
        ConfigError: the settings do not fit the model.
        SqlselError: onnxruntime or Pillow is not installed, or the model fails when it is run.
    """
    need_pillow(str(path))
    return Model(Graph(path), settings)


class Model:
    """A model and its settings; every method may be called from many threads at once.

    ``path``: its file. ``settings``: with the size of the input filled in. ``batch``: how many pictures run at a
    time: what the file fixes, else what the settings say. ``categories``: the names of what it predicts,
    empty without predictions. ``fingerprint``: a sha256 of the file, its weights and all settings that change
    results (so not of the batch size).
    """

    def __init__(self, graph: Graph, settings: Settings) -> None:
        tensor = input_tensor(graph, settings)
        self.path = graph.path
        self.settings = with_input_size(graph, tensor, settings)
        self._batches = Batches(graph, tensor, settings.input.batch)
        self._embedding = EmbeddingOutput(graph, self.settings)
        self._predictions = PredictionOutput(graph, self.settings)
        self._try_out()
        self.batch = self._batches.size
        self.categories = self._predictions.categories
        self.fingerprint = _fingerprint(graph.path, self.settings)

    @property
    def kind(self) -> Kind:
        """The type of its predictions; ConfigError if the settings describe none."""
        kind = self._predictions.output().kind
        return "classification" if kind == "classification" else "object-detection"

    def prepare(self, image: Image) -> Prepared:
        """The picture preprocessed for the model; raises ``BadImage`` if it cannot be converted to RGB."""
        return preparing.prepare(image, self.settings.input)

    def embed(self, prepared: Sequence[Prepared]) -> NDArray[np.float32]:
        """One row per picture: its vector as the model gives it, not brought to unit length.

        Raises:
            ConfigError: the settings describe no embedding.
            InvalidInput: a vector holds NaN or infinity; ``row`` is the number of its picture.
        """
        self._embedding.check()
        pixels = [one.pixels for one in prepared]
        return self._embedding.vectors(self._batches.run(self._embedding.tensors, pixels))

    def predict(self, prepared: Sequence[Prepared]) -> list[list[Prediction]]:
        """The predictions for each picture, highest score first.

        Raises:
            ConfigError: the settings describe no predictions.
            InvalidInput: an output holds NaN or infinity, or numbers that are not what the kind of
                the settings says; ``row`` is the number of its picture.
        """
        self._predictions.output()
        pixels = [one.pixels for one in prepared]
        batches = self._batches.run(self._predictions.tensors, pixels)
        return self._predictions.predictions(batches, prepared)

    def _try_out(self) -> None:
        """Run once on zeros, so that what cannot work fails when the model is opened, not after hours."""
        input_settings = self.settings.input
        width, height = input_settings.size or (0, 0)
        shape = (height, width, 3) if input_settings.layout == "NHWC" else (3, height, width)
        names = [*self._embedding.tensors, *self._predictions.tensors]
        for raw in self._batches.run(names, [np.zeros(shape, np.float32)]):
            self._embedding.try_out(raw)
            self._predictions.try_out(raw[len(self._embedding.tensors) :])


def _fingerprint(path: Path, settings: Settings) -> str:
    """The sha256 of the model's files and of the settings that change results."""
    parts = asdict(settings)
    del parts["source"], parts["input"]["batch"]  # they do not change results
    return sha256(f"{file_hash(path)}\n{json.dumps(parts, sort_keys=True)}".encode()).hexdigest()
