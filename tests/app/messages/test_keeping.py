"""Looking after messages: templates and their codes, tests, robots, and what was set aside."""

import json
from secrets import token_hex
from uuid import UUID

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import text, update
from sqlmodel import col, select

from app import messages
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.messages import RobotEnded, RobotThere, SentAgain, TimeOver, TooManyRobots, TooManyTrials, templates
from app.messages.connecting import carriers_of
from app.messages.robots import MOST, token_of
from app.messages.templates import TRIALS, parts, spelled
from models.audit import Act, AuditEvent
from models.messages import Channel, Delivery, Message, Robot, State, TemplateCode
from models.messages.keeping import CodeChange, RobotCreate, TrialCreate
from models.messages.templates import TEMPLATES, newest
from models.regions import SPAN, Level
from models.staff import Role
from tests import cast
from tests.app.messages.telling import sent, tell
from tests.cast import Village
from tests.routers.matrix.letters import robot

pytestmark = pytest.mark.anyio
ALIYUN = {"aliyun_sms_id": "id", "aliyun_sms_secret": SecretStr("secret"), "aliyun_sms_sign": "守望"}
CONNECTED = {"push_contact": "mailto:it@example.org", "dingtalk_app_key": "key"}


async def keeper(house: House, village: Village, level: Level = Level.COUNTY) -> Viewer:
    place = village.code - village.code % SPAN[level]
    return await cast.on_duty(house, await cast.appoint(house, "何光明", Role.ADMINISTRATOR, place))


async def acts_about(house: House, subject: UUID) -> list[str]:
    async with house.database.reading() as db:
        return list((await db.exec(select(AuditEvent.act).where(AuditEvent.subject == subject))).all())


async def test_every_template_is_shown_whole_in_both_languages(house: House, village: Village) -> None:
    me = await keeper(house, village)
    async with house.database.reading() as db:
        found = await templates(db, me, house.settings)
        for other in (await cast.on_duty(house, village.chen), await keeper(house, village, Level.TOWNSHIP)):
            with pytest.raises(NotFound):
                await templates(db, other, house.settings)
        with pytest.raises(NotFound):
            await messages.template(db, me, "no_such", house.settings)
    assert {kind.name for kind in found.items} == set(TEMPLATES)
    for kind in found.items:
        assert [words.lang for words in kind.wordings] == ["zh", "en"]
        for words in kind.wordings:
            assert "{" not in words.title + words.text + words.sms + words.push
            assert bool(words.sms) == bool(words.parts) == bool(words.spelled)


def test_parts_of_a_text_message_count_the_sign_and_every_unit() -> None:
    assert [parts(text, "守望") for text in ("", "字" * 66, "字" * 67, "字" * 130, "字" * 131)] == [0, 1, 2, 2, 3]
    assert parts("👍" * 33, "守望") == 1
    assert parts("👍" * 34, "守望") == 2


def test_each_provider_gets_its_own_placeholders() -> None:
    kind = newest("report_missing")
    made = spelled(kind, kind.zh.sms)
    assert "${day}${slot}" in made["aliyun"]
    assert "{1}{2}" in made["tencent"]
    assert "编号{3}" in made["tencent"]
    # The title of a notice stands in no text message: what is numbered is what travels.
    notice = newest("notice")
    assert spelled(notice, notice.zh.sms)["tencent"] == "您有一条工作通知，请登录守望查看。{1} 编号{2}"


async def test_a_code_is_kept_changed_taken_away_and_written_down(house: House, village: Village) -> None:
    me = await keeper(house, village)
    asked = select(TemplateCode.code).where(TemplateCode.template == "trial", TemplateCode.provider == "tencent")
    async with house.database.writing() as db:
        for code, held in (("SMS_1", ["SMS_1"]), ("12345678901", ["12345678901"]), (None, [])):
            form = CodeChange(provider="tencent", lang="zh", code=code)
            await messages.set_code(db, me, "trial", form, house.settings)
            assert (await db.exec(asked)).all() == held
        made = await db.exec(select(AuditEvent.facts).where(AuditEvent.act == Act.TEMPLATE_CODE,
                                                            AuditEvent.account_id == me.account_id))  # fmt: skip
        assert [json.loads(facts or "")["code"] for facts in made.all()] == ["SMS_1", "given", "none"]
        with pytest.raises(Invalid) as refused:
            none = CodeChange(provider="aliyun", lang="zh", code="SMS_1")
            await messages.set_code(db, me, "unit_digest", none, house.settings)
        assert [fault.field for fault in refused.value.faults] == ["code"]


