"""The ordinary report, decoded, judged and receipted without a detour: what the hot lane calls.

Anything unusual (a household member, a make-up, a repeat, an odd reading, a wrong field) is None here, and takes
the long way through `submission.submit`, which knows all cases and all words.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from asyncpg.pgproto.pgproto import UUID

from app.checkins.receipts import NOTE
from app.checkins.writer import CheckinWriter, Row
from app.kit.clock import local_day, midnight
from app.kit.ids import receipt_number
from app.kit.tokens import Token
from models.base import plain
from models.checkins import NEEDS, SYMPTOMS, Answer, Place, Rule, Symptom, Verdict, words_of

AHEAD = timedelta(minutes=5)
OLD = timedelta(hours=1)
# So soon after midnight a report may be yesterday's, sent again: the long way looks for it.
_SETTLING = timedelta(minutes=10)
_USUAL_LOWEST, _USUAL_HIGHEST = 35.0, 42.0

# As text: msgspec would round a seventh digit of the second, and the long way cuts it off.
Moment = Annotated[
    str,
    msgspec.Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
    ),
]
Note = Annotated[str, msgspec.Meta(max_length=500)]


class Slip(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An ordinary report as it arrives. A subset of `CheckinCreate`: what does not fit here may still fit there."""

    id: str
    symptoms: Annotated[list[str], msgspec.Meta(min_length=1, max_length=24)]
    exposed: Literal["no", "yes", "unsure"]
    temperature: float | None = None
    person_id: str | None = None
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
_NO_SYMPTOM = int(Symptom.NONE)
_MOST_REMEMBERED = 10_000


class _Today:
    """The present local day, remembered until it is over."""

    def __init__(self) -> None:
        self.opens = self.closes = datetime.min.replace(tzinfo=UTC)

    def at(self, instant: datetime) -> "_Today":
        if not self.opens <= instant < self.closes:
            self.date = local_day(instant)
            self.opens = midnight(self.date)
            self.closes = self.opens + timedelta(days=1)
        return self


_today = _Today()
_judged: dict[tuple[int, int | None, int, int], int] = {}


def _verdict(rule: Rule, tenths: int | None, symptoms: int, exposed: int) -> int:
    """What the rule says, remembered: a rule never changes, and most days of most people are alike."""
    case = (rule.version, tenths, symptoms, exposed)
    verdict = _judged.get(case)
    if verdict is None:
        if len(_judged) >= _MOST_REMEMBERED:
            _judged.clear()
        verdict = _judged[case] = int(rule.verdict(tenths, symptoms, exposed))
    return verdict


def _mask(words: list[str], vocabulary: dict[str, int]) -> int:
    found = 0
    for word in words:
        found |= vocabulary[word]
    return found


def _filled_at(slip: Slip, received_at: datetime) -> datetime | None:
    if slip.filled_at is None:
        return received_at
    at = datetime.fromisoformat(slip.filled_at)
    if not received_at - OLD <= at <= received_at + AHEAD:
        return None
    return min(at.astimezone(UTC), received_at)


def row_of(writer: CheckinWriter, token: Token, slip: Slip, received_at: datetime) -> Row | None:  # noqa: PLR0911  (each return is one kind of unusual)
    """The row of an ordinary report of oneself for today, or None when it is not ordinary.

    Raises ValueError for a fill time that does not exist.
    """
    person, name, tenths = token.person, UUID(slip.id), None
    # One spelling only; the long way knows the others.
    if person is None or slip.id != str(name) or (slip.person_id is not None and slip.person_id != str(person)):
        return None
    if slip.temperature is not None:
        if not _USUAL_LOWEST <= slip.temperature <= _USUAL_HIGHEST:
            return None
        tenths = round(slip.temperature * 10)
        if slip.temperature != tenths / 10:
            return None
    filled_at = _filled_at(slip, received_at)
    today = _today.at(received_at)
    rule = writer.rules.rule_for(token.programme, token.region, today.date)
    if filled_at is None or min(filled_at, received_at - _SETTLING) < today.opens or rule.slots != 1:
        return None
    try:
        symptoms, needs = _mask(slip.symptoms, SYMPTOMS), _mask(slip.needs, NEEDS)
    except KeyError:
        return None
    if symptoms & _NO_SYMPTOM and symptoms != _NO_SYMPTOM:
        return None
    if slip.note and not plain(slip.note):
        return None
    note = slip.note and slip.note.strip()
    exposed = _ANSWERS[slip.exposed]
    return Row(
        person, today.date, 0, name, token.region, filled_at, received_at, token.account, symptoms, rule.version, 0,
        exposed, _PLACES[slip.place], needs, _verdict(rule, tenths, symptoms, exposed),
        1 if (filled_at - today.opens).seconds >= rule.due[0] * 60 else 0, tenths,
        writer.vault.seal(note, NOTE, name, token.region) if note else None,
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
    return at.isoformat()[:-6] + "Z"  # in place of +00:00: both instants of a row are in UTC


_told: dict[tuple[object, ...], tuple[str, str]] = {}


def _telling(row: Row) -> tuple[str, str]:
    """What the receipt says between the day and the note, and between the note and the instants."""
    verdict = _VERDICT_WORDS[row.verdict]
    temperature = "null" if row.temperature is None else f"{row.temperature / 10}"
    return (
        f'"slot":"day","temperature":{temperature},"symptoms":{_list(row.symptoms, SYMPTOMS)},'
        f'"exposed":"{_ANSWER_WORDS[row.exposed]}","place":{_PLACE_WORDS[row.place]},'
        f'"needs":{_list(row.needs, NEEDS)},"note":',
        f',"verdict":"{verdict}","highest_verdict":"{verdict}","rule_version":{row.rule_version},"via":"self",'
        f'"late":{"true" if row.flags else "false"},"made_up":false,"clock_suspect":false,',
    )


def receipt_of(row: Row, note: str | None) -> bytes:
    """The receipt as JSON, to the letter what the long way would answer (a test compares thousands)."""
    said = row[8:17]  # symptoms to temperature
    told = _told.get(said)
    if told is None:
        if len(_told) >= _MOST_REMEMBERED:
            _told.clear()
        told = _told[said] = _telling(row)
    return (
        f'{{"id":"{row.id}","number":"{receipt_number(row.day, row.id)}","person_id":"{row.person_id}",'
        f'"day":"{row.day.isoformat()}",{told[0]}{_note(note) if note else "null"}{told[1]}'
        f'"filled_at":"{_instant(row.filled_at)}","received_at":"{_instant(row.received_at)}",'
        '"corrects":null,"corrections":[]}'
    ).encode()
