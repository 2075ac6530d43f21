"""One schema for a laptop and a cluster: every table says where it lives, and the database judges last."""

import asyncio
import importlib
import pkgutil
from decimal import Decimal

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, insert

import models
from app import upkeep
from app.checkins import writer
from app.house import House
from app.kit import clock
from app.kit.db import SCOPED, constraint_of
from app.kit.ids import uuid7
from models.base import LOCAL, OWN, PERSON, REFERENCE
from models.checkins import Checkin, CheckinCorrection
from tests import statements
from tests.statements import BannedSql

for module in pkgutil.walk_packages(models.__path__, "models."):
    importlib.import_module(module.name)

TABLES = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
PEOPLE = [table for table in TABLES if table.info.get("placement") == PERSON]
MAY_POINT_TO = {PERSON: {REFERENCE}, OWN: {REFERENCE}, REFERENCE: {REFERENCE}, LOCAL: {LOCAL, REFERENCE}}
LONGEST_NAME = 55


def named(table: sa.Table) -> str:
    return table.name


def uniques(table: sa.Table) -> list[set[str]]:
    """The column sets that must be unique, in whatever way they are declared."""
    found = [set(table.primary_key.columns.keys())]
    found += [set(c.columns.keys()) for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    found += [set(index.columns.keys()) for index in table.indexes if index.unique]
    return found


# --- placement -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_every_table_says_where_it_lives(table: sa.Table) -> None:
    assert table.info.get("placement") in {PERSON, OWN, REFERENCE, LOCAL}


@pytest.mark.parametrize("table", PEOPLE, ids=named)
def test_a_table_about_people_is_spread_by_person_and_nothing_else(table: sa.Table) -> None:
    assert next(iter(table.primary_key.columns.keys())) == "person_id"
    assert isinstance(table.c.person_id.type, sa.Uuid)
    assert all("person_id" in columns for columns in uniques(table))


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_foreign_key_never_leaves_the_machine_its_row_lives_on(table: sa.Table) -> None:
    for key in table.foreign_key_constraints:
        there = key.referred_table.info["placement"]
        together = table.info["placement"] == there == PERSON
        if together:
            assert "person_id" in key.column_keys, key.name
        else:
            assert there in MAY_POINT_TO[table.info["placement"]], key.name
        assert (key.ondelete, key.onupdate) == (None, None), key.name


def test_every_table_about_people_is_watched_by_the_scope_guard() -> None:
    assert {table.name for table in PEOPLE} == SCOPED


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_person_is_pointed_to_by_a_plain_column_from_local_tables(table: sa.Table) -> None:
    if table.info["placement"] == LOCAL and "person_id" in table.c:
        assert not table.c.person_id.foreign_keys


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_the_database_invents_no_values(table: sa.Table) -> None:
    for column in table.columns:
        assert column.server_default is None, column.name  # ids are made by whoever writes: uuidv7() is PostgreSQL 18
        assert column.identity is None, column.name
        assert column.computed is None or column.computed.persisted is True, column.name
        if isinstance(column.type, sa.DateTime):
            assert column.type.timezone, column.name


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_names_leave_room_for_a_shard_number(table: sa.Table) -> None:
    dialect = sa.dialects.postgresql.dialect()
    names = [str(index.name) for index in table.indexes] + [table.name]
    names += [dialect.identifier_preparer.format_constraint(constraint) or "" for constraint in table.constraints]
    assert all(0 < len(name.encode()) <= LONGEST_NAME for name in names), names


def test_check_ins_are_kept_by_month_and_the_month_is_part_of_their_key() -> None:
    table = SQLModel.metadata.tables["checkin"]
    assert table.dialect_options["postgresql"]["partition_by"] == "RANGE (day)"
    assert list(table.primary_key.columns.keys()) == ["person_id", "day", "slot"]


# --- migrations ------------------------------------------------------------------------------------------------------

CONSTRAINTS = """
SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE connamespace = 'public'::regnamespace AND NOT relispartition AND contype IN ('c', 'p', 'u', 'f')
  AND relname <> 'alembic_version' AND relname NOT LIKE 'pgqueuer%'
"""


@pytest.mark.anyio
async def test_migrations_make_exactly_the_schema_of_the_models(empty_house: House) -> None:
    await upkeep.migrate(empty_house)
    # Autogenerate compares tables, columns, indexes and keys; checks it does not see.
    await asyncio.to_thread(command.check, upkeep._alembic(empty_house.database.dsn))
    dialect = sa.dialects.postgresql.dialect()
    declared = {
        dialect.identifier_preparer.format_constraint(constraint)
        for table in TABLES
        for constraint in table.constraints
    }
    async with empty_house.database.reading() as db:
        scope = {"scope": "test"}
        made = {name for (name,) in await db.exec(sa.text(CONSTRAINTS), execution_options=scope)}
        assert made == declared
        sequences = await db.exec(
            sa.text("SELECT relname FROM pg_class WHERE relkind = 'S' AND relname NOT LIKE 'pgqueuer%'")
        )
        assert sequences.all() == []
        kinds = await db.exec(sa.text("SELECT relpersistence::text FROM pg_class WHERE relname = 'rate_window'"))
        assert kinds.scalar_one() == "u"


@pytest.mark.anyio
async def test_every_migration_can_be_taken_back_and_made_again(empty_house: House) -> None:
    config = upkeep._alembic(empty_house.database.dsn)
    left = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for _ in range(2):
        await upkeep.migrate(empty_house)
        await upkeep.load_regions(empty_house)
        await asyncio.to_thread(command.downgrade, config, "base")
        async with empty_house.database.reading() as db:
            assert [name for (name,) in await db.exec(left)] == ["alembic_version"]


# --- the last judge --------------------------------------------------------------------------------------------------


def facts(**changes: object) -> dict[str, object]:
    now = clock.now()
    return {
        "person_id": uuid7(), "day": clock.local_day(now), "slot": 0, "id": uuid7(), "region_code": 1,
        "filled_at": now, "received_at": now, "reporter_id": uuid7(), "symptoms": 1, "rule_version": 1, "via": 0,
        "exposed": 0, "needs": 0, "verdict": 0, "flags": 0,
    } | changes  # fmt: skip


@pytest.mark.anyio
@pytest.mark.parametrize("table", [Checkin, CheckinCorrection])
@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"temperature": Decimal("NaN")}, "temperature_is_human"),
        ({"temperature": Decimal(0)}, "temperature_is_human"),
        ({"temperature": Decimal("33.9")}, "temperature_is_human"),
        ({"temperature": Decimal("43.1")}, "temperature_is_human"),
        ({"slot": 3}, "codes_are_known"), ({"slot": -1}, "codes_are_known"), ({"exposed": 3}, "codes_are_known"),
        ({"verdict": 3}, "codes_are_known"), ({"via": 3}, "codes_are_known"), ({"symptoms": 0}, "codes_are_known"),
        ({"symptoms": 3}, "codes_are_known"), ({"symptoms": 524288}, "codes_are_known"),
    ],
)  # fmt: skip
async def test_the_table_itself_refuses_what_no_report_can_say(
    house: House, table: type[Checkin], changes: dict[str, object], check: str
) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with house.database.writing() as db:
            await db.exec(insert(table).values(facts(**changes)).execution_options(scope="test"))
    assert constraint_of(refused.value) == f"ck_{table.__tablename__}_{check}"


