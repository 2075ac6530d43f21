"""Signed sign-in tokens: checked without asking the database, revoked by what `accounts` keeps in memory."""

import binascii
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from app.kit.crypto import Keyring

LIFETIME_MS = 30 * 86_400_000
RENEW_AFTER_MS = 7 * 86_400_000

# version, key id, programme, staff hint | account, person, device | region | issued, expires (unix milliseconds)
_BODY = struct.Struct("!BBBB16s16s8sQQQ")
_VERSION = 1
_NOBODY = bytes(16)
_MAC = 32


@dataclass(frozen=True, slots=True)
class Token:
    """Who signed in, as claimed and signed. `person` is None until the account has registered. Times in unix ms."""

    account: UUID
    person: UUID | None
    device: bytes
    region: int
    programme: int
    issued: int
    expires: int
    staff: bool = False  # whether to show the staff tab; the right itself is read from the posts each time


class Signer:
    """Issues and checks tokens with the keys of the event."""

    def __init__(self, ring: Keyring) -> None:
        self._current = ring.current
        self._keys = {key_id: ring.derived("token", key_id) for key_id in ring.roots}

    def sign(self, token: Token) -> str:
        """The token as it travels: base64url of claims and MAC, 134 characters."""
        body = _BODY.pack(
            _VERSION, self._current, token.programme, token.staff,
            token.account.bytes, token.person.bytes if token.person else _NOBODY, token.device,
            token.region, token.issued, token.expires,
        )  # fmt: skip
        mac = hmac.digest(self._keys[self._current], body, "sha256")
        return urlsafe_b64encode(body + mac).rstrip(b"=").decode()

    def check(self, text: bytes, now: int) -> Token | None:
        """The claims, or None for anything forged, malformed or run out."""
        try:
            raw = urlsafe_b64decode(text + b"==")
            version, key_id, programme, staff, account, person, device, region, issued, expires = _BODY.unpack_from(raw)
            key = self._keys[key_id]
        except (binascii.Error, struct.error, ValueError, KeyError):
            return None
        body, mac = raw[: _BODY.size], raw[_BODY.size :]
        if len(mac) != _MAC or not hmac.compare_digest(mac, hmac.digest(key, body, "sha256")):
            return None
        # urlsafe_b64decode skips foreign characters: the one spelling we issued is the one we accept.
        if version != _VERSION or expires <= now or urlsafe_b64encode(raw).rstrip(b"=") != text:
            return None
        owner = UUID(bytes=person) if person != _NOBODY else None
        return Token(UUID(bytes=account), owner, device, region, programme, issued, expires, bool(staff))
