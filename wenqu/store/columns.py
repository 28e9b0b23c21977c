"""Which column types mean the same on SQLite and on PostgreSQL with PostGIS."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine, UserDefinedType


class Wkb(UserDefinedType[bytes]):
    """A geometry as well-known binary in Python, a PostGIS geometry on PostgreSQL, a blob on SQLite."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the PostgreSQL name of the type."""
        return "geometry"

    def bind_expression(self, bindvalue: sa.BindParameter[bytes]) -> ColumnElement[bytes]:
        """Wrap a value on its way in."""
        return _FromWkb(bindvalue)

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[bytes]:
        """Wrap a column on its way out."""
        return _AsWkb(column)


class JsonText(UserDefinedType[str]):
    """JSON that keeps its text to the last digit: json on PostgreSQL, text on SQLite, str in Python."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the PostgreSQL name of the type."""
        return "JSON"

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[str]:
        """Wrap a column on its way out: as it was written, not as the driver would read it."""
        return _AsText(column)


class _FromWkb(FunctionElement[bytes]):
    inherit_cache = True
    type: TypeEngine[bytes] = sa.LargeBinary()


class _AsWkb(FunctionElement[bytes]):
    inherit_cache = True
    type: TypeEngine[bytes] = sa.LargeBinary()


class _AsText(FunctionElement[str]):
    inherit_cache = True
    type: TypeEngine[str] = sa.Text()


@compiles(Wkb, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator]
def _blob(*_: Any, **__: Any) -> str:
    return "BLOB"


@compiles(JsonText, "sqlite")  # type: ignore[no-untyped-call, untyped-decorator]
def _text(*_: Any, **__: Any) -> str:
    return "TEXT"


@compiles(_FromWkb)  # type: ignore[no-untyped-call, untyped-decorator]
@compiles(_AsWkb)  # type: ignore[no-untyped-call, untyped-decorator]
@compiles(_AsText)  # type: ignore[no-untyped-call, untyped-decorator]
def _as_it_is(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(_FromWkb, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator]
def _from_wkb(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f"ST_GeomFromWKB({compiler.process(element.clauses, **kw)})"


@compiles(_AsWkb, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator]
def _as_wkb(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f"ST_AsBinary({compiler.process(element.clauses, **kw)})"


@compiles(_AsText, "postgresql")  # type: ignore[no-untyped-call, untyped-decorator]
def _as_text(element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS TEXT)"
