"""Collects errors about the data while a configuration is compiled, to be raised together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from shlex import quote

from sqlsel.errors import ConfigError, Interrupted, InvalidInput, SqlselError


@dataclass
class Faults:
    """The errors so far, in order; ``file``: the configuration's, which messages begin with.

    ``images``: the folder that replaces the word IMAGES in commands that messages recommend.
    """

    file: str = ""
    images: str = ""
    problems: list[str] = field(default_factory=list)
    errors: list[SqlselError] = field(default_factory=list)

    @contextmanager
    def at(self, place: str = "") -> Iterator[None]:
        """Note the errors that the block raises, and go on; each with ``place``, which ConfigErrors name already."""
        try:
            yield
        except Interrupted:
            raise
        except SqlselError as error:
            for problem in error.problems:
                located = place and not isinstance(error, ConfigError)
                self.add(error, f"{place}: {problem}" if located else problem, within=bool(place))

    def add(self, error: SqlselError, problem: str, *, within: bool = True) -> None:
        """Note one problem; ``within``: it concerns the configuration, so its file is named."""
        if self.images:
            problem = problem.replace(" IMAGES ", f" {quote(self.images)} ")
        named = within and self.file and not problem.startswith(f"{self.file}:")
        self.errors.append(error)
        self.problems.append(f"{self.file}: {problem}" if named else problem)

    def check(self) -> None:
        """Raise the noted errors as one, if there are any."""
        if self.problems:
            raise self.error()

    def error(self) -> SqlselError:
        """One error with all noted messages, of the class of the first; there must be one."""
        first = self.errors[0]
        if self.problems == [str(first)]:
            return first
        if isinstance(first, InvalidInput):
            return InvalidInput("\n".join(self.problems))
        return type(first)(*self.problems)
