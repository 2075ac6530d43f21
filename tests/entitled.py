"""Who is entitled to what, said a second time and in another way: for the matrix, the canaries and the oracle.

Nothing of the house's own rules is used here: the table is written out by hand from the mission, a place is inside
another when its digits begin with the other's, and one person's facts are read row by row.
"""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

WIDTHS = {"P": 2, "C": 4, "Y": 6, "T": 9, "V": 12, "G": 15}  # digits that name a place of each level

# right: role and the levels (province, city, county = Y, township, village, grid) at which a post gives it.
HOLDS = {
    "staff": "grid_worker:G village_cadre:V party_member:VG doctor:YTV checkpoint_officer:CYTV gate_officer:CYT "
             "list_clerk:PCYT reviewer:PCYT market_inspector:PCYT supervisor:PCYTV administrator:PCYTV auditor:PCY",
    "people": "grid_worker:G village_cadre:V party_member:VG doctor:YTV supervisor:PCYTV",
    "call": "grid_worker:G village_cadre:V party_member:VG doctor:YTV supervisor:PCYTV",
    "report_for": "grid_worker:G village_cadre:V party_member:VG doctor:YTV",
    "notice": "village_cadre:V supervisor:PCYTV administrator:PCYTV",
    "plan_duty": "village_cadre:V supervisor:PCYTV administrator:PCYTV",
    "board": "village_cadre:V supervisor:PCYTV administrator:PCYTV auditor:PCY",
    "appoint": "administrator:PCYTV",
    "appeals": "village_cadre:V reviewer:PCYT supervisor:PCYTV",
    "break_glass": "doctor:Y supervisor:PCYT",
    "export": "list_clerk:PCYT supervisor:PCYT",
    "approve": "reviewer:PCYT supervisor:PCYT",
    "audit": "auditor:PCY",
    "response": "administrator:PCY",
    "robots": "administrator:PCYTV",
    "gateways": "administrator:PCY",
    "nobody": "",  # only whom a row names
}  # fmt: skip
GUARDED_LEVELS, GUARDED_ROLES = "PCYT", {"administrator", "auditor"}


def level(code: int) -> str:
    """The letter of a place's level."""
    digits = str(code)
    return next(letter for letter, width in WIDTHS.items() if not digits[width:].strip("0"))


def inside(code: int, place: int) -> bool:
    """Does one place lie in another, or is it the same?"""
    return str(code).startswith(str(place)[: WIDTHS[level(place)]])


def gives(role: str, place: int, right: str) -> bool:
    """Is a role at a place good for a right there?"""
    levels = dict(entry.split(":") for entry in HOLDS[right].split())
    return level(place) in levels.get(role, "")


def guarded(role: str, place: int) -> bool:
    """Is a second factor asked of this post?"""
    return level(place) in GUARDED_LEVELS or role in GUARDED_ROLES


async def rows(db: AsyncSession, sql: str, **values: object) -> list[tuple]:  # type: ignore[type-arg]
    """Plain rows, whoever asks."""
    found = await db.exec(text(sql), params=values, execution_options={"scope": "test"})  # type: ignore[call-overload]
    return [tuple(row) for row in found]


_POSTS = (
    "SELECT role, region_code, id FROM post WHERE account_id = :account AND ended_at IS NULL AND activated_at IS NOT"
    " NULL AND valid_from <= :today AND (valid_to IS NULL OR valid_to >= :today)"
)
# Posts of absent colleagues, each with the post that stands in for it.
_LENT = (
    "SELECT p.role, p.region_code, p.id, COALESCE(a.substitute_id, p.substitute_id) FROM post p"
    " JOIN absence a ON a.post_id = p.id WHERE a.ended_at IS NULL AND a.from_at <= now() AND a.until_at > now()"
    " AND p.ended_at IS NULL AND p.valid_from <= :today AND (p.valid_to IS NULL OR p.valid_to >= :today)"
)
_HOPS = 3
_KIN = (
    "SELECT 1 FROM account WHERE id = :account AND person_id = :person"
    " UNION ALL SELECT 1 FROM dependant WHERE account_id = :account AND person_id = :person"
)
_PLACES = "SELECT region_code, current_code FROM resident WHERE person_id = :person"
_GLASS = (
    "SELECT post_id FROM glass WHERE account_id = :account AND person_id = :person AND ended_at IS NULL"
    " AND expires_at > :now"
)
_APPEALS = "SELECT unit_code FROM appeal WHERE person_id = :person"
_EXPORTS = "SELECT region_code, columns FROM export WHERE account_id = :account"
_RIGHT = {"name": "people", "address": "people", "phone": "call"}


async def posts_of(db: AsyncSession, account: UUID, today: object) -> list[tuple[str, int, UUID]]:
    """(role, place, id) of the posts of an account in force on a day, lent ones included."""
    held = await rows(db, _POSTS, account=account, today=today)
    away = await rows(db, _LENT, today=today) if held else []
    for _ in range(_HOPS):
        mine = {post[2] for post in held}
        held += [each[:3] for each in away if each[3] in mine and each[2] not in mine]
    return held


async def entitled(db: AsyncSession, who: tuple[UUID, bool], person: UUID, kind: str, now: tuple) -> bool:  # type: ignore[type-arg]
    """May an account be sent the name, phone, address or document of a person? `who` = account, whether a staff
    session came; `now` = the moment and the local day."""
    account, seated = who
    moment, today = now
    if await rows(db, _KIN, account=account, person=person):
        return True
    if not seated:
        return False
    held = await posts_of(db, account, today)
    places = [code for place in await rows(db, _PLACES, person=person) for code in place if code is not None]
    right = _RIGHT.get(kind, "")
    if right and any(gives(role, place, right) and inside(code, place) for role, place, _ in held for code in places):
        return True
    opened = {post for (post,) in await rows(db, _GLASS, account=account, person=person, now=moment)}
    if kind in {"name", "phone"} and any(post in opened for _, _, post in held):
        return True
    units = [unit for (unit,) in await rows(db, _APPEALS, person=person)]
    if kind == "name" and any(gives(r, p, "appeals") and inside(unit, p) for r, p, _ in held for unit in units):
        return True
    taken = await rows(db, _EXPORTS, account=account)
    column = "document" if kind == "id" else kind
    return any(column in columns and any(inside(code, region) for code in places) for region, columns in taken)
