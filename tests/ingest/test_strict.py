"""The strict reader: what it takes, and the bad inputs that it refuses, each with its reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.readers.strict import Fault, load, loads

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read(value: object, ascii_only: bool) -> None:
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ('{"a": 1} // the end', {"a": 1}),
        ("\ufeff[1]", [1]),
        ("[" * 32 + "]" * 32, json.loads("[" * 32 + "]" * 32)),
        (f'{{"{"é" * 128}": 1}}', {"é" * 128: 1}),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_lightlys_own_samples_and_the_largest_that_is_allowed(text: str, value: object) -> None:
    assert loads(text.encode()) == value


BAD: list[tuple[bytes, str]] = [
    (b'{"a": 1, "a": 2}', "line 1, column 10: key 'a' appears twice"),
    (b'{"a": 1, "\\u0061": 2}', "key 'a' appears twice"),
    (b"[NaN]", "line 1, column 2: NaN is not JSON"),
    (b"[Infinity]", "Infinity is not JSON"),
    (b"[-Infinity]", "-Infinity is not JSON"),
    (b"[1e999]", "number out of range: 1e999"),
    (b"[" + b"9" * 5_000 + b"]", "number out of range: 99999999999999999999"),
    (b"[" * 33 + b"]" * 33, "nested deeper than 32 levels"),
    (b"[" * 100_000, "nested deeper than 32 levels"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "nested deeper than 32 levels"),
    (b'["\\ud800"]', "half of a surrogate pair"),
    (b'{"\\udc00": 1}', "half of a surrogate pair"),
    (b'["a\\u0000"]', "the text 'a\\x00' holds the character NUL"),
    (b'["\x00"]', "a control character"),
    (b'["\xff"]', "is not UTF-8: byte 2 is 0xff"),
    (b'["\xed\xa0\x80"]', "is not UTF-8"),
    (b'{"' + b"k" * 257 + b'": 1}', "a key may hold at most 256 bytes"),
    (b'{"' + "é".encode() * 129 + b'": 1}', "a key may hold at most 256 bytes"),
    (b'{"' + b"k" * 10_000_000 + b'": 1}', "a key may hold at most 256 bytes"),
    (b"", "expected a value"),
    (b"[1] [2]", "expected the end of the text"),
    (b'[1,\n 2"]', "line 2, column"),
    (b" " * (2**24 + 1), "holds 16,777,217 bytes; at most 16,777,216 are read"),
]


@pytest.mark.parametrize(("text", "reason"), BAD, ids=range(len(BAD)))
def test_bad_json_is_refused_with_its_reason(text: bytes, reason: str) -> None:
    with pytest.raises(Fault) as caught:
        loads(text)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


def test_files_that_are_no_files(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe.json", tmp_path / "zero.json"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    (tmp_path / "folder.json").mkdir()
    for path in (pipe, link, tmp_path / "folder.json"):
        with pytest.raises(Fault, match="is no regular file"):
            load(path)
    with pytest.raises(Fault, match="cannot be read: No such file"):
        load(tmp_path / "none.json")
    with pytest.raises(Fault, match="cannot be read: embedded null byte"):
        load("a\0b")


def test_a_file_above_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(2**24 + 1)
    with pytest.raises(Fault, match="holds 16,777,217 bytes"):
        load(path)


def test_a_fault_of_a_file_above_16_mib_that_may_be_larger() -> None:
    """It said that a configuration may hold at most 16 MiB."""
    padding = b" " * 2**24
    for text, reason in (
        (b"[1,]", "is no JSON: Illegal trailing comma|is no JSON: Expecting value"),
        (b'{"a": 1, "a": 2}', "is no JSON: a key appears twice"),
        (b"[NaN]", "is no JSON: nan is not JSON"),
        (b"[" * 10_000, "is no JSON: "),
    ):
        with pytest.raises(Fault, match=reason):
            loads(padding + text, largest=2**30)
