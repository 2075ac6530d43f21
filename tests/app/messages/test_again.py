"""What failed on our side goes out again when its cause is mended: each once, and only while somebody wants it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from app import messages
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.settings import Settings
from app.messages import About, Unreadable, again
from app.messages.again import AGAIN
from models.audit import Act, AuditEvent
from models.messages import Delivery, Message, Preference, State
from models.messages.keeping import AgainCreate, AgainPublic, CodeChange
from models.staff import Role
from tests import cast
from tests.app.messages.posts import Post, looking_after
from tests.app.messages.telling import sent, tell
from tests.app.messages.test_keeping import keeper
from tests.cast import Village
from tests.gateways.aliyun import MISSING as APPROVED
from tests.gateways.aliyun import AliyunStandIn

pytestmark = pytest.mark.anyio
CODE = CodeChange(provider="aliyun", lang="zh", code=APPROVED)
UNCODED = AgainCreate(template="report_missing", channel="sms", code="no-template-code")


@pytest.fixture
def connected(house: House) -> Settings:
    return house.settings.model_copy(update={"aliyun_sms_id": "id"})


async def failed(house: House, village: Village, code: str = "no-template-code", **changes: object) -> UUID:
    """A reminder of the village that failed on our side, with this word."""
    about = About(village.mei.person_id, village.grid, uuid7(), reason="missing_report/1/0")
    name = await tell(house, village.mei, "report_missing", about)
    await sent(house, name, (State.TECHNICAL_FAILURE, code))
    if changes:
        async with house.database.writing() as db:
            await db.exec(update(Message).where(col(Message.id) == name).values(**changes))
    return name


async def word_of(house: House, message: UUID) -> str:
    async with house.database.reading() as db:
        return (await db.exec(select(Delivery.code).where(Delivery.message_id == message))).one()


async def anew(house: House, message: UUID) -> list[Message]:
    """What was written anew in place of a message: about the same subject."""
    async with house.database.reading() as db:
        old = await db.get_one(Message, message)
        other = Message.subject == old.subject, Message.id != old.id
        return list((await db.exec(select(Message).where(*other))).all())


async def test_texts_without_a_code_go_out_once_it_is_entered_and_never_twice(
    one: Post, aliyun_stand_in: AliyunStandIn
) -> None:
    grid, person, me = 330822102205001, uuid7(), looking_after()
    await one.sql("DELETE FROM template_code WHERE template = 'report_missing'")
    account = await one.account()
    names = [await one.missing(account.id, About(person, grid, uuid7())) for _ in range(3)]
    await one.office.once()
    assert {(await one.states(name))["sms"] for name in names} == {("technical_failure", "no-template-code")}
    for count in (3, 0):
        async with one.house.database.writing() as db:
            kept = await messages.set_code(db, me, "report_missing", CODE, one.settings)
        assert (kept.again, kept.left) == (count, 0)
        await one.office.once()
        assert len(aliyun_stand_in.taken) == 3
    for name in names:
        assert (await one.states(name))["sms"] == ("technical_failure", AGAIN)
        (new,), old = await anew(one.house, name), await one.message(name)
        assert (new.expires_at, new.reason, new.facts, new.account_id) == (
            old.expires_at, old.reason, old.facts, old.account_id,
        )  # fmt: skip
        assert await one.states(new.id) == {"sms": ("pending", "OK")}
        async with one.house.database.reading() as db:
            acts = select(AuditEvent.act, AuditEvent.person_id).where(AuditEvent.subject == new.id)
            assert (await db.exec(acts)).all() == [(Act.MESSAGE_AGAIN, person)]


async def test_what_the_provider_did_not_know_goes_as_well_and_what_nobody_wants_does_not(
    house: House, village: Village, connected: Settings
) -> None:
    now = clock.now()
    wanted = [await failed(house, village, code) for code in ("no-template-code", "isv.SMS_SIGNATURE_ILLEGAL")]
    left = [
        await failed(house, village, cancelled_at=now), await failed(house, village, expires_at=now),
        await failed(house, village, read_at=now), await failed(house, village, "isv.OUT_OF_SERVICE"),
        await failed(house, village, region_code=650000000000000),
    ]  # fmt: skip
    async with house.database.writing() as db:
        await messages.set_code(db, await keeper(house, village), "report_missing", CODE, connected)
    assert [len(await anew(house, name)) for name in wanted] == [1, 1]
    assert [await anew(house, name) for name in left] == [[]] * 5


async def test_a_code_that_carries_nothing_sends_nothing_again(
    house: House, village: Village, connected: Settings
) -> None:
    me, name = await keeper(house, village), await failed(house, village)
    english = await failed(house, village)
    async with house.database.writing() as db:
        tencent = CodeChange(provider="tencent", lang="zh", code="1234567")
        for form in (tencent, CODE.model_copy(update={"code": None})):
            assert (await messages.set_code(db, me, "report_missing", form, connected)).again == 0
        other = CODE.model_copy(update={"code": "SMS_900"})
        assert (await messages.set_code(db, me, "notice", other, connected)).again == 0
        with pytest.raises(Invalid) as refused:
            await messages.set_code(db, me, "report_missing", other, connected)
        assert [fault.field for fault in refused.value.faults] == ["code"], "it is the code of another text"
        await db.exec(update(Message).where(col(Message.id) == english).values(lang="en"))
        await messages.set_code(db, me, "report_missing", CODE.model_copy(update={"lang": "en"}), connected)
    assert [len(await anew(house, each)) for each in (name, english)] == [0, 1], "the English text is for who reads it"
    async with house.database.writing() as db:
        db.add(Preference(account_id=village.mei.token.account, lang="en", changed_at=clock.now()))
        await messages.set_code(db, me, "report_missing", CODE.model_copy(update={"lang": "en"}), connected)
    assert len(await anew(house, name)) == 1


async def test_of_very_many_the_newest_go_first_and_the_rest_is_counted(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "AT_ONCE", 2)
    names, me = [await failed(house, village, "a-word-of-its-own") for _ in range(3)], await keeper(house, village)
    form = UNCODED.model_copy(update={"code": "a-word-of-its-own"})
    async with house.database.writing() as db:
        oldest = update(Delivery).where(col(Delivery.message_id) == names[0])
        await db.exec(oldest.values(state_at=clock.now() - timedelta(hours=1)))
        (seen,) = [each for each in (await messages.stuck(db, me)).again if each.code == form.code]
        assert (seen.template, seen.count) == ("report_missing", 3)
        assert await messages.send_failed_again(db, me, form) == AgainPublic(again=2, left=1)
    assert [len(await anew(house, name)) for name in names] == [0, 1, 1]
    async with house.database.writing() as db:
        assert await messages.send_failed_again(db, me, form) == AgainPublic(again=1, left=0)
        assert await messages.send_failed_again(db, me, form) == AgainPublic(again=0, left=0)
        assert form.code not in {each.code for each in (await messages.stuck(db, me)).again}


async def test_two_who_press_at_once_send_each_message_once(house: House, village: Village) -> None:
    names, me = [await failed(house, village, "pressed-twice") for _ in range(5)], await keeper(house, village)

    async def press() -> int:
        async with house.database.writing() as db:
            return (
                await messages.send_failed_again(db, me, UNCODED.model_copy(update={"code": "pressed-twice"}))
            ).again

    assert sum(await asyncio.gather(press(), press(), press())) == 5
    assert [len(await anew(house, name)) for name in names] == [1] * 5


async def test_a_message_that_cannot_be_read_any_more_holds_nobody_up(house: House, village: Village) -> None:
    me, good = await keeper(house, village), await failed(house, village, "one-is-broken")
    broken = await failed(house, village, "one-is-broken", facts='{"day": "never"}')
    form = UNCODED.model_copy(update={"code": "one-is-broken"})
    async with house.database.writing() as db:
        (delivery,) = (await db.exec(select(Delivery.id).where(Delivery.message_id == broken))).all()
    with pytest.raises(Unreadable):
        async with house.database.writing() as db:
            await messages.send_again(db, me, delivery)
    async with house.database.writing() as db:
        assert await messages.send_failed_again(db, me, form) == AgainPublic(again=1, left=0)
    assert (await word_of(house, good), await word_of(house, broken)) == (AGAIN, "unreadable")


async def test_only_who_looks_after_messages_sends_them_again(house: House, village: Village) -> None:
    lead = await cast.on_duty(house, await cast.appoint(house, "村长", Role.SUPERVISOR, village.code))
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await messages.send_failed_again(db, lead, UNCODED)


async def test_a_code_counts_from_the_moment_it_is_entered(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    await one.sql("DELETE FROM template_code WHERE template = 'report_missing'")
    account, about = await one.account(), About(uuid7(), 330822102205001, uuid7())
    await one.missing(account.id, about)
    await one.office.once()  # now the worker has read the codes
    async with one.house.database.writing() as db:
        await messages.set_code(db, looking_after(), "report_missing", CODE, one.settings)
    while await one.office.relay.move():
        await one.office._drain()
    assert len(aliyun_stand_in.taken) == 1


async def test_what_went_out_again_stands_in_the_inbox_once_where_it_stood_and_is_counted_once(
    house: House, village: Village
) -> None:
    first = await failed(house, village)
    event = clock.now() - timedelta(minutes=40)
    async with house.database.writing() as db:
        await db.exec(update(Message).where(col(Message.id) == first).values(created_at=event))
    me = await keeper(house, village)
    for _ in range(3):  # it fails again each time
        async with house.database.writing() as db:
            before = (await messages.stuck(db, me)).failing
            assert (await messages.send_failed_again(db, me, UNCODED)).again >= 1
        async with house.database.reading() as db:
            found = await messages.inbox(db, village.mei.viewer, "zh")
            assert (found.unread, len(found.items), found.items[0].sent_at) == (1, 1, event)
        await sent(house, found.items[0].id, (State.TECHNICAL_FAILURE, "no-template-code"))
        async with house.database.reading() as db:
            assert (await messages.stuck(db, me)).failing <= before
