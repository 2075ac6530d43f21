"""Retention: what has run out goes, what has not stays, and the counters add up."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from app import accounts, checkins, exports, messages, notices, retention, worker
from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from app.kit.settings import Kept, Settings
from app.messages import To
from models.accounts import StaffSession
from models.appeals import Appeal
from models.checkins import Checkin
from models.exports import Export, ExportStep
from models.notices import DirectCreate, NoticeCreate
from models.residents import IdentityKey, Resident
from models.retention import Erasure, StandDown
from tests import cast
from tests.app.standing import scene, stood_down
from tests.cast import Village

pytestmark = pytest.mark.anyio

__all__ = ["scene"]


async def counts(house: House, *tables: str) -> list[int]:
    async with house.database.reading() as db:
        return [
            (await db.exec(text(f"SELECT count(*) FROM {table}"), execution_options={"scope": "test"})).scalar_one()
            for table in tables
        ]


async def erased(house: House, kind: str) -> int:
    async with house.database.reading() as db:
        found = await db.exec(select(Erasure.rows).where(Erasure.kind == kind, Erasure.day == clock.today()))
        return sum(found)


async def report_of(house: House, village: Village) -> Checkin:
    async with house.database.reading() as db:
        found = select(Checkin).where(Checkin.person_id == village.mei.person_id).execution_options(scope="test")
        return (await db.exec(found)).one()


async def back_date(house: House, village: Village, days: int) -> None:
    """Have Mei's report be of some days ago."""
    then = clock.today() - timedelta(days=days)
    async with house.database.writing() as db:
        await checkins.make_ahead(db, then)
        back = update(Checkin).where(col(Checkin.person_id) == village.mei.person_id).values(day=then)
        await db.exec(back.execution_options(scope="test"))


async def ended_days_ago(house: House, days: int) -> None:
    async with house.database.writing() as db:
        await db.exec(update(StandDown).values(done_at=clock.now() - timedelta(days=days)))


# --- after a response ------------------------------------------------------------------------------------------------


@pytest.mark.proves("T32")
async def test_people_go_with_their_response_and_words_of_reports_28_days_later(
    scene: tuple[House, Village],
) -> None:
    house, village = scene
    await checkins.submit(house.writer, village.mei.viewer, cast.report(note="金丝雀", temperature=38.6))
    await stood_down(house)
    assert (await counts(house, "resident"))[0] == 5
    done = await retention.run(house.database, {})
    assert (done["people"], done["phones"]) == (5, 9)
    tables = ("resident", "identity_key", "identity_claim", "dependant")
    assert await counts(house, *tables) == [0, 0, 0, 0]
    kept = await report_of(house, village)
    assert kept.temperature == Decimal("38.6")
    assert await retention.run(house.database, {}) == {}
    await ended_days_ago(house, 29)
    await back_date(house, village, 29)
    done = await retention.run(house.database, {})
    assert done["reports"] == 1
    kept = await report_of(house, village)
    assert (kept.temperature, kept.note_sealed, kept.verdict) == (None, None, 2)
    assert await erased(house, "reports") == 1


async def test_what_staff_wrote_to_each_other_goes_with_the_response(scene: tuple[House, Village]) -> None:
    house, village = scene
    chen, li = [await cast.on_duty(house, someone) for someone in (village.chen, village.li)]
    async with house.database.writing() as db:
        told = NoticeCreate(id=uuid7(), region_code=village.code, title="今晚清点口罩", words="八点前报数。")
        await notices.send(db, chen, told)
        await notices.read(db, li, told.id)
        await notices.write(db, chen, li.posts[0].id, DirectCreate(id=uuid7(), words="收到请回。"))
    tables = ("notice", "notice_receipt", "direct_message")
    assert await counts(house, *tables) == [1, 1, 1]
    await retention.run(house.database, {})
    assert await counts(house, *tables) == [1, 1, 1]
    await stood_down(house)
    await retention.run(house.database, {})
    assert await counts(house, *tables) == [0, 0, 0]


async def test_people_of_the_next_response_stay(scene: tuple[House, Village]) -> None:
    house, village = scene
    await stood_down(house)
    new = await cast.settle(house, "新人", village.grid)
    await retention.run(house.database, {})
    async with house.database.reading() as db:
        left = await db.exec(select(Resident.person_id).execution_options(scope="test"))
        assert left.all() == [new.person_id]
        assert (await db.exec(select(IdentityKey.person_id))).all() == [new.person_id]


async def test_nothing_of_anybody_goes_before_the_certificate_has_counted_it(scene: tuple[House, Village]) -> None:
    house, _ = scene
    await house.watch.stop()
    from app import standdown

    async with house.database.writing() as db:
        await standdown.by_operator(db, "常山县疫情应急响应", "operator")
    await retention.run(house.database, {})
    assert (await counts(house, "resident"))[0] == 5
    await house.watch.look()
    await retention.run(house.database, {})
    assert (await counts(house, "resident"))[0] == 0


# --- while it runs ---------------------------------------------------------------------------------------------------


async def test_while_the_response_lasts_reports_stay_unless_the_operator_chose_days(
    house: House, village: Village
) -> None:
    await checkins.submit(house.writer, village.mei.viewer, cast.report(note="金丝雀"))
    await back_date(house, village, 11)
    await retention.run(house.database, {})
    assert (await report_of(house, village)).note_sealed is not None
    await retention.run(house.database, {"reports": 10})
    assert (await report_of(house, village)).note_sealed is None


