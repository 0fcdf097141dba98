"""The program ``sqlsel``: its commands under their headings, and how it ends."""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module
from typing import Any

import click

from sqlsel import __version__
from sqlsel.cli import stopping, streams
from sqlsel.cli.output import ReaderGone
from sqlsel.errors import ConfigError, Interrupted, SelectionWarning, SqlselError, suggestion

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {  # heading → command → (module, what it does)
    "Select": {
        "run": ("run", "Run a Lightly selection configuration on your data."),
        "sql": ("sql", "Run SQL that may hold USING STRATEGY."),
        "explain": ("explain", "Show what a configuration or a statement would do."),
        "validate": ("explain", "Check a configuration; list every problem."),
    },
    "Prepare": {
        "import": ("import_", "Read a Lightly folder, COCO, YOLO or vectors into a dataset."),
        "metadata": ("metadata", "Measure images: sharpness, luminance, size and more."),
        "embed": ("onnx", "Vectors of images by your own ONNX model."),
        "predict": ("onnx", "Predictions of images by your own ONNX model."),
        "crops": ("crops", "The objects of a task as a dataset of their own."),
        "scores": ("scores", "The active-learning scores of a task."),
    },
    "Keep and use": {
        "tags": ("tags", "List, show, save, compare and delete kept selections."),
        "similar": ("similar", "The samples nearest to a sample, a file or an image."),
        "duplicates": ("duplicates", "Groups of near-duplicates, with the one to keep."),
    },
}
MODULES = {name: module for listed in COMMANDS.values() for name, (module, _) in listed.items()}


class Commands(click.Group):
    """Commands that are loaded when they are called, listed under headings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module on use, so that --help loads no NumPy."""
        if cmd_name not in MODULES:
            return None
        module = import_module(f"sqlsel.cli.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; from here on Ctrl-C is an exception, which commands clean up after."""
        stopping.raise_on_interrupt()
        return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint for a misspelt command."""
        if args and not args[0].startswith("-") and args[0] not in MODULES:
            ctx.fail(f"No such command {args[0]!r}.{suggestion(args[0], MODULES)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, listed in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, does) for name, (_, does) in listed.items()])


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True
)
@click.version_option(__version__, prog_name="sqlsel")
def cli() -> None:
    """Choose which samples are worth labelling, with SQL or a Lightly configuration.

    Example: sqlsel run selection.json --data images.parquet -o selected.parquet
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the program and end it.

    Its code is 0 when done, 1 for data, 2 for usage or configuration, 3 for fewer picks than asked
    with --strict, 130 when interrupted.
    """
    stopping.exit_on_interrupt()
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    with streams.prepared():
        code = _run(arguments, debug=debug)
    stopping.exit_with(code)
    sys.exit(code)


def _run(arguments: list[str] | None, *, debug: bool) -> int:
    """Run the command and give the exit code; errors are printed as one line each, with ``debug`` raised."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", SelectionWarning
            )  # the commands say all of it on stderr
            code: Any = cli.main(arguments, prog_name="sqlsel", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, Interrupted):
        _print_error("interrupted")
        return 130
    except (BrokenPipeError, ReaderGone):
        # ``| head`` has what it wants: no error. Python flushes stdout once more at exit, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug and not _is_interrupt(error):
            raise
        return _print_and_code(error)
    return code if isinstance(code, int) else 0


def _is_interrupt(error: Exception) -> bool:
    """Whether Ctrl-C caused the error: DuckDB and extension modules raise errors of their own for it."""
    cause: BaseException | None = error
    while cause is not None:  # NumPy, interrupted while it loads, raises an ImportError from it
        if isinstance(cause, KeyboardInterrupt):
            return True
        cause = cause.__cause__ or cause.__context__
    message = str(error).strip()
    from_python = message.startswith("Invalid Input Error") and message.endswith(
        "failed: KeyboardInterrupt:"
    )
    return from_python or "Query interrupted" in message or message.startswith("INTERRUPT Error")


def _print_and_code(error: Exception) -> int:
    """Print what went wrong on stderr, without a traceback; give the exit code of ``main``."""
    if _is_interrupt(error):
        _print_error("interrupted")
        return 130
    if isinstance(error, ConfigError):
        for problem in error.problems:
            _print_error(problem)
        return 2
    if isinstance(error, (SqlselError, OSError, MemoryError)) or type(error).__module__.split(".")[
        0
    ] in ("duckdb", "_duckdb"):
        for text in getattr(error, "problems", [_message(error)]):
            _print_error(text)
        return 2 if type(error).__name__ == "ClauseError" else 1
    _print_error(
        f"{type(error).__name__}: {error}. This is a defect; run again with --debug and report it"
    )
    return 1


def _message(error: Exception) -> str:
    return f"not enough memory: {error}" if isinstance(error, MemoryError) else str(error).strip()


def _print_error(text: str) -> None:
    """Print a message on stderr, after "Error: "; ``interrupted`` stands alone."""
    click.echo(f"Error: {text}" if text != "interrupted" else "Interrupted.", err=True)
