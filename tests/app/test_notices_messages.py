"""Messages from post to post: sealed, once, and still there when the person has changed."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from app import notices, staff
from app.house import House
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.notices import MessageSentBefore, NumberInMessage, OwnPost, PostVacant, TooManyMessages
from models.notices import ConversationFound, DirectCreate, DirectMessage
from models.regions import SPAN, Level
from models.staff import Dismissal, Role, Transfer
from tests import cast
from tests.app.test_notices import administrator, post_of, unread
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


def message(words: str = "口罩到了吗？", **changes: object) -> DirectCreate:
    return DirectCreate.model_validate({"id": uuid7(), "words": words} | changes)


async def write(house: House, someone: Person, to: UUID, form: DirectCreate) -> DirectMessage:
    async with house.database.writing() as db:
        return await notices.write(db, await cast.on_duty(house, someone), to, form)


async def opened(house: House, someone: Person, post_id: UUID) -> ConversationFound:
    async with house.database.writing() as db:
        return await notices.conversation(db, await cast.on_duty(house, someone), post_id)


def words_of(found: ConversationFound) -> list[str]:
    return [item.words for item in found.items]


async def test_two_colleagues_write_to_each_other_and_nobody_else_reads_it(house: House, village: Village) -> None:
    li, chen, wu = [await post_of(house, person) for person in (village.li, village.chen, village.wu)]
    await write(house, village.li, chen.id, message("口罩到了吗？"))
    me = await cast.on_duty(house, village.chen)
    assert await unread(house, me) == 1
    async with house.database.reading() as db:
        listed = await notices.threads(db, me)
    assert [(thread.party and thread.party.name, thread.unread) for thread in listed.items] == [("李桂芳", 1)]
    assert words_of(await opened(house, village.chen, li.id)) == ["口罩到了吗？"]
    assert await unread(house, me) == 0
    await write(house, village.chen, li.id, message("下午到。"))
    found = await opened(house, village.li, chen.id)
    assert [(item.mine, item.words) for item in found.items] == [(False, "下午到。"), (True, "口罩到了吗？")]
    assert found.items[1].read_at is not None
    for post in (li, chen):
        assert (await opened(house, village.wu, post.id)).items == []
    async with house.database.reading() as db:
        assert (await notices.threads(db, await cast.on_duty(house, village.wu))).items == []
    assert wu.id != li.id


@pytest.mark.proves("T17")
async def test_words_lie_sealed_under_the_key_of_the_county(house: House, village: Village) -> None:
    form = message("金丝雀 <b>{{ 7*7 }}</b>\n第二行")
    await write(house, village.li, (await post_of(house, village.chen)).id, form)
    async with house.database.reading() as db:
        row = (await db.exec(select(DirectMessage).where(DirectMessage.id == form.id))).one()
        raw = (await db.exec(text("SELECT d::text FROM direct_message d WHERE id = :id"), params={"id": form.id})).one()
    assert "金丝雀" not in str(raw)
    assert "金丝雀".encode().hex() not in str(raw)
    assert house.vault.open(row.words_sealed, "direct_message|words", form.id) == form.words


async def test_a_long_number_is_asked_about_once(house: House, village: Village) -> None:
    chen, words = await post_of(house, village.chen), f"请联系 {village.zhou.phone[:3]} {village.zhou.phone[3:]}"
    for digits in (words, f"证件 {cast.fresh_id()}"):
        with pytest.raises(NumberInMessage) as refused:
            await write(house, village.li, chen.id, message(digits))
        assert [fault.field for fault in refused.value.faults] == ["words"]
    form = message(words, numbers_confirmed=True)
    await write(house, village.li, chen.id, form)
    await write(house, village.li, chen.id, message("口罩 1200 只，8 月 12 日到"))
    li = await post_of(house, village.li)
    assert words_of(await opened(house, village.chen, li.id))[1] == words


async def test_the_same_message_again_is_one_and_other_words_are_refused(house: House, village: Village) -> None:
    chen, form = await post_of(house, village.chen), message()
    first, again = [await write(house, village.li, chen.id, form) for _ in range(2)]
    assert first.created_at == again.created_at
    for someone, other in ((village.li, message("别的话", id=form.id)), (village.wu, form)):
        with pytest.raises(MessageSentBefore):
            await write(house, someone, chen.id, other)
    assert len((await opened(house, village.li, chen.id)).items) == 1


async def test_nobody_writes_to_themselves_to_nobody_or_from_a_post_of_another(house: House, village: Village) -> None:
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    with pytest.raises(OwnPost):
        await write(house, village.li, li.id, message())
    with pytest.raises(NotFound):
        await write(house, village.li, uuid7(), message())
    with pytest.raises(NotFound):
        await write(house, village.li, chen.id, message(from_post_id=chen.id))
    for asked, refusal in ((uuid7(), NotFound), (li.id, OwnPost)):
        with pytest.raises(refusal):
            await opened(house, village.li, asked)


async def test_who_holds_several_posts_says_from_which(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        second = await staff.appoint(db, village.li.phone, "李桂芳", Role.PARTY_MEMBER, village.other_grid)
    chen = await post_of(house, village.chen)
    with pytest.raises(Invalid):
        await write(house, village.li, chen.id, message())
    row = await write(house, village.li, chen.id, message(from_post_id=second.id))
    assert row.from_post_id == second.id


async def followed(house: House, village: Village, *, named: bool) -> tuple[Person, UUID]:
    """Li's post ends and somebody follows in it: named beforehand, or appointed afterwards."""
    me, post = await administrator(house, village), await post_of(house, village.li)
    fresh = await cast.appoint(house, "赵新", Role.GRID_WORKER, village.grid) if named else None
    async with house.database.writing() as db:
        heir = (await post_of(house, fresh)).id if fresh else None
        await staff.dismiss(db, me, post.id, Dismissal(successor_id=heir))
    return fresh or await cast.appoint(house, "赵新", Role.GRID_WORKER, village.grid), post.id


