"""Labels of other tools: which formats there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlsel.errors import InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.labels import read_labels


def test_an_unknown_format_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"unknown format of labels 'coc'\. Did you mean 'coco'"):
        read_labels("coc", tmp_path, Report())
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_labels("coco", tmp_path / "none.json", Report())
    with pytest.raises(InvalidInput, match=r"is a folder; give the data\.yaml of the data set"):
        read_labels("yolo", tmp_path, Report())
