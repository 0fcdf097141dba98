"""Runs a model batch by batch, whether its file fixes how many pictures a batch has or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sqlsel.errors import InvalidInput, SqlselError
from sqlsel.images.models.fitting import number_type
from sqlsel.images.models.runtime import Array, Graph, Tensor

Pixels = NDArray[np.float32]


class Batches:
    """Runs a model in batches of ``size`` pictures: the number that its file fixes, else ``default_size``."""

    def __init__(self, graph: Graph, tensor: Tensor, default_size: int) -> None:
        self._graph, self._input = graph, tensor.name
        self._dtype = number_type(graph, tensor)
        self._fixed = tensor.shape[0] or 0
        self.size = self._fixed or default_size

    def run(self, names: Sequence[str], pictures: Sequence[Pixels]) -> Iterator[list[Array]]:
        """The outputs ``names`` of each batch in turn; their first axis counts the pictures."""
        for at in range(0, len(pictures), self.size):
            yield self._run(names, pictures[at : at + self.size])

    def _run(self, names: Sequence[str], pictures: Sequence[Pixels]) -> list[Array]:
        """One batch; where the file fixes its size, copies of the last picture fill it up."""
        n_padding = self._fixed - len(pictures) if self._fixed else 0
        batch = np.stack([*pictures, *[pictures[-1]] * n_padding]).astype(self._dtype, copy=False)
        outputs = self._graph.run(names, {self._input: batch})
        for name, output in zip(names, outputs, strict=True):
            if output.ndim == 0 or len(output) != len(batch):
                raise SqlselError(
                    f"{self._graph.path}: output {name!r} has the shape {output.shape} for "
                    f"{len(batch)} images; its first side must count the images"
                )
        return [output[: len(pictures)] for output in outputs]


def check_finite(graph: Graph, name: str, values: Array, before: int) -> None:
    """InvalidInput for the first picture with NaN or infinity in its output; its number is counted from ``before``."""
    good = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if not np.all(good):
        raise InvalidInput(
            f"{graph.path}: output {name!r} of image {{row}} holds NaN or infinite numbers",
            before + int(np.argmin(good)),
        )