@pytest.mark.anyio
async def test_the_limits_themselves_are_accepted(house: House) -> None:
    async with house.database.writing() as db:
        for degrees in ("34.0", "43.0", None):
            row = facts(temperature=None if degrees is None else Decimal(degrees), symptoms=524286)
            await db.exec(insert(Checkin).values(row).execution_options(scope="test"))


# --- banned SQL ------------------------------------------------------------------------------------------------------

BANNED = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON region EXECUTE FUNCTION f()",
    "rule": "CREATE OR REPLACE RULE r AS ON DELETE TO region DO INSTEAD NOTHING",
    "row-level security": "ALTER TABLE resident ENABLE ROW LEVEL SECURITY",
    "MERGE": "MERGE INTO region USING staged ON true WHEN MATCHED THEN DELETE",
    "xmax or ctid": "SELECT xmax = 0 FROM region",
    "grouping sets": "SELECT level, count(*) FROM region GROUP BY rollup (level)",
    "SKIP LOCKED": "SELECT 1 FROM message FOR UPDATE SKIP LOCKED",
    "SET": "SET LOCAL lock_timeout = '1s'",
    "set_config": "SELECT set_config('a.b', 'c', true)",
    "extension": "CREATE EXTENSION IF NOT EXISTS pgcrypto",
    "identity column": "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY)",
    "key action": "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE SET NULL",
    "volatile function in UPDATE": "UPDATE region SET name = random()::text",
    "recursion over facts": "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t JOIN checkin ON true",
}


@pytest.mark.anyio
@pytest.mark.parametrize("kind", BANNED)
async def test_the_hook_refuses_a_statement_that_a_cluster_would_fail_on(house: House, kind: str) -> None:
    async with house.database.writing() as db:
        connection = await db.connection()
        with pytest.raises(BannedSql):
            await connection.exec_driver_sql(BANNED[kind])
    assert statements.taken() == [BANNED[kind]]
    assert statements.banned(BANNED[kind]) == {kind}


def test_the_hook_knows_every_kind_and_no_innocent_statement() -> None:
    assert set(BANNED) == set(statements.BANNED)
    for innocent in (
        "UPDATE account SET person_id = $1", "SELECT 'SET x; MERGE INTO y, xmax' -- SKIP LOCKED",
        "SELECT 1 /* rollup ( */", "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 1",
        "SELECT * FROM region FOR UPDATE", "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t",
        "SELECT cube FROM shapes", "SELECT resettled, settings FROM a",
        writer.INSERT, writer._KEPT,
    ):  # fmt: skip
        assert statements.banned(innocent) == set(), innocent
