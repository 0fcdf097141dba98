"""A statement on a DuckDB connection: functions and macros registered, executed, explained, and its result."""

from __future__ import annotations

from sqlsel.duckdb.connection import connect, load, sql

__all__ = ["connect", "load", "sql"]
