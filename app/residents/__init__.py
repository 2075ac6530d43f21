"""Residents: register oneself and the household, see oneself, and for staff see who lives in their grids."""

from app.residents.people import (
    Person,
    address_of,
    covered,
    household_of,
    id_mask,
    living_with,
    me,
    open_record,
    own,
    phone_mask,
    public,
    reachable,
    reveal_phone,
)
from app.residents.registration import AlreadyRegistered, add_member, change_phone, register

__all__ = [
    "AlreadyRegistered", "Person", "add_member", "address_of", "change_phone", "covered", "household_of", "id_mask",
    "living_with", "me",
    "open_record", "own", "phone_mask", "public", "reachable", "register", "reveal_phone",
]  # fmt: skip
