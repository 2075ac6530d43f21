"""Which columns hold what only a key can read, and under which key a value lies."""

from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, case, func
from sqlmodel import SQLModel


def sealed_columns() -> list[Column[Any]]:
    """Every column of sealed values, or of digests under a key of the event: by their names, in all tables."""
    return [
        column
        for table in sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.endswith(("sealed", "_index", "code_digest"))
    ]


def sealed_through(column: Any, through: int) -> ColumnElement[bool]:  # noqa: ANN401  (a column, mapped or plain)
    """SQL: is this value sealed under a data key up to an id? Version byte, then two bytes of key id."""
    key = func.get_byte(column, 1) * 256 + func.get_byte(column, 2)
    return case((func.octet_length(column) > 2, key <= through), else_=False)
