"""Names as other tools write them, joined to the names of samples.

A name is that of a sample where both are equal; else where they are once written alike, with ``/``, without ``./``,
drive and host; else where one ends with the other, whole parts at a time, and no other sample would do.
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

SPELT = "names that are written otherwise are joined"
SHARED = "names that lead to one sample are left out"

_DRIVE = re.compile(r"[A-Za-z]:(?=/)")
_UPLOADED = re.compile(r"^.*/data/upload/(?:[0-9]+/)?(?:[0-9a-f]{8}-)?")  # by Label Studio
_ODD = ("\\", ":", "//", "./", "/data/upload/", "/data/local-files/")
_LOCAL_FILES = "/data/local-files/?"  # where Label Studio serves files of a disk: ?d=path


class Names:
    """The names of samples; ``strip_prefix``: what is taken off the beginning of a name that has it."""

    def __init__(self, samples: Collection[str], strip_prefix: str = "") -> None:
        self._samples = samples if isinstance(samples, set | frozenset | dict) else set(samples)
        self._prefix = strip_prefix
        self._plain: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        self._others: dict[str, str] = {}  # a second sample for a plain name or an end

    def __contains__(self, name: object) -> bool:
        return name in self._samples

    def __iter__(self) -> Iterator[str]:
        return iter(self._samples)

    def beside(self, others: Iterable[str]) -> Names:
        """These names and others, with the same prefix taken off."""
        return Names({*self._samples, *others}, self._prefix)

    def stripped(self, name: str) -> str:
        """The name without the prefix."""
        return without_prefix(name, self._prefix)

    def sample(self, name: str) -> str | None:
        """The sample that a name means; None where there is none, or more than one."""
        name = self.stripped(name)
        return name if name in self._samples else self._alike(name)

    def why_not(self, name: str) -> str:
        """Why a name is that of no sample."""
        own = plain(self.stripped(name))
        if own in self._others:
            first = self._plain.get(own) or self._ends[own]
            return f"{name!r} may be {first!r} or {self._others[own]!r}"
        return unusable(name) or f"there is no sample {name!r}"

    def example(self) -> str | None:
        """The first sample."""
        return min(self._samples, default=None)

    def _alike(self, name: str) -> str | None:
        if not self._plain:
            self._index()
        if not (own := plain(name)):
            return None
        for known in (self._plain, self._ends):
            if own in known:
                return None if own in self._others else known[own]
        for end in _ends(own):
            if end in self._plain:
                return None if end in self._others else self._plain[end]
        return None

    def _index(self) -> None:
        """Where samples are found by what their names are when written plainly, and by their ends."""
        for name in sorted(self._samples):
            if not (own := plain(name)):
                continue
            self._enter(self._plain, own, name)
            for end in _ends(own):
                self._enter(self._ends, end, name)
        for end in (
            self._plain.keys() & self._ends.keys()
        ):  # a whole name goes before the end of another
            if self._plain[end] in self._samples:
                self._others.pop(end, None)

    def _enter(self, known: dict[str, str], own: str, name: str) -> None:
        if known.setdefault(own, name) != name:
            self._others.setdefault(own, name)


def as_names(names: Collection[str] | Names) -> Names:
    """The names of samples, as they are or as a collection of texts."""
    return names if isinstance(names, Names) else Names(names)


def plain(name: str) -> str:
    """The name as a path below some folder: parts between ``/``, without drive, host, ``.`` and ``..``.

    Empty where it leads out of the folder.
    """
    if name.isascii() and not any(one in name for one in _ODD) and not name.endswith("."):
        return name.strip("/")  # as nearly all names are, and many times as fast
    text = unicodedata.normalize("NFC", name)
    if "://" in text or _LOCAL_FILES in text:
        text = _of_url(text)
    text = _DRIVE.sub("", _UPLOADED.sub("", text.replace("\\", "/")), count=1)
    parts = [part for part in posixpath.normpath(text).split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def unusable(name: str) -> str | None:
    """Why no file below a folder can have this name; None where one can."""
    if not name:
        return "the name is empty"
    return None if plain(name) else f"{name!r} must be a path below the folder, without . or .."


def _of_url(text: str) -> str:
    """Host and path of a URL; of one of Label Studio's local files, the file."""
    try:
        url = urlsplit(text)
    except ValueError:  # brackets that hold no address
        return text
    if f"{url.path}?".endswith(_LOCAL_FILES):
        return parse_qs(url.query).get("d", [""])[0]
    return f"{url.netloc}/{unquote(url.path)}"


def without_prefix(name: str, prefix: str) -> str:
    """The name without ``prefix``, which may be written with the other kind of slash."""
    if not prefix:
        return name
    for own, begun in ((name, prefix), (name.replace("\\", "/"), prefix.replace("\\", "/"))):
        if own.startswith(begun):
            return own.removeprefix(begun).lstrip("/")
    return name


def _ends(own: str) -> Iterator[str]:
    """``b/c`` and ``c`` of ``a/b/c``."""
    while "/" in own:
        own = own.partition("/")[2]
        yield own


def match_names(entries: Sequence[str], names: Names, report: Report) -> list[str | None]:
    """The sample of each entry, None where there is none; two entries never lead to one sample."""
    samples = {entry: names.sample(entry) for entry in dict.fromkeys(entries)}
    exact = Counter(sample for entry, sample in samples.items() if sample == names.stripped(entry))
    every = Counter(samples.values())
    for entry, sample in samples.items():
        if sample is None:
            continue
        is_exact = sample == names.stripped(entry)
        if (exact if is_exact else every)[sample] > 1:
            report.warn(SHARED, f"{entry!r} to {sample!r}")
            samples[entry] = None
        elif not is_exact:
            report.warn(SPELT, f"{entry!r} is {sample!r}")
    return [samples[entry] for entry in entries]


def check_any_matched(
    samples: Sequence[str | None], entries: Sequence[str], names: Names, what: str
) -> None:
    """InvalidInput where no entry is of a sample; it says how the samples are called."""
    if any(sample is not None for sample in samples):
        return
    if not entries:
        raise InvalidInput(f"there are no {what}")
    raise InvalidInput(
        f"none of the {len(entries):,} {what} belongs to a sample: {names.why_not(entries[0])}; "
        f"{hint(names)}"
    )


def hint(names: Names) -> str:
    """How the samples are called, and how names become theirs."""
    return (
        f"the samples are called like {names.example()!r} "
        "(--strip-prefix PREFIX takes a beginning off the names)"
    )
