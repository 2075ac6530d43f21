"""The database kit: the guard over tables about people, the two kinds of session, and what an error means."""

import asyncio
from collections.abc import Callable
from datetime import date
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Executable, delete, exists, func, insert, literal_column, text, union_all, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.house import House
from app.kit import clock, db
from app.kit.db import Database, Unscoped
from app.kit.errors import Invalid, Refusal
from app.kit.ids import uuid7
from models.audit import AuditEvent
from models.checkins import Checkin, CheckinCorrection
from models.residents import Resident
from tests.cast import Village

pytestmark = pytest.mark.anyio

SCOPED = (Resident, Checkin, CheckinCorrection)
STATEMENTS: dict[str, Callable[[type[Resident]], Executable]] = {
    "select": select,
    "column": lambda table: select(table.person_id),
    "count": lambda table: select(func.count()).select_from(table),
    "alias": lambda table: select(aliased(table)),
    "sub-select": lambda table: select(AuditEvent).where(col(AuditEvent.person_id).in_(select(table.person_id))),
    "exists": lambda table: select(AuditEvent).where(exists().where(col(table.person_id) == AuditEvent.person_id)),
    "scalar": lambda table: select(AuditEvent.id, select(func.count()).select_from(table).scalar_subquery()),
    "cte": lambda table: select(select(table.person_id).cte("people")),
    "join": lambda table: select(AuditEvent).join(table, col(table.person_id) == AuditEvent.person_id),
    "union": lambda table: union_all(select(AuditEvent.person_id), select(table.person_id)),
    "update": lambda table: update(table).values(region_code=1),
    "delete": delete,
    "insert": lambda table: insert(table).values(person_id=uuid7()),
    "text": lambda table: text(f"SELECT * FROM {table.__tablename__}"),
    "shouted text": lambda table: text(f"SELECT * FROM {table.__tablename__}".upper()),
    "quoted text": lambda table: text(f'SELECT * FROM public."{table.__tablename__}" WHERE true'),
    "text inside": lambda table: select(AuditEvent).where(
        text(f"person_id IN (SELECT person_id FROM {table.__tablename__})")
    ),
    "literal inside": lambda table: select(literal_column(f"(SELECT count(*) FROM {table.__tablename__})")),
}


class Kept(Refusal):
    keep = True


class Other(Exception):
    pass


def event(person: UUID) -> AuditEvent:
    return AuditEvent(
        id=uuid7(), at=clock.now(), account_id=uuid7(), actor_name="a", role="r", region_code=1, person_id=person,
        act="a", purpose="p",
    )  # fmt: skip


async def stored(house: House, person: UUID) -> int:
    async with house.database.reading() as session:
        return (await session.exec(select(func.count()).where(AuditEvent.person_id == person))).one()


# --- the guard -------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T03")
@pytest.mark.parametrize("table", SCOPED, ids=lambda table: table.__tablename__)
@pytest.mark.parametrize("kind", STATEMENTS)
async def test_no_statement_about_people_runs_without_a_scope(house: House, table: type[Resident], kind: str) -> None:
    async with house.database.reading() as session:
        with pytest.raises(Unscoped, match=table.__tablename__):
            await session.exec(STATEMENTS[kind](table))


@pytest.mark.proves("T03")
async def test_no_person_is_fetched_by_key_without_a_scope(house: House, village: Village) -> None:
    mei = village.mei.person_id
    async with house.database.reading() as session:
        for table, key in ((Resident, mei), (Checkin, (mei, clock.today(), 0))):
            with pytest.raises(Unscoped):
                await session.get(table, key)
        with pytest.raises(Unscoped):
            await session.get(CheckinCorrection, (mei, clock.today(), 0, uuid7()))


@pytest.mark.proves("T03")
async def test_a_month_of_check_ins_is_not_read_around_the_guard(house: House) -> None:
    async with house.database.reading() as session:
        with pytest.raises(Unscoped):
            await session.exec(text(f"SELECT * FROM checkin_{clock.today():%Y%m}"))


async def test_a_marked_statement_runs_and_so_do_refreshes_and_other_tables(house: House, village: Village) -> None:
    async with house.database.writing() as session:
        own = select(Resident).where(Resident.person_id == village.mei.person_id).execution_options(scope="test")
        row = (await session.exec(own)).one()
        await session.refresh(row)
        row.name = "王小梅"
        session.add(row)
        await session.flush()
        assert (await session.exec(select(func.count()).select_from(AuditEvent))).one() >= 0
        assert (await session.exec(text("SELECT 'unresidential, checkins'"))).scalar_one()


# --- sessions --------------------------------------------------------------------------------------------------------


async def test_a_reading_session_refuses_every_write_and_leaves_no_trace(house: House) -> None:
    person = uuid7()
    for write in (
        insert(AuditEvent).values(event(person).model_dump()),
        update(AuditEvent).values(purpose="x"),
        delete(AuditEvent),
        text("CREATE TABLE sneaked (id int)"),
    ):
        async with house.database.reading() as session:
            with pytest.raises(DBAPIError) as refused:
                await session.exec(write)
            assert refused.value.orig.sqlstate == "25006"
    assert await stored(house, person) == 0


