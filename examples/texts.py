"""Choose among texts: what a collection is about, its copies, and more like one of them.

    python examples/texts.py TEXTS.PARQUET

takes any Parquet file with the columns ``id``, ``text`` and ``embedding`` (the sentence embedding
of the text, a list or array of numbers), and prints what a person would read first of it.
``examples/tools/make_questions.py`` writes a small one.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import polars as pl

import sqlsel
import sqlsel.polars as sel

COPY = 0.1  # unit vectors nearer than this are of texts that say the same


def overview(texts: pl.LazyFrame, n: int) -> pl.DataFrame:
    """``n`` texts that are unlike each other, yet each typical of those around it."""
    about = [sel.diversity("embedding"), sel.typicality("embedding", strength=0.5)]
    return sel.rows(texts, *about, n=n, id="id").collect()


def oddest(texts: pl.LazyFrame, n: int) -> pl.DataFrame:
    """The texts that are least like any others."""
    rare = sel.typicality("embedding", strength=-1)
    return sel.rows(texts, rare, n=n, id="id").collect()


def without_copies(texts: pl.DataFrame) -> pl.DataFrame:
    """One text of all that say the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sqlsel.ShortSelection)  # all of them are asked for
        alone = sel.select(sel.deduplicate("embedding", COPY), n=len(texts), id="id")
        return texts.filter(alone)


def more_like(texts: pl.DataFrame, number: int, n: int) -> pl.DataFrame:
    """The texts nearest to one of them, the nearest first, with their similarity: 1 is the same direction."""
    this = pl.col("embedding").filter(pl.col("id") == number)
    near = sel.trace(sel.similarity("embedding", this), pl.col("id") != number, n=n, id="id")
    return texts.with_columns(near).unnest("selection").filter("selected").sort("rank")


def shown(title: str, rows: pl.DataFrame) -> None:
    """Print a heading and the first words of each text."""
    print(f"{title}")
    for text in rows["text"]:
        line = " ".join(text.split())
        print(f"  {line[:91]}…" if len(line) > 92 else f"  {line}")


def main(file: Path) -> None:
    """Print an overview of a file."""
    scan = pl.scan_parquet(file)
    texts = scan.collect()
    shown(f"8 of {len(texts)} texts, unlike each other and typical:", overview(scan, 8))
    shown("\nThe oddest four:", oddest(scan, 4))
    alone = without_copies(texts)
    print(f"\n{len(alone)} are left without copies (distance below {COPY}).")
    first = texts["id"][0]
    shown(f"\nMost like {texts['text'][0]!r}:", more_like(alone, first, 5))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("python examples/texts.py TEXTS.PARQUET: a file with id, text and embedding")
    main(Path(sys.argv[1]))
