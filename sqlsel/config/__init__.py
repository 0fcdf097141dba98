"""The selection configuration of Lightly: read, checked and compiled to one SQL statement."""

from sqlsel.config.compile import compile_statement
from sqlsel.config.hints import hints
from sqlsel.config.model import Entry, SelectionConfig
from sqlsel.config.reader import loads
from sqlsel.config.resolve import QuerySet

__all__ = ["Entry", "QuerySet", "SelectionConfig", "compile_statement", "hints", "loads"]
