"""Staff sessions: the server alone decides how long they live, and an ended one is dead on the next request."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from app import accounts, staff
from app.accounts import SessionOver, devices
from app.accounts.devices import device_of, masked
from app.house import House
from app.kit import clock
from app.kit.errors import NotFound
from models.accounts import Ceremony, StaffSession
from models.audit import Act, AuditEvent
from models.staff import Dismissal, Post, Role
from tests import cast
from tests.app.test_first_code import acts_on
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio

IDLE = timedelta(minutes=30)
RACES = 100


async def live(house: House, someone: Person, secret: str | None = None) -> bool:
    async with house.database.reading() as db:
        row = await accounts.session_of(db, secret or str(someone.secret), someone.token.account, IDLE)
    return row is not None


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let time pass for the whole house."""
    real, ahead = clock.now, timedelta()

    def move(by: timedelta) -> None:
        nonlocal ahead
        ahead += by

    def shifted() -> datetime:
        return real() + ahead

    monkeypatch.setattr(clock, "now", shifted)
    return move


async def test_a_session_belongs_to_one_account_and_its_secret_is_not_kept(house: House, village: Village) -> None:
    assert await live(house, village.li)
    assert not await live(house, village.wu, village.li.secret)
    assert not await live(house, village.li, str(village.li.secret)[:-1])
    async with house.database.reading() as db:
        rows = (await db.exec(select(StaffSession).where(StaffSession.account_id == village.li.token.account))).all()
    assert all(str(village.li.secret).encode() not in row.secret_digest for row in rows)
    assert {len(row.secret_digest) for row in rows} == {32}


async def test_a_session_is_over_after_half_an_hour_without_a_request(
    house: House, village: Village, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(minutes=29))
    assert await live(house, village.li)
    later(timedelta(minutes=1, seconds=1))
    assert not await live(house, village.li)


async def test_a_session_in_use_is_over_after_twelve_hours_all_the_same(
    house: House, village: Village, later: Callable[[timedelta], None]
) -> None:
    account, secret = village.li.token.account, str(village.li.secret)
    for _ in range(28):
        later(timedelta(minutes=25))
        async with house.database.writing() as db:
            row = await accounts.session_of(db, secret, account, IDLE)
            assert row is not None
            assert accounts.due(row)
            await accounts.seen(db, row)
    later(timedelta(minutes=21))
    assert not await live(house, village.li)


async def test_a_session_is_written_as_seen_at_most_once_a_minute(
    house: House, village: Village, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(minutes=5))
    account, secret = village.li.token.account, str(village.li.secret)

    async def use() -> bool:
        async with house.database.writing() as db:
            row = await accounts.session_of(db, secret, account, IDLE)
            assert row is not None
            if wanted := accounts.due(row):
                await accounts.seen(db, row)
        return wanted

    assert await use()
    assert not await use()


async def test_signing_out_elsewhere_leaves_this_device(house: House, village: Village) -> None:
    here, there = await cast.sit(house, village.li), await cast.sit(house, village.li)
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        items = await accounts.sittings_of(db, me, IDLE)
        assert [each.current for each in items] == [True] + [False] * (len(items) - 1)
        assert items[0].agent == "Chrome on Android"
        assert items[0].address == "10.0.0.*"
        assert me.sitting is not None
        assert await accounts.end_others(db, me) == len(items) - 1
        assert await accounts.end_others(db, me) == 0
        assert [each.current for each in await accounts.sittings_of(db, me, IDLE)] == [True]
    assert not await live(house, village.li, here)
    assert not await live(house, village.li, there)
    assert await acts_on(house, me, Act.SIGNED_OUT_STAFF) == [f'{{"sessions":{len(items) - 1}}}']


async def test_nobody_ends_the_session_of_a_colleague(house: House, village: Village) -> None:
    li, wu = await cast.on_duty(house, village.li), await cast.on_duty(house, village.wu)
    assert wu.sitting is not None
    with pytest.raises(NotFound):
        async with house.database.writing() as db:
            await accounts.end_sitting(db, li, wu.sitting.id)
    assert await live(house, village.wu)
    async with house.database.writing() as db:
        await accounts.end_sitting(db, wu, wu.sitting.id)
        await accounts.end_sitting(db, wu, wu.sitting.id)  # once more changes nothing
    assert not await live(house, village.wu)
    assert await acts_on(house, wu, Act.SIGNED_OUT_STAFF) == ['{"sessions":1}']
    assert await acts_on(house, li, Act.SIGNED_OUT_STAFF) == []


