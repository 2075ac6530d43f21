"""Sealing and opening of personal data under per-county data keys; the one place that decrypts."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock, crypto
from app.kit.crypto import DataKey, Keyring, KeysUnusable
from app.kit.errors import N_, Overloaded, Refusal
from models.regions import county_of
from models.retention import StandDown
from models.vault import DataKeyRow

ONE_AT_A_TIME = 7_204_633_812
NOWHERE = 0  # the county of what belongs to no county: sign-in phones, one-time messages


class Erased(Refusal):
    """Sealed under a key that was destroyed when its response was stood down: nobody can open it again."""

    status, type = 410, "erased"
    title = N_("Erased")
    detail = N_("This was erased when the response ended. Nobody can read it any more.")


class KeysChanging(Overloaded):
    """Between the old keys, which are gone, and the new ones."""

    detail = N_("The keys of this service are being renewed. Please try again in a few seconds.")


class Vault:
    """The unwrapped data keys of one process."""

    def __init__(self, ring: Keyring) -> None:
        self.ring = ring
        self.gone_through = 0  # data keys up to this id were destroyed with their response
        self._by_id: dict[int, DataKey] = {}
        self._by_county: dict[int, DataKey] = {}

    async def load(self, db: AsyncSession) -> None:
        """Read all data keys. Raises KeysUnusable when the key file is not the one of this database."""
        by_id: dict[int, DataKey] = {}
        by_county: dict[int, DataKey] = {}
        for row in await db.exec(select(DataKeyRow)):
            key = DataKey(row.id, crypto.unwrap(self.ring, row.wrapped, row.id))
            by_id[row.id] = by_county[row.county_code] = key
        self.gone_through = (await destroyed(db)).data_key_through
        self._by_id, self._by_county = by_id, by_county

    def forget(self, gone_through: int) -> None:
        """Drop every key from memory: those up to this id do not exist any more."""
        self.gone_through = gone_through
        self._by_id, self._by_county = {}, {}

    def seal(self, text: str, place: str, row: UUID, region_code: int = NOWHERE) -> bytes:
        """Seal text for one place (`table|column`) of one row, under the key of the region's county.

        Raises KeysChanging while the process holds no keys.
        """
        return self.seal_bytes(text.encode(), place, row, region_code)

    def open(self, sealed: bytes, place: str, row: UUID) -> str:
        """What `seal` sealed for the same place and row. Raises Erased, KeysChanging, Tampered."""
        return self.open_bytes(sealed, place, row).decode()

    def seal_bytes(self, data: bytes, place: str, row: UUID, region_code: int = NOWHERE) -> bytes:
        """The same for what is no text. Raises KeysChanging."""
        key = self._by_county.get(county_of(region_code)) or self._by_county.get(NOWHERE)
        if key is None:
            raise KeysChanging(retry_after=5)
        return key.seal_bytes(data, f"{place}|".encode() + row.bytes)

    def open_bytes(self, sealed: bytes, place: str, row: UUID) -> bytes:
        """What `seal_bytes` sealed for the same place and row. Raises Erased, KeysChanging, Tampered."""
        key_id = crypto.key_id_of(sealed)
        key = self._by_id.get(key_id)
        if key is None and key_id <= self.gone_through:
            raise Erased
        if key is None and not self._by_id:
            raise KeysChanging(retry_after=5)
        if key is None:
            raise crypto.Tampered("sealed under a key that is gone")
        return key.open_bytes(sealed, f"{place}|".encode() + row.bytes)


def of(db: AsyncSession) -> Vault:
    """The vault that travels with a session of this house."""
    vault: Vault = db.info["vault"]
    return vault


def ring_of(db: AsyncSession) -> Keyring:
    """The keyring that travels with a session of this house."""
    return of(db).ring


@dataclass(frozen=True)
class Destroyed:
    """The highest ids of roots and of data keys that were destroyed; 0 = none."""

    root_through: int
    data_key_through: int


async def destroyed(db: AsyncSession) -> Destroyed:
    """Which keys no process may use any more."""
    found = await db.exec(select(func.max(StandDown.root_through), func.max(StandDown.data_key_through)))
    roots, data_keys = found.one()
    return Destroyed(roots or 0, data_keys or 0)


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
    gone = await destroyed(db)
    if min(ring.roots) <= gone.root_through:
        raise KeysUnusable("this key file still holds the key of a response that was stood down")
    held = {row.county_code for row in rows}
    # Never the id of a destroyed key again: what it sealed must be known as erased, not taken for a forgery.
    next_id = max((row.id for row in rows), default=gone.data_key_through) + 1
    missing = [code for code in (NOWHERE, *sorted(set(counties))) if code not in held]
    for key_id, county in enumerate(missing, next_id):
        wrapped = crypto.wrap(ring, secrets.token_bytes(32), key_id)
        db.add(DataKeyRow(id=key_id, county_code=county, wrapped=wrapped, created_at=clock.now()))
    await db.flush()
    return len(missing)
