"""Takes the embedding from a model's output: one vector per picture, pooled where the output has more axes."""

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
    """The output that table [embedding] of the settings describes; ``tensors`` is empty without such a table."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self._graph, self._settings = graph, settings
        self.tensors: list[str] = []
        self._width = 0
        if (embedding := settings.embedding) is not None:
            self.tensors = [output_name(graph, settings, "embedding.tensor", embedding.tensor)]

    def try_out(self, raw: Sequence[Array]) -> None:
        """Find the length of the vectors from the outputs for one picture."""
        if self.tensors:
            self._width = self._pooled(raw[0]).shape[1]

    def vectors(self, batches: Iterable[Sequence[Array]]) -> Vectors:
        """A float32 matrix, one row per picture of all batches; InvalidInput for values that are not finite."""
        rows = [np.empty((0, self._width), np.float32)]
        before = 0
        for raw in batches:
            rows.append(self._pooled(raw[0]))
            check_finite(self._graph, self.tensors[0], rows[-1], before)
            before += len(raw[0])
        return np.concatenate(rows)

    def check(self) -> None:
        """ConfigError where the settings describe no embedding."""
        if not self.tensors:
            raise ConfigError(
                f"{self._settings.source}: has no table [embedding] that says which output is one"
            )

    def _pooled(self, raw: Array) -> Vectors:
        """The vectors of an output; ConfigError where its shape cannot be pooled."""
        embedding = self._settings.embedding
        channels_last = self._settings.input.layout == "NHWC"
        try:
            return pooled(
                raw,
                first=embedding is not None and embedding.pool == "first",
                channels_last=channels_last,
            )
        except ValueError as fault:
            raise ConfigError(
                f"{self._settings.source}: embedding.tensor: {fault} from output "
                f"{self.tensors[0]!r} of {self._graph.path}"
            ) from fault


def pooled(raw: Array, *, first: bool, channels_last: bool) -> Vectors:
    """The output as (pictures, numbers) in float32; means are taken in float64.

    Shape (pictures, numbers): unchanged. A feature map (pictures, channels, height, width), or with the
    channels last: the mean over its places. (pictures, tokens, numbers): the mean over the tokens,
    or the ``first``, which is the class token of a vision transformer. ValueError for other shapes.
    """
    vectors = raw
    if raw.ndim == 4:
        vectors = raw.mean(axis=(1, 2) if channels_last else (2, 3), dtype=np.float64)
    elif raw.ndim == 3:
        vectors = raw[:, 0] if first else raw.mean(axis=1, dtype=np.float64)
    if vectors.ndim != 2 or vectors.shape[1] == 0:
        raise ValueError(
            "an embedding has the shape (pictures, numbers), (pictures, channels, height, width) "
            f"or (pictures, tokens, numbers), got {raw.shape}"
        )
    with np.errstate(
        over="ignore"
    ):  # numbers beyond float32 become infinite; check_finite reports them
        return vectors.astype(np.float32)
