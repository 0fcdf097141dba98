"""The command line: it parses, calls the front ends, and prints."""

from sqlsel.cli.main import cli, main

__all__ = ["cli", "main"]
