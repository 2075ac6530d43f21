"""Duty phones: masked by level, dialled on the record, seen by whose they are; and nobody's home is ever there."""

import json
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app import directory, staff
from app.directory import colleagues, dialling
from app.house import House
from app.kit import clock, masks
from app.kit.errors import NotFound, QuotaSpent
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from models.audit import Act, AuditEvent
from models.directory import DIALLED_BY, NEAR, DirectorySearch, Standing
from models.regions import SPAN, Level, last_of
from models.staff import AbsenceCreate, Post, Role, ShiftCreate
from tests import cast
from tests.cast import Person, Village
from tests.statements import heard

pytestmark = pytest.mark.anyio

UNITS = {
    Level.PROVINCE: 330000000000000, Level.CITY: 330800000000000, Level.COUNTY: 330822000000000,
    Level.TOWNSHIP: 330822001000000, Level.VILLAGE: 330822001202000, Level.GRID: 330822001202001,
}  # fmt: skip
ELSEWHERE = {
    Level.PROVINCE: 340000000000000, Level.CITY: 330700000000000, Level.COUNTY: 330824000000000,
    Level.TOWNSHIP: 330822002000000, Level.VILLAGE: 330822001203000, Level.GRID: 330822001202002,
}  # fmt: skip
ORDER = list(Level)


def viewer(code: int) -> Viewer:
    post = Held(uuid4(), Role.PARTY_MEMBER, code, last_of(code), "试")
    return Viewer(Token(uuid4(), None, bytes(8), 0, 0, 0, 0), (post,))


def expected(mine: Level, theirs: Level, *, kin: bool) -> bool:
    """By the words of the rule, not by its code."""
    if theirs in {Level.TOWNSHIP, Level.VILLAGE, Level.GRID}:
        return True
    if not kin:
        return False
    # The same line of units: mine contains theirs, is it, or lies one level below.
    return ORDER.index(mine) <= ORDER.index(theirs) + 1


@pytest.mark.parametrize(("mine", "theirs"), list(product(Level, Level)))
def test_who_dials_whom_by_every_pair_of_levels(mine: Level, theirs: Level) -> None:
    for place, kin in ((UNITS[mine], True), (ELSEWHERE[mine], False)):
        # A unit elsewhere of a lower level may still lie inside theirs: one level below it is their own.
        inside = UNITS[theirs] < place <= last_of(UNITS[theirs])
        related = kin or (inside and ORDER.index(mine) == ORDER.index(theirs) + 1)
        allowed = colleagues.dials(viewer(place), UNITS[theirs], on_shift=False) is not None
        assert allowed is expected(mine, theirs, kin=related), (mine, theirs, place)
        assert colleagues.dials(viewer(place), UNITS[theirs], on_shift=True) is not None


def test_the_table_names_every_level() -> None:
    assert set(DIALLED_BY) == set(Level)
    assert Standing.ANYBODY not in NEAR


async def post_of(house: House, someone: Person) -> Post:
    async with house.database.reading() as db:
        return (await db.exec(select(Post).where(Post.account_id == someone.token.account))).one()


async def seen(house: House, me: Viewer, post_id: UUID) -> Any:
    async with house.database.reading() as db:
        return await directory.colleague(db, me, post_id)


@pytest.fixture
async def county_lead(house: House, village: Village) -> Person:
    return await cast.appoint(house, "县主管", Role.SUPERVISOR, village.code - village.code % SPAN[Level.COUNTY])


async def test_a_number_dialled_is_written_down_and_its_holder_sees_by_whom(house: House, village: Village) -> None:
    me, post = await cast.on_duty(house, village.wu), await post_of(house, village.li)
    async with house.database.writing() as db:
        told = await directory.dial(db, me, post.id)
    assert told.phone == village.li.phone
    async with house.database.reading() as db:
        (row,) = (
            await db.exec(select(AuditEvent).where(AuditEvent.subject == post.id, AuditEvent.act == Act.DIALLED_STAFF))
        ).all()
        looks = await directory.looked_up(db, await cast.on_duty(house, village.li))
        own = await directory.looked_up(db, me)
    assert (row.act, row.purpose, row.place_code, row.person_id) == (Act.DIALLED_STAFF, "directory", village.grid, None)
    assert village.li.phone not in (row.facts or "")
    assert [(look.who, look.role, look.post_id) for look in looks.items] == [("吴秀英", Role.GRID_WORKER, post.id)]
    assert own.items == []


