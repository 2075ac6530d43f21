"""Signatures of the ledger, by the house's long-lived key: a head must verify after the event's keys are gone."""

from typing import Any

from app.kit.signing import Signing, signed

KEY_ID = 1  # the format has room for a key that follows this one


class Notary:
    """Signs and checks statements about the ledger. A statement is a kind and a JSON value."""

    def __init__(self, signing: Signing) -> None:
        self.key_id = KEY_ID
        self._signing = signing

    def sign(self, kind: str, said: Any) -> bytes:  # noqa: ANN401  (any JSON value)
        """64 bytes."""
        return self._signing.sign(kind, said)

    def signed(self, kind: str, said: Any, key_id: object, signature: bytes) -> bool:  # noqa: ANN401
        """Was this said by this house, under that key?"""
        return key_id == KEY_ID and signed(self._signing.public, kind, said, signature)

    def public_key(self) -> str:
        """The public key as 64 hexadecimal digits: to be kept elsewhere, and to check signatures there."""
        return self._signing.public.hex()
