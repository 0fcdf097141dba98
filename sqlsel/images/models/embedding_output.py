"""The embedding among a model's outputs: one vector per picture, from an output of whatever rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sqlsel.errors import ConfigError
from sqlsel.images.models.batches import check_finite
from sqlsel.images.models.fitting import output_name
from sqlsel.images.models.parts import Settings
from sqlsel.images.models.runtime import Array, Graph

Vectors = NDArray[np.float32]


class EmbeddingOutput:
    """What [embedding] describes; ``tensors`` is empty where the settings have no such table."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self._graph, self._settings = graph, settings
        self.tensors: list[str] = []
        self._width = 0
        if (given := settings.embedding) is not None:
            self.tensors = [output_name(graph, settings, "embedding.tensor", given.tensor)]

    def try_out(self, raw: Sequence[Array]) -> None:
        """Take the length of the vectors from the outputs of one picture."""
        if self.tensors:
            self._width = self._pooled(raw[0]).shape[1]

    def vectors(self, batches: Iterable[Sequence[Array]]) -> Vectors:
        """One row per picture of all batches."""
        rows = [np.empty((0, self._width), np.float32)]
        before = 0
        for raw in batches:
            rows.append(self._pooled(raw[0]))
            check_finite(self._graph, self.tensors[0], rows[-1], before)
            before += len(raw[0])
        return np.concatenate(rows)

    def check(self) -> None:
        """A ConfigError where the settings describe no embedding."""
        if not self.tensors:
            raise ConfigError(
                f"{self._settings.source}: has no table [embedding] that says which output is one"
            )

    def _pooled(self, raw: Array) -> Vectors:
        given = self._settings.embedding
        last = self._settings.input.layout == "NHWC"
        try:
            return pooled(
                raw, first=given is not None and given.pool == "first", channels_last=last
            )
        except ValueError as fault:
            raise ConfigError(
                f"{self._settings.source}: embedding.tensor: {fault} from output "
                f"{self.tensors[0]!r} of {self._graph.path}"
            ) from fault


def pooled(raw: Array, *, first: bool, channels_last: bool) -> Vectors:
    """(pictures, numbers) of an output; means are taken in float64.

    Of (pictures, numbers) itself; of a feature map, (pictures, channels, height, width) or with the
    channels last, the mean over its places; of (pictures, tokens, numbers) the mean over the tokens,
    or the ``first``, which is the class token of a vision transformer. A ValueError names these
    shapes where the output has another one.
    """
    wide = raw
    if raw.ndim == 4:
        wide = raw.mean(axis=(1, 2) if channels_last else (2, 3), dtype=np.float64)
    elif raw.ndim == 3:
        wide = raw[:, 0] if first else raw.mean(axis=1, dtype=np.float64)
    if wide.ndim != 2 or wide.shape[1] == 0:
        raise ValueError(
            "an embedding has the shape (pictures, numbers), (pictures, channels, height, width) "
            f"or (pictures, tokens, numbers), got {raw.shape}"
        )
    with np.errstate(over="ignore"):  # what no float32 can hold becomes infinite, and is told of
        return wide.astype(np.float32)