async def test_a_list_never_shows_a_number_in_full(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.wu)
    async with house.database.reading() as db:
        found = await directory.find(db, me, DirectorySearch(q="", region=village.code))
    told = json.loads(found.model_dump_json())
    assert {each["phone"] for each in told["items"]} == {
        masks.mask_phone(someone.phone) for someone in (village.li, village.wu, village.chen)
    }
    assert all(someone.phone not in str(told) for someone in (village.li, village.wu, village.chen))


async def test_a_county_number_is_not_for_a_grid_worker_unless_on_shift(
    house: House, village: Village, county_lead: Person
) -> None:
    me, post = await cast.on_duty(house, village.li), await post_of(house, county_lead)
    assert not (await seen(house, me, post.id)).may_dial
    with pytest.raises(directory.WriteInstead):
        async with house.database.writing() as db:
            await directory.dial(db, me, post.id)
    async with house.database.reading() as db:
        assert (
            await db.exec(select(AuditEvent).where(AuditEvent.subject == post.id, AuditEvent.act == Act.DIALLED_STAFF))
        ).all() == []
    now = clock.now()
    async with house.database.writing() as db:
        chief = await cast.on_duty(house, county_lead)
        form = ShiftCreate(post_id=post.id, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
        await staff.plan(db, chief, form)
    shown = await seen(house, me, post.id)
    assert shown.may_dial
    assert shown.on_duty
    async with house.database.writing() as db:
        assert (await directory.dial(db, me, post.id)).phone == county_lead.phone


async def test_whoever_is_away_shows_until_when_and_who_stands_in(house: House, village: Village) -> None:
    me, post = await cast.on_duty(house, village.li), await post_of(house, village.li)
    assert (await seen(house, me, post.id)).on_duty
    other, until = await post_of(house, village.wu), clock.now() + timedelta(days=1)
    form = AbsenceCreate(
        post_id=post.id, from_at=clock.now() - timedelta(minutes=1), until_at=until, substitute_id=other.id
    )
    async with house.database.writing() as db:
        await staff.leave(db, me, form)
    shown = await seen(house, me, post.id)
    assert (shown.on_duty, shown.away_until, shown.substitute) == (False, until, "吴秀英")


async def test_nobody_reads_a_phone_book_through_the_dial(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialling, "MOST_A_DAY", 2)
    me, post = await cast.on_duty(house, village.wu), await post_of(house, village.li)
    for _ in range(2):
        async with house.database.writing() as db:
            await directory.dial(db, me, post.id)
    with pytest.raises(QuotaSpent) as refused:
        async with house.database.writing() as db:
            await directory.dial(db, me, post.id)
    assert 0 < (refused.value.retry_after or 0) <= 86_400


async def test_an_unknown_post_is_not_found(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.wu)
    for act in (directory.colleague, directory.dial):
        with pytest.raises(NotFound):
            async with house.database.writing() as db:
                await act(db, me, uuid4())


@pytest.mark.proves("T03")
async def test_the_directory_reads_no_table_about_residents(house: House, village: Village) -> None:
    """Li is a resident as well: her home, her document and her private number never meet her post."""
    me, post = await cast.on_duty(house, village.wu), await post_of(house, village.li)
    with heard(house.database) as statements:
        async with house.database.writing() as db:
            for words in ("李桂芳", "lgf", "桃园路", "王小梅", "网格员", "建国"):
                found = await directory.find(db, me, DirectorySearch(q=words))
                told = found.model_dump_json()
                assert all(word not in told for word in ("桃园路", "王建国", village.mei.phone, "id_number"))
            await directory.dial(db, me, post.id)
            await directory.looked_up(db, me)
    assert statements
    about = ("resident", "checkin", "dependant", "identity")
    assert [text for text, _ in statements if any(f" {name}" in text for name in about)] == []
