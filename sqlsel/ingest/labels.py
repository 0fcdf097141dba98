"""Labels in COCO's and YOLO's formats, as predictions that are certain; read by ``labelformat``."""

from __future__ import annotations

import importlib
import logging
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqlsel.errors import InvalidInput, SqlselError, unknown
from sqlsel.ingest.batches import Scores
from sqlsel.ingest.joining import unusable
from sqlsel.ingest.model import OBJECT_DETECTION, Task
from sqlsel.ingest.objects import Parsed
from sqlsel.ingest.predictions import converted
from sqlsel.ingest.report import Report
from sqlsel.ingest.strict import Fault, load
from sqlsel.ingest.tasks import schema

FORMATS = ("coco", "yolo")
ODD = "labels that the reader of the format left out"
_LARGEST = 2**30
_FILES = 2_000

Pictures = list[tuple[str, list[dict[str, Any]]]]  # file name, predictions


def read_labels(
    form: str, source: Path, report: Report, *, task: str | None = None
) -> tuple[Task, list[str], Iterator[pa.RecordBatch]]:
    """The task, all file names, and batches as ``read_predictions`` gives them.

    ``form``: coco (a JSON file) or yolo (a data.yaml; names are relative to its data set). A
    label without a score counts as certain. ``task``: its name, else labels.
    """
    if form not in FORMATS:
        raise InvalidInput(unknown("format of labels", form, FORMATS))
    if not source.is_file():
        raise InvalidInput(f"{source}: there is no such file")
    formats = _labelformat()
    with _told(source, report):
        kinds, pictures = (_coco if form == "coco" else _yolo)(formats, source)
        listed = [{"id": kind.id, "name": kind.name} for kind in kinds]
        found = schema(task or "labels", {"task_type": OBJECT_DETECTION, "categories": listed})
    files = _files(source, pictures, report)
    return found, [file.value["file_name"] for file in files], _batches(files, found, report)


def _labelformat() -> Any:
    try:
        return importlib.import_module("labelformat.formats")
    except ImportError as error:
        raise SqlselError(
            "COCO and YOLO are read by the package labelformat: pip install 'sqlsel[formats]'"
        ) from error


@contextmanager
def _told(source: Path, report: Report) -> Iterator[None]:
    """What ``labelformat`` says or raises inside is told with the name of the file."""
    listener, log = _Listener(report), logging.getLogger("labelformat")
    before = log.propagate
    log.addHandler(listener)
    log.propagate = False
    try:
        yield
    except KeyError as error:
        raise InvalidInput(f"{source}: needs {error}, which is not there") from error
    except Exception as error:
        raise InvalidInput(f"{source}: {error or type(error).__name__}") from error
    finally:
        log.removeHandler(listener)
        log.propagate = before


class _Listener(logging.Handler):
    """Puts into a report what is logged."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        self._report.warn(ODD, record.getMessage())


def _coco(formats: Any, source: Path) -> tuple[list[Any], Pictures]:
    load(source, largest=_LARGEST)  # labelformat takes keys given twice, and NaN
    reader = formats.COCOObjectDetectionInput(input_file=source.resolve())
    pictures = [(label.image.filename, _objects(label)) for label in reader.get_labels()]
    return list(reader.get_categories()), pictures


def _yolo(formats: Any, source: Path) -> tuple[list[Any], Pictures]:
    """All splits that ``data.yaml`` names; images without a file of labels have no objects."""
    told = importlib.import_module("yaml").safe_load(source.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or "names" not in told:
        raise Fault("must be a data.yaml with names and the folders train, val or test")
    splits = [split for split in ("train", "val", "test") if told.get(split)]
    if not splits:
        raise Fault("names no folder of images: train, val or test")
    kinds: list[Any] = []
    pictures: Pictures = []
    for split in splits:
        folder = posixpath.normpath(str(told[split])).removeprefix("../")
        reader = formats.YOLOv8ObjectDetectionInput(input_file=source, input_split=split)
        kinds = list(reader.get_categories())
        labels = {label.image.filename: _objects(label) for label in reader.get_labels()}
        names = [image.filename for image in reader.get_images()]
        pictures += [(posixpath.join(folder, n), labels.get(n, [])) for n in names]
    return kinds, pictures


def _objects(label: Any) -> list[dict[str, Any]]:
    """The objects of one image, as a prediction file would hold them."""
    return [
        {
            "category_id": one.category.id,
            "bbox": [
                one.box.xmin,
                one.box.ymin,
                one.box.xmax - one.box.xmin,
                one.box.ymax - one.box.ymin,
            ],
            "score": 1.0 if one.confidence is None else one.confidence,
        }
        for one in label.objects
    ]


def _files(source: Path, pictures: Pictures, report: Report) -> list[Parsed]:
    """The images whose names are good, each once."""
    files: dict[str, Parsed] = {}
    for name, found in pictures:
        try:
            if reason := unusable(name):
                raise Fault(reason)
            if name in files:
                raise Fault(f"{name!r} appears twice")
            files[name] = Parsed(source.name, {"file_name": name, "predictions": found})
        except Fault as fault:
            report.skip(source.name, f"file_name: {fault}")
    return list(files.values())


def _batches(files: list[Parsed], task: Task, report: Report) -> Iterator[pa.RecordBatch]:
    scores = Scores(task)
    for start in range(0, len(files), _FILES):
        named = [Parsed(f.value["file_name"], f.value) for f in files[start : start + _FILES]]
        for batch in converted(named, task, report):
            scores.see(batch)
            yield batch
    scores.warn(report)
