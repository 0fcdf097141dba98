"""Small catalogues, and the two commands as a person types them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
from click.testing import CliRunner, Result

from sqlsel.catalog import connect, create_dataset, make_views, prepare, transaction
from sqlsel.catalog.embeddings import put_vectors
from sqlsel.catalog.samples import put_samples
from sqlsel.cli.duplicates import duplicates_command
from sqlsel.cli.similar import similar_command
from tests.catalog import data

LINE = ["a", "b", "c", "d", "e"]


def vectors_of(names: list[str], x: np.ndarray) -> pa.Table:
    flat = pa.array(np.ascontiguousarray(x, np.float32).reshape(-1))
    vectors = pa.FixedSizeListArray.from_arrays(flat, x.shape[1])
    return pa.table({"sample_id": names, "embedding": vectors})


def put(
    path: Path, names: list[str], x: np.ndarray | None, name: str = "demo", model: str = "default"
) -> None:
    with connect(path, write=True) as con:
        prepare(con)
        with transaction(con):
            dataset = create_dataset(con, name)
            put_samples(dataset, data.samples(names))
            if x is not None:
                put_vectors(dataset, model, vectors_of(names[: len(x)], x))
            make_views(dataset)


def duplicates(*arguments: str) -> Result:
    return CliRunner().invoke(duplicates_command, [*arguments, "--format", "csv"])


def similar(*arguments: str) -> Result:
    return CliRunner().invoke(similar_command, [*arguments, "--format", "csv"])


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exception is None, result.exception
    return list(csv.DictReader(io.StringIO(result.stdout)))


def pairs(result: Result) -> list[tuple[str, str]]:
    return [(row["sample_id"], row["duplicate_of"]) for row in rows(result)]


def ids(result: Result) -> list[str]:
    return [row["sample_id"] for row in rows(result)]
