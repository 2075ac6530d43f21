"""The certificate of a destroyed key: counted, signed with a key that survives, kept as a row and as a file."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import json
from sqlalchemy import func, text
from sqlalchemy import select as plain_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import regions, retention
from app.kit import clock
from app.kit.db import Database
from app.kit.errors import NotFound
from app.kit.signing import Signing, signed
from app.standdown.concerned import concerned, people_in
from models.retention import Certificate, StandDown
from models.staff import Response

KIND = "certificate"
ONE_AT_A_TIME = 7_204_633_830
COUNTING_MS = 600_000  # whole tables are counted, once


@dataclass(frozen=True)
class Checked:
    """What a certificate file says, whether its signature is good, and the key it was signed with."""

    said: dict[str, Any]
    good: bool
    public_key: str


async def issue(database: Database, signing: Signing, folder: Path) -> int:
    """Certify every stand-down whose keys are destroyed and that has no certificate yet. Returns how many."""
    patient = database.patient(COUNTING_MS)
    try:
        async with patient.writing() as db:
            await db.exec(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
            waiting = await _waiting(db)
            for row, response in waiting:
                certificate = await _certified(db, (row, response), signing)
                # The file first: a row without its file would never get one.
                _write(folder / f"{response.id}.json", document_of(certificate))
                db.add(certificate)
    finally:
        await patient.close()
    return len(waiting)


async def uncertified(db: AsyncSession) -> bool:
    """Does a stand-down wait for its certificate?"""
    return bool(await _waiting(db))


async def _waiting(db: AsyncSession) -> list[tuple[StandDown, Response]]:
    found = await db.exec(
        select(StandDown, Response)
        .join(Response, col(Response.id) == StandDown.response_id)
        .outerjoin(Certificate, col(Certificate.response_id) == StandDown.response_id)
        .where(col(StandDown.done_at).is_not(None), col(Certificate.response_id).is_(None))
    )
    return [(row, response) for row, response in found.all()]


async def _certified(db: AsyncSession, what: tuple[StandDown, Response], signing: Signing) -> Certificate:
    row, response = what
    now = clock.now()
    assert row.done_at is not None
    counties = await concerned(db, row.done_at)
    said = {
        "format": 1,
        "house": f"shouwang {version('shouwang')}",
        "response": {
            "id": str(response.id), "name": response.name, "region_code": str(response.region_code),
            "region": await regions.chain_of(db, response.region_code), "started_on": str(response.started_on),
        },
        "stood_down_at": row.done_at.isoformat(timespec="seconds"),
        "by": [row.by_name, *([row.second_name] if row.second_name else [])],
        "concerned": {
            "people": people_in(counties),
            "counties": [{"code": str(each.code), "name": each.name, "people": each.people} for each in counties],
        },
        "ended": json.decode(row.ended or "{}"),
        "destroyed_keys": json.decode(row.fingerprints or "{}"),
        "unreadable": await _unreadable(db, row.data_key_through or 0),
        "signed_at": now.isoformat(timespec="seconds"),
    }  # fmt: skip
    return Certificate(
        response_id=response.id, said=json.encode(said, order="sorted").decode(), signature=signing.sign(KIND, said),
        public_key=signing.public, at=now,
    )  # fmt: skip


async def _unreadable(db: AsyncSession, through: int) -> dict[str, int]:
    """How many values of every column nobody can read or look up any more."""
    counts = {}
    for column in retention.sealed_columns():
        gone = retention.sealed_through(column, through) if column.name.endswith("sealed") else column.is_not(None)
        statement = plain_select(func.count()).select_from(column.table).where(gone)
        found = await db.exec(statement.execution_options(scope="retention"))  # type: ignore[call-overload]
        if number := found.scalar_one():
            counts[f"{column.table.name}.{column.name}"] = int(number)
    return counts


# --- reading ---------------------------------------------------------------------------------------------------------


def document_of(certificate: Certificate) -> bytes:
    """A certificate as a file: what was said, the signature, the public key."""
    whole = {
        "certificate": json.decode(certificate.said),
        "signature": certificate.signature.hex(),
        "public_key": certificate.public_key.hex(),
    }
    return json.format(json.encode(whole, order="sorted"), indent=2) + b"\n"


def check(document: bytes) -> Checked:
    """Read a certificate file and verify its signature. Raises ValueError for something else."""
    try:
        whole = json.decode(document)
        said, public = whole["certificate"], bytes.fromhex(whole["public_key"])
        signature = bytes.fromhex(whole["signature"])
        if not isinstance(said, dict):
            raise TypeError
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        raise ValueError("this is not a certificate of a stand-down") from None
    return Checked(said, signed(public, KIND, said, signature), public.hex())


async def certificate_of(db: AsyncSession, response_id: UUID) -> tuple[Response, Certificate | None]:
    """A response that was stood down, and its certificate once it is there. Raises NotFound."""
    response = await db.get(Response, response_id)
    if response is None or response.stood_down_at is None:
        raise NotFound
    return response, await db.get(Certificate, response_id)


async def certificates(db: AsyncSession) -> list[Response]:
    """The responses that were stood down, newest first."""
    over = select(Response).where(col(Response.stood_down_at).is_not(None))
    return list(await db.exec(over.order_by(col(Response.stood_down_at).desc()).limit(100)))


def _write(path: Path, document: bytes) -> None:
    """Whole or not at all, and on disk."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with draft.open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