@pytest.mark.parametrize("named", [True, False], ids=["named", "appointed afterwards"])
async def test_a_message_survives_a_change_of_person(house: House, village: Village, *, named: bool) -> None:
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    await write(house, village.chen, li.id, message("读过的"))
    await opened(house, village.li, chen.id)
    await write(house, village.li, chen.id, message("李桂芳的回答"))
    fresh, old = await followed(house, village, named=named)
    found = await opened(house, fresh, chen.id)
    assert words_of(found) == ["李桂芳的回答", "读过的"]
    assert [item.writer for item in found.items] == ["李桂芳", "陈国平"], "the names of the time"
    theirs = await opened(house, village.chen, old)
    assert theirs.party
    assert (theirs.party.name, theirs.party.in_force) == ("赵新", True)
    await write(house, village.chen, old, message("欢迎"))
    assert words_of(await opened(house, fresh, chen.id))[0] == "欢迎"
    async with house.database.reading() as db:
        listed = await notices.threads(db, await cast.on_duty(house, village.chen))
    assert [thread.party and thread.party.name for thread in listed.items] == ["赵新"], "one conversation"


async def test_what_was_unread_goes_to_whoever_takes_over(house: House, village: Village) -> None:
    li = await post_of(house, village.li)
    await write(house, village.wu, li.id, message("未读的"))
    me = await administrator(house, village)
    async with house.database.writing() as db:
        await staff.dismiss(db, me, li.id, Dismissal(successor_id=(await post_of(house, village.chen)).id))
    assert words_of(await opened(house, village.chen, (await post_of(house, village.wu)).id)) == ["未读的"]


@pytest.mark.proves("T04")
async def test_who_was_transferred_no_longer_reads_the_old_posts_messages(house: House, village: Village) -> None:
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    await write(house, village.chen, li.id, message("给第一网格"))
    me = await administrator(house, village)
    async with house.database.writing() as db:
        await staff.transfer(db, me, li.id, Transfer(role=Role.PARTY_MEMBER, region_code=village.other_grid))
    assert (await opened(house, village.li, chen.id)).items == []
    assert await unread(house, await cast.on_duty(house, village.li)) == 0


