"""Render scikit-learn's bundled handwritten digits as pictures, with a Parquet table about them.

    python examples/tools/make_digits.py [FOLDER]

makes 1,797 PNG files of 64 x 64 pixels in folders by digit, and ``digits.parquet``, one row per
picture in the order of ``sample_id``. No network is needed. The columns:

==================  ==============================================================================
sample_id           path below FOLDER, ``3/0013.png``: the digit, and the row in scikit-learn's data
file_name           the same
digit, label        the digit that the writer meant; for judging a selection, not for making one
image               ``ink`` (mean darkness of the picture, 0 to 1) and ``half`` (where the ink is)
weather             INVENTED from the row number, to have nested metadata: ``temperature`` in
                    -5.0 to 34.9, ``description`` sunny, cloudy or rainy (60, 30, 10 %)
lightly             sharpness, snr, sizeInBytes, luminance, width, height of the PNG file
embedding           the 8 x 8 scan itself: 64 numbers in 0 to 1
probabilities       of ten classes, by a logistic regression that has not seen the row (5 folds)
digit_classifier    the same model as Lightly's predictions: ``probabilities``,
                    ``class_distribution`` by name, and three uncertainty scores
uncertainty_entropy the score again, on top level
is_query            true for five of the thirteen sevens written without a bar through the stem
==================  ==============================================================================

``sizeInBytes`` depends on the version of zlib that Pillow was built with; all else does not.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

Floats = NDArray[np.float64]

OUT = Path(__file__).parents[1] / "out"
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLAIN_SEVENS = (393, 403, 413, 447, 504)
LAPLACIAN = ImageFilter.Kernel((3, 3), [-1, -1, -1, -1, 8, -1, -1, -1, -1], scale=1)

TABLE = """
COPY (
    SELECT sample_id, sample_id AS file_name, label AS digit, label,
           {'ink': ink, 'half': half} AS image,
           {'temperature': temperature, 'description': description} AS weather,
           {'sharpness': sharpness, 'snr': snr, 'sizeInBytes': size, 'luminance': luminance,
            'width': 64, 'height': 64} AS lightly,
           embedding::FLOAT[] AS embedding,
           probabilities::DOUBLE[] AS probabilities,
           {'probabilities': probabilities::DOUBLE[], 'class_distribution': distribution,
            'uncertainty_entropy': entropy, 'uncertainty_margin': margin,
            'uncertainty_least_confidence': least} AS digit_classifier,
           entropy AS uncertainty_entropy, is_query
    FROM rows ORDER BY sample_id
) TO ? (FORMAT parquet, KV_METADATA {made_by: getvariable('made_by')})
"""


def make(folder: Path) -> Path:
    """``folder`` with pictures and ``digits.parquet``; left alone when this version made it."""
    table, mark = folder / "digits.parquet", _mark()
    if table.exists() and _made_by(table) == mark:
        return folder
    scans, labels = load_digits(return_X_y=True)
    scans, labels = scans / 16, labels.astype(np.int32)
    names = [f"{label}/{row:04d}.png" for row, label in enumerate(labels)]
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
    rows = {"sample_id": names, "label": labels, "embedding": list(scans.astype(np.float32))}
    rows |= _measured(scans, [folder / name for name in names])
    rows |= _weather(len(names)) | _predicted(scans, labels)
    rows["is_query"] = np.isin(np.arange(len(names)), PLAIN_SEVENS)
    _write(pa.table(rows), table, mark)
    return folder


def _mark() -> str:
    """What identifies this version of the data: the text of this file."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _made_by(table: Path) -> str:
    with duckdb.connect() as con:
        found = con.execute(
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'made_by'",
            [str(table)],
        ).fetchone()
    return str(found[0]) if found else ""


def _measured(scans: Floats, paths: list[Path]) -> dict[str, Any]:
    """Save each scan as a picture, and what is measured on picture and file."""
    columns: dict[str, list[Any]] = {}
    for scan, path in zip(scans, paths, strict=True):
        picture = _picture(scan)
        encoded = io.BytesIO()
        picture.save(encoded, "png")
        path.write_bytes(encoded.getvalue())
        measures = _metadata(picture) | {"size": encoded.tell(), "half": _half(scan)}
        for name, value in measures.items():
            columns.setdefault(name, []).append(value)
    return dict(columns)


def _picture(scan: Floats) -> Image.Image:
    """Dark ink on white paper, 64 x 64, 8-bit grey."""
    small = np.rint(255 * (1 - scan.reshape(8, 8))).astype(np.uint8)
    return Image.fromarray(small).resize((64, 64), Image.Resampling.BICUBIC)


def _metadata(picture: Image.Image) -> dict[str, float]:
    """Lightly's image metadata by their formulas; luminance is the mean CIE L*."""
    grey = np.asarray(picture, dtype=np.float64)
    srgb = grey / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lightness = np.where(linear > 216 / 24389, 116 * np.cbrt(linear) - 16, linear * 24389 / 27)
    deviation = grey.std()
    return {
        "ink": float(1 - srgb.mean()),
        "sharpness": float(np.asarray(picture.filter(LAPLACIAN), dtype=np.float64).std()),
        "snr": float(grey.mean() / deviation) if deviation else 0.0,
        "luminance": float(lightness.mean()),
    }


def _half(scan: Floats) -> str:
    """Which half of the picture holds at least a tenth more ink than the other."""
    top, bottom = scan[:32].sum(), scan[32:].sum()
    if top > 1.1 * bottom:
        return "top-heavy"
    return "bottom-heavy" if bottom > 1.1 * top else "even"


def _weather(count: int) -> dict[str, Any]:
    """Invented, and known to be: integer arithmetic on the row number, so the same everywhere."""
    row = np.arange(count)
    kinds = np.array(["sunny"] * 6 + ["cloudy"] * 3 + ["rainy"])
    return {"temperature": (row * 37 % 400 - 50) / 10, "description": kinds[row * 7 // 3 % 10]}


def _predicted(scans: Floats, labels: NDArray[np.int32]) -> dict[str, Any]:
    """What a weak classifier says of rows that it was not trained on, and how unsure it is."""
    model = LogisticRegression(C=0.01, max_iter=3000)
    p: Floats = cross_val_predict(model, scans, labels, cv=5, method="predict_proba")
    second, first = np.sort(p, axis=1)[:, -2:].T
    return {
        "probabilities": list(p),
        "distribution": [dict(zip(NAMES, map(float, row), strict=True)) for row in p],
        "entropy": -(p * np.log2(p)).sum(axis=1) / np.log2(10),
        "margin": 1 - (first - second),
        "least": (1 - first) / (1 - 1 / 10),
    }


def _write(rows: pa.Table, table: Path, mark: str) -> None:
    """Write the table beside its place, then move it there: it is there whole or not at all."""
    unfinished = table.with_name(f".{table.name}.{os.getpid()}")
    try:
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            con.execute("SET VARIABLE made_by = ?", [mark])
            con.register("rows", rows)
            con.execute(TABLE, [str(unfinished)])
        unfinished.replace(table)
    finally:
        unfinished.unlink(missing_ok=True)


if __name__ == "__main__":
    print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT / "digits"))
