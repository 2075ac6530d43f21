"""How a letter is recognised at a gateway that keeps one reference for a whole call.

A call with one letter carries its id. A call with several has room for 255 or 511 characters only, so it carries a
short tag of each: as long as fits, at least two characters (12 bits).
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from app.messages.letters import Sms

_LONGEST_TAG = 8
_SHARED = re.compile(r"([2-8]):([A-Za-z0-9_-]+)")


def reference(letters: Sequence[Sms], room: int) -> str:
    """What a call carries, in at most `room` characters. Raises ValueError when there are too many letters for it."""
    if len(letters) == 1:
        return str(letters[0].id)
    width = min((room - 2) // len(letters), _LONGEST_TAG)
    if width < 2:
        raise ValueError("too many letters for one reference")
    return f"{width}:" + "".join(_tag(letter.id)[:width] for letter in letters)


def names(kept: str, letter: UUID) -> bool:
    """Does a reference, as the gateway kept it, name this letter?"""
    shared = _SHARED.fullmatch(kept)
    if shared is None:
        return kept == str(letter)
    width, tags = int(shared[1]), shared[2]
    return _tag(letter)[:width] in {tags[place : place + width] for place in range(0, len(tags), width)}


def as_id(kept: str | None) -> UUID | None:
    """The id a reference consists of, when it is one."""
    try:
        return UUID(kept or "")
    except ValueError:
        return None


def _tag(letter: UUID) -> str:
    return urlsafe_b64encode(sha256(letter.bytes).digest()[:6]).decode()
