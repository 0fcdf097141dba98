"""The command line: it parses, calls the front ends, and prints."""

import os

try:  # a program that is stopped before it has begun says no more than that
    from sqlsel.cli import stopping
except KeyboardInterrupt:
    os._exit(130)
stopping.end_at_once()
from sqlsel.cli.main import cli, main  # noqa: E402 - Ctrl-C is heard first, for this takes a while

stopping.raise_again()

__all__ = ["cli", "main"]
