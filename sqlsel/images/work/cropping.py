"""Cuts the objects out of one image: a picture each, what its pixels tell, and its vector."""

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
from sqlsel.images.work.pictures import each, told_model, weight
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
    """Makes crops of the ``boxes`` (by file name) below the folder ``target``."""

    root: Path
    target: Path
    boxes: Mapping[str, Sequence[Sequence[float]]]
    padding: float
    model: Model | None

    columns: ClassVar[pa.Schema] = CROPS
    batch: ClassVar[int] = 8

    @property
    def weight(self) -> int:
        return weight(self.model) if self.model else 0

    def told(self, names: Sequence[str]) -> dict[str, Any]:
        return {
            "what": "crop",
            "root": str(self.root),
            "target": str(self.target),
            "boxes": {name: self.boxes[name] for name in names},
            "padding": self.padding,
            "model": told_model(self.model) if self.model else None,
        }

    def __call__(self, paths: Sequence[Path]) -> list[Result]:
        return [self._crops(path) for path in paths]

    def _crops(self, path: Path) -> Result:
        """The crops of one image in the order of its objects, or why it cannot be read."""
        name = path.relative_to(self.root).as_posix()
        try:
            image = as_rgb(open_image(path))
        except BadImage as reason:
            return reason
        cut = [self._cut(image, box) for box in self.boxes[name]]
        found = [
            one if isinstance(one, BadImage) else self._kept(one, picture_name(name, number))
            for number, one in enumerate(cut, 1)
        ]
        vectors: list[Any] = self._vectors(cut) if self.model else [{}] * len(cut)
        rows = [_row(one, vector) for one, vector in zip(found, vectors, strict=True)]
        return {"crops": rows}

    def _cut(self, image: Any, box: Sequence[float]) -> Any:
        try:
            return crop(image, box, self.padding)
        except BadImage as reason:
            return reason

    def _kept(self, picture: Any, name: str) -> dict[str, Any]:
        """Save a picture whole, without loss; give what is measured of it."""
        place = self.target / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if is_stream(place):
                raise SqlselError(f"{place}: is no regular file, so it is not replaced")
            with whole_file(place, replace=True, sync=False) as file:
                picture.save(file, "PNG", compress_level=1)  # four times as fast
                size = file.tell()
        except OSError as error:
            raise SqlselError(f"{place}: {error.strerror or error}") from None
        return {"file_name": name, "lightly": {**asdict(measure(picture)), "sizeInBytes": size}}

    def _vectors(self, cut: Sequence[Any]) -> list[Result]:
        model = self.model
        assert model is not None  # noqa: S101 - for the type checker
        images = [one if isinstance(one, BadImage) else model.prepare(one) for one in cut]
        found: list[Result] = []
        for at in range(0, len(images), model.batch):
            some = images[at : at + model.batch]
            found += each(some, lambda one: [{"embedding": vector} for vector in model.embed(one)])
        return found


def _row(one: Any, vector: Result) -> dict[str, Any]:
    if isinstance(one, BadImage):
        return {"reason": str(one)}
    return {"reason": str(vector)} if isinstance(vector, BadImage) else {**one, **vector}


def picture_name(name: str, number: int) -> str:
    """The file of an object's picture: ``cam/a.jpg``, 3 gives ``cam/a-3-jpg.png``."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{number}-{ending}.png" if stem and "/" not in ending else f"{name}-{number}.png"