async def test_a_colleague_beside_does_not_inherit(house: House, village: Village) -> None:
    """Three workers in one grid: one leaves, and the work goes to the village. The two who stay inherit nothing."""
    others = [await cast.appoint(house, name, Role.GRID_WORKER, village.grid) for name in ("甲乙", "丙丁")]
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    await write(house, village.li, chen.id, message("李桂芳写的"))
    me = await administrator(house, village)
    async with house.database.writing() as db:
        await staff.dismiss(db, me, li.id, Dismissal(successor_id=chen.id))
    for person in others:
        assert (await opened(house, person, chen.id)).items == []
    with pytest.raises(PostVacant):
        await write(house, village.wu, li.id, message())


async def test_the_house_tells_whoever_is_on_duty(house: House, village: Village) -> None:
    words, facts = "%(name)s opened a record of your region.", {"name": "方敏"}
    async with house.database.writing() as db:
        row = await notices.from_the_house(db, village.grid, words, facts)
    assert row.to_post_id == (await post_of(house, village.li)).id
    assert await unread(house, await cast.on_duty(house, village.wu)) == 0
    async with house.database.writing() as db:
        found = await notices.unit(db, await cast.on_duty(house, village.li))
        assert [(item.words, item.facts, item.writer) for item in found.items] == [(words, facts, None)]
        listed = await notices.threads(db, await cast.on_duty(house, village.li))
        assert [(thread.party, thread.unread) for thread in listed.items] == [(None, 0)]


async def test_with_nobody_on_duty_it_waits_for_the_unit_and_the_one_above(house: House, village: Village) -> None:
    me, post = await administrator(house, village), await post_of(house, village.li)
    helper = await cast.appoint(house, "党员", Role.PARTY_MEMBER, village.grid)
    async with house.database.writing() as db:
        await staff.dismiss(db, me, post.id, Dismissal())
        row = await notices.from_the_house(db, village.grid, "Somebody asked for help.", {})
    assert row.to_post_id is None
    other = await cast.village(house)
    for person, count in ((helper, 1), (village.chen, 1), (village.wu, 0), (other.chen, 0)):
        assert await unread(house, await cast.on_duty(house, person)) == count, person.name
    township = village.code - village.code % SPAN[Level.TOWNSHIP]
    assert all(post.region_code == township for post in me.posts), "two levels above: not theirs"
    assert await unread(house, me) == 0
    async with house.database.writing() as db:
        assert len((await notices.unit(db, await cast.on_duty(house, village.chen))).items) == 1
    for person in (helper, village.chen):
        assert await unread(house, await cast.on_duty(house, person)) == 0, "read once is read for the unit"


async def test_sixty_a_minute_are_enough(house: House, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.kit.limits.time.time", lambda: 1_800_000_000.0)  # one window for the whole test
    chen = await post_of(house, village.chen)
    me: Viewer = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        for _ in range(60):
            last = message()
            await notices.write(db, me, chen.id, last)
        with pytest.raises(TooManyMessages) as refused:
            await notices.write(db, me, chen.id, message())
    assert refused.value.retry_after == 60
    async with house.database.writing() as db:
        await notices.write(db, me, chen.id, last)  # the same again is no other message


async def test_older_messages_are_on_further_pages(house: House, village: Village) -> None:
    chen = await post_of(house, village.chen)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        for number in range(53):
            await notices.write(db, me, chen.id, message(f"第 {number} 条"))
        first = await notices.conversation(db, me, chen.id)
        second = await notices.conversation(db, me, chen.id, first.next)
        with pytest.raises(NotFound):
            await notices.conversation(db, me, chen.id, uuid7())
    assert words_of(first) + words_of(second) == [f"第 {number} 条" for number in reversed(range(53))]
    assert second.next is None
