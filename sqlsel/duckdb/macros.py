"""The Python functions behind the macros ``sqlsel.sql``, ``sqlsel.select_samples`` and ``sqlsel.config``."""

from __future__ import annotations

import functools
import json
import uuid
import weakref
from collections.abc import Callable
from contextlib import closing
from typing import Any, ParamSpec

import duckdb

from sqlsel import feed
from sqlsel.clause.printer import relation
from sqlsel.errors import CatalogError, SqlselError
from sqlsel.feed.statements import others, printed, rewrite
from sqlsel.jobs.compiler import Options, compile_config
from sqlsel.jobs.sources import Source
from sqlsel.sqltext.quoting import literal

_Arguments = ParamSpec("_Arguments")


def _remembers_errors(function: Callable[_Arguments, str]) -> Callable[_Arguments, str]:
    """``function`` that records its errors in the registry: DuckDB passes on their text only, not their class."""

    @functools.wraps(function)
    def called(*values: _Arguments.args, **options: _Arguments.kwargs) -> str:
        try:
            return function(*values, **options)
        except SqlselError as error:
            feed.REGISTRY.raised(error)
            raise

    return called


class Catalog:
    """The SQL functions of one database; ``number`` identifies it in this process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.functions: list[Any] = []
        self._connections: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()

    def see(self, con: duckdb.DuckDBPyConnection) -> None:
        """Remember a connection of the database, weakly, from which cursors can be made."""
        self._connections.add(con)

    def catalog(self) -> int:
        """The SQL function ``sqlsel_catalog()``."""
        return self.number

    def begin(self, specs: Any) -> Any:
        """The SQL function ``sqlsel_begin(spec)``: gives the run's token."""
        return feed.begin(self.number, specs)

    @_remembers_errors
    def rewrite(self, text: str) -> str:
        """The SQL function ``sqlsel_rewrite(text)``."""
        return rewrite(text, uuid.uuid4().hex).sql

    @_remembers_errors
    def statement(self, source: str, strategies: str, options: str) -> str:
        """The SQL function ``sqlsel_statement(source, strategies, options)``."""
        return self.rewrite(printed(source, json.loads(strategies), json.loads(options)))

    @_remembers_errors
    def compiled(self, source: str, configuration: str, options: str) -> str:
        """The SQL function ``sqlsel_compiled(source, configuration, options)``."""
        fields = json.loads(options)
        search_path = fields.pop("search_path")
        with closing(self._cursor()) as cursor:
            cursor.execute(f"SET search_path = {literal(search_path)}")
            data = _described(cursor, source)
            compiled = compile_config(
                cursor,
                configuration,
                data,
                in_database=True,
                options=Options(**fields, others=others()),
            )
        return self.rewrite(compiled.statement)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A new cursor of the database: the connection that runs the macro cannot run another statement."""
        for con in self._connections:
            try:
                return con.cursor()
            except duckdb.Error:
                continue  # closed
        raise SqlselError("sqlsel.config needs a loaded connection that is open: sqlsel.load(con)")

    def run_log(self, connection: int) -> Any:
        """The SQL function ``sqlsel_run_log(connection)``: a list of structs, the latest first."""
        return feed.REGISTRY.log(self.number, connection)


def _described(cursor: duckdb.DuckDBPyConnection, source: str) -> Source:
    """The relation and its columns, as another connection sees it; CatalogError if it does not."""
    text = relation(source)
    try:
        columns = cursor.sql(f"FROM {text} LIMIT 0")
    except duckdb.Error as error:
        message = str(error).split("\n\nLINE")[0].removeprefix("Catalog Error: ").replace("\n", " ")
        raise CatalogError(
            f"{message} (sqlsel.config sees files and what is committed; for temporary tables, data "
            "frames and open transactions there are sqlsel.run and FROM sqlsel.sql)"
        ) from None
    return Source(text, dict(zip(columns.columns, columns.types, strict=True)))
