"""Chains of hashes: what stands in the ledger is bound to everything before it."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from msgspec import json

from models.regions import county_of

# The columns of an event in the order in which they are hashed and copied. Changing it would break every chain.
COLUMNS = (
    "id", "at", "account_id", "post_id", "actor_name", "role", "region_code", "person_id", "subject", "place_code",
    "act", "purpose", "facts", "origin", "request_id",
)  # fmt: skip
LEDGER = ("chain", "seq", *COLUMNS, "previous", "hash")
_REGION, _AT, _ID = COLUMNS.index("region_code"), COLUMNS.index("at"), COLUMNS.index("id")

Values = Sequence[Any]


class Head(NamedTuple):
    """The newest row of a chain: its number, counted from 1 without gaps, and its hash (32 bytes)."""

    seq: int
    hash: bytes


START = Head(0, bytes(32))
_encode = json.Encoder().encode


def canonical(chain: int, seq: int, values: Values) -> bytes:
    """The one spelling of an event: a JSON array [chain, seq, *COLUMNS], UTF-8, no spaces.

    UUIDs in lower case with hyphens, times as RFC 3339 in UTC with Z, what is missing as null.
    """
    return _encode((chain, seq, *values))


def link(previous: bytes, chain: int, seq: int, values: Values) -> bytes:
    """The hash of a row: SHA-256 of the hash before it and the row's canonical form."""
    return sha256(previous + canonical(chain, seq, values)).digest()


def chain_of(values: Values) -> int:
    """The chain of an event: the county of the actor's post; a city or province is a chain of its own; else 0."""
    return county_of(values[_REGION])


def in_order(events: Iterable[Values]) -> list[Values]:
    """Events by the time at which they were written down."""
    return sorted(events, key=lambda values: (values[_AT], values[_ID]))


def bind(events: Iterable[Values], heads: Mapping[int, Head]) -> tuple[list[tuple[Any, ...]], dict[int, Head]]:
    """The rows of the ledger (LEDGER columns) that continue the chains at `heads`, and the heads afterwards."""
    after = dict(heads)
    rows = []
    for values in in_order(events):
        chain = chain_of(values)
        seq, previous = after.get(chain, START)
        digest = link(previous, chain, seq + 1, values)
        rows.append((chain, seq + 1, *values, previous, digest))
        after[chain] = Head(seq + 1, digest)
    return rows, after
