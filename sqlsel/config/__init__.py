"""Lightly's selection configuration: reads it, checks it, and compiles it to one SQL statement."""

from sqlsel.config.compile import compile_statement
from sqlsel.config.entries import Entry
from sqlsel.config.envelope import Worker
from sqlsel.config.faults import Faults
from sqlsel.config.hints import hints
from sqlsel.config.query_sets import QuerySet
from sqlsel.config.reader import loads
from sqlsel.config.schema import schema
from sqlsel.config.selection_config import SelectionConfig
from sqlsel.config.task_columns import Task

__all__ = [
    "Entry",
    "Faults",
    "QuerySet",
    "SelectionConfig",
    "Task",
    "Worker",
    "compile_statement",
    "hints",
    "loads",
    "schema",
]
