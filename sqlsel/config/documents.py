"""A configuration as it was given: a dict, an object, JSON text or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlsel.config import SelectionConfig, loads
from sqlsel.config.others import NO_OTHERS, Others
from sqlsel.errors import CatalogError, ConfigError


def read_config(config: Any, others: Others = NO_OTHERS) -> SelectionConfig:
    """A configuration from a dict, an object, JSON text or a file; a ConfigError lists all faults."""
    found = read_draft(config, others)
    if found.problems:
        raise ConfigError(*found.problems)
    return found


def read_draft(config: Any, others: Others = NO_OTHERS) -> SelectionConfig:
    """What can be read of a configuration; its faults are its ``problems``, reported together with those of the data.

    ``others``: the strategies that there are beside Lightly's.
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
    """What can be read of the text of a configuration, whose problems name its ``file``."""
    try:
        found = SelectionConfig.draft(loads(text, file), others)
    except ConfigError as error:
        raise ConfigError(*(_with_file(file, p) for p in error.problems)) from None
    named = tuple(_with_file(file, problem) for problem in found.problems)
    return replace(found, file=file, problems=named)


def _with_file(name: str, problem: str) -> str:
    return problem if problem.startswith(f"{name}:") else f"{name}: {problem}"
