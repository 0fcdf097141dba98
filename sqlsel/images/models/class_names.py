"""Reads the class names of a model, from a list or from a file with one name per line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlsel.images.models.settings_fields import WrongValue, file_text

_LARGEST = 4 * 2**20


def classes(value: object) -> tuple[str, ...]:
    """A list of names, or those in the file ``value``; WrongValue where they cannot be read."""
    if isinstance(value, str | Path) and str(value):
        return _class_file(Path(value))
    if isinstance(value, list | tuple):
        return _class_list(value)
    raise WrongValue(f"must be a list of names or the name of a file, got {value!r}")


def _class_list(names: Sequence[object]) -> tuple[str, ...]:
    """The names as a tuple; WrongValue where one is empty or there twice, or there is none."""
    if not names:
        raise WrongValue("must name at least one class")
    classes: list[str] = []
    for at, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise WrongValue(f"[{at}]: must be a name in quotes, got {name!r}")
        if name in classes:
            raise WrongValue(f"[{at}]: {name!r} stands here for the second time")
        classes.append(name)
    return tuple(classes)


def _class_file(path: Path) -> tuple[str, ...]:
    """The lines of a file, in order.

    If each line begins with its number from 0 (``0,tench``), the numbers are left out. A name that
    several classes share, as ImageNet's two cranes do, is followed by the number of the class.
    """
    too_large = f"larger than {_LARGEST:,} bytes; it must hold one name per line"
    text = file_text(path, _LARGEST, too_large)
    lines = [line.strip() for line in text.strip().splitlines()]
    if all(line.startswith(f"{at},") for at, line in enumerate(lines)):
        lines = [line.partition(",")[2].strip() for line in lines]
    if not lines:
        raise WrongValue(f"{path}: holds no names; it must hold one per line")
    if "" in lines:
        raise WrongValue(f"{path}: line {lines.index('') + 1} holds no name")
    counts = Counter(lines)
    names = [f"{name} ({at})" if counts[name] > 1 else name for at, name in enumerate(lines)]
    return _class_list(names)
