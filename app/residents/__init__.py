"""Residents: register oneself and the household, see and correct oneself; for staff, who lives in their grids."""

from app.residents.correcting import come_home, correct, stay
from app.residents.documents import put_document_right
from app.residents.identity import also_wrong
from app.residents.people import (
    Person,
    address_of,
    allowed,
    covered,
    current,
    household_of,
    id_mask,
    living_with,
    me,
    open_record,
    own,
    phone_mask,
    places_of,
    public,
    reachable,
    reveal_phone,
    seen_by,
)  # fmt: skip
from app.residents.reaching import Callee, whom_to_call
from app.residents.registration import AlreadyRegistered, add_member, change_phone, register

__all__ = [
    "AlreadyRegistered", "Callee", "Person", "add_member", "address_of", "allowed", "also_wrong",
    "change_phone", "come_home", "correct",
    "covered", "current", "household_of", "id_mask", "living_with", "me", "open_record", "own", "phone_mask",
    "places_of", "public", "put_document_right", "reachable", "register", "reveal_phone", "seen_by", "stay",
    "whom_to_call",
]  # fmt: skip
