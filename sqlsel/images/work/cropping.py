"""Crops the objects of one image: saves a picture of each, measures it, embeds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from sqlsel.catalog.measure_tables import LIGHTLY
from sqlsel.errors import SqlselError
from sqlsel.images.models.open_model import Model
from sqlsel.images.pixels.cut import crop
from sqlsel.images.pixels.measures import measure
from sqlsel.images.pixels.opening import BadImage, as_rgb, open_image
from sqlsel.images.work.file_work import Result
from sqlsel.images.work.pictures import model_message, n_bytes, run_each
from sqlsel.process.whole_files import is_stream, whole_file

CROP = pa.struct(
    [
        ("file_name", pa.string()),
        ("lightly", pa.struct(list(LIGHTLY))),
        ("embedding", pa.list_(pa.float32())),
        ("reason", pa.string()),
    ]
)
CROPS = pa.schema([("crops", pa.list_(CROP))])


@dataclass(frozen=True)
class Cropper:
    """Work on files: crops the ``boxes`` (by file name) and saves the pictures below the folder ``target``."""

    root: Path
    target: Path
    boxes: Mapping[str, Sequence[Sequence[float]]]
    padding: float
    model: Model | None

    columns: ClassVar[pa.Schema] = CROPS
    batch: ClassVar[int] = 8

    @property
    def n_bytes(self) -> int:
        return n_bytes(self.model) if self.model else 0

    def message(self, names: Sequence[str]) -> dict[str, Any]:
        return {
            "what": "crop",
            "root": str(self.root),
            "target": str(self.target),
            "boxes": {name: self.boxes[name] for name in names},
            "padding": self.padding,
            "model": model_message(self.model) if self.model else None,
        }

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        return [self._crops(path) for path in paths]

    def _crops(self, path: Path) -> Result:
        """The crops of one image in the order of its objects; BadImage where it cannot be read."""
        name = path.relative_to(self.root).as_posix()
        try:
            image = as_rgb(open_image(path))
        except BadImage as reason:
            return reason
        pictures = [self._cut(image, box) for box in self.boxes[name]]
        saved = [
            one
            if isinstance(one, BadImage)
            else self._save_and_measure(one, picture_name(name, number))
            for number, one in enumerate(pictures, 1)
        ]
        vectors: list[Any] = self._vectors(pictures) if self.model else [{}] * len(pictures)
        rows = [_row(one, vector) for one, vector in zip(saved, vectors, strict=True)]
        return {"crops": rows}

    def _cut(self, image: Any, box: Sequence[float]) -> Any:
        """The pixels of one object; BadImage where its box cannot be used."""
        try:
            return crop(image, box, self.padding)
        except BadImage as reason:
            return reason

    def _save_and_measure(self, picture: Any, name: str) -> dict[str, Any]:
        """Save a picture as PNG, whole or not at all; gives its name and measures."""
        path = self.target / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if is_stream(path):
                raise SqlselError(f"{path}: is no regular file, so it is not replaced")
            with whole_file(path, replace=True, sync=False) as file:
                picture.save(file, "PNG", compress_level=1)  # four times as fast as the default
                size = file.tell()
        except OSError as error:
            raise SqlselError(f"{path}: {error.strerror or error}") from None
        return {"file_name": name, "lightly": {**asdict(measure(picture)), "sizeInBytes": size}}

    def _vectors(self, pictures: Sequence[Any]) -> list[Result]:
        """The vector of each picture, in batches; BadImage where there is none."""
        model = self.model
        assert model is not None  # noqa: S101 - for the type checker
        images = [one if isinstance(one, BadImage) else model.prepare(one) for one in pictures]
        vectors: list[Result] = []
        for at in range(0, len(images), model.batch):
            some = images[at : at + model.batch]
            vectors += run_each(
                some, lambda one: [{"embedding": vector} for vector in model.embed(one)]
            )
        return vectors


def _row(one: Any, vector: Result) -> dict[str, Any]:
    """The result of one object as a row of CROP, with a reason where it failed."""
    if isinstance(one, BadImage):
        return {"reason": str(one)}
    return {"reason": str(vector)} if isinstance(vector, BadImage) else {**one, **vector}


def picture_name(name: str, number: int) -> str:
    """The file name of an object's picture: ``cam/a.jpg``, 3 gives ``cam/a-3-jpg.png``."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{number}-{ending}.png" if stem and "/" not in ending else f"{name}-{number}.png"