async def test_a_connection_that_read_may_write_again(house: House) -> None:
    person = uuid7()
    for _ in range(house.settings.pool_size * 2):
        async with house.database.reading() as session:
            await session.exec(select(AuditEvent.id).limit(1))
        async with house.database.writing() as session:
            session.add(event(person))
    assert await stored(house, person) == house.settings.pool_size * 2


@pytest.mark.parametrize("error", [Refusal, Invalid, Other, asyncio.CancelledError])
async def test_a_refusal_and_a_bug_undo_everything(house: House, error: type[BaseException]) -> None:
    person = uuid7()
    with pytest.raises(error):
        async with house.database.writing() as session:
            session.add(event(person))
            await session.flush()
            raise error
    assert await stored(house, person) == 0


async def test_a_refusal_that_counts_tries_keeps_what_was_written(house: House) -> None:
    person = uuid7()
    with pytest.raises(Kept):
        async with house.database.writing() as session:
            session.add(event(person))
            raise Kept
    assert await stored(house, person) == 1


async def test_timeouts_hold_on_every_connection(house: House) -> None:
    limits = {
        "statement_timeout": "2500ms", "lock_timeout": "1s", "idle_in_transaction_session_timeout": "5s",
        "synchronous_commit": "on", "timezone": "UTC",
    }  # fmt: skip
    async with house.database.reading() as session:
        for name, value in limits.items():
            assert (await session.exec(text(f"SHOW {name}"))).scalar_one() == value


# --- what an error means ---------------------------------------------------------------------------------------------


async def test_an_exhausted_pool_is_the_database_being_away_not_a_bug(house: House) -> None:
    small = Database(house.database.dsn, pool_size=1)
    small.engine.pool._timeout = 0.1
    async with small.reading():
        with pytest.raises(db.AWAY) as refused:
            await small.ping()
    assert db.away(refused.value)
    await small.close()


async def test_a_killed_backend_is_the_database_being_away_and_the_pool_heals(house: House) -> None:
    victim = Database(house.database.dsn, pool_size=1)
    with pytest.raises(DBAPIError) as refused:
        async with victim.writing() as session:
            pid = (await session.exec(text("SELECT pg_backend_pid()"))).scalar_one()
            async with house.database.reading() as killer:
                await killer.exec(text(f"SELECT pg_terminate_backend({pid})"))
            await asyncio.sleep(0.05)
            await session.exec(text("SELECT 1"))
    assert db.away(refused.value)
    await victim.ping()
    await victim.close()


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(), True), (TimeoutError(), True), (asyncpg.AdminShutdownError(), True),
        (asyncpg.CannotConnectNowError(), True), (asyncpg.TooManyConnectionsError(), True),
        (asyncpg.DeadlockDetectedError(), True), (asyncpg.LockNotAvailableError(), True),
        (asyncpg.QueryCanceledError(), True), (asyncpg.DiskFullError(), True), (asyncpg.OutOfMemoryError(), True),
        (asyncpg.UniqueViolationError(), False), (asyncpg.UndefinedTableError(), False), (ValueError(), False),
        (asyncpg.CharacterNotInRepertoireError(), False), (Unscoped(), False),
    ],
)  # fmt: skip
async def test_only_a_database_that_cannot_answer_now_counts_as_away(error: Exception, *, away: bool) -> None:
    assert db.away(error) is away


async def test_a_violated_constraint_is_known_by_name(house: House) -> None:
    wrong = {"person_id": uuid7(), "region_code": 1, "name": "", "id_type": 0, "programme": 0,
             "registered_by": uuid7(), "created_at": clock.now()}  # fmt: skip
    for changes, name in (
        ({}, "ck_resident_name_has_letters"),
        ({"name": "a"}, "fk_resident_region_code"),
        ({"name": "a", "programme": 9}, "ck_resident_programme_is_known"),
        ({"name": "a", "id_type": 10}, "ck_resident_document_or_none"),
    ):
        with pytest.raises(DBAPIError) as refused:
            async with house.database.writing() as session:
                await session.exec(insert(Resident).values(**(wrong | changes)).execution_options(scope="test"))
        assert db.constraint_of(refused.value) == name


async def test_a_constraint_is_known_on_a_cluster_too_where_its_name_carries_a_shard() -> None:
    error = asyncpg.UniqueViolationError('duplicate key value violates unique constraint "pk_checkin_102008"')
    assert db.constraint_of(error) == "pk_checkin"
    assert db.constraint_of(ValueError("nothing")) is None


async def test_a_day_without_a_partition_is_refused_by_the_table_itself(house: House) -> None:
    facts = Checkin(
        person_id=uuid7(), day=date(1999, 1, 1), slot=0, id=uuid7(), region_code=1, filled_at=clock.now(),
        received_at=clock.now(), reporter_id=uuid7(), symptoms=1, rule_version=1, via=0, exposed=0, needs=0,
        verdict=0, flags=0,
    )  # fmt: skip
    with pytest.raises(DBAPIError, match="no partition"):
        async with house.database.writing() as session:
            await session.exec(insert(Checkin).values(facts.model_dump()).execution_options(scope="test"))
