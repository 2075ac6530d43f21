"""Anchored heads: how long every chain was and what it hashed to, signed, in a file outside the database.

One JSON object a line. `heads` lists [chain, seq, hash] of the chains that grew since the line before (of all chains
when `whole`), `digest` is the SHA-256 over all heads in order of their chains, `previous` the SHA-256 of the line
before: a line that is missing, moved or altered shows. What is cut off the end shows in a copy kept elsewhere.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import json

from app.audit.chain import Head
from app.audit.notary import Notary
from app.kit import clock

KIND = "audit-head"
NOTHING = bytes(32).hex()
WHOLE_EVERY_S = 3600
# Enough to hold the last whole line of every county of the country and an hour of lines after it.
LAST_BYTES = 64 * 2**20

Heads = dict[int, Head]


def heads_file(data_dir: Path) -> Path:
    """Where the anchored heads of this machine lie."""
    return data_dir / "audit" / "heads.jsonl"


class Unreadable(ValueError):
    """A line that this house did not write, or that was altered since."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One signed line."""

    at: datetime
    heads: Heads
    digest: str
    previous: str
    whole: bool
    hash: str  # of the line itself


def digest_of(heads: Mapping[int, Head]) -> str:
    """SHA-256 over chain (8 bytes), number (8 bytes) and hash of every head, in order of the chains; hexadecimal."""
    parts = (b"%b%b%b" % (chain.to_bytes(8, "big"), seq.to_bytes(8, "big"), digest)
             for chain, (seq, digest) in sorted(heads.items()))  # fmt: skip
    return sha256(b"".join(parts)).hexdigest()


def written(notary: Notary, heads: Heads, known: Heads, *, previous: str, whole: bool) -> bytes:
    """A signed line, without its line feed. `known` are all heads, `heads` those that are listed."""
    body = {
        "format": 1, "at": clock.now().isoformat(timespec="milliseconds"), "key": notary.key_id, "whole": whole,
        "heads": [[chain, seq, digest.hex()] for chain, (seq, digest) in sorted(heads.items())],
        "digest": digest_of(known), "previous": previous,
    }  # fmt: skip
    return json.encode(body | {"signature": notary.sign(KIND, body).hex()})


def read(line: bytes, notary: Notary) -> Anchor:
    """A line as it was written. Raises Unreadable."""
    try:
        body: dict[str, Any] = json.decode(line)
        signature = bytes.fromhex(body.pop("signature"))
        if not notary.signed(KIND, body, body["key"], signature):
            raise Unreadable("its signature is wrong")
        heads = {int(chain): Head(int(seq), bytes.fromhex(digest)) for chain, seq, digest in body["heads"]}
        at = datetime.fromisoformat(body["at"])
        return Anchor(at, heads, body["digest"], body["previous"], body["whole"], sha256(line).hexdigest())
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(str(error) if isinstance(error, Unreadable) else "it is not a line of heads") from None


@dataclass
class HeadFile:
    """The file of anchored heads, appended to by any number of workers of this machine."""

    path: Path
    notary: Notary
    adopted: Heads = field(default_factory=dict)  # as the database told them; for chains that no line knows yet
    _known: Heads = field(default_factory=dict)
    _last: str = NOTHING
    _read_to: int = 0
    _whole_at: float = float("-inf")

    def append(self, grown: Mapping[int, Head], *, now: float) -> None:
        """Anchor the heads of the chains that grew; on disk when it returns. `now` in seconds of any steady clock."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Locked, because two workers of one machine append to the same file.
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._catch_up(file)
            whole = now - self._whole_at >= WHOLE_EVERY_S
            known = (self.adopted if whole else {}) | self._known | dict(grown)
            line = written(self.notary, known if whole else dict(grown), known, previous=self._last, whole=whole)
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self._known, self._last, self._read_to = known, sha256(line).hexdigest(), file.tell()
        if whole:
            self._whole_at = now

    def _catch_up(self, file: Any) -> None:  # noqa: ANN401  (a binary file)
        """Read what others appended; drop a last line that a crash cut short, for nobody was told that it stands."""
        size = file.seek(0, os.SEEK_END)
        if size < self._read_to or not self._read_to:
            self._known, self._last, self._whole_at = {}, NOTHING, float("-inf")
            self._read_to = max(0, size - LAST_BYTES)
        file.seek(self._read_to)
        for raw in file:
            if not raw.endswith(b"\n"):
                file.truncate(self._read_to)
                break
            self._read_to += len(raw)
            self._last = sha256(raw[:-1]).hexdigest()
            try:
                self._known = fold(self._known, read(raw[:-1], self.notary))
            except Unreadable:
                continue  # `verify` tells of it; what it says is not believed
        file.seek(0, os.SEEK_END)


def fold(known: Heads, anchor: Anchor) -> Heads:
    """All heads after a line."""
    return dict(anchor.heads) if anchor.whole else known | anchor.heads


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, one at a time."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            yield number, raw.rstrip(b"\n")


def newest_heads(path: Path, notary: Notary) -> tuple[datetime, Heads, bytes] | None:
    """When the newest line was anchored, all heads then, and a whole line of them signed now: to be kept elsewhere."""
    known: Heads = {}
    last: Anchor | None = None
    for anchor in _good(lines(path), notary):
        known, last = fold(known, anchor), anchor
    if last is None:
        return None
    return last.at, known, written(notary, known, known, previous=last.hash, whole=True)


def _good(found: Iterable[tuple[int, bytes]], notary: Notary) -> Iterator[Anchor]:
    for _, line in found:
        try:
            yield read(line, notary)
        except Unreadable:
            continue
