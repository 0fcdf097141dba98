"""Configuration text: what is read beyond JSON, and what is refused, with line and column."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.config.reader import loads
from sqlsel.errors import ConfigError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(json_values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_json_reads_as_json(value, ascii_only, indent):
    assert loads(json.dumps(value, ensure_ascii=ascii_only, indent=indent), "c.json") == value


@given(st.text(alphabet="{}[]:,'\"\\u0dD8 \n#/ntrue1.eE-NaN", max_size=40))
def test_any_text_reads_or_is_refused(text):
    message = ""
    try:
        loads(text, "c.json")
    except ConfigError as error:
        message = str(error)
    assert not message or re.match(r"c\.json:\d+:\d+: ", message)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'a': 1, \"b\": [True, False, None,],} # end", {"a": 1, "b": [True, False, None]}),
        ('// first\n{"a": "# // no comment", /**/}'.replace("/**/", ""), {"a": "# // no comment"}),
        ("# only\n[]\n// done", []),
        ('\ufeff{"a": -0.5e1}', {"a": -5.0}),
        (r'"\ud83d\ude00 \u00e9\\ \" \/ \n"', '\U0001f600 é\\ " / \n'),
        ("""'it is "so"'""", 'it is "so"'),
        (r"'it\'s'", "it's"),
        ("[1, 1.0, 0]\r\n", [1, 1.0, 0]),
        ("1" * 300, int("1" * 300)),
        ("[" * 32 + "]" * 32, json.loads("[" * 32 + "]" * 32)),
    ],
)
def test_python_dicts_and_comments_are_read(text, value):
    found = loads(text, "c.json")
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: expected a value"),
        ("# nothing", "1:10: expected a value"),
        ('{"a": 1\n "b": 2}', "2:2: expected ',' or '}'"),
        ('{\n  "a": [1\n        2]}', "3:9: expected ',' or ']'"),
        ('{"a": 1', "1:8: expected ',' or '}'"),
        ('{"a" 1}', "1:6: expected ':'"),
        ("{a: 1}", "1:2: expected a key in quotes"),
        ("{,}", "1:2: expected a key in quotes"),
        ("[1,,2]", "1:4: expected a value"),
        ("{} {}", "1:4: expected the end of the text"),
        ('{"a": 1, "b": 2,\n "a": 3}', "2:2: key 'a' appears twice"),
        ("{\"a\": 1, 'a': 2}", "1:10: key 'a' appears twice"),
        (r'{"a": 1, "\u0061": 2}', "1:10: key 'a' appears twice"),
        ('{"a": NaN}', "1:7: NaN is not JSON"),
        ("[Infinity]", "1:2: Infinity is not JSON"),
        ("[-Infinity]", "1:2: -Infinity is not JSON"),
        ("[1e999]", "1:2: number out of range: 1e999"),
        ("[-1e999]", "1:2: number out of range: -1e999"),
        ("9" * 5000, "1:1: number out of range: 99999999999999999999…"),
        ("[01]", "1:2: this is not a number as JSON writes it"),
        ("[1_000]", "1:2: this is not a number as JSON writes it"),
        ("[1.]", "1:2: this is not a number as JSON writes it"),
        ("[.5]", "1:2: expected a value"),
        ("[+1]", "1:2: expected a value"),
        ("[0x10]", "1:2: this is not a number as JSON writes it"),
        ("[CHANGEME]", "1:2: expected a value, got 'CHANGEME'; texts stand in quotes"),
        ("(1, 2)", "1:1: expected a value"),
        ('["a\nb"]', '1:2: this text has no closing " on its line'),
        ("['a]", "1:2: this text has no closing ' on its line"),
        ('["a\tb"]', r"1:4: a control character is written \u0009"),
        (r'["\x41"]', r"1:3: unknown escape '\x'"),
        (r'["a\ud800"]', "1:4: half of a surrogate pair is no character"),
        (r'["\ude00\ud83d"]', "1:3: half of a surrogate pair is no character"),
        ('["\ud800"]', "1:3: half of a surrogate pair is no character"),
        ("[" * 33 + "]" * 33, "1:33: nested deeper than 32 levels"),
        ("[" * 100_000, "1:33: nested deeper than 32 levels"),
        ('{"' + "k" * 257 + '": 1}', "1:2: a key may hold at most 256 bytes"),
        ('{"' + "é" * 129 + '": 1}', "1:2: a key may hold at most 256 bytes"),
    ],
)
def test_bad_text_is_refused_with_its_place(text, message):
    with pytest.raises(ConfigError) as caught:
        loads(text, "selection.json")
    assert str(caught.value) == f"selection.json:{message}"


def test_a_text_beyond_16_mib_is_refused():
    with pytest.raises(ConfigError, match=r"at most 16 MiB, this one holds 16,777,218 bytes"):
        loads('"' + "a" * 2**24 + '"', "c.json")


def test_numbers_keep_their_kind():
    assert [type(v) for v in loads("[5, 5.0, 5e0, -0.0]", "c.json")] == [int, float, float, float]
    assert math.copysign(1, loads("-0.0", "c.json")) == -1


def test_a_key_of_256_bytes_is_read():
    for key in ("k" * 256, "é" * 128):
        assert loads(json.dumps({key: 1}, ensure_ascii=False), "x.json") == {key: 1}
