"""Secrets: the key file of the event, sealing at rest, blind indexes, keyed digests.

Destroying the key file makes every sealed value in database, WAL and old backups unreadable.
"""

import base64
import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = 1
_HEAD = 3  # version byte and two bytes of key id
_NONCE = 12


class KeysUnusable(RuntimeError):
    """The key file is missing, open to others, of development make, or not the one the data was sealed with."""


class Tampered(ValueError):
    """A sealed value does not open here: altered, or moved from another row or column."""


@dataclass(frozen=True)
class Keyring:
    """The event's root keys by id. The highest id seals and signs; all of them open and verify."""

    roots: Mapping[int, bytes]
    development: bool

    @property
    def current(self) -> int:
        return max(self.roots)

    def derived(self, purpose: str, key_id: int | None = None) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256 of the purpose under the root: roots are uniform, as HKDF-Expand)."""
        return hmac.digest(self.roots[key_id or self.current], f"shouwang/{purpose}/1".encode(), "sha256")

    def fingerprints(self) -> dict[int, str]:
        """SHA-256 of every root: names a key without giving it away, for a root is 32 random bytes."""
        return {key_id: sha256(root).hexdigest() for key_id, root in self.roots.items()}

    @cached_property
    def _index_key(self) -> bytes:
        return self.derived("blind-index", min(self.roots))

    def blind_index(self, column: str, normalised: str) -> bytes:
        """Keyed digest for equality look-ups: an unkeyed hash of an ID number is broken in minutes."""
        return hmac.digest(self._index_key, f"{column}|{normalised}".encode(), "sha256")

    @cached_property
    def _digest_key(self) -> bytes:
        return self.derived("digest")

    def digest(self, *parts: str) -> bytes:
        """Keyed digest for one-time codes and rate-limit subjects."""
        return hmac.digest(self._digest_key, "|".join(parts).encode(), "sha256")


@dataclass(frozen=True)
class DataKey:
    """AES-256-GCM under one data key: `1B version | 2B key id | 12B nonce | ciphertext | 16B tag`."""

    key_id: int
    secret: bytes

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.secret)

    @cached_property
    def _head(self) -> bytes:
        return bytes([_VERSION]) + self.key_id.to_bytes(2, "big")

    def seal(self, text: str, place: bytes) -> bytes:
        """Encrypt text for one place (table|column|row): moved elsewhere, it does not open."""
        return self.seal_bytes(text.encode(), place)

    def open(self, sealed: bytes, place: bytes) -> str:
        """Decrypt what `seal` made for the same place. Raises Tampered."""
        return self.open_bytes(sealed, place).decode()

    def seal_bytes(self, data: bytes, place: bytes) -> bytes:
        """The same for what is no text: a picture."""
        nonce = secrets.token_bytes(_NONCE)
        return self._head + nonce + self._cipher.encrypt(nonce, data, place + self._head)

    def open_bytes(self, sealed: bytes, place: bytes) -> bytes:
        """Decrypt what `seal_bytes` made for the same place. Raises Tampered."""
        nonce, body = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, body, place + sealed[:_HEAD])
        except InvalidTag:
            raise Tampered("a sealed value does not belong here") from None


def key_id_of(sealed: bytes) -> int:
    """Which data key sealed this value. Raises Tampered for an unknown format."""
    if len(sealed) < _HEAD + _NONCE + 16 or sealed[0] != _VERSION:
        raise Tampered("not a sealed value")
    return int.from_bytes(sealed[1:_HEAD], "big")


def wrap(ring: Keyring, data_key: bytes, key_id: int) -> bytes:
    """A data key as it lies in the database: sealed under the event's current root."""
    text = base64.b64encode(data_key).decode()
    return DataKey(ring.current, ring.derived("wrap")).seal(text, b"data_key|%d" % key_id)


def unwrap(ring: Keyring, wrapped: bytes, key_id: int) -> bytes:
    """The data key again. Raises KeysUnusable when this key file did not wrap it."""
    try:
        root = key_id_of(wrapped)
        text = DataKey(root, ring.derived("wrap", root)).open(wrapped, b"data_key|%d" % key_id)
    except (Tampered, KeyError):
        raise KeysUnusable("this key file cannot open the data: is it the file of this event?") from None
    return base64.b64decode(text)


def new_key_file(path: Path, *, development: bool = False) -> Keyring:
    """Write a fresh key file, 0600, never over an existing one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: two processes that start at once end with one file, whole.
    draft = _drafted(path, {1: secrets.token_bytes(32)}, development=development)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    return read_key_file(path)


def retire(path: Path, through: int) -> Keyring:
    """Destroy the roots up to an id in the key file; a fresh root with the next id takes their place. May be repeated.

    The old file is overwritten where it lies before its name goes. On a disk that writes elsewhere (flash, snapshots,
    copies somebody made) traces may outlast that: such copies are destroyed by hand.
    """
    # Locked, because every process of the house may be the first to notice.
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        old = path.with_name(f"{path.name}.old")
        _shred(old)  # what a crash left between the two lines below
        ring = read_key_file(path)
        kept = {name: root for name, root in ring.roots.items() if name > through}
        if len(kept) == len(ring.roots):
            return ring
        draft = _drafted(path, kept or {through + 1: secrets.token_bytes(32)}, development=ring.development)
        os.link(path, old)
        draft.replace(path)
        _sync(path.parent)
        _shred(old)
    return read_key_file(path)


def _shred(path: Path) -> None:
    """Overwrite a file where it lies, then take its name away; one that is not there is no trouble."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        size = os.fstat(file).st_size
        for filling in (secrets.token_bytes(size), bytes(size)):
            os.pwrite(file, filling, 0)
            os.fsync(file)
    finally:
        os.close(file)
    path.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have a changed name in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _drafted(path: Path, roots: Mapping[int, bytes], *, development: bool) -> Path:
    """A whole key file beside its place, 0600 and on disk."""
    body = {
        "format": 1,
        "development": development,
        "fingerprint": sha256(roots[max(roots)]).hexdigest()[:16],
        "keys": {str(name): base64.b64encode(root).decode() for name, root in roots.items()},
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(body, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return draft


def read_key_file(path: Path) -> Keyring:
    """The keyring in a file. Raises KeysUnusable, saying what is wrong and what to do."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeysUnusable(f"{path} can be read by others: chmod 600 it")
        body = json.loads(path.read_text())
        roots = {int(name): base64.b64decode(value, validate=True) for name, value in body["keys"].items()}
        development = bool(body["development"])
    except OSError as error:
        raise KeysUnusable(f"cannot read the key file {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysUnusable(f"{path} is not a key file made by `shouwang keys new`") from None
    if not roots or any(len(root) != 32 or not 1 <= name <= 255 for name, root in roots.items()):
        raise KeysUnusable(f"{path} holds no usable key")
    return Keyring(roots, development)


def keyring(path: Path, *, development: bool) -> Keyring:
    """The keys to run with: made on first use in development, demanded and checked in production."""
    if development and not path.exists():
        try:
            return new_key_file(path, development=True)
        except FileExistsError:
            pass  # another process was quicker
    ring = read_key_file(path)
    if ring.development and not development:
        raise KeysUnusable(f"{path} holds development keys: make production keys with `shouwang keys new FILE`")
    return ring