@pytest.mark.proves("T04")
async def test_signing_out_everywhere_and_a_new_phone_end_every_session(house: House, village: Village) -> None:
    await cast.sit(house, village.li)
    async with house.database.writing() as db:
        await accounts.end_all(db, village.li.token.account)
    assert not await live(house, village.li)


async def test_a_proof_is_not_written_into_a_session_that_ended(house: House, village: Village) -> None:
    me = await cast.on_duty(house, village.li)
    async with house.database.writing() as db:
        await accounts.end_sittings(db, me.account_id)
    with pytest.raises(SessionOver):
        async with house.database.writing() as db:
            await accounts.prove(db, me, Ceremony.STEP_UP, "totp")


async def test_a_fresh_proof_is_fresh_for_ten_minutes(
    house: House, village: Village, later: Callable[[timedelta], None]
) -> None:
    me = await cast.on_duty(house, village.li)
    assert accounts.stepped_up(me)
    later(timedelta(minutes=10))
    assert not accounts.stepped_up(me)


async def test_sessions_that_ran_out_are_dropped_after_a_day(
    house: House, village: Village, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(hours=37))
    async with house.database.writing() as db:
        await accounts.purge(db)
        rows = await db.exec(select(StaffSession.id).where(StaffSession.account_id == village.li.token.account))
        assert rows.all() == []


async def test_a_session_begun_is_a_row_of_the_ledger(house: House, village: Village) -> None:
    secret = await cast.sit(house, village.chen)
    async with house.database.reading() as db:
        row = await accounts.session_of(db, secret, village.chen.token.account, IDLE)
        assert row is not None
        found = await db.exec(select(AuditEvent.act).where(AuditEvent.subject == row.id))
        assert found.all() in ([Act.SIGNED_IN_STAFF], [])  # [] once it is sealed into the ledger


@pytest.mark.proves("T04")
async def test_the_request_after_a_dismissal_is_refused_in_a_hundred_races(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    boss = await cast.on_duty(house, await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code))
    path = f"/api/v1/regions/{village.grid}/roll-call"
    for _ in range(RACES):
        worker = await cast.appoint(house, "赵铁柱", Role.PARTY_MEMBER, village.grid)
        assert (await api.get(path, headers=worker.bearer)).status_code == 200

        async def dismiss(account: object = worker.token.account) -> None:
            async with house.database.writing() as db:
                post = (await db.exec(select(Post.id).where(col(Post.account_id) == account))).one()
                await staff.dismiss(db, boss, post, Dismissal())

        *during, _ = await asyncio.gather(*(api.get(path, headers=worker.bearer) for _ in range(3)), dismiss())
        # 401 where the post was still read and its session no more: refused all the same.
        assert {answer.status_code for answer in during} <= {200, 401, 403}
        assert (await api.get(path, headers=worker.bearer)).status_code == 403
        assert not await live(house, worker)


@pytest.mark.parametrize(
    ("agent", "address", "origin"),
    [
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36", "10.0.0.7", "10.0.0.*, Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17 Safari/604", "2001:db8::1",
         "2001:db8:0:0:*, Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Edg/130", "::ffff:1.2.3.4", "1.2.3.*, Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 12) Chrome/99 MicroMessenger/8.0", "", "*, WeChat on Android"),
        ("curl/8 <script>王小梅 13857001234", "fe80::1%eth0", "fe80:0:0:0:*, Program"),
    ],
)  # fmt: skip
def test_a_device_is_named_in_our_own_words_only(agent: str, address: str, origin: str) -> None:
    assert device_of(agent, address).origin == origin
    assert len(origin) <= 80
    assert len(masked(address)) <= 45


def test_every_device_fits_its_column() -> None:
    names = (f"{browser} on {system}" for _, browser in devices._BROWSERS for _, system in devices._SYSTEMS)
    assert max(map(len, names)) <= 60
