"""A stolen dump: no document number, phone or address of anybody, in no spelling."""

import asyncio
import base64
import random
import re
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app import vault
from app.house import House
from app.kit.postgres import bindir
from tests import organisation

pytestmark = pytest.mark.anyio


def dump(dsn: str) -> bytes:
    """Everything that pg_dump tells about people, as SQL; the table of regions is public."""
    arguments = [str(bindir() / "pg_dump"), "--exclude-table-data=region", "--dbname", dsn]
    return subprocess.run(arguments, capture_output=True, check=True, timeout=120).stdout


def spellings(word: str) -> Iterator[bytes]:
    """A word in clear, in hexadecimal (as bytea is written), and in base64 at each of its three offsets."""
    for raw in (word.encode(), word.encode("utf-16-le")):
        yield raw
        yield raw.hex().encode()
        for offset in range(3):
            whole = base64.b64encode(b"\0" * offset + raw)
            yield whole[4 if offset else 0 : -4]


def tables_with(word: bytes, stolen: bytes) -> set[str]:
    """The tables in whose rows a word stands."""
    return {rows.split(b" ", 1)[0].decode() for rows in stolen.split(b"\nCOPY public.")[1:] if word in rows}


async def canaries(house: House) -> set[str]:
    """Every document number, phone and address that lies in the database, opened."""
    found = set()
    sealed = (
        ("SELECT id_sealed, person_id FROM resident WHERE id_sealed IS NOT NULL", "resident|id"),
        ("SELECT phone_sealed, person_id FROM resident WHERE phone_sealed IS NOT NULL", "resident|phone"),
        ("SELECT address_sealed, person_id FROM resident WHERE address_sealed IS NOT NULL", "resident|address"),
        ("SELECT phone_sealed, id FROM account", "account|phone"),
        ("SELECT phone_sealed, id FROM post", "post|phone"),
    )
    async with house.database.reading() as db:
        for sql, place in sealed:
            rows = await db.exec(text(sql), execution_options={"scope": "test"})  # type: ignore[call-overload]
            for value, name in rows:
                try:
                    found.add(house.vault.open(bytes(value), place, name))
                except vault.Erased:
                    continue
    return found


@pytest.mark.proves("T09")
async def test_a_dump_tells_no_number_no_phone_and_no_address(house: House, dsn: str) -> None:
    await organisation.build(house)
    told = await canaries(house)
    assert len(told) > 60
    stolen = await asyncio.to_thread(dump, dsn)
    assert b"COPY public.resident " in stolen
    # In clear all of them are looked for; in every other spelling some, drawn anew each time.
    tokens = set(re.findall(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9X]|1[0-9]{10})(?![0-9A-Za-z])", stolen.decode()))
    assert {word[:4]: tables_with(word.encode(), stolen) for word in tokens & told} == {}
    for word in random.sample(sorted(told), 40):
        for spelled in spellings(word):
            assert spelled not in stolen, f"{word[:3]}... can be read in {tables_with(spelled, stolen)}"
