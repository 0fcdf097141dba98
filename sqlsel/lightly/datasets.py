"""Calls on datasets: make one, choose one, list them."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlsel.catalog import Dataset, create_dataset
from sqlsel.config.plain import plain
from sqlsel.lightly.answers import DatasetData
from sqlsel.lightly.names import DatasetType
from sqlsel.lightly.session import Session
from sqlsel.lightly.store import Record, put_record, records, runs


class Datasets(Session):
    """The client's calls on datasets."""

    @property
    def dataset_type(self) -> str:
        """The type of the current dataset, one of DatasetType."""
        return self._current_record().type

    def create_dataset(
        self, dataset_name: str, dataset_type: str = DatasetType.IMAGES, **options: Any
    ) -> None:
        """Create a dataset, which becomes the current one; ValueError where it exists and has runs."""
        self._note_ignored(options)
        with self._open_catalogue() as con:
            existing = {one.name.casefold(): one for one in records(con)}
            record = existing.get(dataset_name.casefold())
            used = bool(record and runs(con, record))
        if record and used:
            raise ValueError(
                f"a dataset {dataset_name!r} exists in {self.db.name}; "
                "to go on with it call set_dataset_id_by_name"
            )
        if record:
            self._note(f"dataset {record.name!r} is in {self.db.name} already; it is used")
        target = record or Record(dataset_name)
        self._store(Record(target.name, str(plain(dataset_type)), target.input, target.lightly))

    def create_new_dataset_with_unique_name(
        self, dataset_basename: str, dataset_type: str = DatasetType.IMAGES, **options: Any
    ) -> None:
        """Create a dataset of this name, or of ``NAME_1``, ``NAME_2`` … where that is taken."""
        self._note_ignored(options)
        with self._open_catalogue() as con:
            taken = {one.name.casefold() for one in records(con)}
        # Names that differ only in case would be the same schema.
        names = (dataset_basename if i == 0 else f"{dataset_basename}_{i}" for i in count())
        name = next(name for name in names if name.casefold() not in taken)
        self._store(Record(name, str(plain(dataset_type))))

    def _store(self, record: Record) -> None:
        """Create the dataset of a record where there is none, store the record, make it the current one."""
        if record.type == DatasetType.VIDEOS:
            self._note(
                "videos are not decoded here: the samples are their frames as pictures, "
                "named like video-12-mp4.png"
            )
        with self._open_catalogue(write=True) as con:
            made = create_dataset(con, record.name)
            put_record(con, Record(made.name, record.type, record.input, record.lightly))
        self._dataset_id = record.id

    def set_dataset_id_by_name(self, dataset_name: str, shared: bool | None = None) -> None:
        """Make the dataset of this name the current one; ValueError where there is none."""
        self._note_ignored({"shared": shared or None})
        matches = self.get_datasets_by_name(dataset_name)
        if not matches:
            names = ", ".join(one.name for one in self.get_datasets()) or "none"
            raise ValueError(
                f"a dataset {dataset_name!r} does not exist in {self.db.name} "
                f"(there are: {names}); make it with create_dataset"
            )
        self._dataset_id = matches[0].id

    def get_datasets(self, shared: bool | None = None) -> list[DatasetData]:
        """All datasets of the catalogue."""
        self._note_ignored({"shared": shared or None})
        with self._open_catalogue() as con:
            return [
                DatasetData(one.id, one.name, one.type, Dataset(con, one.name).count())
                for one in records(con)
            ]

    def get_all_datasets(self) -> list[DatasetData]:
        """All datasets of the catalogue."""
        return self.get_datasets()

    def get_datasets_by_name(
        self, dataset_name: str, shared: bool | None = None
    ) -> list[DatasetData]:
        """The dataset of this name, in a list that may be empty."""
        return [one for one in self.get_datasets(shared) if one.name == dataset_name]

    def get_dataset_by_id(self, dataset_id: str) -> DatasetData:
        """The dataset of this id; ValueError where there is none."""
        for one in self.get_datasets():
            if one.id == dataset_id:
                return one
        raise ValueError(f"a dataset of the id {dataset_id!r} does not exist in {self.db.name}")

    def dataset_exists(self, dataset_id: str) -> bool:
        """Whether a dataset has this id."""
        return any(one.id == dataset_id for one in self.get_datasets())

    def dataset_name_exists(self, dataset_name: str, shared: bool | None = None) -> bool:
        """Whether a dataset has this name."""
        return bool(self.get_datasets_by_name(dataset_name, shared))
