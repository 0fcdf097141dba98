"""What the data lacks, or has of another kind than a configuration needs, noted while it is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from shlex import quote

from sqlsel.errors import ConfigError, Interrupted, InvalidInput, SqlselError


@dataclass
class Faults:
    """All faults in the order in which they were met; ``file`` is that of the configuration.

    ``images``: the folder that is selected from; commands in messages name it in the place of IMAGES.
    """

    file: str = ""
    images: str = ""
    problems: list[str] = field(default_factory=list)
    errors: list[SqlselError] = field(default_factory=list)

    @contextmanager
    def at(self, place: str = "") -> Iterator[None]:
        """Note the errors of a block, each with ``place``; a ConfigError names its own."""
        try:
            yield
        except Interrupted:
            raise
        except SqlselError as error:
            for problem in error.problems:
                located = place and not isinstance(error, ConfigError)
                self.add(error, f"{place}: {problem}" if located else problem, within=bool(place))

    def add(self, error: SqlselError, problem: str, *, within: bool = True) -> None:
        """Note one problem; ``within``: it is one of the configuration, whose file is named."""
        if self.images:
            problem = problem.replace(" IMAGES ", f" {quote(self.images)} ")
        named = within and self.file and not problem.startswith(f"{self.file}:")
        self.errors.append(error)
        self.problems.append(f"{self.file}: {problem}" if named else problem)

    def check(self) -> None:
        """Raise all that was noted, if anything was."""
        if self.problems:
            raise self.error()

    def error(self) -> SqlselError:
        """All that was noted, as the kind of error that came first."""
        first = self.errors[0]
        if self.problems == [str(first)]:
            return first
        if isinstance(first, InvalidInput):
            return InvalidInput("\n".join(self.problems))
        return type(first)(*self.problems)
