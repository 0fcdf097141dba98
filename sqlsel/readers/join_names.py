"""Matches names as other tools write them with the names of samples.

A name matches the sample of the same name; else the only one with the same normalized path (``/`` as separator,
without ``./``, drive and host); else the only one whose path ends with the name, or the name with it, by whole parts.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from sqlsel.errors import InvalidInput
from sqlsel.readers.import_report import Report

OTHER_SPELLING = "names that are written otherwise are joined"
AMBIGUOUS = "names that lead to one sample are left out"

_DRIVE = re.compile(r"[A-Za-z]:(?=/)")
_UPLOADED = re.compile(r"^.*/data/upload/(?:[0-9]+/)?(?:[0-9a-f]{8}-)?")  # by Label Studio
_ODD = ("\\", ":", "//", "./", "/data/upload/", "/data/local-files/")
_LOCAL_FILES = "/data/local-files/?"  # where Label Studio serves files of a disk: ?d=path


class SampleNames:
    """The names of samples, indexed by normalized path; ``strip_prefix``: removed from names before matching."""

    def __init__(self, samples: Collection[str], strip_prefix: str = "") -> None:
        self._samples = samples if isinstance(samples, set | frozenset | dict) else set(samples)
        self._prefix = strip_prefix
        self._plain: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        self._duplicates: dict[str, str] = {}  # a second sample for a path or an end

    def __contains__(self, name: object) -> bool:
        return name in self._samples

    def __iter__(self) -> Iterator[str]:
        return iter(self._samples)

    def union(self, others: Iterable[str]) -> SampleNames:
        """These names and others, with the same prefix."""
        return SampleNames({*self._samples, *others}, self._prefix)

    def strip(self, name: str) -> str:
        """The name without the prefix."""
        return without_prefix(name, self._prefix)

    def sample(self, name: str) -> str | None:
        """The sample that matches a name; None where there is none, or more than one."""
        name = self.strip(name)
        return name if name in self._samples else self._find_similar(name)

    def why_unmatched(self, name: str) -> str:
        """The reason why a name matches no sample."""
        path = normalized(self.strip(name))
        if path in self._duplicates:
            first = self._plain.get(path) or self._ends[path]
            return f"{name!r} may be {first!r} or {self._duplicates[path]!r}"
        return why_invalid(name) or f"there is no sample {name!r}"

    def example(self) -> str | None:
        """The first sample in alphabetical order; None where there is none."""
        return min(self._samples, default=None)

    def _find_similar(self, name: str) -> str | None:
        """The only sample with the same normalized path, or where one path ends with the other."""
        if not self._plain:
            self._index()
        if not (path := normalized(name)):
            return None
        for index in (self._plain, self._ends):
            if path in index:
                return None if path in self._duplicates else index[path]
        for end in _ends(path):
            if end in self._plain:
                return None if end in self._duplicates else self._plain[end]
        return None

    def _index(self) -> None:
        """Build the index, when the first name needs it: samples by normalized path, and by each end of it."""
        for name in sorted(self._samples):
            if not (path := normalized(name)):
                continue
            self._add(self._plain, path, name)
            for end in _ends(path):
                self._add(self._ends, end, name)
        # A whole name goes before the end of another: b.png is itself, although a/b.png ends with it.
        for end in self._plain.keys() & self._ends.keys():
            if self._plain[end] in self._samples:
                self._duplicates.pop(end, None)

    def _add(self, index: dict[str, str], path: str, name: str) -> None:
        """Add a sample to an index; a second one for the same path makes it ambiguous."""
        if index.setdefault(path, name) != name:
            self._duplicates.setdefault(path, name)


def as_names(names: Collection[str] | SampleNames) -> SampleNames:
    """The names as SampleNames, which they may be already."""
    return names if isinstance(names, SampleNames) else SampleNames(names)


def normalized(name: str) -> str:
    """The normalized path of a name: relative, parts between ``/``, without drive, host, ``.`` and ``..``.

    Empty where it leads out of the folder.
    """
    if name.isascii() and not any(one in name for one in _ODD) and not name.endswith("."):
        return name.strip("/")  # the usual case, many times as fast as what follows
    text = unicodedata.normalize("NFC", name)
    if "://" in text or _LOCAL_FILES in text:
        text = _of_url(text)
    text = _DRIVE.sub("", _UPLOADED.sub("", text.replace("\\", "/")), count=1)
    parts = [part for part in posixpath.normpath(text).split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def why_invalid(name: str) -> str | None:
    """The reason why no file below a folder can have this name; None where one can."""
    if not name:
        return "the name is empty"
    return (
        None if normalized(name) else f"{name!r} must be a path below the folder, without . or .."
    )


def _of_url(text: str) -> str:
    """Host and path of a URL; for a local file that Label Studio serves, the path of the file."""
    try:
        url = urlsplit(text)
    except ValueError:  # brackets that hold no address
        return text
    if f"{url.path}?".endswith(_LOCAL_FILES):
        return parse_qs(url.query).get("d", [""])[0]
    return f"{url.netloc}/{unquote(url.path)}"


def without_prefix(name: str, prefix: str) -> str:
    """The name without ``prefix``, with either kind of slash."""
    if not prefix:
        return name
    for own, begun in ((name, prefix), (name.replace("\\", "/"), prefix.replace("\\", "/"))):
        if own.startswith(begun):
            return own.removeprefix(begun).lstrip("/")
    return name


def _ends(path: str) -> Iterator[str]:
    """The ends of a path by whole parts, longest first: ``b/c`` and ``c`` of ``a/b/c``."""
    while "/" in path:
        path = path.partition("/")[2]
        yield path


def match_names(entries: Sequence[str], names: SampleNames, report: Report) -> list[str | None]:
    """The sample of each entry, None where there is none. Two entries never get the same sample.

    An exact match wins over similar ones; otherwise all entries that would share a sample are left out.
    """
    samples = {entry: names.sample(entry) for entry in dict.fromkeys(entries)}
    exact = Counter(sample for entry, sample in samples.items() if sample == names.strip(entry))
    every = Counter(samples.values())
    for entry, sample in samples.items():
        if sample is None:
            continue
        is_exact = sample == names.strip(entry)
        if (exact if is_exact else every)[sample] > 1:
            report.warn(AMBIGUOUS, f"{entry!r} to {sample!r}")
            samples[entry] = None
        elif not is_exact:
            report.warn(OTHER_SPELLING, f"{entry!r} is {sample!r}")
    return [samples[entry] for entry in entries]


def check_any_matched(
    samples: Sequence[str | None], entries: Sequence[str], names: SampleNames, what: str
) -> None:
    """InvalidInput where no entry has a sample; the message gives an example of the samples' names."""
    if any(sample is not None for sample in samples):
        return
    if not entries:
        raise InvalidInput(f"there are no {what}")
    raise InvalidInput(
        f"none of the {len(entries):,} {what} belongs to a sample: {names.why_unmatched(entries[0])}; "
        f"{hint(names)}"
    )


def hint(names: SampleNames) -> str:
    """The end of messages on unmatched names: what the samples are called, and the option that helps."""
    return (
        f"the samples are called like {names.example()!r} "
        "(--strip-prefix PREFIX takes a beginning off the names)"
    )
