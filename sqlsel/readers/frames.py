"""Frames of videos by their names: ``drive/video-007-mp4.png`` is frame 7 of ``drive/video.mp4``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

VIDEOS = ("mp4", "mov", "avi", "mkv", "webm")
IMAGES = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")

_FRAME = re.compile(
    rf"(?P<video>.*[^/])-(?P<number>[0-9]{{1,9}})-(?P<kind>{'|'.join(VIDEOS)})"
    rf"\.(?:{'|'.join(IMAGES)})",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Frame:
    """One picture of a video."""

    video: str
    number: int


def frame(name: str) -> Frame | None:
    """The frame that ``name`` names, or None where it names no frame."""
    found = _FRAME.fullmatch(name)
    return found and Frame(f"{found['video']}.{found['kind']}", int(found["number"]))


def is_image(name: str) -> bool:
    """Whether the ending of ``name`` is that of an image."""
    return _ending(name) in IMAGES


def is_video(name: str) -> bool:
    """Whether the ending of ``name`` is that of a video."""
    return _ending(name) in VIDEOS


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def frame_names(paths: Iterable[str]) -> list[str]:
    """The frames that JSON files belong to: ``v-01-mp4.json`` to ``v-01-mp4.png``."""
    named = (f"{path.removesuffix('.json')}.png" for path in paths if path.endswith(".json"))
    return [name for name in named if frame(name)]


def frames_of_videos(names: Iterable[str]) -> dict[str, list[str]]:
    """The frames among ``names``, by their video."""
    found: dict[str, list[str]] = {}
    for name in names:
        if one := frame(name):
            found.setdefault(one.video, []).append(name)
    return found
