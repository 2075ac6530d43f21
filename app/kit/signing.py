"""The house's long-lived signature: Ed25519, in a file beside the event's keys, which it outlives.

What it signs must verify after the event's keys were destroyed: certificates of a stand-down, heads of the ledger.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import json as canonical

from app.kit import keyfile


def path_beside(keys: Path) -> Path:
    """Where the signing key of a key file lies."""
    return keys.with_name(f"{keys.name}.signing")


def spelled(kind: str, said: object) -> bytes:
    """What is signed: the kind, so that no statement passes for one of another kind, and JSON with keys in order."""
    return f"shouwang/{kind}/1|".encode() + canonical.encode(said, order="sorted")


@dataclass(frozen=True)
class Signing:
    """The private key of this house."""

    private: Ed25519PrivateKey

    @classmethod
    def load(cls, keys: Path) -> "Signing":
        """The signing key beside a key file, made on first use. Raises KeysUnusable, saying what is wrong."""
        return cls(keyfile.load(path_beside(keys), "signing key", _made, Ed25519PrivateKey.from_private_bytes))

    @cached_property
    def public(self) -> bytes:
        """32 bytes, to be kept elsewhere: with them anybody can check what this house signed."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, kind: str, said: object) -> bytes:
        """64 bytes over a statement."""
        return self.private.sign(spelled(kind, said))


def signed(public: bytes, kind: str, said: object, signature: bytes) -> bool:
    """Did the holder of this public key say this?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, spelled(kind, said))
    except (InvalidSignature, ValueError):
        return False
    return True


def _made() -> dict[str, object]:
    private = Ed25519PrivateKey.generate()
    return {"public": private.public_key().public_bytes_raw().hex(), "private": private.private_bytes_raw().hex()}
