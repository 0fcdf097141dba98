"""Metadata: types of columns, defaults, videos and frames, the old format, bad files."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.errors import ConfigError, InvalidInput
from sqlsel.readers import Report, typed
from sqlsel.readers.metadata import MetadataField, read_metadata, read_schema

from .conftest import Lightly


def say(
    lightly: Lightly, name: str, metadata: Any, kind: str | None = "image", file: str = ""
) -> None:
    told = {"file_name": name, "metadata": metadata} | ({"type": kind} if kind else {})
    lightly.write(f"metadata/{file or name.rpartition('.')[0]}.json", told)


def schema(lightly: Lightly, *fields: tuple[str, str, Any]) -> None:
    lightly.write("metadata/schema.json", [{"name": path, "path": path, "valueDataType": kind, "defaultValue": default} for path, kind, default in fields])  # fmt: skip


def test_nested_keys_are_structs_and_lists(lightly: Lightly) -> None:
    say(lightly, "b.png", {"weather": {"temperature": 20, "tags": ["a"]}, "n": 1, "ok": True})
    say(
        lightly,
        "a.png",
        {"weather": {"temperature": 20.5, "description": "sunny"}, "boxes": [{"x": 1}, {"y": 2}]},
    )
    folder = lightly.folder / "metadata"
    table = read_metadata(folder, ["b.json", "a.json"], {"a.png", "b.png"}, lightly.report)
    weather = pa.struct(
        [
            ("temperature", pa.float64()),
            ("description", pa.string()),
            ("tags", pa.list_(pa.string())),
        ]
    )
    boxes = pa.list_(pa.struct([("x", pa.int64()), ("y", pa.int64())]))
    assert table.schema == pa.schema(
        [
            ("file", pa.string()),
            ("sample_id", pa.string()),
            ("weather", weather),
            ("boxes", boxes),
            ("n", pa.int64()),
            ("ok", pa.bool_()),
        ]
    )
    assert table.to_pylist()[0] == {
        "file": "a.json",
        "sample_id": "a.png",
        "weather": {"temperature": 20.5, "description": "sunny", "tags": None},
        "boxes": [{"x": 1, "y": None}, {"x": None, "y": 2}],
        "n": None,
        "ok": None,
    }
    assert lightly.report.lines() == []


def test_a_default_stands_for_a_missing_file_key_or_null(lightly: Lightly) -> None:
    schema(lightly, ("weather.temperature", "NUMERIC_FLOAT", 7), ("city", "CATEGORICAL_STRING", "?"), ("list[1].n", "NUMERIC_INT", 3), ("none", "CATEGORICAL_BOOLEAN", None))  # fmt: skip
    say(lightly, "a.png", {"weather": {"temperature": None}, "list": [{"n": 1}]})
    say(
        lightly,
        "b.png",
        {"weather": {"temperature": 1}, "city": "Bern", "list": [{"n": 1}, {"n": 2.0}]},
    )
    rows = lightly.metadata({"a.png", "b.png", "c.png"}, all_samples=True)
    assert [row["weather"]["temperature"] for row in rows] == [7.0, 1.0, 7.0]
    assert [row["city"] for row in rows] == ["?", "Bern", "?"]
    assert [row["list"] for row in rows] == [
        [{"n": 1}, {"n": 3}],
        [{"n": 1}, {"n": 2}],
        [None, {"n": 3}],
    ]
    assert [row["file"] for row in rows] == ["a.json", "b.json", None]
    assert len(lightly.metadata({"a.png", "b.png", "c.png"})) == 2
    table = read_metadata(lightly.folder / "metadata", [], {"c.png"}, Report(), all_samples=True)
    assert table.schema.field("none").type == pa.bool_()
    assert table.schema.field("weather").type == pa.struct([("temperature", pa.float64())])


def test_a_key_with_a_dot_is_the_fields_own_where_it_is_used(lightly: Lightly) -> None:
    schema(lightly, ("weather.temperature", "NUMERIC_FLOAT", 7))
    say(lightly, "a.png", {"weather.temperature": 1})
    say(lightly, "b.png", {})
    assert [row["weather.temperature"] for row in lightly.metadata({"a.png", "b.png"})] == [1, 7]


def test_a_videos_file_holds_for_its_frames_and_a_frames_own_wins(lightly: Lightly) -> None:
    say(lightly, "d/v-1-mp4.png", {"x": "own"}, "frame")
    say(lightly, "d/v.mp4", {"x": "video"}, "video")
    say(lightly, "d/none.mp4", {"x": "video"}, "video")
    names = [f"d/v-{n}-mp4.png" for n in range(3)]
    rows = lightly.metadata(names)
    assert [(row["file"], row["x"]) for row in rows] == [
        ("d/v.json", "video"),
        ("d/v-1-mp4.json", "own"),
        ("d/v.json", "video"),
    ]
    assert lightly.skipped == [
        ("d/none.json", "file_name: no frame of a video 'd/none.mp4' is a sample")
    ]


def test_without_file_name_the_files_own_name_decides(lightly: Lightly) -> None:
    for name in ("d/a", "d/b", "d/v", "d/none"):
        lightly.write(
            f"metadata/{name}.json",
            {"type": "video" if name == "d/v" else "image", "metadata": {"x": name}},
        )
    rows = lightly.metadata({"d/a.png", "d/b.png", "d/b.jpg", "d/v-1-mp4.png"})
    assert [(row["sample_id"], row["x"]) for row in rows] == [
        ("d/a.png", "d/a"),
        ("d/v-1-mp4.png", "d/v"),
    ]
    assert lightly.skipped == [
        ("d/b.json", "file_name is missing, and 'd/b.jpg' and 'd/b.png' could be meant"),
        ("d/none.json", "file_name is missing, and there is no image of the file's name"),
    ]


def test_the_old_format_with_all_images_in_one_file(lightly: Lightly) -> None:
    lightly.write("metadata/all.json", {"images": [{"id": 4, "file_name": "a.png"}, {"id": 9, "file_name": "b.png"}], "metadata": [{"image_id": 9, "n": 1}, {"image_id": 4, "n": 2}]})  # fmt: skip
    assert [
        (row["sample_id"], row["n"], row["file"]) for row in lightly.metadata({"a.png", "b.png"})
    ] == [("a.png", 2, "all.json"), ("b.png", 1, "all.json")]


def test_trailing_commas_and_comments_as_lightly_prints_them(lightly: Lightly) -> None:
    lightly.write(
        "metadata/a.json",
        '{"file_name": "a.png", "type": "image", // one\n "metadata": {"n": 1,},}',
    )
    assert lightly.metadata()[0]["n"] == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "the whole file: must be an object, got a list"),
        ({"file_name": "a.png"}, "metadata is missing"),
        ({"file_name": "a.png", "metadata": 3}, "metadata: must be an object, got 3"),
        ({"file_name": "a.png", "metadata": {}, "type": "picture"}, 'type: must be one of image, video, frame, got "picture" (text)'),
        ({"file_name": "a.png", "metadata": {}, "type": []}, "type: must be one of image, video, frame, got a list"),
        ({"file_name": 3, "metadata": {}}, "file_name: must be a text, got 3"),
        ({"file_name": "b.png", "metadata": {}}, "file_name: there is no sample 'b.png'"),
        ({"file_name": "../a.png", "metadata": {}}, "file_name: '../a.png' must be a path below the folder, without . or .."),
        ({"file_name": "a.png", "type": "video", "metadata": {}}, "file_name: no frame of a video 'a.png' is a sample"),
        ({"file_name": "a.png", "metadata": {"w": {"t": "hot"}}}, 'metadata.w.t: must be a number (NUMERIC_FLOAT), got "hot" (text)'),
        ({"file_name": "a.png", "metadata": {"w": {"t": True}}}, "metadata.w.t: must be a number (NUMERIC_FLOAT), got true"),
        ({"file_name": "a.png", "metadata": {"w": 1}}, "metadata.w: must be an object, got 1"),
        ({"file_name": "a.png", "metadata": {"i": 1.5}}, "metadata.i: must be an integer (CATEGORICAL_INT), got 1.5"),
        ({"file_name": "a.png", "metadata": {"s": 1}}, "metadata.s: must be a text (CATEGORICAL_STRING), got 1"),
        ({"file_name": "a.png", "metadata": {"l": {}}}, "metadata.l: must be a list, got an object"),
        ({"file_name": "a.png", "metadata": {"": 1}}, "metadata: a key is empty; give it a name"),
        ({"file_name": "a.png", "metadata": {"a": {"": 1}}}, "metadata.a: a key is empty; give it a name"),
        ({"file_name": "a.png", "metadata": {"a": [0, {"b": {"": 1}}]}}, "metadata.a[1].b: a key is empty; give it a name"),
        ({"images": {}, "metadata": []}, "images: must be a list, got an object"),
        ({"images": [{"id": 1}], "metadata": []}, "images[0].file_name is missing"),
        ({"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}], "metadata": []}, "images[1].id: 1 appears twice"),
        ({"images": [], "metadata": [{"image_id": 3}]}, "metadata[0].image_id: must be the id of an image of the file, got 3"),
        ({"images": [], "metadata": [{}]}, "metadata[0].image_id is missing"),
        ('{"file_name": "a.png", "metadata": {"a": 1, "a": 2}}', "line 1, column 45: key 'a' appears twice"),
    ],
)  # fmt: skip
def test_a_bad_file_is_left_out_with_its_reason(lightly: Lightly, value: Any, reason: str) -> None:
    schema(lightly, ("w.t", "NUMERIC_FLOAT", 0), ("i", "CATEGORICAL_INT", 0), ("s", "CATEGORICAL_STRING", ""), ("l[0]", "NUMERIC_INT", 0))  # fmt: skip
    lightly.write("metadata/x.json", value)
    say(lightly, "good.png", {})
    assert [row["sample_id"] for row in lightly.metadata({"a.png", "good.png"})] == ["good.png"]
    assert lightly.skipped == [("x.json", reason)]


def test_the_second_file_of_a_sample_is_left_out(lightly: Lightly) -> None:
    say(lightly, "a.png", {"n": 1}, file="1")
    say(lightly, "a.png", {"n": 1}, file="2")
    assert [row["file"] for row in lightly.metadata()] == ["1.json"]
    assert lightly.skipped == [("2.json", "file_name: 1.json is for 'a.png' too")]


def test_odd_keys_are_told(lightly: Lightly) -> None:
    say(
        lightly,
        "a.png",
        {"lightly": {"x": 1}, "lightly.y": 2, "file": "f", "Key": 1, "key": 2, "mixed": 3},
    )
    say(lightly, "b.png", {"mixed": "three", "large": 2**70})
    table = read_metadata(
        lightly.folder / "metadata", ["a.json", "b.json"], {"a.png", "b.png"}, lightly.report
    )
    assert table.column_names == ["file", "sample_id", "file_", "Key", "key", "mixed", "large"]
    assert table["mixed"].to_pylist() == ["3", "three"]
    assert table["large"].to_pylist() == [None, float(2**70)]
    assert lightly.report.lines() == [
        "warning: keys lightly.* are reserved and are left out (2): a.json: metadata.lightly; a.json: metadata.lightly.y",
        "warning: keys that differ by upper and lower case only (1): 'Key' and 'key'",
        "warning: values of several types under one key are kept as text (1): mixed",
        "warning: keys that would hide columns are renamed (1): file is file_",
    ]


def test_keys_that_are_values_are_refused(lightly: Lightly) -> None:
    say(lightly, "a.png", {"scores": {str(n): n for n in range(1_001)}})
    with pytest.raises(InvalidInput, match=r"^scores\.: has 1,001 different keys; at most 1,000"):
        lightly.metadata()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "the whole file: must be a list, got an object"),
        ([3], "[0]: must be an object, got 3"),
        ([{"valueDataType": "NUMERIC_INT"}], "[0].path is missing"),
        ([{"path": "a"}], "[0].valueDataType is missing"),
        ([{"path": "a", "valueDataType": "NUMERIC_INTEGER"}], "[0].valueDataType: must be one of NUMERIC_INT, NUMERIC_FLOAT, CATEGORICAL_INT, CATEGORICAL_STRING, CATEGORICAL_BOOLEAN, CATEGORICAL_DATETIME, CATEGORICAL_TIMESTAMP, OTHER_STRING, got 'NUMERIC_INTEGER'. Did you mean 'NUMERIC_INT'?"),
        ([{"path": "a", "valueDataType": "NUMERIC_INT", "defaultValue": "0"}], '[0].defaultValue: must be an integer (NUMERIC_INT), got "0" (text)'),
        ([{"path": "a..b", "valueDataType": "NUMERIC_INT"}], "path 'a..b' must be keys between dots, as in 'a.b' or 'a[0].b'"),
        ([{"path": "a[x]", "valueDataType": "NUMERIC_INT"}], "path 'a[x]' must be keys between dots, as in 'a.b' or 'a[0].b'"),
        ([{"path": "a[1000]", "valueDataType": "NUMERIC_INT"}], "[0].path: 'a[1000]' leads too deep"),
        ([{"path": "lightly.sharpness", "valueDataType": "NUMERIC_INT"}], "[0].path: keys lightly.* are reserved for what is computed from images"),
        ([{"path": "a", "valueDataType": "NUMERIC_INT"}] * 2, "path 'a' appears 2 times"),
    ],
)  # fmt: skip
def test_a_bad_schema_is_an_error_with_file_and_path(
    lightly: Lightly, value: Any, message: str
) -> None:
    path = lightly.write("metadata/schema.json", value)
    with pytest.raises(ConfigError) as caught:
        read_schema(lightly.folder)
    assert str(caught.value) == f"{path}: {message}"


def test_the_schema_is_read_in_its_order(lightly: Lightly) -> None:
    assert read_schema(lightly.folder) == []
    schema(lightly, ("b", "NUMERIC_FLOAT", 1), ("a[0].c", "OTHER_STRING", None))
    assert read_schema(lightly.folder) == [
        MetadataField("b", "b", "NUMERIC_FLOAT", 1),
        MetadataField("a[0].c", "a[0].c", "OTHER_STRING"),
    ]
    assert read_schema(lightly.folder)[1].steps == ("a", 0, "c")


def test_two_processes_give_what_one_gives(lightly: Lightly) -> None:
    names = [f"{number:04}.png" for number in range(2_100)]
    for at, name in enumerate(names):
        say(lightly, name, {"n": at, "t": {"x": "é\n"}})
    lightly.write("metadata/bad.json", "{")
    one = lightly.metadata(names, processes=1)
    assert lightly.metadata(names, processes=2) == one
    assert [row["n"] for row in one] == list(range(2_100))
    assert len(set(lightly.skipped)) == 1


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
KEYS = TEXTS.filter(
    lambda key: not key.startswith("lightly") and key not in ("", "file", "sample_id")
)
ONE_TYPE = st.sampled_from(
    [
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        st.none() | TEXTS,
    ]
)
TREES = st.recursive(
    ONE_TYPE.flatmap(lambda values: st.just(values) | st.just(st.lists(values, max_size=3))),
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3).map(
        lambda d: st.fixed_dictionaries({}, optional=d)
    ),
    max_leaves=6,
)
METADATA = (
    st.dictionaries(KEYS, TREES, max_size=4)
    .map(lambda d: st.fixed_dictionaries({}, optional=d))
    .flatmap(lambda one: st.lists(one, min_size=1, max_size=4))
)


@given(METADATA)
def test_any_dictionaries_come_back_as_they_were(trees: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{at}.png" for at in range(len(trees))]
        for name, tree in zip(names, trees, strict=True):
            Path(folder, f"{name}.json").write_text(
                json.dumps({"file_name": name, "metadata": tree})
            )
        report = Report()
        table = read_metadata(
            Path(folder), [f"{name}.json" for name in names], names, report, fields=[]
        )
        assert report.skipped == []
        assert [told(row, top=True) for row in table.to_pylist()] == [
            told(tree) or {} for tree in trees
        ]
        assert typed.MIXED not in report.warnings


def told(value: Any, *, top: bool = False) -> Any:
    """The value without what is NULL or empty, which a table pads."""
    if isinstance(value, dict):
        members = {
            key: told(v) for key, v in value.items() if not (top and key in ("file", "sample_id"))
        }
        kept = {key: v for key, v in members.items() if v is not None}
        return kept if kept or top else None
    return value
