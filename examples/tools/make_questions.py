"""Write ``questions.parquet``: INVENTED questions to a shop, to have texts to select among.

    python examples/tools/make_questions.py [FOLDER]

One row per question: ``id``, ``text``, ``topic``, ``asked`` (how often it came this month) and
``embedding``. The vector of a text counts its groups of three letters, in 256 places: that needs no
model and is the same everywhere. Vectors of a sentence model stand in its place in earnest.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

WIDTH = 256
QUESTIONS = {
    "delivery": """
        90 Where is my parcel?
        41 Where is my order?
        17 Where is my parcel now?
        12 My parcel has not arrived.
        33 How long does delivery take?
        9 How long does delivery to Norway take?
        14 Do you deliver on Saturdays?
        7 Can a neighbour take the parcel?
        5 The tracking number does not work.
        4 The parcel arrived damaged.""",
    "returns": """
        52 How do I send something back?
        38 How do I return an order?
        11 How do I return a gift?
        23 When do I get my money back?
        6 Who pays for sending it back?
        8 The shoes are too small, can I exchange them?
        3 I lost the return label.""",
    "payment": """
        29 Can I pay by invoice?
        13 Can I pay in instalments?
        10 Why was my card refused?
        8 I was charged twice.
        5 Please send me the invoice again.
        2 Is there a discount for schools?""",
    "account": """
        61 I forgot my password.
        16 How do I change my password?
        9 How do I change my address?
        4 Please delete my account.""",
    "goods": """
        12 Is the blue jacket available in large?
        7 When is the blue jacket back in stock?
        3 Does the lamp come with a bulb?
        2 Is the paint safe for children's toys?
        1 What is the glaze of the bowl made of?""",
}


def vector(text: str) -> NDArray[np.float32]:
    """How often each group of three letters stands in a text, at a place that its checksum gives."""
    letters = f"  {text.lower()} "
    counts = np.zeros(WIDTH, np.float32)
    for start in range(len(letters) - 2):
        counts[crc32(letters[start : start + 3].encode()) % WIDTH] += 1
    return counts


def make(folder: Path) -> Path:
    """Write the table into ``folder``; gives its place."""
    rows = [
        (topic, int(line.split()[0]), line.strip().partition(" ")[2])
        for topic, lines in QUESTIONS.items()
        for line in lines.strip().splitlines()
    ]
    topics, asked, texts = zip(*rows, strict=True)
    table = pl.DataFrame(
        {"id": range(1, len(rows) + 1), "text": texts, "topic": topics, "asked": asked}
    )
    vectors = pl.Series(
        np.stack([vector(text) for text in texts]), dtype=pl.Array(pl.Float32, WIDTH)
    )
    folder.mkdir(parents=True, exist_ok=True)
    table.with_columns(embedding=vectors).write_parquet(folder / "questions.parquet")
    return folder / "questions.parquet"


if __name__ == "__main__":
    here = Path(__file__).parents[1] / "out"
    print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else here))
