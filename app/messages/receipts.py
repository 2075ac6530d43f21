"""What a provider says of a letter afterwards, by calling us: receipts, as yet unproven.

How far can a callback be believed? Looked up in the providers' documentation:

- Aliyun, SmsReport by HTTP batch push (https://help.aliyun.com/document_detail/101867.html and
  https://help.aliyun.com/document_detail/101508.htm): no signature, no token, no list of sender addresses is
  documented. The answer is awaited for 700 ms; HTTP 200 with `{"code": 0, "msg": "..."}` or it is repeated after 1, 5
  and 10 minutes, then dropped. Twice and out of order is expressly possible. (The other mode, a queue polled with the
  account's key, is authenticated.)
- Tencent, status callback (https://cloud.tencent.com/document/api/382/59178): no signature documented. There is an
  interface that lists the calling addresses, `console.tim.qq.com/v4/ConfigSvc/GetIPList`. At most 100 receipts a
  call; answer `{"result": 0, "errmsg": "OK"}`, repeated twice. `ext` (our reference) comes only where Tencent has
  enabled it for the account.

Neither is signed: whoever knows the address can claim anything. So the address must hold a secret of ours, and a
receipt may only move forward a message whose provider id and phone it names; anything that counts is asked back by
`look_up`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from app.kit.clock import SHANGHAI
from app.messages.letters import Fate

T = TypeVar("T")

MOST = 1_000
MOST_BYTES = 1024 * 1024
_PHONE = re.compile(r"(?:\+?86|0086)?(1[0-9]{10})")

# The carriers' and providers' words for a number that cannot be reached again, and for a text they will not carry.
_GONE = {"INVALID_NUMBER", "MOBILE_IN_BLACK", "MOBILE_ACCOUNT_ABNORMAL", "MOBILE_NOT_ON_SERVICE", "USER_REJECT",
         "MK:0001", "MK:0005", "MK:0013", "MBBLACK", "DBBLACK"}  # fmt: skip
_UNWANTED = {"CONTENT_KEYWORD", "CONTENT_ERROR", "NO_ROUTE"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One claim about one letter."""

    provider: str
    provider_id: str
    phone: str  # 11 digits
    arrived: bool
    code: str
    at: datetime | None
    out_id: UUID | None  # ours, when the call carried one letter
    reference: str = ""  # what the call carried; `references.names` tells whether it names a letter


def fate_of(code: str) -> Fate:
    """What a carrier's failure means for the letter. An unknown word is worth another try: the retries are bounded."""
    if code in _GONE:
        return Fate.NEVER
    return Fate.BROKEN if code in _UNWANTED else Fate.LATER


def each(raw: bytes, kind: type[T], receipt: Callable[[T], Receipt]) -> list[Receipt]:
    """A callback's body as receipts. Raises ValueError, with words that repeat nothing of the body."""
    if len(raw) > MOST_BYTES:
        raise ValueError("the receipts are larger than 1 MiB")
    try:
        items = msgspec.json.decode(raw, type=list[kind])  # type: ignore[valid-type]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("the receipts are not a JSON list of the documented shape") from None
    if len(items) > MOST:
        raise ValueError(f"more than {MOST} receipts in one call")
    return [receipt(item) for item in items]


def phone(said: str) -> str:
    """11 digits. Raises ValueError."""
    found = _PHONE.fullmatch(said)
    if found is None:
        raise ValueError("a receipt names no mainland mobile number")
    return found[1]


def plain(said: str | None, most: int) -> str:
    """A short text without control characters. Raises ValueError."""
    said = said or ""
    if len(said) > most or not said.isprintable():
        raise ValueError("a receipt has a field too long or with control characters")
    return said


def identifier(said: str) -> str:
    """A provider's own id. Raises ValueError when it is empty or strange."""
    if not plain(said, 128):
        raise ValueError("a receipt has no id of the provider")
    return said


def moment(said: str | None) -> datetime | None:
    """`2017-01-01 00:00:00` as a clock in China shows it; None when it is no such time: a receipt is worth more."""
    try:
        return datetime.strptime(said or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
