"""Tags: kept, listed, compared, deleted; one name, one selection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pytest

from sqlsel.catalog import connect, tags, transaction
from sqlsel.catalog.dataset import Dataset
from sqlsel.errors import CatalogError
from tests.catalog import data


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    with connect(None) as con:
        yield data.make(con)


def picks(*names: str) -> pa.Table:
    return pa.table(
        {
            "sample_id": pa.array(names, pa.string()),
            "rank": pa.array(range(1, len(names) + 1), pa.int64()),
            "gain": pa.array([0.5] * len(names), pa.float64()),
        }
    )


def save(
    dataset: Dataset, tag: str, *names: str, parent: str | None = None, append: bool = False
) -> None:
    with transaction(dataset.con):
        tags.save_tag(dataset, tag, picks(*names), parent=parent, append=append)


def ids(table: pa.Table) -> Sequence[str]:
    return table["sample_id"].to_pylist()


def test_a_tag_keeps_ids_ranks_and_gains(dataset: Dataset) -> None:
    save(dataset, "first", "cam2/d.jpg", "cam1/a.jpg")
    found = tags.samples(dataset, "first")
    assert ids(found) == ["cam2/d.jpg", "cam1/a.jpg"]
    assert found["rank"].to_pylist() == [1, 2]
    assert found["gain"].to_pylist() == [0.5, 0.5]
    assert ids(tags.samples(dataset, "initial-tag")) == data.NAMES


def test_the_list_has_all_samples_first_and_empty_tags_too(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg")
    save(dataset, "empty")
    found = tags.tag_table(dataset)
    assert found["tag"].to_pylist() == ["initial-tag", "first", "empty"]
    assert found["samples"].to_pylist() == [5, 1, 0]
    assert found["parent"].to_pylist() == [None, "initial-tag", "initial-tag"]


def test_a_tag_that_exists_is_refused_unless_it_grows(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg")
    with pytest.raises(CatalogError, match="tag 'first' exists"):
        save(dataset, "first", "cam1/b.jpg")
    save(dataset, "first", "cam1/b.jpg", "cam2/e.jpg", append=True)
    found = tags.samples(dataset, "first")
    assert ids(found) == ["cam1/a.jpg", "cam1/b.jpg", "cam2/e.jpg"]
    assert found["rank"].to_pylist() == [1, 2, 3]


def test_what_is_appended_is_ranked_after_all_that_was_there(dataset: Dataset) -> None:
    save(dataset, "first", "cam2/d.jpg", "cam1/a.jpg")
    save(dataset, "first", "cam1/a.jpg", "cam1/b.jpg", append=True)
    found = tags.samples(dataset, "first")
    assert ids(found) == ["cam2/d.jpg", "cam1/a.jpg", "cam1/b.jpg"]
    assert found["rank"].to_pylist() == [1, 2, 4]


def test_a_tag_that_grows_out_of_another_has_its_samples(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg")
    save(dataset, "second", "cam1/b.jpg", parent="first", append=True)
    assert sorted(ids(tags.samples(dataset, "second"))) == ["cam1/a.jpg", "cam1/b.jpg"]
    assert ids(tags.samples(dataset, "second", without_parent=True)) == ["cam1/b.jpg"]
    assert ids(tags.samples(dataset, "first", without_parent=True)) == ["cam1/a.jpg"]


def test_two_tags_are_compared(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg", "cam1/b.jpg")
    save(dataset, "second", "cam1/b.jpg", "cam2/e.jpg")
    assert tags.tag_difference(dataset, "first", "second").to_pylist() == [
        {"change": "added", "sample_id": "cam2/e.jpg"},
        {"change": "removed", "sample_id": "cam1/a.jpg"},
    ]
    assert len(tags.tag_difference(dataset, "first", "initial-tag")) == 3
    assert len(tags.tag_difference(dataset, "first", "first")) == 0


def test_a_deleted_tag_is_gone_and_its_name_free(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg")
    with transaction(dataset.con):
        assert tags.delete_tag(dataset, "first") == 1
    with pytest.raises(CatalogError, match="unknown tag 'first'"):
        tags.samples(dataset, "first")
    save(dataset, "first", "cam1/b.jpg")
    with pytest.raises(CatalogError, match="cannot be deleted"):
        tags.delete_tag(dataset, "initial-tag")


def test_names_that_tags_cannot_have(dataset: Dataset) -> None:
    for name in ("ab", "", " abc", "_abc", "a/b", "a\nb", "ä-tag", "x'; --"):
        with pytest.raises(CatalogError, match="a tag cannot be called"):
            save(dataset, name, "cam1/a.jpg")


def test_unknown_names_are_refused_with_the_nearest(dataset: Dataset) -> None:
    save(dataset, "first", "cam1/a.jpg")
    with pytest.raises(CatalogError, match="Did you mean 'first'"):
        tags.condition(dataset, "frist")
    with pytest.raises(CatalogError, match=r'no sample of dataset .demo.: "x\.jpg", "y\.jpg"'):
        tags.check_samples(dataset, ["cam1/a.jpg", "y.jpg", "x.jpg"])


def test_free_names_are_free(dataset: Dataset) -> None:
    name = tags.free_name(dataset)
    save(dataset, name, "cam1/a.jpg")
    assert tags.free_name(dataset) != name


def test_the_first_of_a_tag_are_a_tag_with_their_ranks_gains_and_parent(dataset: Dataset) -> None:
    save(dataset, "before", "cam1/b.jpg")
    save(dataset, "all", "cam2/d.jpg", "cam1/a.jpg", "cam2/e.jpg", parent="before")
    with transaction(dataset.con):
        assert tags.save_first(dataset, "two", "all", 2) == 2
        assert tags.save_first(dataset, "copy", "all", None) == 3
    assert ids(tags.samples(dataset, "two")) == ["cam2/d.jpg", "cam1/a.jpg"]
    assert tags.samples(dataset, "two")["gain"].to_pylist() == [0.5, 0.5]
    assert tags.samples(dataset, "copy").equals(tags.samples(dataset, "all"))
    table = tags.tag_table(dataset)
    parents = dict(zip(table["tag"].to_pylist(), table["parent"].to_pylist(), strict=True))
    assert parents["two"] == parents["copy"] == "before"


@pytest.mark.parametrize(
    ("new", "source", "first", "message"),
    [
        ("new", "all", 4, "tag 'all' has 3 samples, fewer than 4"),
        ("new", "al", 1, "Did you mean 'all'"),
        ("all", "all", 1, "tag 'all' exists"),
        ("new", "initial-tag", 1, "is all samples, which have no ranks"),
    ],
)
def test_what_cannot_be_the_first_of_a_tag_is_refused(
    dataset: Dataset, new: str, source: str, first: int, message: str
) -> None:
    save(dataset, "all", "cam2/d.jpg", "cam1/a.jpg", "cam2/e.jpg")
    with pytest.raises(CatalogError, match=message), transaction(dataset.con):
        tags.save_first(dataset, new, source, first)
    assert tags.tag_names(dataset) == ["all"]
