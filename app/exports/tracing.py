"""From a passage that turned up somewhere back to whoever took it out of the house."""

import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, extract, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions
from app.audit import Deed
from app.exports.asking import steps_of
from app.exports.marks import read_marks, read_numbers
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.exports import Export, Step
from models.staff import Right

MOST_BYTES = 64 * 2**20  # unpacked
MOST_NAMED = 1_000  # marks and numbers in one text


@dataclass(frozen=True)
class Traced:
    """An export whose mark or number was found, how many cells carry the mark, and who had it when."""

    export_id: UUID
    cells: int  # 0: found by the number that anybody reads
    name: str
    place: str
    purpose: str
    requested_at: datetime
    released_by: str | None
    taken_at: list[datetime]


async def trace(db: AsyncSession, me: Viewer | None, text: str) -> list[Traced]:
    """The exports whose marks or numbers a text carries, most cells first; an auditor sees those of their own regions.

    Without a viewer it is the operator who asks. Raises NotFound for a viewer without the right.
    """
    if me is not None and not me.with_right(Right.AUDIT):
        raise NotFound
    marks = read_marks(text)
    named = or_(col(Export.tag).in_([tag for tag, _ in marks.most_common(MOST_NAMED)]), *_numbered(text))
    found = list(await db.exec(select(Export).where(named)))
    steps = await steps_of(db, [each.id for each in found])
    traced = []
    for each in found:
        if me is not None and me.post_over(each.region_code, Right.AUDIT) is None:
            continue
        own = [step for step in steps if step.export_id == each.id]
        traced.append(Traced(
            each.id, marks[each.tag], each.name, " ".join(await regions.chain_of(db, each.region_code)), each.purpose,
            each.requested_at, next((step.name for step in own if step.kind == Step.APPROVED), None),
            [step.at for step in own if step.kind == Step.TAKEN],
        ))  # fmt: skip
    purpose = Purpose.OPERATOR if me is None else Purpose.AUDIT
    deed = Deed(Act.SEARCHED_LEDGER, purpose, facts={"marks": len(marks), "exports": len(traced)})
    await audit.record(db, me or audit.operator(), deed, me.with_right(Right.AUDIT)[0] if me else None)
    return sorted(traced, key=lambda each: -each.cells)


def _numbered(text: str) -> list[ColumnElement[bool]]:
    """Exports by the number of their first line: month and day, and the end of the id."""
    return [
        and_(
            func.right(cast(col(Export.id), String), 10) == f"{bits:010x}", extract("month", col(Export.day)) == month,
            extract("day", col(Export.day)) == day,
        )
        for month, day, bits in sorted(read_numbers(text))[:MOST_NAMED]
    ]  # fmt: skip


def text_of(path: Path) -> str:
    """Everything readable in a file: the text of a CSV or a chat's log, or of the sheets of a workbook.

    What is not UTF-8 is read as GB18030, too: there the marks survive. In a file that a desk saved as GBK they are
    question marks, and only the number in the first line is left to find.
    Raises ValueError for a workbook that unpacks beyond 64 MiB.
    """
    raw = path.read_bytes()
    if not raw.startswith(b"PK\x03\x04"):
        return _decoded(raw)
    with zipfile.ZipFile(path) as book:
        if sum(part.file_size for part in book.infolist()) > MOST_BYTES:
            raise ValueError("the workbook is too large")
        parts = (book.read(name) for name in book.namelist() if name.endswith(".xml"))
        return "\n".join(part.decode("utf-8", "replace") for part in parts)


def _decoded(raw: bytes) -> str:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # A passage cut out in the middle of a character is broken UTF-8 as well: both readings are searched.
        return raw.decode("utf-8", "replace") + "\n" + raw.decode("gb18030", "replace")
