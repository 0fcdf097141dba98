"""Samples that have any number of objects, such as the crops of an image: a vector for each object."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqlsel.engine.kernels.exact import Index, Matrix, Vector
from sqlsel.engine.kernels.missing import is_missing
from sqlsel.engine.kernels.vector_input import Mask, ingest_vectors
from sqlsel.errors import InvalidInput

WITHOUT = -1.0  # marks a sample without objects; values of all others are at least 0

Rows = Index | Mask | slice


@dataclass(frozen=True)
class Objects:
    """The objects of sample i are the rows ``offsets[i]`` to ``offsets[i + 1]`` of ``vectors``."""

    vectors: NDArray[Any]
    offsets: Index

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, rows: Any) -> Any:
        """The vectors of one sample, or some samples with their objects."""
        if isinstance(rows, (int, np.integer)):
            return self.vectors[self.offsets[rows] : self.offsets[rows + 1]]
        return Objects(self.vectors[self.numbers(rows)], offsets_of(self.counts[rows]))

    @property
    def counts(self) -> Index:
        """How many objects each sample has."""
        return np.diff(self.offsets)

    def owners(self) -> Index:
        """The sample of each object."""
        return np.repeat(np.arange(len(self)), self.counts)

    def numbers(self, rows: Rows) -> Index:
        """The row numbers in ``vectors`` of the objects of some samples, sample by sample."""
        counts, starts = self.counts[rows], self.offsets[:-1][rows]
        before = np.cumsum(counts) - counts
        numbers: Index = np.repeat(starts - before, counts) + np.arange(counts.sum())
        return numbers

    def as_object_array(self, rows: Rows) -> NDArray[np.object_]:
        """An object array with one matrix per sample, which can be indexed and concatenated."""
        numbers = np.arange(len(self))[rows]
        return packed([self[int(row)] for row in numbers])


def packed(matrices: Sequence[Any]) -> NDArray[np.object_]:
    """The values as a one-dimensional object array; np.array would stack equal shapes and mix numbers into texts."""
    result = np.empty(len(matrices), object)
    for i, matrix in enumerate(matrices):
        result[i] = matrix
    return result


def offsets_of(counts: Iterable[int] | Index) -> Index:
    """The first object of each sample and, last, the number of objects: the cumulative sum of ``counts``."""
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def concatenated(matrices: Any, dimension: int) -> Objects:
    """Objects of one matrix per sample, each with ``dimension`` columns."""
    if isinstance(matrices, Objects):
        return matrices
    nothing = np.empty((0, dimension), np.float32)
    vectors = np.concatenate([nothing, *matrices])
    return Objects(vectors, offsets_of([len(matrix) for matrix in matrices]))


def means(values: Vector, offsets: Index) -> Vector:
    """The mean over each sample's objects, independent of their order; WITHOUT for a sample that has none."""
    listed, ends = values.tolist(), offsets.tolist()
    results = [mean(listed[a:b]) for a, b in pairwise(ends)]
    return np.array(results, np.float64)


def mean(values: Sequence[float]) -> float:
    """The mean of the values of one sample's objects."""
    return math.fsum(values) / len(values) if values else WITHOUT


def sums(values: Vector, offsets: Index) -> Vector:
    """The sum over each sample's objects, correctly rounded."""
    listed, ends = values.tolist(), offsets.tolist()
    return np.array([math.fsum(listed[a:b]) for a, b in pairwise(ends)])


def greatest(values: Vector, offsets: Index) -> Vector:
    """The maximum over each sample's objects; WITHOUT for a sample that has none."""
    result = np.full(len(offsets) - 1, WITHOUT)
    some = np.flatnonzero(np.diff(offsets))
    if len(some):
        result[some] = np.maximum.reduceat(values, offsets[some])
    return result


@dataclass(frozen=True)
class Embeddings:
    """One row of ``matrix`` per sample, or per object of the samples; ``present``: which samples are usable."""

    matrix: Matrix
    present: Mask
    objects: Objects | None = None

    @property
    def column(self) -> Any:
        """The column of an objective: the matrix, or the Objects."""
        return self.matrix if self.objects is None else self.objects

    def rows(self, samples: Index) -> Index:
        """The row numbers in the matrix of these samples, or of their objects."""
        return samples if self.objects is None else self.objects.numbers(samples)


