"""Sealing and opening of personal data under per-county data keys; the one place that decrypts."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock, crypto
from app.kit.crypto import DataKey, Keyring
from models.regions import county_of
from models.vault import DataKeyRow

ONE_AT_A_TIME = 7_204_633_812
NOWHERE = 0  # the county of what belongs to no county: sign-in phones, one-time messages


class Vault:
    """The unwrapped data keys of one process."""

    def __init__(self, ring: Keyring) -> None:
        self.ring = ring
        self._by_id: dict[int, DataKey] = {}
        self._by_county: dict[int, DataKey] = {}

    async def load(self, db: AsyncSession) -> None:
        """Read all data keys. Raises KeysUnusable when the key file is not the one of this database."""
        for row in await db.exec(select(DataKeyRow)):
            key = DataKey(row.id, crypto.unwrap(self.ring, row.wrapped, row.id))
            self._by_id[row.id] = self._by_county[row.county_code] = key

    def seal(self, text: str, place: str, row: UUID, region_code: int = NOWHERE) -> bytes:
        """Seal text for one place (`table|column`) of one row, under the key of the region's county."""
        key = self._by_county.get(county_of(region_code)) or self._by_county[NOWHERE]
        return key.seal(text, f"{place}|".encode() + row.bytes)

    def open(self, sealed: bytes, place: str, row: UUID) -> str:
        """What `seal` sealed for the same place and row. Raises Tampered."""
        key = self._by_id.get(crypto.key_id_of(sealed))
        if key is None:
            raise crypto.Tampered("sealed under a key that is gone")
        return key.open(sealed, f"{place}|".encode() + row.bytes)


def of(db: AsyncSession) -> Vault:
    """The vault that travels with a session of this house."""
    vault: Vault = db.info["vault"]
    return vault


def ring_of(db: AsyncSession) -> Keyring:
    """The keyring that travels with a session of this house."""
    return of(db).ring


async def mint(db: AsyncSession, counties: Iterable[int]) -> int:
    """Make the data keys that are missing, for these counties and for what belongs to none. Returns how many.

    Raises KeysUnusable when the key file is not the one of this database: it must not add keys of its own.
    """
    ring = ring_of(db)
    # Two processes that start together must not both make the first key: there is no row yet that they could lock.
    await db.exec(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))  # type: ignore[call-overload]
    rows = list(await db.exec(select(DataKeyRow)))
    for row in rows:
        crypto.unwrap(ring, row.wrapped, row.id)
    held = {row.county_code for row in rows}
    next_id = max((row.id for row in rows), default=0) + 1
    missing = [code for code in (NOWHERE, *sorted(set(counties))) if code not in held]
    for key_id, county in enumerate(missing, next_id):
        wrapped = crypto.wrap(ring, secrets.token_bytes(32), key_id)
        db.add(DataKeyRow(id=key_id, county_code=county, wrapped=wrapped, created_at=clock.now()))
    await db.flush()
    return len(missing)
