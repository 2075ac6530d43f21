"""Which local day and slot a report belongs to, and whether it came late. Pure: no database, no clock of its own."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.kit.clock import local, midnight
from app.kit.errors import N_, Fault, Invalid
from models.checkins import Flag, Rule, Slot

OLDEST = timedelta(hours=48)
AHEAD = timedelta(minutes=5)
_AM_OPENS, _PM_OPENS = 6, 17
_ONE_DAY = timedelta(days=1)
TOO_OLD = N_("Only the last 48 hours can be made up.")


@dataclass(frozen=True, slots=True)
class Placed:
    """The day and slot of a report, the fill time that counts, and what is to be said of it."""

    day: date
    slot: Slot
    filled_at: datetime
    flags: int


def believed(filled_at: datetime | None, received_at: datetime) -> tuple[datetime, bool]:
    """The fill time that counts, in UTC, and whether the phone's clock is suspect.

    A fill time is believed from 48 hours before receipt to 5 minutes after it; else the receipt counts.
    """
    if filled_at is None:
        return received_at, False
    if received_at - OLDEST <= filled_at <= received_at + AHEAD:
        return min(filled_at, received_at).astimezone(UTC), False
    return received_at, True


def open_slot(instant: datetime, slots_a_day: int) -> tuple[date, Slot]:
    """The day and slot that are open at an instant: 01:30 belongs to the evening slot of the day before."""
    at = local(instant)
    if slots_a_day == 1:
        return at.date(), Slot.DAY
    if at.hour < _AM_OPENS:
        return at.date() - _ONE_DAY, Slot.PM
    return at.date(), Slot.PM if at.hour >= _PM_OPENS else Slot.AM


def opens(day: date, slot: Slot) -> datetime:
    """The instant at which a slot opens."""
    hours = {Slot.DAY: 0, Slot.AM: _AM_OPENS, Slot.PM: _PM_OPENS}[slot]
    return midnight(day) + timedelta(hours=hours)


def closes(day: date, slot: Slot) -> datetime:
    """The instant after which a report for a slot is a make-up."""
    hours = {Slot.DAY: 24, Slot.AM: _PM_OPENS, Slot.PM: 24 + _AM_OPENS}[slot]
    return midnight(day) + timedelta(hours=hours)


def place(
    filled_at: datetime | None, received_at: datetime, rule: Rule, asked: tuple[date | None, Slot | None]
) -> Placed:
    """Where a report belongs. `asked` is a day (a make-up) and a slot the reporter named, or None for what is open.

    Raises Invalid for a slot or day that has not come, or that is more than 48 hours gone.
    """
    at, suspect = believed(filled_at, received_at)
    day, slot = open_slot(at, rule.slots)
    asked_day, asked_slot = asked
    if asked_slot is not None and not (asked_slot is Slot.DAY and rule.slots == 2):
        if asked_slot is not Slot.PM or local(at).hour >= _AM_OPENS:
            day = local(at).date()
        elif slot is not Slot.PM:
            day = local(at).date() - _ONE_DAY
        slot = asked_slot
    if asked_day is not None:
        day = asked_day
    _must_be_open(day, slot, at, received_at, named_day=asked_day is not None)
    flags = Flag.CLOCK_SUSPECT if suspect else Flag(0)
    if at >= midnight(day) + timedelta(minutes=rule.due[slot]):
        flags |= Flag.LATE
    if at >= closes(day, slot) or received_at >= closes(day, slot) + AHEAD:
        flags |= Flag.MADE_UP | Flag.LATE
    return Placed(day, slot, at, int(flags))


def _must_be_open(day: date, slot: Slot, at: datetime, received_at: datetime, *, named_day: bool) -> None:
    field = "day" if named_day else "slot"
    if local(received_at).date() - day > OLDEST + 2 * _ONE_DAY:  # also where no instant can be computed: year 1
        raise Invalid(faults=(Fault(field, TOO_OLD),))
    if opens(day, slot) > at:
        words = N_("This day has not come yet. Please report for today or for the last two days.")
        if not named_day:
            words = N_("This part of the day has not begun yet.")
        raise Invalid(faults=(Fault(field, words),))
    if closes(day, slot) <= received_at - OLDEST:
        raise Invalid(faults=(Fault(field, TOO_OLD),))