def ingest_embeddings(
    values: Any,
    present: Mask,
    pool: Mask,
    *,
    normalize: bool,
    on_invalid: str,
    name: str = "embedding",
) -> Embeddings:
    """The vectors of the samples, or of their objects, as float32; options as in ``ingest_vectors``.

    A sample is usable if all its objects are, so one without objects is.
    """
    nested = as_objects(values, name)
    if nested is None:
        matrix, present = ingest_vectors(
            values, present, pool, normalize=normalize, on_invalid=on_invalid, name=name
        )
        return Embeddings(matrix, present)
    objects, not_null = nested
    present, owners = present & not_null, objects.owners()
    try:
        matrix, usable = ingest_vectors(
            objects.vectors,
            present[owners],
            pool[owners],
            normalize=normalize,
            on_invalid=on_invalid,
            name=name,
        )
    except InvalidInput as error:
        if error.row is None:
            raise
        raise InvalidInput(error.template, int(owners[error.row])) from None
    present[owners[present[owners] & ~usable]] = False
    return Embeddings(matrix, present, Objects(matrix, objects.offsets))


def as_objects(values: Any, name: str) -> tuple[Objects, Mask] | None:
    """(objects, mask of samples that are not None) if each sample is a list of vectors; else None.

    InvalidInput where objects have different dimensions.
    """
    if isinstance(values, Objects):
        return values, np.ones(len(values), np.bool_)
    if isinstance(values, np.ndarray) and values.ndim == 3:
        samples, objects, dimension = values.shape
        offsets = np.arange(samples + 1) * objects
        every = np.ones(samples, np.bool_)
        return Objects(values.reshape(-1, dimension), offsets), every
    if not _is_nested(values):
        return None
    values = [None if is_missing(sample) else sample for sample in values]
    not_null = np.array([sample is not None for sample in values], np.bool_)
    matrices = [_matrix(sample, i, name) for i, sample in enumerate(values)]
    widths = [(matrix.shape[1], i) for i, matrix in enumerate(matrices) if len(matrix)]
    for width, i in widths:
        if width != widths[0][0]:
            message = (
                f"{name}: objects of {widths[0][0]} and, in row {{row}}, of {width} dimensions"
            )
            raise InvalidInput(message, i)
    dimension = widths[0][0] if widths else 1
    vectors = [m if len(m) else m.reshape(0, dimension) for m in matrices]
    nothing = np.empty((0, dimension), np.float32)
    offsets = offsets_of([len(m) for m in matrices])
    return Objects(np.concatenate([nothing, *vectors]), offsets), not_null


def _is_nested(values: Any) -> bool:
    """Whether samples are lists of vectors, judged by the first one that is not empty."""
    if isinstance(values, np.ndarray) and (values.dtype != object or values.ndim != 1):
        return False
    empty = 0
    for sample in values:
        if is_missing(sample):
            continue
        if not hasattr(sample, "__len__") or isinstance(sample, (str, bytes, Mapping)):
            return False
        if len(sample):
            if not isinstance(sample, (list, tuple, np.ndarray)):
                sample = np.asarray(sample)  # noqa: PLW2901 - a frame, or a series whose labels are others
            return hasattr(sample[0], "__len__") and not isinstance(sample[0], (str, bytes))
        empty += np.ndim(sample) == 2
    return empty > 0


def _matrix(sample: Any, row: int, name: str) -> NDArray[Any]:
    """The objects of one sample as a matrix."""
    try:
        matrix = np.asarray([] if sample is None else sample)
    except ValueError:
        raise InvalidInput(f"{name}: the objects of row {{row}} differ in length", row) from None
    if matrix.size == 0 and (matrix.ndim < 2 or len(matrix) == 0):
        return np.empty((0, 1), np.float32)
    if matrix.dtype.kind not in "fiub" or matrix.ndim != 2:
        message = f"{name}: row {{row}} needs a list of vectors of numbers, got {matrix.dtype} {matrix.shape}"
        raise InvalidInput(message, row)
    return matrix
