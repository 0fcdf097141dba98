"""Calls on tags and on the file names that they hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sqlsel.catalog import Dataset, tags, transaction
from sqlsel.catalog.tags import ALL_SAMPLES
from sqlsel.errors import CatalogError, suggestion
from sqlsel.lightly.answers import TagData
from sqlsel.lightly.session import Session
from sqlsel.lightly.store import Record, id_of


class Tags(Session):
    """The client's calls on tags."""

    def get_all_tags(self) -> list[TagData]:
        """The tags of the current dataset, the newest first; ``initial-tag`` is the last."""
        record = self._current_record()
        with self._open_catalogue() as con:
            return _tag_data(con, record)

    def get_tag_by_id(self, tag_id: str) -> TagData:
        """The tag of this id; ValueError where there is none."""
        for tag in self.get_all_tags():
            if tag.id == tag_id:
                return tag
        raise ValueError(f"there is no tag of the id {tag_id!r}")

    def get_tag_by_name(self, tag_name: str) -> TagData:
        """The tag of this name; ValueError where there is none."""
        tags = {tag.name: tag for tag in self.get_all_tags()}
        if tag_name not in tags:
            raise ValueError(
                f"there is no tag {tag_name!r}.{suggestion(tag_name, tags)} "
                f"Tags: {', '.join(tags)}."
            )
        return tags[tag_name]

    def get_tag_id_by_name(self, tag_name: str) -> str:
        """The id of the tag of this name; ValueError where there is none."""
        return self.get_tag_by_name(tag_name).id

    def get_filenames(self) -> list[str]:
        """The names of all samples of the current dataset."""
        return self._names(ALL_SAMPLES)

    def get_filenames_in_tag(
        self,
        tag_data: TagData,
        filenames_on_server: Sequence[str] | None = None,
        exclude_parent_tag: bool = False,
    ) -> list[str]:
        """The names of the samples of a tag, in the order in which they were picked."""
        return self._names(tag_data.name, without_parent=exclude_parent_tag)

    def export_filenames_by_tag_name(self, tag_name: str) -> str:
        """The names of the samples of a tag as one text, a name a line."""
        return "\n".join(self._names(self.get_tag_by_name(tag_name).name))

    def export_filenames_by_tag_id(self, tag_id: str) -> str:
        """The names of the samples of a tag as one text, a name a line."""
        return "\n".join(self._names(self.get_tag_by_id(tag_id).name))

    def export_filenames_and_read_urls_by_tag_name(self, tag_name: str) -> list[dict[str, str]]:
        """A dict for each sample of a tag: its name, and where its file lies."""
        return self._file_urls(self.get_tag_by_name(tag_name).name)

    def export_filenames_and_read_urls_by_tag_id(self, tag_id: str) -> list[dict[str, str]]:
        """A dict for each sample of a tag: its name, and where its file lies."""
        return self._file_urls(self.get_tag_by_id(tag_id).name)

    def create_tag_from_filenames(
        self, fnames_new_tag: Sequence[str], new_tag_name: str, parent_tag_id: str | None = None
    ) -> TagData:
        """Create a tag of these samples, ranked in this order; CatalogError for names not in the dataset."""
        record, names = self._current_record(), list(dict.fromkeys(fnames_new_tag))
        parent = None if parent_tag_id is None else self.get_tag_by_id(parent_tag_id).name
        with self._open_catalogue(write=True) as con, transaction(con):
            dataset = Dataset(con, record.name)
            tags.check_samples(dataset, names)
            ranks = pa.array(range(1, len(names) + 1), pa.int64())
            columns = {"sample_id": pa.array(names, pa.string()), "rank": ranks}
            picks = pa.table({**columns, "gain": pa.nulls(len(names), pa.float64())})
            tags.save_tag(dataset, new_tag_name, picks, parent=parent)
        return self.get_tag_by_name(new_tag_name)

    def delete_tag_by_name(self, tag_name: str) -> None:
        """Remove a tag; its samples and its run stay."""
        name, record = self.get_tag_by_name(tag_name).name, self._current_record()
        with self._open_catalogue(write=True) as con, transaction(con):
            tags.delete_tag(Dataset(con, record.name), name)

    def delete_tag_by_id(self, tag_id: str) -> None:
        """Remove a tag; its samples and its run stay."""
        self.delete_tag_by_name(self.get_tag_by_id(tag_id).name)

    def _names(self, tag: str, *, without_parent: bool = False) -> list[str]:
        """The sample ids of a tag by rank; ``without_parent``: only those that its parent lacks."""
        record = self._current_record()
        with self._open_catalogue() as con:
            samples = tags.samples(Dataset(con, record.name), tag, without_parent=without_parent)
        names: list[str] = samples["sample_id"].to_pylist()
        return names

    def _file_urls(self, tag: str) -> list[dict[str, str]]:
        """For each sample of a tag a dict as Lightly's client gives it; CatalogError without a folder."""
        folder = self._current_record().input
        if folder is None:
            raise CatalogError("where the files lie is not known: call set_local_config")
        return [
            {"fileName": name, "readUrl": path.as_uri(), "datasourceUrl": str(path)}
            for name in self._names(tag)
            for path in [Path(folder) / name]
        ]


def _tag_data(con: duckdb.DuckDBPyConnection, record: Record) -> list[TagData]:
    """The tags of a dataset, newest first, and ``initial-tag``, which stands for all samples."""
    dataset = Dataset(con, record.name)
    rows: list[tuple[Any, ...]] = con.execute(
        "SELECT n.tag, n.parent, count(t.sample_id), epoch_ms(n.created), max(t.run_id) "
        f"FROM {dataset.table('tag_names')} AS n LEFT JOIN {dataset.table('tags')} AS t USING (tag) "
        "GROUP BY n.tag, n.parent, n.created ORDER BY n.created DESC, n.tag ASC"
    ).fetchall()
    rows.append((ALL_SAMPLES, None, dataset.count(), 0, None))
    return [
        TagData(
            id_of("tag", record.name, name),
            record.id,
            name,
            None if parent is None else id_of("tag", record.name, parent),
            *rest,
        )
        for name, parent, *rest in rows
    ]
