"""An image with the labels that a file of another tool has for it."""

from __future__ import annotations

from typing import Any, NamedTuple

ALL_LEFT_OUT = "images whose labels are all left out: what is on them is not known"


class Labelled(NamedTuple):
    """The name of an image, and its objects as a prediction file would hold them.

    None: what is on the image is not known. An empty list: there are none.
    """

    name: str
    objects: list[dict[str, Any]] | None
