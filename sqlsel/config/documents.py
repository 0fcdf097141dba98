"""Reads a configuration from a dict, an object, JSON text or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlsel.config import SelectionConfig, loads
from sqlsel.config.others import NO_OTHERS, Others
from sqlsel.errors import CatalogError, ConfigError


def read_config(config: Any, others: Others = NO_OTHERS) -> SelectionConfig:
    """A valid configuration; a ConfigError lists all faults, CatalogError for a file that cannot be read."""
    draft = read_draft(config, others)
    if draft.problems:
        raise ConfigError(*draft.problems)
    return draft


def read_draft(config: Any, others: Others = NO_OTHERS) -> SelectionConfig:
    """The readable part of a configuration; its faults are its ``problems``, for a report with those of the data.

    ``others``: the strategies that exist beside Lightly's.
    """
    if isinstance(config, SelectionConfig):
        return config
    if isinstance(config, str) and config.lstrip().startswith(("{", "[")):
        return SelectionConfig.draft(loads(config, "configuration"), others)
    if isinstance(config, (str, Path)):
        path = Path(config)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CatalogError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: is not UTF-8 text") from None
        return read_text(text, path.name, others)
    return SelectionConfig.draft(config, others)


def read_text(text: str, file: str, others: Others = NO_OTHERS) -> SelectionConfig:
    """The readable part of JSON text; every problem begins with the name of the ``file``."""
    try:
        draft = SelectionConfig.draft(loads(text, file), others)
    except ConfigError as error:
        raise ConfigError(*(_with_file(file, p) for p in error.problems)) from None
    named = tuple(_with_file(file, problem) for problem in draft.problems)
    return replace(draft, file=file, problems=named)


def _with_file(name: str, problem: str) -> str:
    return problem if problem.startswith(f"{name}:") else f"{name}: {problem}"
