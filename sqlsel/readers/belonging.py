"""The samples that a metadata file belongs to: one sample, or all frames of a video."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlsel.readers.frames import frames_of_videos, is_video
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import SPELT, Names, as_names
from sqlsel.readers.strict import Fault

Found = tuple[str, dict[str, Any]]  # file, metadata


class Stranger(Fault):
    """A file that belongs to no known sample."""


class Belonging:
    """Collects entries of files by the sample or the video that they name."""

    def __init__(self, names: Collection[str] | Names) -> None:
        self._names = as_names(names)
        self._frames = frames_of_videos(self._names)
        self._every = self._names.beside(self._frames) if self._frames else self._names
        self._stems: dict[str, list[str]] | None = None
        self._own: dict[str, Found] = {}
        self._videos: dict[str, Found] = {}

    def add(
        self,
        file: str,
        kind: str | None,
        name: str | None,
        metadata: dict[str, Any],
        report: Report,
    ) -> None:
        """Take in what ``file`` says; skipped where it names nothing that is known."""
        try:
            own = self._by_path(file, kind) if name is None else self._every.sample(name) or name
            self._put(file, kind, own, metadata)
            if name is not None and own != self._names.stripped(name):
                report.warn(SPELT, f"{name!r} is {own!r}")
        except Fault as fault:
            report.skip(file, str(fault), is_stranger=isinstance(fault, Stranger))

    def rows(self) -> list[tuple[str | None, str, dict[str, Any]]]:
        """file, sample and metadata; of frames without a file of their own, the video's."""
        found = {
            sample: said for video, said in self._videos.items() for sample in self._frames[video]
        }
        return [(file, sample, tree) for sample, (file, tree) in (found | self._own).items()]

    def _put(self, file: str, kind: str | None, name: str, metadata: dict[str, Any]) -> None:
        if kind != "video" and name in self._names:
            place = self._own
        elif kind in ("video", None) and name in self._frames:
            place = self._videos
        else:
            raise Stranger(self._unknown(kind, name))
        found = (file, metadata)
        if place.setdefault(name, found) is not found:
            raise Fault(f"file_name: {place[name][0]} is for {name!r} too")

    def _unknown(self, kind: str | None, name: str) -> str:
        """Why a file whose ``file_name`` is not known is left out."""
        if kind == "video" or (kind is None and is_video(name)):
            return f"file_name: no frame of a video {name!r} is a sample"
        return f"file_name: {self._every.why_not(name)}"

    def _by_path(self, file: str, kind: str | None) -> str:
        """The sample or video whose name is that of the file, but for its ending."""
        if self._stems is None:
            self._stems = {}
            for name in [*self._names, *self._frames]:
                self._stems.setdefault(_stem(name), []).append(name)
        of_kind = self._frames if kind == "video" else self._names if kind else None
        found = [
            name for name in self._stems.get(_stem(file), []) if of_kind is None or name in of_kind
        ]
        if len(found) == 1:
            return found[0]
        if found:
            meant = " and ".join(repr(name) for name in sorted(found)[:3])
            raise Fault(f"file_name is missing, and {meant} could be meant")
        what = kind or "sample"
        raise Stranger(f"file_name is missing, and there is no {what} of the file's name")


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"
