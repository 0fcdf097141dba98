"""Matches metadata files with samples: one sample, or all frames of a video."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlsel.readers.frames import frames_of_videos, is_video
from sqlsel.readers.import_report import Report
from sqlsel.readers.join_names import OTHER_SPELLING, SampleNames, as_names
from sqlsel.readers.strict import Fault

Entry = tuple[str, dict[str, Any]]  # file, metadata


class NoSample(Fault):
    """A file that matches no sample."""


class EntriesBySample:
    """Collects metadata entries of files, each by the sample or the video that it names."""

    def __init__(self, names: Collection[str] | SampleNames) -> None:
        self._names = as_names(names)
        self._frames = frames_of_videos(self._names)
        self._all_names = self._names.union(self._frames) if self._frames else self._names
        self._stems: dict[str, list[str]] | None = None
        self._of_samples: dict[str, Entry] = {}
        self._of_videos: dict[str, Entry] = {}

    def add(
        self,
        file: str,
        kind: str | None,
        name: str | None,
        metadata: dict[str, Any],
        report: Report,
    ) -> None:
        """Add one entry of ``file``; one that matches no sample, or a sample with an entry, is reported as skipped.

        ``kind``: the file's ``type``, image, frame or video. Without a ``name`` that of the file counts.
        """
        try:
            target = (
                self._by_path(file, kind) if name is None else self._all_names.sample(name) or name
            )
            self._store(file, kind, target, metadata)
            if name is not None and target != self._names.strip(name):
                report.warn(OTHER_SPELLING, f"{name!r} is {target!r}")
        except Fault as fault:
            report.skip(file, str(fault), is_unmatched=isinstance(fault, NoSample))

    def rows(self) -> list[tuple[str | None, str, dict[str, Any]]]:
        """(file, sample, metadata) of each sample with an entry; a frame without its own has that of its video."""
        of_videos = {
            sample: entry
            for video, entry in self._of_videos.items()
            for sample in self._frames[video]
        }
        return [
            (file, sample, tree) for sample, (file, tree) in (of_videos | self._of_samples).items()
        ]

    def _store(self, file: str, kind: str | None, name: str, metadata: dict[str, Any]) -> None:
        """Store an entry for a sample or a video; a Fault where it matches none, or has one of another file."""
        if kind != "video" and name in self._names:
            entries = self._of_samples
        elif kind in ("video", None) and name in self._frames:
            entries = self._of_videos
        else:
            raise NoSample(self._unknown(kind, name))
        entry = (file, metadata)
        if entries.setdefault(name, entry) is not entry:
            raise Fault(f"file_name: {entries[name][0]} is for {name!r} too")

    def _unknown(self, kind: str | None, name: str) -> str:
        """The reason for leaving out a file whose ``file_name`` matches nothing."""
        if kind == "video" or (kind is None and is_video(name)):
            return f"file_name: no frame of a video {name!r} is a sample"
        return f"file_name: {self._all_names.why_unmatched(name)}"

    def _by_path(self, file: str, kind: str | None) -> str:
        """The sample or video with the path of the file but for the suffix; a Fault where there is none or several."""
        if self._stems is None:
            self._stems = {}
            for name in [*self._names, *self._frames]:
                self._stems.setdefault(_stem(name), []).append(name)
        of_kind = self._frames if kind == "video" else self._names if kind else None
        matches = [
            name for name in self._stems.get(_stem(file), []) if of_kind is None or name in of_kind
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            candidates = " and ".join(repr(name) for name in sorted(matches)[:3])
            raise Fault(f"file_name is missing, and {candidates} could be meant")
        what = kind or "sample"
        raise NoSample(f"file_name is missing, and there is no {what} of the file's name")


def _stem(path: str) -> str:
    """The path without the suffix of the file."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"
