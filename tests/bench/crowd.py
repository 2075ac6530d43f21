"""Millions of check-ins behind one grid of a thousand people: made in the database, laid out as time lays them out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg

from app import checkins, staff
from app.kit import clock
from models.regions import ancestors_of
from models.staff import Role
from tests.bench.grounds import Grounds
from tests.bench.phones import mint_grids

DAYS = 14
GRID_PEOPLE = 1_000
WORKER = "13900000010"
ADDRESS, PHONE = "桃园路 18 号 2 幢 301", "13800001234"

# Everybody, in no order of grids. The asked-for grid takes every n-th person, so that its rows lie scattered.
_PEOPLE = """
CREATE UNLOGGED TABLE crowd AS
SELECT n, md5('person ' || n)::uuid AS person_id, md5('report ' || n)::uuid AS id,
       md5('account ' || n)::uuid AS account,
       CASE WHEN n % {step} = 0 AND n / {step} < {of_grid} THEN {grid}::bigint ELSE {others}::bigint + n % {count} END
       AS region_code
FROM generate_series(0, {people} - 1) AS n ORDER BY 2
"""
_RESIDENTS = """
INSERT INTO resident (person_id, region_code, name, id_type, programme, registered_by, created_at, address_sealed,
                      phone_sealed)
SELECT person_id, region_code, '王小梅', 0, 0, account, now() - interval '30 days', address, phone
FROM crowd LEFT JOIN sealed USING (person_id) ORDER BY person_id
"""
# One day of reports. On the day asked for, one in fourteen of the grid is missing, some feel unwell.
_DAY = """
INSERT INTO checkin (person_id, day, slot, id, region_code, filled_at, received_at, reporter_id, symptoms, rule_version,
                     via, exposed, place, needs, verdict, flags, temperature, note_sealed)
SELECT person_id, $1::date, 0, id, region_code, at, at, account, CASE WHEN n % 37 = 0 THEN 4 ELSE 1 END, 1,
       0, 0, 0, 0, CASE WHEN n % 37 = 0 THEN 1 ELSE 0 END, 0, 36.0 + n % 10 * 0.1, NULL
FROM crowd, LATERAL (SELECT $1::date + interval '7 hours' + n % 7200 * interval '1 second' AS at) AS clock
WHERE NOT ($2 AND region_code = {grid} AND n / {step} % 14 = 3) ORDER BY person_id
"""
_CORRECTIONS = """
INSERT INTO checkin_correction SELECT person_id, day, slot, md5(id::text)::uuid, region_code, filled_at,
       received_at + interval '1 hour', reporter_id, 1, rule_version, via, exposed, place, needs, 0, flags, 36.6, NULL
FROM checkin WHERE symptoms <> 1
"""


@dataclass(frozen=True)
class Crowd:
    """The grid that is looked at, the day, and how many check-ins lie in the table."""

    grid: int
    day: date
    rows: int


async def gather(ground: Grounds, rows: int, told: Callable[[str], None]) -> Crowd:
    """Fill the tables and gather statistics. `told` hears what is being done."""
    grids = await mint_grids(ground)
    grid, day, people = grids[0], clock.today(), (rows + GRID_PEOPLE) // DAYS + 1
    step = max(1, people // GRID_PEOPLE)
    words = {"step": step, "of_grid": GRID_PEOPLE, "grid": grid, "others": grids[1], "count": len(grids) - 1}
    async with ground.house.database.writing() as db:
        await ground.house.vault.load(db)
        await checkins.make_ahead(db, day - timedelta(days=DAYS))
        await staff.start(db, "疫情应急响应", ancestors_of(grid)[0])
        await staff.appoint(db, WORKER, "李桂芳", Role.GRID_WORKER, grid)
    connection = await asyncpg.connect(ground.dsn)
    try:
        told(f"{people:,} residents")
        await connection.execute(_PEOPLE.format(people=people, **words))
        await _seal(ground, connection, grid)
        await connection.execute(_RESIDENTS)
        for back in range(DAYS - 1, -1, -1):
            told(f"check-ins of {day - timedelta(days=back)}: {people:,}")
            await connection.execute(_DAY.format(step=step, grid=grid), day - timedelta(days=back), back == 0)
        told("corrections")
        await connection.execute(_CORRECTIONS)
        told("statistics")
        await connection.execute("VACUUM (ANALYZE) resident, checkin, checkin_correction")
        return Crowd(grid, day, await connection.fetchval("SELECT count(*) FROM checkin"))
    finally:
        await connection.close()


async def _seal(ground: Grounds, connection: asyncpg.Connection, grid: int) -> None:
    """The people of the grid have a phone and an address, sealed as everybody's are: opening them is part of a call."""
    seal = ground.house.vault.seal
    rows = await connection.fetch("SELECT person_id FROM crowd WHERE region_code = $1", grid)
    sealed = [
        (name, seal(ADDRESS, "resident|address", name, grid), seal(PHONE, "resident|phone", name, grid))
        for (name,) in rows
    ]
    await connection.execute("CREATE TEMP TABLE sealed (person_id uuid, address bytea, phone bytea)")
    await connection.copy_records_to_table("sealed", records=sealed)
