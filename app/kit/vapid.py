"""The house's name towards push services (VAPID, RFC 8292): a P-256 key in a file beside the event's keys.

A browser ties its subscription to the public key, so a new key silently ends every subscription: the file is kept.
"""

import json
import os
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit.crypto import KeysUnusable

# RFC 8292 allows 24 hours. Half of that leaves room for clocks that go wrong; renewed at half again.
LIFETIME_S = 12 * 3600
RENEW_AFTER_S = 6 * 3600
_MOST_ORIGINS = 200


def path_beside(keys: Path) -> Path:
    """Where the VAPID key of a key file lies."""
    return keys.with_name(f"{keys.name}.vapid")


@dataclass(frozen=True)
class Vapid:
    """The private key, and the tokens made with it."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    _made: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, keys: Path) -> "Vapid":
        """The key beside a key file, made on first use. Raises KeysUnusable, saying what is wrong."""
        path = path_beside(keys)
        if not path.exists():
            _make(path)
        try:
            if path.stat().st_mode & 0o077:
                raise KeysUnusable(f"{path} can be read by others: chmod 600 it")
            scalar = bytes.fromhex(json.loads(path.read_text())["private"])
            return cls(ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1()))
        except OSError as error:
            raise KeysUnusable(f"cannot read the VAPID key {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise KeysUnusable(f"{path} is not a VAPID key of this house") from None

    @cached_property
    def public(self) -> str:
        """What the browser needs as `applicationServerKey`: 65 bytes of the point in base64url, 87 characters."""
        return _public_of(self.private)

    def authorization(self, audience: str, contact: str) -> str:
        """The Authorization header for the push service at an origin. `contact`: a real `mailto:`, Apple looks."""
        now = int(time.time())
        made, token = self._made.get((audience, contact), (0, ""))
        # Made in the future: the clock was set back, and the old token would outlive its day.
        if not made <= now < made + RENEW_AFTER_S:
            if len(self._made) >= _MOST_ORIGINS:  # origins come from strangers: a flood must not eat the memory
                self._made.clear()
            claims = {"aud": audience, "exp": now + LIFETIME_S, "sub": contact}
            token = jwt.encode(claims, self.private, algorithm="ES256")
            self._made[audience, contact] = (now, token)
        return f"vapid t={token}, k={self.public}"


def _public_of(private: ec.EllipticCurvePrivateKey) -> str:
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _make(path: Path) -> None:
    """Write a fresh key, 0600, never over an existing one: two processes that start at once end with one file."""
    private = ec.generate_private_key(ec.SECP256R1())
    body = {
        "format": 1,
        "public": _public_of(private),
        "private": private.private_numbers().private_value.to_bytes(32).hex(),
    }
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(body, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was quicker
    finally:
        draft.unlink()
