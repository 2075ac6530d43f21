"""The house's name towards push services (VAPID, RFC 8292): a P-256 key in a file beside the event's keys.

A browser ties its subscription to the public key, so a new key silently ends every subscription: the file is kept.
"""

import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit import keyfile

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
        return cls(keyfile.load(path_beside(keys), "VAPID key", _made, _private_of))

    @cached_property
    def public(self) -> str:
        """What the browser needs as `applicationServerKey`: 65 bytes of the point in base64url, 87 characters."""
        return _public_of(self.private)

    def authorization(self, audience: str, contact: str) -> str:
        """The Authorization header for the push service at an origin. `contact`: a real `mailto:`, Apple looks."""
        import jwt  # web processes give the public key away and never sign

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


def _private_of(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())


def _made() -> dict[str, object]:
    private = ec.generate_private_key(ec.SECP256R1())
    return {"public": _public_of(private), "private": private.private_numbers().private_value.to_bytes(32).hex()}
