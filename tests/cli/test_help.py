"""Every command is listed, and says what it does and how it is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlsel.cli.main import MODULES, cli

FILES = sorted((Path(__file__).parents[2] / "sqlsel" / "cli").glob("*.py"))
LISTED = list(MODULES)


def test_each_command_stands_under_one_heading() -> None:
    written = re.findall(r"(?m)^def (\w+)_command\(", "".join(f.read_text() for f in FILES))
    assert sorted(written) == sorted(LISTED)
    listed = CliRunner().invoke(cli, ["--help"], catch_exceptions=False).output
    for name in LISTED:
        assert f"\n  {name} " in listed


@pytest.mark.parametrize("name", MODULES)
def test_the_help_of_a_command_ends_with_an_example(name: str) -> None:
    text = CliRunner().invoke(cli, [name, "--help"], catch_exceptions=False).output
    assert f"Example: sqlsel {name}" in text
