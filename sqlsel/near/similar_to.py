"""The query vectors of ``sqlsel similar``: of a sample, of a file of vectors, or of an image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sqlsel.catalog import Dataset
from sqlsel.engine.kernels.exact import Index, Matrix
from sqlsel.engine.kernels.vector_input import as_matrix, ingest_vectors
from sqlsel.errors import CatalogError, InvalidInput, suggestion
from sqlsel.near.embedded import Embedded
from sqlsel.readers.embeddings import read_embeddings
from sqlsel.readers.import_report import Report
from sqlsel.readers.npy import read_array
from sqlsel.readers.rows_of_vectors import INVALID, as_float32

_SUGGESTED = 20_000  # up to so many ids are compared with a misspelt one: it takes time
_FILES = (".npy", ".csv", ".parquet")


@dataclass(frozen=True)
class Queries:
    """Query vectors, one per row of ``matrix``, with their names.

    ``own``: for a query that is a sample, its row among the samples, else −1.
    """

    names: list[str]
    matrix: Matrix
    own: Index


def queries_of(
    dataset: Dataset,
    samples: Embedded,
    query: str,
    *,
    model: str | None = None,
    settings: str | None = None,
) -> Queries:
    """The query vectors for ``query``: the id of a sample, else a file of vectors (.npy, .csv, .parquet).

    With ``model``, an ONNX file, ``query`` is an image, embedded with it and ``settings``. Raises CatalogError for
    an unknown name, InvalidInput for vectors that do not fit the samples', ConfigError for the model's settings.
    """
    if model is not None:
        return _fit_to_samples(
            [query], _embedded_image(Path(query), Path(model), settings), samples
        )
    row = pc.index(samples.ids, pa.scalar(query)).as_py() if len(samples) else -1
    if row >= 0:
        return Queries([query], samples.matrix[row : row + 1], np.array([row]))
    path = Path(query)
    if path.suffix.lower() in _FILES and path.is_file() and not _is_sample(dataset, query):
        return _of_file(path, samples)
    raise CatalogError(_unknown(dataset, samples, query))


def _is_sample(dataset: Dataset, name: str) -> bool:
    """Whether the dataset has a sample of this id, with a vector or without."""
    text = f"SELECT 1 FROM {dataset.table('samples')} WHERE sample_id = ?"
    return bool(dataset.con.execute(text, [name]).fetchall())


def _unknown(dataset: Dataset, samples: Embedded, query: str) -> str:
    """The message for a query that is neither a sample with a vector nor a file of vectors."""
    if _is_sample(dataset, query):
        return f"sample {query!r} has no vector of {samples.name}"
    if Path(query).is_file():
        return (
            f"{query}: is no sample of dataset {dataset.name!r}, and vectors are read from "
            f"{', '.join(_FILES)}; to embed an image give --model"
        )
    ids = samples.ids.to_pylist() if len(samples) <= _SUGGESTED else []
    return f"no sample and no file {query!r}.{suggestion(query, ids)}"


def _of_file(path: Path, samples: Embedded) -> Queries:
    """The vectors of a file; rows of .npy are called by their number, from 0."""
    if path.suffix.lower() == ".npy":
        matrix = _array(path)
        return _fit_to_samples([str(i) for i in range(len(matrix))], matrix, samples)
    report = Report()
    table = read_embeddings(path, report)
    if INVALID in report.warnings:
        raise InvalidInput(
            f"{report.warnings[INVALID].examples[0]}: holds NaN, infinity or a number beyond float32"
        )
    vectors = table["embedding"].combine_chunks()
    width = vectors.type.list_size
    matrix = np.asarray(vectors.flatten(), np.float32).reshape(len(table), width)
    return _fit_to_samples(table["sample_id"].to_pylist(), matrix, samples)


def _array(path: Path) -> Matrix:
    """The vectors of a .npy file as a matrix; an array of one dimension is a single vector."""
    array = read_array(path)
    if array.ndim not in (1, 2) or array.dtype.kind not in "fiu":
        raise InvalidInput(f"{path}: must be a vector of numbers, or one per row")
    return as_float32(np.atleast_2d(array))


def _fit_to_samples(names: list[str], matrix: Matrix, samples: Embedded) -> Queries:
    """The queries, brought to unit length where the samples are.

    InvalidInput for no vector, another number of dimensions, NaN, infinity, or zeros that cannot be normalized.
    """
    if not len(matrix):
        raise InvalidInput("the file holds no vector")
    if len(samples) and matrix.shape[1] != samples.matrix.shape[1]:
        raise InvalidInput(
            f"the query has {matrix.shape[1]} dimensions, {samples.name} has "
            f"{samples.matrix.shape[1]}; it must come from the same model"
        )
    every = np.ones(len(matrix), np.bool_)
    unit, _ = ingest_vectors(
        as_matrix(matrix, "query"),
        every,
        every,
        normalize=samples.normalized,
        on_invalid="error",
        name="query",
    )
    return Queries(names, unit, np.full(len(matrix), -1))


def _embedded_image(image: Path, model: Path, settings: str | None) -> Matrix:
    """The vector of one image by an ONNX model, as a matrix of one row."""
    from sqlsel.images.models.open_model import open_model
    from sqlsel.images.models.settings import find_settings
    from sqlsel.images.pixels.opening import BadImage, open_image

    if not image.is_file():
        raise CatalogError(f"{image}: no such image; without --model it would be a sample")
    opened = open_model(model, find_settings(model, settings))
    try:
        return opened.embed([opened.prepare(open_image(image))])
    except BadImage as error:
        raise InvalidInput(f"{image}: {error}") from None
