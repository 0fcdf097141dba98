"""Which samples a metadata file speaks of: one sample, or all frames of a video."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlsel.ingest.frames import frames_of_videos, is_video
from sqlsel.ingest.paths import check_relative
from sqlsel.ingest.report import Report
from sqlsel.ingest.strict import Fault

Found = tuple[str, dict[str, Any]]  # file, metadata


class Belonging:
    """Collects entries of files by the sample or the video that they name."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names if isinstance(names, set | frozenset | dict) else frozenset(names)
        self._frames = frames_of_videos(self._names)
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
            name = self._by_path(file, kind) if name is None else name
            self._put(file, kind, name, metadata)
        except Fault as fault:
            report.skip(file, str(fault))

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
            raise Fault(_unknown(kind, name))
        found = (file, metadata)
        if place.setdefault(name, found) is not found:
            raise Fault(f"file_name: {place[name][0]} is for {name!r} too")

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
        raise Fault(f"file_name is missing, and there is no {kind or 'sample'} of the file's name")


def _stem(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def _unknown(kind: str | None, name: str) -> str:
    """Why a file whose ``file_name`` is not known is left out."""
    try:
        check_relative(name)
    except Fault as fault:
        return f"file_name: {fault}"
    if kind == "video" or (kind is None and is_video(name)):
        return f"file_name: no frame of a video {name!r} is a sample"
    return f"file_name: there is no sample {name!r}"
