"""The ordinary report, decoded, judged and receipted without a detour: what the hot lane calls.

Anything unusual (a household member, a make-up, a repeat, an odd reading, a wrong field) is None here, and takes
the long way through `submission.submit`, which knows all cases and all words.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from app.checkins.receipts import NOTE
from app.checkins.writer import CheckinWriter, Row
from app.kit.clock import local
from app.kit.ids import receipt_number
from app.kit.tokens import Token
from models.base import plain
from models.checkins import NEEDS, SYMPTOMS, Answer, Place, Symptom, Verdict, words_of

AHEAD = timedelta(minutes=5)
OLD = timedelta(hours=1)
_USUAL_LOWEST, _USUAL_HIGHEST = 35.0, 42.0

# As text: msgspec would round a seventh digit of the second, and the long way cuts it off.
Moment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
    ),
]
Note = Annotated[str, msgspec.Meta(max_length=500)]


class Slip(msgspec.Struct, forbid_unknown_fields=True):
    """An ordinary report as it arrives. A subset of `CheckinCreate`: what does not fit here may still fit there."""

    id: UUID
    symptoms: Annotated[list[str], msgspec.Meta(min_length=1, max_length=24)]
    exposed: Literal["no", "yes", "unsure"]
    temperature: float | None = None
    person_id: UUID | None = None
    slot: Literal["day"] | None = None
    day: None = None
    place: Literal["home", "elsewhere"] | None = None
    needs: Annotated[list[str], msgspec.Meta(max_length=8)] = []
    note: Note | None = None
    filled_at: Moment | None = None
    temperature_confirmed: bool = False


decode = msgspec.json.Decoder(Slip).decode

_ANSWERS = {member.name.lower(): int(member) for member in Answer}
_PLACES: dict[str | None, int | None] = {member.name.lower(): int(member) for member in Place} | {None: None}
_NO_SYMPTOM = ["none"]


def _mask(words: list[str], vocabulary: dict[str, int]) -> int:
    found = 0
    for word in words:
        found |= vocabulary[word]
    return found


def row_of(writer: CheckinWriter, token: Token, slip: Slip, received_at: datetime) -> Row | None:  # noqa: PLR0911  (each return is one kind of unusual)
    """The row of an ordinary report of oneself for today, or None when it is not ordinary.

    Raises ValueError for a fill time that does not exist.
    """
    person, tenths = token.person, None
    if person is None or (slip.person_id is not None and slip.person_id != person):
        return None
    if slip.temperature is not None:
        if not _USUAL_LOWEST <= slip.temperature <= _USUAL_HIGHEST:
            return None
        tenths = round(slip.temperature * 10)
        if slip.temperature != tenths / 10:
            return None
    filled_at = datetime.fromisoformat(slip.filled_at) if slip.filled_at is not None else received_at
    if not received_at - OLD <= filled_at <= received_at + AHEAD:
        return None
    filled_at = filled_at.astimezone(UTC)
    filled_at = min(filled_at, received_at)
    at, now = local(filled_at), local(received_at)
    day = at.date()
    rule = writer.rules.rule_for(token.programme, token.region, day)
    if day != now.date() or rule.slots != 1:
        return None
    try:
        symptoms, needs = _mask(slip.symptoms, SYMPTOMS), _mask(slip.needs, NEEDS)
    except KeyError:
        return None
    if symptoms & Symptom.NONE and symptoms != Symptom.NONE:
        return None
    if slip.note and not plain(slip.note):
        return None
    note = slip.note and slip.note.strip()
    exposed = _ANSWERS[slip.exposed]
    return Row(
        person, day, 0, slip.id, token.region, filled_at, received_at, token.account, symptoms, rule.version, 0,
        exposed, _PLACES[slip.place], needs, rule.verdict(tenths, symptoms, exposed),
        1 if at.hour * 60 + at.minute >= rule.due[0] else 0, tenths,
        writer.vault.seal(note, NOTE, slip.id, token.region) if note else None,
    )  # fmt: skip


_VERDICT_WORDS = tuple(member.name.lower() for member in Verdict)
_ANSWER_WORDS = tuple(member.name.lower() for member in Answer)
_PLACE_WORDS = {None: "null", 0: '"home"', 1: '"elsewhere"'}


def _list(mask: int, vocabulary: dict[str, int]) -> str:
    return "[" + ",".join(f'"{word}"' for word in words_of(mask, vocabulary)) + "]"


def _note(note: str | None) -> str:
    note = note and note.strip()
    return json.dumps(note, ensure_ascii=False) if note else "null"


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def receipt_of(row: Row, note: str | None) -> bytes:
    """The receipt as JSON, to the letter what the long way would answer (a test compares thousands)."""
    day: date = row.day
    verdict = _VERDICT_WORDS[row.verdict]
    temperature = "null" if row.temperature is None else f"{row.temperature / 10}"
    return (
        f'{{"id":"{row.id}","number":"{receipt_number(day, row.id)}","person_id":"{row.person_id}",'
        f'"day":"{day.isoformat()}","slot":"day","temperature":{temperature},'
        f'"symptoms":{_list(row.symptoms, SYMPTOMS)},"exposed":"{_ANSWER_WORDS[row.exposed]}",'
        f'"place":{_PLACE_WORDS[row.place]},"needs":{_list(row.needs, NEEDS)},"note":{_note(note)},'
        f'"verdict":"{verdict}","highest_verdict":"{verdict}","rule_version":{row.rule_version},"via":"self",'
        f'"late":{"true" if row.flags else "false"},"made_up":false,"clock_suspect":false,'
        f'"filled_at":"{_instant(row.filled_at)}","received_at":"{_instant(row.received_at)}",'
        '"corrects":null,"corrections":[]}'
    ).encode()
