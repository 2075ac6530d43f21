"""Appeals: about oneself only, once for a decision, answered by somebody else than who decided, within a day."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app import appeals, audit, checkins, residents
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, KeyReused, NotFound
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from models.appeals import AnswerCreate, Appeal, AppealCreate, AppealPublic, AppealStep
from models.audit import Act, Purpose
from models.staff import Role
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio

WORDS = "体温是 36.6，不是 38.6。"


def objection(kind: str = "record", **changes: object) -> AppealCreate:
    return AppealCreate.model_validate({"id": uuid7(), "kind": kind, "words": WORDS} | changes)


async def filed(house: House, someone: Person, form: AppealCreate) -> AppealPublic:
    async with house.database.writing() as db:
        return await appeals.file(db, someone.viewer, form)


async def answered(house: House, me: Viewer, appeal_id: UUID, outcome: str = "upheld") -> None:
    async with house.database.writing() as db:
        await appeals.answer(db, me, appeal_id, AnswerCreate.model_validate({"outcome": outcome, "words": "已核实。"}))


async def own(house: House, someone: Person, appeal_id: UUID) -> AppealPublic:
    async with house.database.reading() as db:
        return await appeals.own(db, someone.viewer, appeal_id)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T01")
async def test_another_persons_decision_is_nowhere(house: House, village: Village) -> None:
    report = cast.report(temperature=38.6)
    await checkins.submit(house.writer, village.zhou.viewer, report)
    decisions = [
        objection("verdict", decision_id=report.id), objection("verdict", decision_id=uuid7()),
        objection("look", decision_id=uuid7()), objection("glass", decision_id=uuid7()),
        objection("record", decision_id=report.id), objection(person_id=village.zhou.person_id),
    ]  # fmt: skip
    for form in decisions:
        with pytest.raises(NotFound):
            await filed(house, village.mei, form)
    with pytest.raises(NotFound):
        await filed(house, village.nobody, objection())
    with pytest.raises(Invalid):
        await filed(house, village.mei, objection("verdict"))


async def test_a_second_open_appeal_on_one_decision_names_the_first(house: House, village: Village) -> None:
    report = cast.report(temperature=38.6)
    await checkins.submit(house.writer, village.mei.viewer, report)
    form = objection("verdict", decision_id=report.id)
    first = await filed(house, village.mei, form)
    assert await filed(house, village.mei, form) == first
    with pytest.raises(appeals.AlreadyAppealed) as refused:
        await filed(house, village.mei, objection("verdict", decision_id=report.id))
    assert refused.value.extra == {"appeal_id": str(first.id)}
    for changed in ({"words": "别的"}, {"kind": "record", "decision_id": None}):
        with pytest.raises(KeyReused):
            await filed(house, village.mei, form.model_copy(update=changed))
    with pytest.raises(KeyReused):
        await filed(house, village.zhou, objection(id=form.id))


@pytest.mark.proves("T03")
async def test_an_appeal_is_seen_by_the_person_and_by_who_answers_for_the_place(house: House, village: Village) -> None:
    other = await cast.village(house)
    shown = await filed(house, village.mei, objection())
    for someone in (village.zhou, village.qian, village.nobody, village.li):
        with pytest.raises(NotFound):
            await own(house, someone, shown.id)
    for someone in (village.li, village.wu, other.chen, village.mei):
        me = await cast.on_duty(house, someone)
        async with house.database.writing() as db:
            with pytest.raises(NotFound):
                await appeals.open_appeal(db, me, shown.id)
        with pytest.raises(NotFound):
            await answered(house, me, shown.id)
    chen = await cast.on_duty(house, other.chen)
    async with house.database.reading() as db:
        assert (await appeals.waiting(db, chen)).items == []


async def test_nobody_judges_their_own_act(house: House, village: Village) -> None:
    chen = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        await residents.open_record(db, chen, village.mei.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
    async with house.database.reading() as db:
        (look,) = await audit.about(db, [village.mei.person_id])
    shown = await filed(house, village.mei, objection("look", decision_id=look.id))
    assert (shown.owner, shown.state, shown.decision) == (None, "filed", "陈国平")
    township = village.code - village.code % 10**6
    assert shown.unit_code == township  # one level above whoever it is about
    with pytest.raises(NotFound):
        await answered(house, chen, shown.id)
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await appeals.take_on(db, chen, shown.id)
    supervisor = await cast.appoint(house, "督导", Role.SUPERVISOR, township)
    await answered(house, await cast.on_duty(house, supervisor), shown.id, "corrected")
    assert (await own(house, village.mei, shown.id)).state == "answered"


async def test_an_appeal_about_a_supervisors_look_is_not_readable_by_them(house: House, village: Village) -> None:
    province = village.code - village.code % 10**13
    for code, begins in ((village.code - village.code % 10**6, village.code - village.code % 10**9), (province,) * 2):
        me = await cast.on_duty(house, await cast.appoint(house, "督导", Role.SUPERVISOR, code))
        async with house.database.writing() as db:
            await residents.open_record(db, me, village.zhou.person_id, Act.SAW_PERSON, Purpose.PERSON_PAGE)
        async with house.database.reading() as db:
            reads = await audit.about(db, [village.zhou.person_id])
        look = next(read for read in reads if len(read.unit) == (1 if code == province else 4))
        shown = await filed(house, village.zhou, objection("look", decision_id=look.id))
        assert shown.unit_code == begins
        async with house.database.writing() as db:
            assert shown.id not in [item.id for item in (await appeals.waiting(db, me)).items]
            for refused in (appeals.open_appeal, appeals.take_on):
                with pytest.raises(NotFound):
                    await refused(db, me, shown.id)


# --- the way of an appeal --------------------------------------------------------------------------------------------


async def test_it_is_owned_at_once_answered_looked_at_again_one_level_up_and_closed(
    house: House, village: Village
) -> None:
    shown = await filed(house, village.mei, objection())
    assert (shown.owner, shown.state, shown.overdue) == ("陈国平", "owned", False)
    assert shown.due_at - shown.filed_at == timedelta(hours=24)
    with pytest.raises(appeals.NothingToLookAtAgain):
        async with house.database.writing() as db:
            await appeals.second_look(db, village.mei.viewer, shown.id)
    chen = await cast.on_duty(house, village.chen)
    async with house.database.writing() as db:
        listed = await appeals.waiting(db, chen)
        assert [(item.person, item.mine, item.overdue) for item in listed.items] == [("王＊", True, False)]
        assert (await appeals.open_appeal(db, chen, shown.id)).words == WORDS
    await answered(house, chen, shown.id)
    with pytest.raises(appeals.AlreadyAnswered):
        await answered(house, chen, shown.id)
    township = village.code - village.code % 10**6
    supervisor = await cast.appoint(house, "督导", Role.SUPERVISOR, township)
    async with house.database.writing() as db:
        await appeals.second_look(db, village.mei.viewer, shown.id)
    again = await own(house, village.mei, shown.id)
    assert (again.unit_code, again.second_look_possible) == (township, False)
    with pytest.raises(NotFound):
        await answered(house, chen, shown.id)
    await answered(house, await cast.on_duty(house, supervisor), shown.id, "partly")
    closed = await own(house, village.mei, shown.id)
    kinds = [step.kind.value for step in closed.steps if step.kind != "owned"]
    assert kinds == ["filed", "answered", "second_look", "answered", "closed"]
    assert [step.outcome for step in closed.steps if step.outcome] == ["upheld", "partly"]
    with pytest.raises(appeals.NothingToLookAtAgain):
        async with house.database.writing() as db:
            await appeals.second_look(db, village.mei.viewer, shown.id)
    assert (await filed(house, village.mei, objection())).id != shown.id  # a closed one is no obstacle


@pytest.mark.proves("T30")
async def test_a_child_is_spoken_for_by_the_guardian_and_by_nobody_else(house: House, village: Village) -> None:
    child = village.child.person_id
    shown = await filed(house, village.mei, objection(person_id=child))
    assert (shown.person_id, shown.person) == (child, "李子轩")
    with pytest.raises(NotFound):
        await filed(house, village.zhou, objection(person_id=child))
    async with house.database.reading() as db:
        assert [item.id for item in (await appeals.mine(db, village.mei.viewer)).items] == [shown.id]


async def test_what_nobody_answers_climbs_and_what_was_answered_is_closed_after_a_week(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, settled = await filed(house, village.mei, objection()), await filed(house, village.zhou, objection())
    await answered(house, await cast.on_duty(house, village.chen), settled.id)
    now = clock.now()
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now + timedelta(hours=24, minutes=1))
        assert (await own(house, village.mei, late.id)).overdue
        async with house.database.writing() as db:
            await appeals.tend(db)
        shown = await own(house, village.mei, late.id)
        assert shown.unit_code == village.code - village.code % 10**6
        assert (shown.overdue, shown.steps[-1].kind) == (False, "moved")
        assert (await own(house, village.zhou, settled.id)).state == "answered"
        later.setattr(clock, "now", lambda: now + timedelta(days=7, minutes=1))
        async with house.database.writing() as db:
            await appeals.tend(db)
        assert (await own(house, village.zhou, settled.id)).state == "closed"


async def test_a_unit_without_anybody_has_a_queue_and_anyone_there_takes_it_on(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        chen = await cast.on_duty(house, village.chen)
        (post,) = chen.posts
        row = await db.get_one(cast.staff.posts.Post, post.id)
        row.ended_at = clock.now()
        db.add(row)
    shown = await filed(house, village.mei, objection())
    assert shown.owner is None
    supervisor = await cast.on_duty(house, await cast.appoint(house, "村督导", Role.SUPERVISOR, village.code))
    async with house.database.writing() as db:
        queue = await appeals.waiting(db, supervisor, unowned=True)
        assert (queue.unowned, [item.id for item in queue.items]) == (1, [shown.id])
        await appeals.take_on(db, supervisor, shown.id)
    assert (await own(house, village.mei, shown.id)).owner == "村督导"
    async with house.database.reading() as db:
        assert (await appeals.waiting(db, supervisor, unowned=True)).items == []


async def test_the_words_lie_sealed(house: House, village: Village) -> None:
    shown = await filed(house, village.mei, objection())
    await answered(house, await cast.on_duty(house, village.chen), shown.id)
    async with house.database.reading() as db:
        sealed = [(await db.exec(select(Appeal.words_sealed).where(Appeal.id == shown.id))).one()]
        steps = await db.exec(select(AppealStep.words_sealed).where(AppealStep.appeal_id == shown.id))
        sealed += [words for words in steps if words]
    assert len(sealed) == 2
    assert all("体温".encode() not in words and "核实".encode() not in words for words in sealed)
