"""Opens pictures and runs a model on them; a picture that fails does not affect the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlsel.errors import SqlselError
from sqlsel.images.models.open_model import Model
from sqlsel.images.pixels.opening import BadImage, open_image
from sqlsel.images.work.file_work import Result

Run = Callable[[Sequence[Any]], Iterable[dict[str, Any]]]


def model_message(model: Model) -> dict[str, Any]:
    """A model as plain JSON, from which another process opens it."""
    return {"path": str(model.path.resolve()), "settings": asdict(model.settings)}


def n_bytes(model: Model) -> int:
    """An estimate of the memory that the model takes in each process."""
    return 3 * model.path.stat().st_size  # an estimate on the safe side


def prepare_all(model: Model, paths: Sequence[Path]) -> list[Any]:
    """Each file preprocessed for the model; BadImage where it cannot be read."""
    images: list[Any] = []
    for path in paths:
        try:
            images.append(model.prepare(open_image(path)))
        except BadImage as reason:
            images.append(reason)
    return images


def run_each(images: Sequence[Any], run: Run) -> list[Result]:
    """The results of ``run`` on the images, together; one by one where that fails. A BadImage is passed on."""
    good = [image for image in images if not isinstance(image, BadImage)]
    results = iter(_together(good, run))
    return [image if isinstance(image, BadImage) else next(results) for image in images]


def _together(images: Sequence[Any], run: Run) -> list[Result]:
    """``run`` on all images at once; if that fails, on each alone, to find the one at fault."""
    if not images:
        return []
    try:
        return list(run(images))
    except SqlselError as error:
        if len(images) == 1:
            return [BadImage(str(error))]
    return [result for image in images for result in _together([image], run)]
