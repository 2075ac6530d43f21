"""Signed sign-in tokens: checked without asking the database, revoked by what `accounts` keeps in memory."""

import binascii
import hmac
import struct
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from asyncpg.pgproto import pgproto

from app.kit.crypto import Keyring

LIFETIME_MS = 30 * 86_400_000
RENEW_AFTER_MS = 7 * 86_400_000

# version, key id, programme, staff hint | account, person, device | region | issued, expires (unix milliseconds)
_BODY = struct.Struct("!BBBB16s16s8sQQQ")
_VERSION = 1
_NOBODY = bytes(16)
_SIGNED = _BODY.size
_TEXT = 134
# base64url to base64; what belongs to base64 alone turns into a sign that neither knows.
_STANDARD = bytes.maketrans(b"-_+/", b"+/!!")
# The last sign carries two bits. In the one spelling that we issue its other four are zero.
_LAST = frozenset(b"AQgw")


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
        self.renew(ring)

    def renew(self, ring: Keyring) -> None:
        """Sign and check with another keyring from now on: tokens of roots that are not in it are nobody's."""
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
        if len(text) != _TEXT or text[-1] not in _LAST:
            return None
        try:
            raw = binascii.a2b_base64(text.translate(_STANDARD) + b"==", strict_mode=True)
            key = self._keys[raw[1]]
        except (binascii.Error, KeyError):
            return None
        body = raw[:_SIGNED]
        if not hmac.compare_digest(raw[_SIGNED:], hmac.digest(key, body, "sha256")):
            return None
        version, _, programme, staff, account, person, device, region, issued, expires = _BODY.unpack(body)
        if version != _VERSION or expires <= now:
            return None
        # The driver's own kind of UUID: made, shown and sent to the database in a fifth of the time.
        owner = pgproto.UUID(person) if person != _NOBODY else None
        return Token(pgproto.UUID(account), owner, device, region, programme, issued, expires, bool(staff))
