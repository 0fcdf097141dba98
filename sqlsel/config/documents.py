"""A configuration as it was given: a dict, an object, JSON text or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlsel.config import SelectionConfig, loads
from sqlsel.errors import CatalogError, ConfigError


def read_config(config: Any) -> SelectionConfig:
    """A configuration from a dict, an object, JSON text or a file; a ConfigError lists all faults."""
    found = read_draft(config)
    if found.problems:
        raise ConfigError(*found.problems)
    return found


def read_draft(config: Any) -> SelectionConfig:
    """What can be read of a configuration; its faults are its ``problems``, to be told with the data's."""
    if isinstance(config, SelectionConfig):
        return config
    if isinstance(config, str) and config.lstrip().startswith(("{", "[")):
        return SelectionConfig.draft(loads(config, "configuration"))
    if isinstance(config, (str, Path)):
        path = Path(config)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CatalogError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: is not UTF-8 text") from None
        return read_text(text, path.name)
    return SelectionConfig.draft(config)


def read_text(text: str, file: str) -> SelectionConfig:
    """What can be read of the text of a configuration, whose problems name its ``file``."""
    try:
        found = SelectionConfig.draft(loads(text, file))
    except ConfigError as error:
        raise ConfigError(*(_with_file(file, p) for p in error.problems)) from None
    named = tuple(_with_file(file, problem) for problem in found.problems)
    return replace(found, file=file, problems=named)


def _with_file(name: str, problem: str) -> str:
    return problem if problem.startswith(f"{name}:") else f"{name}: {problem}"
