"""What a report says, as the database keeps it: words become masks, degrees become tenths. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from app.kit import readings
from app.kit.errors import N_, Confirm, Fault, Invalid
from models.checkins import NEEDS, SYMPTOMS, CheckinCreate, Symptom

NOT_A_TEMPERATURE = N_("A body temperature lies between 34.0 and 43.0 degrees. Please read the thermometer again.")
ONE_DECIMAL = N_("Please give one digit after the point, for example 36.6.")
MEANT = N_("Did you mean %(proposed)s degrees? Please confirm or correct it.")
NONE_AND_MORE = N_('You chose "no discomfort" together with a symptom. Please keep one of the two.')
UNKNOWN_WORD = N_("This is not one of the choices: %(word)s")


@dataclass(frozen=True, slots=True)
class Facts:
    """Tenths of a degree or None, and the masks of symptoms and needs."""

    tenths: int | None
    symptoms: int
    needs: int


def mask(words: list[str], vocabulary: dict[str, int], field: str) -> tuple[int, list[Fault]]:
    """The mask of some words, and a fault for each word outside the vocabulary."""
    found, faults = 0, []
    for word in words:
        bit = vocabulary.get(word)
        if bit is None:
            faults.append(Fault(field, UNKNOWN_WORD, {"word": word[:40]}))
        else:
            found |= bit
    return found, faults


def tenths_of(temperature: float | None, *, confirmed: bool) -> tuple[int | None, list[Fault]]:
    """Tenths of a degree. Raises Confirm for a reading that is odd but possible, with what was probably meant."""
    if temperature is None:
        return None, []
    reading = readings.temperature(f"{temperature:.10g}")
    typed = Decimal(f"{temperature:.10g}")
    if reading.problem == "confirm" and confirmed and reading.proposed == typed:
        return int(typed * 10), []
    if reading.problem in {"confirm", "fahrenheit"}:
        raise Confirm(
            faults=(Fault("temperature", MEANT, {"proposed": reading.proposed}),),
            extra={"proposed": {"temperature": float(reading.proposed or 0)}},
        )
    if reading.value is None or reading.problem is not None:
        return None, [Fault("temperature", ONE_DECIMAL if reading.problem == "decimals" else NOT_A_TEMPERATURE)]
    return int(reading.value * 10), []


def of(report: CheckinCreate) -> Facts:
    """The facts of a report. Raises Invalid with every wrong field at once, or Confirm."""
    symptoms, faults = mask(report.symptoms, SYMPTOMS, "symptoms")
    if symptoms & Symptom.NONE and symptoms != Symptom.NONE:
        faults.append(Fault("symptoms", NONE_AND_MORE))
    needs, wrong = mask(report.needs, NEEDS, "needs")
    faults += wrong
    tenths: int | None = None
    try:
        tenths, wrong = tenths_of(report.temperature, confirmed=report.temperature_confirmed)
    except Confirm:
        if not faults:
            raise
        wrong = [Fault("temperature", NOT_A_TEMPERATURE)]
    if faults := faults + wrong:
        raise Invalid(faults=tuple(faults))
    return Facts(tenths, symptoms, needs)
