"""Notices: who gets one, who has read it, and who never hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app import notices, staff
from app.house import House
from app.kit import clock
from app.kit.errors import KeyReused, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.notices import NothingToConfirm, SomebodysNumber
from models.audit import Act, AuditEvent
from models.notices import Box, Notice, NoticeCreate, NoticesFound
from models.regions import SPAN, Level
from models.staff import Dismissal, Post, Role, Transfer
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


def notice(code: int, **changes: object) -> NoticeCreate:
    """A notice to everybody in a region."""
    words: dict[str, object] = {"id": uuid7(), "region_code": code, "title": "今晚清点口罩", "words": "八点前报数。"}
    return NoticeCreate.model_validate(words | changes)


async def sent(house: House, sender: Person, form: NoticeCreate) -> Notice:
    async with house.database.writing() as db:
        return await notices.send(db, await cast.on_duty(house, sender), form)


async def inbox_of(house: House, someone: Person) -> NoticesFound:
    async with house.database.reading() as db:
        return await notices.inbox(db, await cast.on_duty(house, someone))


async def read(house: House, someone: Person, form: NoticeCreate) -> None:
    async with house.database.writing() as db:
        await notices.read(db, await cast.on_duty(house, someone), form.id)


async def unread(house: House, me: Viewer) -> int:
    async with house.database.reading() as db:
        return await notices.unread(db, me)


async def administrator(house: House, village: Village) -> Viewer:
    township = village.code - village.code % SPAN[Level.TOWNSHIP]
    return await cast.on_duty(house, await cast.appoint(house, "何光明", Role.ADMINISTRATOR, township))


async def post_of(house: House, someone: Person) -> Post:
    async with house.database.reading() as db:
        found = await db.exec(
            select(Post).where(Post.account_id == someone.token.account, col(Post.ended_at).is_(None))
        )
        return found.one()


async def test_a_notice_reaches_its_region_and_roles_and_nobody_else(house: House, village: Village) -> None:
    other = await cast.village(house)
    form = notice(village.code, roles=["grid_worker"])
    row = await sent(house, village.chen, form)
    assert row.addressed == 2
    for person in (village.li, village.wu):
        assert [item.id for item in (await inbox_of(house, person)).items] == [form.id]
    for person in (village.chen, other.chen, other.li):
        assert (await inbox_of(house, person)).items == []
        assert await unread(house, await cast.on_duty(house, person)) == 0
    for person in (other.chen, other.li):
        with pytest.raises(NotFound):
            await read(house, person, form)


@pytest.mark.proves("T03")
async def test_nobody_sends_outside_their_region_above_it_or_without_the_right(house: House, village: Village) -> None:
    other = await cast.village(house)
    township = village.code - village.code % SPAN[Level.TOWNSHIP]
    for person, code in (
        (village.chen, other.code), (village.chen, township), (village.li, village.grid), (village.wu, village.grid),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await sent(house, person, notice(code))


async def test_the_same_notice_again_is_the_first_one_and_another_one_is_refused(
    house: House, village: Village
) -> None:
    form = notice(village.code, roles=["grid_worker", "grid_worker"])
    first, again = await sent(house, village.chen, form), await sent(house, village.chen, form)
    assert (first.id, first.created_at) == (again.id, again.created_at)
    for other in (notice(village.code, id=form.id, words="别的话"), notice(village.grid, id=form.id)):
        with pytest.raises(KeyReused):
            await sent(house, village.chen, other)
    async with house.database.reading() as db:
        events = await db.exec(select(AuditEvent).where(AuditEvent.subject == form.id))
        found = events.all()
    assert [event.act for event in found] == [Act.NOTICE_SENT]


async def test_title_and_words_lie_sealed(house: House, village: Village) -> None:
    form = notice(village.code, title="金丝雀甲", words="金丝雀乙 0570-5012345")
    await sent(house, village.chen, form)
    async with house.database.reading() as db:
        raw = (await db.exec(text("SELECT n::text FROM notice n WHERE id = :id"), params={"id": form.id})).scalar_one()
    for word in (form.title, form.words, form.title.encode().hex(), form.words.encode().hex()):
        assert word not in raw


@pytest.mark.parametrize(
    "words",
    [
        "身份证 330822198502141001",
        "33082219850214100X 请核对",
        "电话 13857001234",
        "138-5700-1234",
        "１３８５７００１２３４",
        "13800000001 13800000002",
        "13800000001\n330822199001011234",
        "138 0000 0001 138 0000 0002",
    ],
)
async def test_numbers_of_people_are_asked_about_before_anything_is_sent(
    house: House, village: Village, words: str
) -> None:
    for field in ("title", "words"):
        with pytest.raises(SomebodysNumber) as refused:
            await sent(house, village.chen, notice(village.code, **{field: words}))
        assert [fault.field for fault in refused.value.faults] == [field]
    await sent(house, village.chen, notice(village.code, words=words, numbers_confirmed=True))


@pytest.mark.parametrize(
    "words", ["本周共 1250 人，2026-11-22 20:00 前上报", "订单 20261122000012", "拨打 12345 或 120"]
)
async def test_dates_counts_and_hotlines_are_no_numbers_of_people(house: House, village: Village, words: str) -> None:
    await sent(house, village.chen, notice(village.code, words=words))


async def test_reading_and_confirming_twice_is_once(house: House, village: Village) -> None:
    form = notice(village.code, must_confirm=True)
    await sent(house, village.chen, form)
    li = await cast.on_duty(house, village.li)
    assert await unread(house, li) == 1
    async with house.database.writing() as db:
        first = await notices.read(db, li, form.id)
        again = await notices.read(db, li, form.id)
    assert first.read_at is not None
    assert first.read_at == again.read_at
    assert await unread(house, li) == 1, "read, but a confirmation is still asked for"
    async with house.database.writing() as db:
        confirmed = await notices.confirm(db, li, form.id)
        twice = await notices.confirm(db, li, form.id)
    assert confirmed.confirmed_at is not None
    assert (confirmed.confirmed_at, confirmed.read_at) == (twice.confirmed_at, first.read_at)
    assert await unread(house, li) == 0


async def test_only_who_was_asked_confirms(house: House, village: Village) -> None:
    plain, other = notice(village.code), await cast.village(house)
    await sent(house, village.chen, plain)
    for person, refusal in ((village.li, NothingToConfirm), (village.chen, NotFound), (other.li, NotFound)):
        async with house.database.writing() as db:
            with pytest.raises(refusal):
                await notices.confirm(db, await cast.on_duty(house, person), plain.id)


async def test_a_new_worker_sees_the_notice_that_stands(house: House, village: Village) -> None:
    form = notice(village.code)
    await sent(house, village.chen, form)
    fresh = await cast.appoint(house, "新来的", Role.GRID_WORKER, village.grid)
    assert [item.id for item in (await inbox_of(house, fresh)).items] == [form.id]


@pytest.mark.proves("T04")
async def test_who_is_transferred_sees_the_new_units_notices_and_no_longer_the_old_ones(
    house: House, village: Village
) -> None:
    old, new = notice(village.grid), notice(village.other_grid)
    for form in (old, new):
        await sent(house, village.chen, form)
    me, post = await administrator(house, village), await post_of(house, village.li)
    async with house.database.writing() as db:
        form = Transfer(role=Role.GRID_WORKER, region_code=village.other_grid)
        await staff.transfer(db, me, post.id, form)
    assert [item.id for item in (await inbox_of(house, village.li)).items] == [new.id]
    with pytest.raises(NotFound):
        await read(house, village.li, old)


@pytest.mark.proves("T04")
async def test_who_is_dismissed_sees_nothing(house: House, village: Village) -> None:
    form = notice(village.code)
    await sent(house, village.chen, form)
    me, post = await administrator(house, village), await post_of(house, village.li)
    async with house.database.writing() as db:
        await staff.dismiss(db, me, post.id, Dismissal())
    async with house.database.reading() as db:
        gone = Viewer(village.li.token, await staff.posts_of(db, village.li.token.account))
        assert gone.posts == ()
        assert await notices.unread(db, gone) == 0


async def test_a_withdrawn_notice_leaves_the_inbox_and_its_words_go(house: House, village: Village) -> None:
    form = notice(village.code, must_confirm=True)
    await sent(house, village.chen, form)
    li, chen = await cast.on_duty(house, village.li), await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await notices.withdraw(db, li, form.id)
        first = await notices.withdraw(db, chen, form.id)
        again = await notices.withdraw(db, chen, form.id)
        assert first.withdrawn_at == again.withdrawn_at
        assert (await notices.inbox(db, li)).items == []
        opened = await notices.read(db, li, form.id)
        assert (opened.words, opened.read_at) == ("", None)
        with pytest.raises(NothingToConfirm):
            await notices.confirm(db, li, form.id)
        assert (await notices.public(db, chen, form.id)).words == form.words


async def test_an_administrator_above_takes_a_notice_back_and_one_beside_does_not(
    house: House, village: Village
) -> None:
    form, other = notice(village.code), await cast.village(house)
    await sent(house, village.chen, form)
    beside = await cast.on_duty(house, await cast.appoint(house, "隔壁", Role.ADMINISTRATOR, other.code))
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await notices.withdraw(db, beside, form.id)
        assert (await notices.withdraw(db, await administrator(house, village), form.id)).withdrawn_at


async def test_what_waits_comes_first_and_older_pages_follow(house: House, village: Village) -> None:
    forms = [notice(village.grid, title=f"第 {number} 号") for number in range(24)]
    for form in forms:
        await sent(house, village.chen, form)
    for form in forms[:-1]:
        await read(house, village.li, form)
    li = await cast.on_duty(house, village.li)
    async with house.database.reading() as db:
        first = await notices.box(db, li, Box.IN)
        second = await notices.box(db, li, Box.IN, first.next)
    assert first.items[0].id == forms[-1].id
    assert [item.id for item in (*first.items, *second.items)] == [form.id for form in reversed(forms)]
    assert (first.unread, second.next) == (1, None)


async def test_a_notice_of_yesterdays_response_is_gone(house: House, village: Village) -> None:
    form = notice(village.code)
    await sent(house, village.chen, form)
    async with house.database.writing() as db:
        past = clock.now() - timedelta(days=1)
        ended = "INSERT INTO response VALUES (:id, '旧的', 330000000000000, :day, :at, :at)"
        name = uuid7()
        await db.exec(text(ended), params={"id": name, "day": past.date(), "at": past})
        await db.exec(text("UPDATE notice SET response_id = :to WHERE id = :id"), params={"to": name, "id": form.id})
    assert (await inbox_of(house, village.li)).items == []
    with pytest.raises(NotFound):
        await read(house, village.li, form)
