"""The command line: parses options, calls the front ends, prints."""

import os

try:  # Ctrl-C during the very first import would show a traceback
    from sqlsel.cli import stopping
except KeyboardInterrupt:
    os._exit(130)
stopping.exit_on_interrupt()
from sqlsel.cli.main import cli, main  # noqa: E402 - slow, so the handler of Ctrl-C comes first

stopping.raise_on_interrupt()

__all__ = ["cli", "main"]