async def test_old_sessions_exports_and_appeals_go_and_fresh_ones_stay(house: House, village: Village) -> None:
    now = clock.now()
    post = await post_of(house, village)
    async with house.database.writing() as db:
        account = village.li.token.account
        sessions = [StaffSession(
            id=uuid7(), secret_digest=uuid7().bytes, account_id=account, created_at=now, seen_at=now,
            expires_at=now - timedelta(days=days), agent="", address="",
        ) for days in (31, 29)]  # fmt: skip
        taken = [Export(
            id=name, tag=exports.tag_of(name), account_id=account, post_id=post, name="李桂芳", kind="people_of_region",
            region_code=village.grid, day=clock.today(), columns=["name"], purpose="supplies",
            words_sealed=house.vault.seal("送药", "export|words", name, village.grid),
            rows=1, second=False, requested_at=now, good_until=now - timedelta(days=days),
        ) for name, days in ((uuid7(), 91), (uuid7(), 89))]  # fmt: skip
        appeals = [Appeal(
            id=name, person_id=uuid7(), filed_by=account, kind="other", unit_code=village.code,
            words_sealed=house.vault.seal("不是我", "appeal|words", name, village.code),
            filed_at=now, due_at=now, closed_at=now - timedelta(days=days),
        ) for name, days in ((uuid7(), 181), (uuid7(), 179))]  # fmt: skip
        db.add_all([*sessions, *taken, *appeals])
        await db.flush()
        db.add(ExportStep(id=uuid7(), export_id=taken[0].id, kind="taken", account_id=account, name="李桂芳", at=now))
    await retention.run(house.database, {})
    async with house.database.reading() as db:
        for model, rows in ((StaffSession, sessions), (Export, taken), (Appeal, appeals)):
            left = await db.exec(select(model.id).where(col(model.id).in_([row.id for row in rows])))
            assert left.all() == [rows[1].id], model
    assert await erased(house, "exports") >= 1
    await retention.run(house.database, {"appeals": 100})
    async with house.database.reading() as db:
        assert await db.get(Appeal, appeals[1].id) is None


async def post_of(house: House, village: Village) -> UUID:
    async with house.database.reading() as db:
        found = await db.exec(text("SELECT id FROM post WHERE account_id = :a"), params={"a": village.li.token.account})
        name: UUID = found.scalar_one()
        return name


async def test_many_rows_go_in_many_transactions_and_are_counted_once(house: House, village: Village) -> None:
    now, account = clock.now(), village.li.token.account
    before = await erased(house, "staff_sessions")
    await retention.run(house.database, {})
    middle = await erased(house, "staff_sessions")
    async with house.database.writing() as db:
        db.add_all(StaffSession(
            id=uuid7(), secret_digest=uuid7().bytes, account_id=account, created_at=now, seen_at=now,
            expires_at=now - timedelta(days=40), agent="", address="",
        ) for _ in range(2_345))  # fmt: skip
    assert (await retention.run(house.database, {}))["staff_sessions"] == 2_345
    assert await erased(house, "staff_sessions") == middle + 2_345
    async with house.database.reading() as db:
        told = await db.exec(text(
            "SELECT account_id, person_id, facts FROM (SELECT * FROM audit_event WHERE act = 'erased' ORDER BY at DESC "
            "LIMIT 3) AS newest ORDER BY at"
        ))  # fmt: skip
        rows = told.all()
    assert [json.loads(facts) for _, _, facts in rows] == [
        {"kind": "staff_sessions", "rows": count} for count in (1_000, 1_000, 345)
    ]
    assert {(account.int, person) for account, person, _ in rows} == {(0, None)}
    assert before <= middle


async def test_what_the_rooms_drop_themselves_is_counted_too(house: House, village: Village) -> None:
    async with house.database.writing() as db:
        await messages.tell(db, To(phone=cast.fresh_phone()), "sign_in_code", {"code": "000000"})
        await db.exec(text("UPDATE message SET created_at = created_at - interval '2 days'"))
    before = await erased(house, "messages")
    await worker.once(house)
    assert await erased(house, "messages") > before
    async with house.database.reading() as db:
        assert "Messages of this service; those with a code go after a day" in dict(await retention.erased(db))


# --- what people may know --------------------------------------------------------------------------------------------


async def test_a_person_reads_until_when_and_a_stranger_nothing(house: House, village: Village) -> None:
    assert village.mei.person_id is not None
    async with house.database.reading() as db:
        kept = await retention.about_me(db, village.mei.person_id)
        assert len(kept) == 3
        assert {until for _, until in kept} == {None}
        assert await retention.about_me(db, uuid7()) == []


def test_an_operator_chooses_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(get_args(Kept)) == set(retention.CONFIGURABLE)
    monkeypatch.setenv("SHOUWANG_RETENTION_DAYS", '{"appeals": 90}')
    assert Settings().retention_days == {"appeals": 90}
    for wrong in ('{"people": 3}', '{"appeals": 0}', '{"ledger": 30}', "x", '{"appeals": 99999}'):
        monkeypatch.setenv("SHOUWANG_RETENTION_DAYS", wrong)
        with pytest.raises(Exception, match=r"(?i)retention_days"):
            Settings()


def test_every_kind_says_what_it_is_once() -> None:
    words = {(rule.kind, rule.what) for rule in retention.RULES}
    assert len(words) == len({kind for kind, _ in words})
    assert accounts.purge
