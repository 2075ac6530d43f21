"""XLSX, read by a process of its own: whatever a hostile workbook does to its reader, the house only sees lines."""

import logging
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from app.kit import confined
from app.kit.sheets.lines import WORKBOOK_BYTES, WORKBOOK_ROWS, Ended, Line, Named, Refused, Said
from app.kit.sheets.rows import Origin, sheet
from app.kit.sheets.shapes import Limits, Record, Sheet, SheetRefused

log = logging.getLogger(__name__)

PATIENCE: Final = 30.0  # seconds of waiting for the reader; the time the caller takes for its rows is not counted

_START: Final = "import sys; sys.path.insert(0, sys.argv[1]); from app.kit.sheets.reader import main; main()"
_CHUNK: Final = 65_536
_LONGEST_LINE: Final = 1 << 20
_DECODER: Final = msgspec.json.Decoder(Said)


def read_workbook(path: Path, limits: Limits) -> Sheet:
    """Read the first visible worksheet. Raises SheetRefused, also from the rows; the limits of `lines` hold as well."""
    if path.stat().st_size > WORKBOOK_BYTES:
        raise SheetRefused("too_large", limit=WORKBOOK_BYTES)
    rows = WORKBOOK_ROWS if limits.rows is None else min(limits.rows, WORKBOOK_ROWS)
    said = _messages(path, rows)
    first = next(said)
    if not isinstance(first, Named):
        raise SheetRefused("broken")
    return sheet(Origin("xlsx", "", first.name, first.others), _records(said), Limits(rows, limits.columns, None))


def _records(said: Iterator[Said]) -> Iterator[Record]:
    for one in said:
        if not isinstance(one, Line):
            raise SheetRefused("broken")
        yield one.number, one.cells, one.problems


def _messages(path: Path, rows: int) -> Iterator[Said]:
    """What the reader says, up to its last word. Raises SheetRefused with its refusal, or with what ended it."""
    with path.open("rb") as file, _reader(file, rows) as process:
        try:
            for line in _lines(process):
                one = _DECODER.decode(line)
                if isinstance(one, Refused):
                    raise SheetRefused(one.code, **one.params)
                if isinstance(one, Ended):
                    return
                yield one
        except msgspec.DecodeError as error:
            raise SheetRefused("broken") from error
        code = _ending(process)
    log.warning("the reader of a workbook ended with %s", code)
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise SheetRefused("timed_out")
    # Rust ends by abort when it is given no memory; Python says so itself.
    raise SheetRefused("bomb" if code == -signal.SIGABRT else "broken")


def _ending(process: subprocess.Popen[bytes]) -> int:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(1)
    return -signal.SIGKILL  # silent and still there


def command(rows: int) -> list[str]:
    """How the reader is started."""
    return confined.command(_START, str(rows))


@contextmanager
def _reader(file: BinaryIO, rows: int) -> Iterator[subprocess.Popen[bytes]]:
    # An empty environment: the address of the database and the place of the keys are no business of a workbook.
    process = subprocess.Popen(  # noqa: S603
        command(rows), stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _lines(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    patience, rest = PATIENCE, b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            began = time.monotonic()
            if not selector.select(max(patience, 0)):
                raise SheetRefused("timed_out")
            chunk = os.read(pipe, _CHUNK)
            patience -= time.monotonic() - began
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                raise SheetRefused("broken")
            yield from lines
