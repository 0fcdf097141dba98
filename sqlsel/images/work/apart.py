"""The work on images in another process: reads a job of ``file_work`` and gives its rows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlsel.images.models.open_model import Model, open_model
from sqlsel.images.models.settings import settings_from_message
from sqlsel.images.work.cropping import Cropper
from sqlsel.images.work.embed_work import Embedder
from sqlsel.images.work.file_work import Work, results_of
from sqlsel.images.work.measuring import Measurer
from sqlsel.images.work.predicting import Predictor
from sqlsel.readers import Report
from sqlsel.readers.processes import Job, JobResult


def work(job: Job) -> JobResult:
    """The rows of the files of one job."""
    return JobResult(
        [results_of(_work_of(job["work"]), Path(job["folder"]), job["files"])], Report()
    )


def _work_of(message: dict[str, Any]) -> Work:
    """The work that a message (of ``Work.message``) describes."""
    if message["what"] == "measure":
        return Measurer()
    # As text, since a cache needs arguments that can be hashed.
    model = _model(json.dumps(message["model"])) if message["model"] else None
    if message["what"] == "crop":
        root, target = Path(message["root"]), Path(message["target"])
        return Cropper(root, target, message["boxes"], message["padding"], model)
    assert model is not None  # noqa: S101 - only crops can do without one
    return Embedder(model) if message["what"] == "embed" else Predictor(model, message["task"])


@cache
def _model(text: str) -> Model:
    """The model of a message, opened once per process."""
    message = json.loads(text)
    return open_model(Path(message["path"]), settings_from_message(message["settings"]))
