"""The inbox: whose a message is, what it says in which language, what is unread, and how one wants to be told."""

from secrets import token_hex
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages
from app.house import House
from app.kit.addresses import leads_out
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.messages.subscriptions import MOST
from models.messages import Message, Subscription
from models.messages.schemas import BrowserPublic, MessagesFound, PreferenceChange, SubscriptionCreate
from tests.app.messages.telling import tell
from tests.cast import Person, Village
from tests.routers.matrix.letters import AUTH, POINT, browser

pytestmark = pytest.mark.anyio


async def inbox_of(house: House, someone: Person, lang: str = "zh-Hans") -> MessagesFound:
    async with house.database.reading() as db:
        return await messages.inbox(db, someone.viewer, lang)


async def test_a_message_is_its_recipients_and_nobody_elses(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    found = await inbox_of(house, village.mei)
    assert ([item.id for item in found.items], found.unread) == ([name], 1)
    assert found.items[0].path == "/today"
    async with house.database.writing() as db:
        for other in (village.qian, village.li, village.nobody):
            assert (await messages.inbox(db, other.viewer, "zh")).items == []
            for ask in (messages.read, messages.why):
                with pytest.raises(NotFound):
                    await ask(db, other.viewer, name, "zh")
            with pytest.raises(NotFound):
                await messages.inbox(db, other.viewer, "zh", name)


async def test_it_is_said_in_the_language_of_whoever_reads_it(house: House, village: Village) -> None:
    await tell(house, village.mei)
    chinese, english = [(await inbox_of(house, village.mei, lang)).items[0] for lang in ("zh-Hans", "en-GB")]
    assert "没有收到" in chinese.title
    assert "check-in" in english.text
    assert "{" not in chinese.text + english.text


async def test_opening_marks_as_read_once_and_all_can_be_marked(house: House, village: Village) -> None:
    names = [await tell(house, village.mei) for _ in range(3)]
    async with house.database.writing() as db:
        first = await messages.read(db, village.mei.viewer, names[0], "zh")
        assert (await messages.read(db, village.mei.viewer, names[0], "zh")).read_at == first.read_at is not None
        assert await messages.unread(db, village.mei.viewer) == 2
        assert await messages.read_all(db, village.mei.viewer) == 2
        assert await messages.unread(db, village.mei.viewer) == 0


async def test_what_is_no_longer_needed_waits_for_nobody(house: House, village: Village) -> None:
    name = await tell(house, village.mei)
    async with house.database.writing() as db:
        await messages.cancel(db, [name])
    found = await inbox_of(house, village.mei)
    assert (found.unread, found.items[0].cancelled_at is not None) == (0, True)


async def test_newest_first_and_older_pages_follow(house: House, village: Village) -> None:
    names = [await tell(house, village.mei) for _ in range(33)]
    async with house.database.reading() as db:
        first = await messages.inbox(db, village.mei.viewer, "zh")
        second = await messages.inbox(db, village.mei.viewer, "zh", first.next)
    assert [item.id for item in (*first.items, *second.items)] == names[::-1]
    assert second.next is None


async def test_codes_and_digests_are_no_mail(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        to = messages.To(account=village.mei.token.account)
        await messages.tell(db, to, "sign_in_code", {"code": "271828"})
    assert (await inbox_of(house, village.mei)).items == []


async def test_a_message_about_the_father_leads_to_his_report(house: House, village: Village) -> None:
    father = village.father.person_id
    await tell(house, village.mei, "report_missing_household", messages.About(person_id=father))
    (item,) = (await inbox_of(house, village.mei)).items
    assert (item.person_id, item.path) == (father, f"/today?for={father}")


async def seal(db: AsyncSession, name: UUID, facts: bytes) -> None:
    await db.exec(update(Message).where(col(Message.id) == name).values(facts_sealed=facts))


async def test_one_message_that_cannot_be_opened_does_not_hide_the_others(house: House, village: Village) -> None:
    broken, whole = await tell(house, village.mei, "direct_message"), await tell(house, village.mei)
    async with house.database.writing() as db:
        kept = (await db.get_one(Message, broken)).facts_sealed
        await seal(db, broken, kept[:-1] + bytes([kept[-1] ^ 1]))
    found = (await inbox_of(house, village.mei)).items
    async with house.database.writing() as db:
        await seal(db, broken, kept)
    assert [(item.id, item.erased) for item in found] == [(whole, False), (broken, True)]


async def test_a_parameter_that_is_missing_is_refused_at_writing_and_hides_nothing_where_it_got_past(
    house: House, village: Village
) -> None:
    whole = await tell(house, village.mei)
    with pytest.raises(messages.Unfit) as refused:
        async with house.database.writing() as db:
            to = messages.To(account=village.mei.token.account)
            await messages.tell(db, to, "report_missing", {"slot": "day", "number": "1"})
    assert [fault.field for fault in refused.value.faults] == ["day"]
    past = await tell(house, village.mei)
    async with house.database.writing() as db:
        broken = await db.get_one(Message, past)
        kept, broken.facts = broken.facts, '{"slot": "day"}'
        db.add(broken)
    found = (await inbox_of(house, village.mei)).items
    assert [(item.id, item.erased) for item in found] == [(past, True), (whole, False)]
    async with house.database.reading() as db:
        assert (await messages.why(db, village.mei.viewer, past, "zh")).data == {}
    async with house.database.writing() as db:
        (await db.get_one(Message, past)).facts = kept


def wish(**changes: object) -> PreferenceChange:
    words = {"lang": "zh", "quiet_from": "22:00", "quiet_until": "07:00", "push": True, "sms": True}
    return PreferenceChange.model_validate(words | changes)


async def test_without_a_word_it_is_quiet_at_night_and_what_is_said_stays(house: House, village: Village) -> None:
    me = village.mei.viewer
    async with house.database.writing() as db:
        before = await messages.preferences(db, me)
        assert (before.lang, before.quiet_from, before.quiet_until, before.sms) == ("zh", "22:00", "07:00", True)
        for form in (wish(lang="en", quiet_from="9:05", sms=False), wish(quiet_from="00:00", quiet_until="00:00")):
            after = await messages.prefer(db, me, form)
            assert after.model_dump(exclude={"browsers"}) == form.model_dump()
        assert (await messages.preferences(db, village.qian.viewer)).quiet_from == "22:00"


@pytest.mark.parametrize("clock", ["24:00", "7", "", "7:5", "７:00", "22:00:00", "-1:00", "²2:00", "22.00", 22, None])
def test_what_is_no_time_of_day_is_refused(clock: object) -> None:
    with pytest.raises(ValidationError) as refused:
        wish(quiet_from=clock)
    assert [error["loc"] for error in refused.value.errors()] == [("quiet_from",)]


async def subscribe(house: House, me: Viewer, **changes: str) -> BrowserPublic:
    async with house.database.writing() as db:
        return await messages.subscribe(db, me, SubscriptionCreate.model_validate(browser() | changes))


async def test_the_same_browser_again_is_the_same_row_and_belongs_to_whoever_gave_it_last(
    house: House, village: Village
) -> None:
    address = f"https://push.example.org/{token_hex(8)}"
    first = await subscribe(house, village.mei.viewer, endpoint=address)
    again = await subscribe(house, village.mei.viewer, endpoint=address)
    assert (first.id, first.created_at) == (again.id, again.created_at)
    assert again.seen_at > first.seen_at
    await subscribe(house, village.qian.viewer, endpoint=address)
    async with house.database.reading() as db:
        mine = (await messages.preferences(db, village.mei.viewer)).browsers
        theirs = (await messages.preferences(db, village.qian.viewer)).browsers
        assert ([], [first.id]) == (mine, [each.id for each in theirs])
        row = await db.get_one(Subscription, first.id)
        assert address in house.vault.open(row.keys_sealed, "push_subscription|keys", row.id)
        asked = "SELECT s::text FROM push_subscription s WHERE id = :id"
        raw = (await db.exec(text(asked), params={"id": first.id})).scalar_one()
        assert address.encode().hex() not in raw


async def test_five_browsers_and_the_one_longest_unseen_goes(house: House, village: Village) -> None:
    made = [await subscribe(house, village.mei.viewer) for _ in range(MOST + 1)]
    async with house.database.writing() as db:
        left = await db.exec(select(Subscription.id).where(Subscription.account_id == village.mei.token.account))
        assert set(left.all()) == {each.id for each in made[1:]}
        with pytest.raises(NotFound):
            await messages.unsubscribe(db, village.qian.viewer, made[1].id)
        await messages.unsubscribe(db, village.mei.viewer, made[1].id)
        for gone in (made[1].id, made[0].id, uuid7()):
            with pytest.raises(NotFound):
                await messages.unsubscribe(db, village.mei.viewer, gone)


@pytest.mark.parametrize(
    ("field", "word"),
    [
        *(("endpoint", word) for word in (
            "http://push.example.org/x", "https://", "https://user@push.example.org/x", "https://push.example.org:8443/",
            "https://10.0.0.1/x", "https://8.8.8.8/x", "https://[2606:4700::1]/x", "https://2130706433/x", "https://127.1/x",
            "https://0x7f.1/x", "https://localhost/x", "https://metadata.google.internal/x", "https://push.local/x",
            "https://intranet/x", "https://push.example.org/x#y", "https://:@push.example.org/x",
            "https://push.example.org\\@10.0.0.1/", "https://push.example.org./x", "https://push.example.org:x/",
            "javascript:alert(1)", "https://[", "https://push.example.org/a b", "https://推送.example.org/x", "null",
        )),
        *(("p256dh", word) for word in ("x", POINT[:-2], "A" * 87, AUTH, "²" * 87, POINT + "AA")),
        *(("auth", word) for word in ("x", "B" * 40, "A" * 21, "A" * 24, "!" * 22)),
    ],
)  # fmt: skip
async def test_what_is_no_subscription_is_refused_with_its_field(
    house: House, village: Village, field: str, word: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await subscribe(house, village.mei.viewer, **{field: word})
    assert [fault.field for fault in refused.value.faults] == [field]


@pytest.mark.parametrize(
    "address", ["https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com:443/wpush/v2/x",
                "https://web.push.apple.com/x?y=1", "https://xn--fiqs8s.xn--fiqs8s/x", "http://10.0.0.9:8080/mine"],
)  # fmt: skip
def test_a_public_name_or_a_private_origin_of_ours_is_taken(address: str) -> None:
    assert leads_out(address, ["http://10.0.0.9:8080"])
    assert leads_out(address) == address.startswith("https")


@pytest.mark.parametrize("field", ["push", "sms"])
@pytest.mark.parametrize("word", ["yes", "true", 1, 0, "", None, [True]])
def test_a_wish_is_true_or_false_and_nothing_that_looks_like_it(field: str, word: object) -> None:
    with pytest.raises(ValidationError) as refused:
        wish(**{field: word})
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_a_key_for_browsers_only_where_push_is_connected(house: House) -> None:
    assert messages.push_key(house.settings).model_dump() == {"connected": False, "key": None}
    settings = house.settings.model_copy(update={"push_contact": "mailto:it@example.org"})
    key = messages.push_key(settings)
    assert key.connected
    assert len(key.key or "") == 87
