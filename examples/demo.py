"""The demonstration: scans of digits, a Lightly configuration, the picks on a contact sheet.

``demo.json`` picks 40 of 1,797 scans: sharp ones, unlike each other, hard for the classifier, and taken
under the weather that is wanted. The weather is invented, the rest is real.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sqlsel

sys.path.append(str(Path(__file__).parent / "tools"))  # where the helpers of the examples are

from contact_sheet import contact_sheet
from make_digits import make

HERE = Path(__file__).parent
SHOWN = ("rank", "file_name", "gain", "diversity", "weights", "balance")


def demonstrate(folder: Path) -> Path:
    """Make data in ``folder``, run ``demo.json`` on it, print what happened; give the sheet."""
    print(f"Making 1,797 pictures and digits.parquet in {folder} …")
    data = make(folder)
    table = data if data.suffix == ".parquet" else data / "digits.parquet"
    result = sqlsel.run(HERE / "demo.json", table)
    print("\nThe configuration examples/demo.json is this statement:\n")
    print(result.statement)
    frame = result.pl()
    print(f"\nIt picked {len(frame)} of {result.n_candidates:,} candidates; the first ten:\n")
    for line in columns([SHOWN, *frame.select(SHOWN).head(10).rows()]):
        print(line)
    print("\nHow far each objective was reached:\n")
    header = ("strategy", "asked", "reached", "best possible", "why")
    rows = [line.texts() for line in result.fulfilment]
    for line in columns([header, *rows]):
        print(line)
    paths = [table.parent / name for name in frame["file_name"]]
    captions = [f"{rank}" for rank in frame["rank"]]
    return contact_sheet(paths, captions, folder / "picks.png", columns=10)


def columns(rows: list[tuple[object, ...]]) -> list[str]:
    """Rows as text, cells one below the other."""
    cells = [
        [f"{c:.3f}" if isinstance(c, float) else "–" if c is None else str(c) for c in row]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "out" / "digits"
    print(f"\nThe picks as pictures, by rank: {demonstrate(target)}")
