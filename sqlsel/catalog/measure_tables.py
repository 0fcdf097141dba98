"""Stores measures of images in a dataset: the column ``lightly`` of its samples.

The caller holds the transaction.
"""

from __future__ import annotations

import pyarrow as pa

from sqlsel.catalog.database import registered
from sqlsel.catalog.dataset import MEASURES, Dataset
from sqlsel.sqltext.quoting import identifier

_TRIPLE = pa.list_(pa.float64())
LIGHTLY = pa.schema(
    [
        ("sharpness", pa.float64()),
        ("snr", pa.float64()),
        ("sizeInBytes", pa.int64()),
        ("luminance", pa.float64()),
        ("uniformRowRatio", pa.float64()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("shape", pa.list_(pa.int32())),
        ("mean", _TRIPLE),
        ("std", _TRIPLE),
        ("sumOfValues", _TRIPLE),
        ("sumOfSquares", _TRIPLE),
    ]
)


def put_measures(dataset: Dataset, measured: pa.Table) -> int:
    """Set ``lightly`` of samples (a table of sample_id and the columns of LIGHTLY); gives how many were updated."""
    fields = ", ".join(f"{identifier(n)} := m.{identifier(n)}" for n in MEASURES)
    with registered(dataset.con, measured) as name:
        updated = dataset.con.execute(
            f"UPDATE {dataset.table('samples')} AS s SET lightly = struct_pack({fields}) "
            f"FROM {name} AS m WHERE m.sample_id = s.sample_id"
        ).fetchall()
    return int(updated[0][0])


def sizes(dataset: Dataset) -> dict[str, tuple[int, int]]:
    """file_name → (width, height) in pixels, of the images that were measured."""
    text = f"SELECT file_name, lightly.width, lightly.height FROM {dataset.table('samples')}"
    rows = dataset.con.execute(f"{text} WHERE lightly.height IS NOT NULL").fetchall()
    return {name: (width, height) for name, width, height in rows}
