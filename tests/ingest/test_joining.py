"""Names as other tools write them: joined where one sample is meant, else left out and told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqlsel.errors import InvalidInput
from sqlsel.readers import Report
from sqlsel.readers.join_names import SampleNames, check_any_matched, match_names, normalized

SAMPLES = ["cam1/a.png", "cam2/a.png", "cam1/b.png", "deep/er/ü c.png", "d.png"]


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("cam1/a.png", "cam1/a.png"),
        ("./cam1/a.png", "cam1/a.png"),
        ("cam1\\a.png", "cam1/a.png"),
        (".\\cam1\\a.png", "cam1/a.png"),
        ("C:\\photos\\cam1\\a.png", "cam1/a.png"),
        ("/data/photos/cam1/a.png", "cam1/a.png"),
        ("../photos/cam1/a.png", None),
        ("cam1/../../photos/cam1/a.png", None),
        ("/photos/../cam1/a.png", "cam1/a.png"),
        ("cam2/../cam1//a.png", "cam1/a.png"),
        ("file:///data/cam2/a.png", "cam2/a.png"),
        ("s3://bucket/photos/cam2/a.png", "cam2/a.png"),
        ("https://host/x/er/%C3%BC%20c.png?signed=1", None),
        ("https://host/x/deep/er/%C3%BC%20c.png?signed=1", "deep/er/ü c.png"),
        ("/data/local-files/?d=photos%2Fcam1%2Fb.png", "cam1/b.png"),
        ("http://host:8080/data/local-files/?d=photos/cam1/b.png", "cam1/b.png"),
        ("u\u0308 c.png", "deep/er/ü c.png"),
        ("b.png", "cam1/b.png"),
        ("er/ü c.png", "deep/er/ü c.png"),
        ("/anywhere/d.png", "d.png"),
        ("a.png", None),
        ("/x/a.png", None),
        ("other.png", None),
        ("xd.png", None),
        ("m1/b.png", None),
        ("", None),
        ("http://[half/d.png", "d.png"),
    ],
)
def test_a_name_is_that_of_the_only_sample_that_it_can_mean(name: str, sample: str | None) -> None:
    assert SampleNames(SAMPLES).sample(name) == sample


def test_the_longest_end_that_is_a_sample_is_meant() -> None:
    names = SampleNames(["a.png", "cam/a.png"])
    assert names.sample("/photos/cam/a.png") == "cam/a.png"
    assert names.sample("/photos/a.png") == "a.png"


def test_a_sample_of_exactly_this_name_is_meant_whatever_it_looks_like() -> None:
    assert SampleNames(["../d.png", "d.png", "/d.png"]).sample("../d.png") == "../d.png"


def test_samples_with_odd_names_are_joined_by_plain_ones() -> None:
    assert SampleNames(["s3://bucket/cam\\a.png"]).sample("cam/a.png") == "s3://bucket/cam\\a.png"
    assert SampleNames(["./a.png", "a.png"]).sample("a.png") == "a.png"


def test_a_prefix_is_taken_off() -> None:
    assert SampleNames(SAMPLES, "front_").sample("front_d.png") == "d.png"
    assert SampleNames(SAMPLES, "x/cam3").sample("x\\cam3\\cam1/a.png") == "cam1/a.png"
    assert SampleNames(SAMPLES, "front_").sample("d.png") == "d.png"


def test_why_a_name_is_no_sample() -> None:
    names = SampleNames(SAMPLES)
    assert names.sample("a.png") is None
    assert names.why_unmatched("a.png") == "'a.png' may be 'cam1/a.png' or 'cam2/a.png'"
    assert names.why_unmatched("z.png") == "there is no sample 'z.png'"
    assert names.why_unmatched("/z.png") == "there is no sample '/z.png'"
    assert names.why_unmatched("") == "the name is empty"
    assert names.why_unmatched("../d.png") == (
        "'../d.png' must be a path below the folder, without . or .."
    )


def test_two_names_never_lead_to_one_sample() -> None:
    report = Report()
    entries = ["/train/d.png", "/val/d.png", "/x/cam1/b.png", "cam1/b.png", "/x/cam1/a.png", "z"]
    found = match_names(entries, SampleNames(SAMPLES), report)
    assert found == [None, None, None, "cam1/b.png", "cam1/a.png", None]
    assert report.lines() == [
        (
            "warning: names that lead to one sample are left out (3): '/train/d.png' to 'd.png'; "
            "'/val/d.png' to 'd.png'; '/x/cam1/b.png' to 'cam1/b.png'"
        ),
        "warning: names that are written otherwise are joined (1): '/x/cam1/a.png' is 'cam1/a.png'",
    ]


def test_nothing_joined_is_an_error_that_says_how_samples_are_called() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_any_matched([None], ["z.png"], SampleNames(SAMPLES), "ids")
    assert str(caught.value) == (
        "none of the 1 ids belongs to a sample: there is no sample 'z.png'; the samples are called "
        "like 'cam1/a.png' (--strip-prefix PREFIX takes a beginning off the names)"
    )
    with pytest.raises(InvalidInput, match="there are no ids"):
        check_any_matched([], [], SampleNames(SAMPLES), "ids")
    check_any_matched(["d.png", None], ["d.png", "z"], SampleNames(SAMPLES), "ids")


def test_plain_names_are_paths_below_a_folder() -> None:
    assert normalized("/a/./b//c.png") == "a/b/c.png"
    assert normalized("..") == normalized(".") == normalized("") == normalized("/") == ""


PARTS = st.lists(
    st.sampled_from(["a", "b.png", ".", "..", "", "c.", "ü", "x y", "data"]), max_size=5
)


@given(PARTS)
def test_a_plain_name_stays_plain_and_is_one_way_only(parts: list[str]) -> None:
    """The short way gives what the long one does, which a backslash before the name takes."""
    name = "/".join(parts)
    own = normalized(name)
    assert normalized(own) == own
    assert normalized(f"\\{name}") == normalized(f"/{name}")
    assert not {".", "..", ""} & set(own.split("/")) or own == ""
