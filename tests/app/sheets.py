"""Sheets for tests: a county of its own part of the tree, its administrator, and rows as people type them."""

from dataclasses import dataclass

from sqlalchemy import text

from app import appointments, staff
from app.house import House
from app.kit.errors import Refusal
from app.kit.viewer import Viewer
from models.appointments import AppointmentSheet, Outcome, Reason, SheetRowPublic
from models.staff import Role
from tests import cast
from tests.cast import Person, Village, fresh_phone

HEADER = "姓名\t手机号\t职务\t单位"
POSTS = (
    "SELECT name, given, pinyin, role, region_code, lead, department, valid_from, valid_to, substitute_id, account_id, "
    "ended_at IS NULL AS stands FROM post WHERE region_code BETWEEN :first AND :last ORDER BY id"
)


@dataclass
class Office:
    """The administrator of a village, who can appoint in it and its two grids."""

    house: House
    village: Village
    admin: Person
    me: Viewer

    async def paste(self, *rows: str, header: str = HEADER) -> AppointmentSheet:
        """Bring rows and plan them."""
        async with self.house.database.writing() as db:
            return await appointments.bring_paste(db, self.me, "\n".join([header, *rows] if header else rows))

    async def apply(self, sheet: AppointmentSheet) -> AppointmentSheet:
        async with self.house.database.writing() as db:
            return await appointments.apply(db, self.me, sheet.id)

    async def undo(self, sheet: AppointmentSheet) -> AppointmentSheet:
        async with self.house.database.writing() as db:
            return await appointments.undo(db, self.me, sheet.id)

    async def rows(self, sheet: AppointmentSheet, outcome: Outcome = Outcome.REFUSED) -> list[SheetRowPublic]:
        async with self.house.database.reading() as db:
            return (await appointments.rows_of(db, self.me, sheet.id, (outcome, 1))).items

    async def posts(self) -> list[tuple[object, ...]]:
        """Every post of the village and its grids, as it stands."""
        span = {"first": self.village.code, "last": self.village.code + 999}
        async with self.house.database.reading() as db:
            return [tuple(row) for row in await db.exec(text(POSTS), params=span)]


async def office(house: House, village: Village) -> Office:
    """A village with an administrator."""
    admin = await cast.appoint(house, "孙管理", Role.ADMINISTRATOR, village.code)
    return Office(house, village, admin, await cast.on_duty(house, admin))


async def with_response(house: House, region: int) -> None:
    """Start a response where none is under way."""
    async with house.database.writing() as db:
        try:
            await staff.active(db)
        except Refusal:
            await staff.start(db, "演练", region)


def person(name: str = "李大为", phone: str | None = None, role: str = "村干部", place: str = "") -> str:
    """A row; without a place it is the village itself."""
    return "\t".join((name, phone or fresh_phone(), role, place))


def counts(sheet: AppointmentSheet) -> tuple[int, int, int, int]:
    """(new, changed, unchanged, refused), which add up."""
    assert sheet.rows_in == sheet.new + sheet.changed + sheet.unchanged + sheet.refused
    return sheet.new, sheet.changed, sheet.unchanged, sheet.refused


async def reasons(desk: Office, *rows: str, header: str = HEADER) -> list[tuple[int, Reason | None]]:
    """Which of these rows are refused, and why."""
    sheet = await desk.paste(*rows, header=header)
    counts(sheet)
    return [(row.number, row.reason) for row in await desk.rows(sheet)]


def at(desk: Office, code: int | None = None) -> str:
    """A place as a cell: the village itself, or another."""
    return str(code or desk.village.code)