@pytest.mark.parametrize("code", ["²", "SMS 1", "a" * 32, "码", "", "{{7}}"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CodeChange(provider="aliyun", lang="zh", code=code)
    assert [error["loc"] for error in refused.value.errors()] == [("code",)]


@pytest.mark.parametrize("channel", ["push", "sms", "work"])
async def test_a_test_by_a_way_that_is_not_connected_is_refused_and_not_counted(
    house: House, village: Village, channel: str
) -> None:
    me, bare = await keeper(house, village), house.settings.model_copy(update={"env": "production"})
    async with house.database.writing() as db:
        for _ in range(TRIALS + 1):
            with pytest.raises(Invalid) as refused:
                await messages.try_out(db, me, TrialCreate(channel=channel), bare)
            assert [fault.field for fault in refused.value.faults] == ["channel"]
        await messages.try_out(db, me, TrialCreate(channel="sms"), house.settings)


@pytest.mark.parametrize("env", ["development", "production"])
@pytest.mark.parametrize("some", [{}, CONNECTED, {"push_contact": "mailto:it@example.org"}, ALIYUN])
async def test_what_the_settings_connect_is_what_a_worker_has(house: House, env: str, some: dict[str, object]) -> None:
    settings = house.settings.model_copy(update={"env": env} | some)
    carriers = carriers_of(settings, house.database, house.vault)
    assert messages.ways_open(settings) == carriers.open_ways
    await carriers.aclose()


async def test_a_test_goes_by_its_one_way_five_times_an_hour(house: House, village: Village) -> None:
    me, whole = await keeper(house, village), house.settings.model_copy(update=CONNECTED)
    async with house.database.writing() as db:
        names = [await messages.try_out(db, me, TrialCreate(channel="sms"), whole) for _ in range(5)]
        rows = [await db.get_one(Message, name) for name in names]
        assert {row.channels for row in rows} == {Channel.SMS}
        assert len({row.facts for row in rows}) == 5, "providers drop what they have carried before"
        with pytest.raises(Invalid):
            await messages.try_out(db, me, TrialCreate(channel="push"), whole)
        with pytest.raises(TooManyTrials):
            await messages.try_out(db, me, TrialCreate(channel="work"), whole)
    assert await acts_about(house, names[0]) == [Act.MESSAGE_TRIED]


def form(code: int, **changes: str) -> RobotCreate:
    return RobotCreate.model_validate(robot(code) | changes)


async def test_a_robot_is_sealed_tried_and_ended_and_its_secret_is_never_shown(house: House, village: Village) -> None:
    me, words = await keeper(house, village), form(village.code)
    async with house.database.writing() as db:
        made = await messages.add_robot(db, me, words)
        raw = (await db.exec(text("SELECT r::text FROM robot r WHERE id = :id"), params={"id": made.id})).scalar_one()
        row = await db.get_one(Robot, made.id)
        held = json.loads(house.vault.open(row.keys_sealed, "robot|keys", row.id))
        shown = (await messages.robots(db, me, village.code)).model_dump_json()
        code, trial = await messages.try_robot(db, me, made.id)
        assert (code, (await db.get_one(Message, trial)).channels) == (village.code, Channel.ROBOT)
        assert (await messages.trial_of(db, me, trial, "en")).to == "robot"
    assert held == {"token": token_of(words.webhook), "secret": words.secret}
    for kept in held.values():
        assert kept not in shown
        assert kept not in raw
        assert kept.encode().hex() not in raw
    async with house.database.writing() as db:
        assert await messages.end_robot(db, me, made.id) == await messages.end_robot(db, me, made.id) == village.code
        row = await db.get_one(Robot, made.id)
        assert json.loads(house.vault.open(row.keys_sealed, "robot|keys", row.id)) == {"token": "", "secret": ""}
        with pytest.raises(RobotEnded):
            await messages.try_robot(db, me, made.id)
    assert set(await acts_about(house, made.id)) == {Act.ROBOT_ADDED, Act.ROBOT_ENDED}


async def test_robots_are_their_units_alone(house: House, village: Village) -> None:
    me, other = await keeper(house, village), await cast.village(house)
    beside = await cast.on_duty(house, await cast.appoint(house, "隔壁", Role.ADMINISTRATOR, other.code))
    async with house.database.writing() as db:
        made = await messages.add_robot(db, me, form(village.code))
        _, trial = await messages.try_robot(db, me, made.id)
        for who in (beside, await cast.on_duty(house, village.chen)):
            for refused in (
                messages.robots(db, who, village.code), messages.add_robot(db, who, form(village.code)),
                messages.try_robot(db, who, made.id), messages.end_robot(db, who, made.id),
                messages.trial_of(db, who, trial, "en"),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await refused
        for nothing in (messages.add_robot(db, me, form(village.code + 999)), messages.try_robot(db, me, uuid7())):
            with pytest.raises(NotFound):
                await nothing


async def test_the_same_robot_twice_and_an_eleventh_are_refused(house: House, village: Village) -> None:
    me = await keeper(house, village)
    async with house.database.writing() as db:
        first = form(village.code)
        await messages.add_robot(db, me, first)
        with pytest.raises(RobotThere):
            await messages.add_robot(db, me, form(village.code, webhook=first.webhook))
        for _ in range(MOST - 1):
            await messages.add_robot(db, me, form(village.code))
        with pytest.raises(TooManyRobots):
            await messages.add_robot(db, me, form(village.code))


@pytest.mark.parametrize(
    ("field", "word"),
    [
        *(("webhook", word) for word in (
            "x", "http://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64, "https://[",
            "https://oapi.dingtalk.com.example.org/robot/send?access_token=" + "a" * 64,
            "https://oapi.dingtalk.com/robot/send", "https://oapi.dingtalk.com/robot/send?access_token=short",
            "https://oapi.dingtalk.com/other?access_token=" + "a" * 64, "https://robot.example.org/robot/send",
            "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64 + "#x",
            "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64 + "#",
            "https://somebody@oapi.dingtalk.com/robot/send?access_token=" + "a" * 64,
            "https://:secret@oapi.dingtalk.com/robot/send?access_token=" + "a" * 64,
            "https://oapi.dingtalk.com/robot/send?access_token=" + "a" * 64 + "&access_token=" + "b" * 64,
        )),
        *(("secret", word) for word in ("x", "sec" + "a" * 64, "SEC", "SEC" + "密" * 40, "SEC a" * 8)),
    ],
)  # fmt: skip
async def test_what_is_no_robot_is_refused_with_its_field(
    house: House, village: Village, field: str, word: str
) -> None:
    async with house.database.writing() as db:
        with pytest.raises(Invalid) as refused:
            await messages.add_robot(db, await keeper(house, village), form(village.code, **{field: word}))
    assert [fault.field for fault in refused.value.faults] == [field]


async def poisoned(house: House, village: Village, template: str = "direct_message") -> tuple[UUID, UUID]:
    """A message of the village whose sending killed three workers, and that delivery."""
    about = messages.About(village.mei.person_id, village.grid, uuid7(), reason="x/1/0")
    name = await tell(house, village.mei, template, about)
    delivery = await sent(house, name, *[(State.TECHNICAL_FAILURE, "worker-died")] * 3)
    async with house.database.writing() as db:
        await db.exec(update(Delivery).where(col(Delivery.id) == delivery).values(set_aside_at=clock.now()))
    return name, delivery


async def test_what_was_set_aside_is_seen_without_its_recipient_and_sent_once_more(
    house: House, village: Village
) -> None:
    me, (name, delivery) = await keeper(house, village), await poisoned(house, village)
    async with house.database.writing() as db:
        found = await messages.stuck(db, me)
        (seen,) = [each for each in found.aside if each.id == delivery]
        assert (seen.template, seen.attempts, seen.code, seen.over) == ("direct_message", 3, "worker-died", False)
        assert village.mei.phone not in found.model_dump_json()
        assert found.failing >= 1
        assert ("sms", "aliyun", "worker-died") in {(each.channel, each.provider, each.code) for each in found.refused}
        new = await messages.send_again(db, me, delivery)
        old, again = await db.get_one(Message, name), await db.get_one(Message, new)
        assert (again.subject, again.reason, again.account_id) == (old.subject, old.reason, old.account_id)
        assert again.channels == Channel.SMS
        assert messages.facts_of(db, again) == messages.facts_of(db, old)
        assert again.facts_sealed != old.facts_sealed
        assert delivery not in {each.id for each in (await messages.stuck(db, me)).aside}
        with pytest.raises(SentAgain):
            await messages.send_again(db, me, delivery)
    assert await acts_about(house, new) == [Act.MESSAGE_AGAIN]


async def test_what_is_over_is_not_sent_again_and_other_places_are_not_seen(house: House, village: Village) -> None:
    (name, delivery), far = await poisoned(house, village), await poisoned(house, village)
    me = await keeper(house, village)
    async with house.database.writing() as db:
        await db.exec(update(Message).where(col(Message.id) == name).values(expires_at=clock.now()))
        elsewhere = update(Message).where(col(Message.id) == far[0]).values(region_code=650000000000000)
        await db.exec(elsewhere)
        found = {each.id: each.over for each in (await messages.stuck(db, me)).aside}
        assert found[delivery]
        assert far[1] not in found
        with pytest.raises(TimeOver):
            await messages.send_again(db, me, delivery)
        for nothing in (far[1], uuid7()):
            with pytest.raises(NotFound):
                await messages.send_again(db, me, nothing)
        with pytest.raises(NotFound):
            await messages.stuck(db, await cast.on_duty(house, village.chen))


def test_a_token_is_read_from_the_address_as_people_paste_it() -> None:
    token = token_hex(32)
    assert token_of(f"  https://oapi.dingtalk.com/robot/send?access_token={token}\n") == token
