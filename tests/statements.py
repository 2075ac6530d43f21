"""SQL that fails or lies once the tables are spread over machines, and the hook that refuses it while tests run."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.kit.db import Database

Statement = tuple[str, tuple[object, ...]]

_LITERALS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_FACTS = r"(?:resident|checkin|checkin_correction)"
BANNED = {
    name: re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for name, pattern in {
        "trigger": r"\b(?:CREATE|ALTER)\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+|EVENT\s+)?TRIGGER\b",
        "rule": r"\bCREATE\s+(?:OR\s+REPLACE\s+)?RULE\b",
        "row-level security": r"\bROW\s+LEVEL\s+SECURITY\b|\bCREATE\s+POLICY\b",
        "MERGE": r"\bMERGE\s+INTO\b",
        "xmax or ctid": r"\b(?:xmax|ctid)\b",
        "grouping sets": r"\b(?:ROLLUP|CUBE|GROUPING\s+SETS)\s*\(",
        "SKIP LOCKED": r"\bSKIP\s+LOCKED\b",
        "SET": r"(?:^|;)\s*(?:SET|RESET|DISCARD)\b",
        "set_config": r"\bset_config\s*\(",
        "extension": r"\bCREATE\s+EXTENSION\b",
        "identity column": r"\bAS\s+IDENTITY\b",
        "key action": r"\bON\s+(?:DELETE\s+SET\s+(?:NULL|DEFAULT)|UPDATE\s+(?:CASCADE|SET))\b",
        "volatile function in UPDATE": r"^\s*UPDATE\b.*\b(?:random|clock_timestamp|gen_random_uuid|uuidv\d)\s*\(",
        "recursion over facts": rf"\bWITH\s+RECURSIVE\b.*\b{_FACTS}\b",
    }.items()
}
_seen: list[str] = []
_hearing: ContextVar[list[Statement] | None] = ContextVar("hearing", default=None)


class BannedSql(AssertionError):
    """This statement would fail, or answer wrongly, on a cluster."""


def banned(statement: str) -> set[str]:
    """What is banned in a statement; what stands in its literals and comments does not count."""
    bare = _LITERALS.sub("''", statement)
    return {name for name, pattern in BANNED.items() if pattern.search(bare)}


def taken() -> list[str]:
    """The banned statements since the last call."""
    seen, _seen[:] = list(_seen), []
    return seen


@contextmanager
def heard(database: Database) -> Iterator[list[Statement]]:
    """What this block, and the tasks it starts, send to the database: texts with their values, in order.

    The house looks around in the background every second (keys, revocations, rules); a plain listener would now and
    then hear that as well.
    """
    sent: list[Statement] = []

    def listen(_1: object, _2: object, text: str, values: tuple[object, ...], *_: object) -> None:
        if _hearing.get() is sent:
            sent.append((text, tuple(values)))

    engine, before = database.engine.sync_engine, _hearing.set(sent)
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)
        _hearing.reset(before)


def install() -> None:
    """Refuse banned statements on every engine of this process."""
    event.listen(Engine, "before_cursor_execute", _refuse)


def _refuse(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    found = banned(statement)
    if found and not (found <= _allowed(statement) and _migrating()):
        _seen.append(statement)
        raise BannedSql(f"{sorted(found)} in: {statement}")


def _allowed(statement: str) -> set[str]:
    """The queue brings its own tables, which are local whatever the cluster: it may have a trigger and an identity."""
    return {"SET", "trigger", "identity column"} if "pgqueuer" in statement else {"SET"}


def _migrating() -> bool:
    """Migrations, and they alone, may SET: they limit how long they wait for a lock."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "alembic.runtime.migration":
            return True
        frame = frame.f_back
    return False
