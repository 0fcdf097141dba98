"""Every command is listed, and says what it does and how it is typed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from sqlsel.cli.main import _HOMES, HEADINGS, cli

LISTED = [name for names in HEADINGS.values() for name in names]


def test_each_command_stands_under_one_heading() -> None:
    assert sorted(LISTED) == sorted(_HOMES)
    listed = CliRunner().invoke(cli, ["--help"], catch_exceptions=False).output
    for name in LISTED:
        assert f"\n  {name} " in listed


@pytest.mark.parametrize("name", _HOMES)
def test_the_help_of_a_command_ends_with_an_example(name: str) -> None:
    text = CliRunner().invoke(cli, [name, "--help"], catch_exceptions=False).output
    assert f"Example: sqlsel {name}" in text
