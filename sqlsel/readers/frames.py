"""Video frames by their file names: ``drive/video-007-mp4.png`` is frame 7 of ``drive/video.mp4``."""

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
    """A frame: the path of its video, and its number."""

    video: str
    number: int


def frame_of(name: str) -> Frame | None:
    """The frame that a file name stands for; None where it has another form."""
    match = _FRAME.fullmatch(name)
    return match and Frame(f"{match['video']}.{match['kind']}", int(match["number"]))


def is_image(name: str) -> bool:
    """Whether the file name has the suffix of an image."""
    return _ending(name) in IMAGES


def is_video(name: str) -> bool:
    """Whether the file name has the suffix of a video."""
    return _ending(name) in VIDEOS


def _ending(name: str) -> str:
    """The suffix in lower case, without the dot; empty where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def frame_names(paths: Iterable[str]) -> list[str]:
    """The frames that JSON files are for: ``v-01-mp4.json`` gives ``v-01-mp4.png``; other paths are left out."""
    named = (f"{path.removesuffix('.json')}.png" for path in paths if path.endswith(".json"))
    return [name for name in named if frame_of(name)]


def frames_of_videos(names: Iterable[str]) -> dict[str, list[str]]:
    """Video → the frames of it among ``names``."""
    frames: dict[str, list[str]] = {}
    for name in names:
        if one := frame_of(name):
            frames.setdefault(one.video, []).append(name)
    return frames
