"""Which document proves a person, checked by form, date and check digit only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from app import vault
from app.kit import clock, identifiers
from app.kit.errors import N_, Fault
from app.kit.identifiers import BadIdentifier
from models.residents import IdType

OLDEST_YEARS = 130

# What is wrong with a document, in words that help. Keys are the codes of BadIdentifier.
DOCUMENT_WORDS = {
    "length": N_("A resident ID has 18 characters (older ones 15). Please count them once more."),
    "characters": N_("Only digits and letters as printed on the document; in a resident ID only the last may be X."),
    "check_digit": N_("The last character does not fit the others. Please compare the number with the card."),
    "date": N_("The date of birth inside this number does not exist. Please compare the number with the card."),
    "future": N_("The date of birth lies in the future. Please check it."),
    "unknown_type": N_("Please choose the kind of document."),
}


@dataclass(frozen=True)
class Identity:
    """A document as it is kept: kind, normalised number, and the date of birth it carries or that was given."""

    kind: IdType
    number: str | None
    birth: date | None

    def blind_index(self, db: AsyncSession) -> bytes | None:
        """The keyed digest by which the same document is found again; None without a document."""
        if self.number is None:
            return None
        return vault.ring_of(db).blind_index("identity", f"{int(self.kind)}|{self.number}")


def read(kind: IdType, number: str | None, birth: date | None, prefix: str = "") -> tuple[Identity, list[Fault]]:
    """The document, and what is wrong with it; fields are named with `prefix` (household/0/).

    The region digits of an ID are never judged: they name the place of first registration, and retired codes
    stay valid for life (domain facts 3.1).
    """
    faults = _birth_faults(kind, birth, prefix)
    if kind is IdType.NONE or faults:
        return Identity(kind, None, birth), faults
    if not number:
        return Identity(kind, None, birth), [
            Fault(f"{prefix}id_number", N_("Please fill in the number of the document."))
        ]
    try:
        kept = identifiers.document(kind.name.lower(), number, today=clock.today())
    except BadIdentifier as wrong:
        return Identity(kind, None, birth), [Fault(f"{prefix}id_number", _words(kind, wrong.code))]
    return Identity(kind, kept, identifiers.birth_date(kept) if kind is IdType.RESIDENT_ID else birth), []


def _birth_faults(kind: IdType, birth: date | None, prefix: str) -> list[Fault]:
    today = clock.today()
    words = None
    if birth is None:
        words = N_("Without a document we need the date of birth.") if kind is IdType.NONE else None
    elif birth > today:
        words = DOCUMENT_WORDS["future"]
    elif birth.year < today.year - OLDEST_YEARS:
        words = N_("This date of birth is more than 130 years ago. Please check it.")
    return [Fault(f"{prefix}birth_date", words)] if words else []


def _words(kind: IdType, code: str) -> str:
    if kind is not IdType.RESIDENT_ID and code in {"length", "characters"}:
        return N_("This does not look like a number of this kind of document. Please compare it with the document.")
    return DOCUMENT_WORDS[code]


def also_wrong(body: object) -> tuple[Fault, ...]:
    """What is wrong with the documents of a registration whose shape is wrong already, so that all faults are told in
    one round. `body` is what came through the door: what cannot be read at all is left to the shape."""
    if not isinstance(body, Mapping):
        return ()
    faults = _written(body, "")
    household = body.get("household")
    for place, member in enumerate(household if isinstance(household, list) else ()):
        if isinstance(member, Mapping):
            faults += _written(member, f"household/{place}/")
    return tuple(faults)


def _written(words: Mapping[str, object], prefix: str) -> list[Fault]:
    kind, number, birth = words.get("id_type"), words.get("id_number"), words.get("birth_date")
    known = {each.name.lower(): each for each in IdType}
    if not isinstance(kind, str) or kind not in known or not (number is None or isinstance(number, str)):
        return []
    if known[kind] is IdType.NONE and not prefix:
        return [Fault("id_type", DOCUMENT_WORDS["unknown_type"])]
    day = None
    if birth not in (None, ""):
        try:
            day = date.fromisoformat(str(birth))
        except ValueError:
            return []
    return read(known[kind], number, day, prefix)[1]
