"""The names of a model's classes, from a list or from a file with one name per line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlsel.images.models.settings_fields import Wrong

_LARGEST = 4 * 2**20


def classes(value: object) -> tuple[str, ...]:
    """A list of names, or those in the file that ``value`` names."""
    if isinstance(value, str | Path) and str(value):
        return _class_file(Path(value))
    if isinstance(value, list | tuple):
        return _class_list(value)
    raise Wrong(f"must be a list of names or the name of a file, got {value!r}")


def _class_list(names: Sequence[object]) -> tuple[str, ...]:
    """The names as given; none may be empty or stand twice."""
    if not names:
        raise Wrong("must name at least one class")
    found: list[str] = []
    for at, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise Wrong(f"[{at}]: must be a name in quotes, got {name!r}")
        if name in found:
            raise Wrong(f"[{at}]: {name!r} stands here for the second time")
        found.append(name)
    return tuple(found)


def _class_file(path: Path) -> tuple[str, ...]:
    """The lines of a file, in its order.

    Lines that all begin with their own number from 0 (``0,tench``) are read without it. A name that
    several classes share, as ImageNet's two cranes do, is followed by the number of the class.
    """
    lines = [line.strip() for line in _text(path).strip().splitlines()]
    if all(line.startswith(f"{at},") for at, line in enumerate(lines)):
        lines = [line.partition(",")[2].strip() for line in lines]
    if not lines:
        raise Wrong(f"{path}: holds no names; it must hold one per line")
    if "" in lines:
        raise Wrong(f"{path}: line {lines.index('') + 1} holds no name")
    often = Counter(lines)
    told = [f"{name} ({at})" if often[name] > 1 else name for at, name in enumerate(lines)]
    return _class_list(told)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise Wrong(
                f"{path}: is larger than {_LARGEST:,} bytes; it must hold one name per line"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Wrong(f"{path}: is not text in UTF-8") from error
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from error
