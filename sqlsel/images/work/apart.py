"""The far end of ``engine``: a process of its own that does the same work with its share of the files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlsel.images.models.open_model import Model, open_model
from sqlsel.images.models.settings import settings_of
from sqlsel.images.work.cropping import Cropper
from sqlsel.images.work.embed_work import Embedder
from sqlsel.images.work.file_work import Work, done_with
from sqlsel.images.work.measuring import Measurer
from sqlsel.images.work.predicting import Predictor
from sqlsel.readers import Report
from sqlsel.readers.processes import Answer, Job


def work(job: Job) -> Answer:
    """The rows of the files of one job."""
    return Answer([done_with(_made(job["work"]), Path(job["folder"]), job["files"])], Report())


def _made(told: dict[str, Any]) -> Work:
    """The work that the message ``told`` describes."""
    if told["what"] == "measure":
        return Measurer()
    model = _model(json.dumps(told["model"])) if told["model"] else None
    if told["what"] == "crop":
        root, target = Path(told["root"]), Path(told["target"])
        return Cropper(root, target, told["boxes"], told["padding"], model)
    assert model is not None  # noqa: S101 - only crops can do without one
    return Embedder(model) if told["what"] == "embed" else Predictor(model, told["task"])


@cache
def _model(told: str) -> Model:
    told_ = json.loads(told)
    return open_model(Path(told_["path"]), settings_of(told_["settings"]))
