"""A database with thousands of residents, and a crowd that reports until every report is acknowledged."""

import asyncio
import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import insert
from sqlmodel import select

from app import regions, upkeep
from app.house import House
from app.kit import clock
from app.kit.ids import new_device, uuid7
from app.kit.settings import Settings
from app.kit.tokens import LIFETIME_MS, Token
from models.regions import Region
from models.residents import Resident


def new_data_dir() -> Path:
    """A directory that the unprivileged user of PostgreSQL may pass through."""
    path = Path(tempfile.mkdtemp(prefix="shouwang-fault-"))
    path.chmod(0o755)
    return path


async def settle(settings: Settings, count: int) -> list[tuple[UUID, str]]:
    """A migrated database with this many residents of one grid; (person, token) of each."""
    house = House(settings)
    await house.start()
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    now = clock.now()
    stamp = int(now.timestamp() * 1000)
    async with house.database.writing() as db:
        village = (await db.exec(select(Region.code).where(Region.level == "village").limit(1))).one()
        (grid,) = await regions.mint(db, village, 1)
    tokens = [Token(uuid7(), uuid7(), new_device(), grid.code, 0, stamp, stamp + LIFETIME_MS) for _ in range(count)]
    rows = [
        {"person_id": token.person, "region_code": grid.code, "name": "甲", "id_type": 0, "programme": 0,
         "registered_by": token.account, "created_at": now}
        for token in tokens
    ]  # fmt: skip
    async with house.database.writing() as db:
        await db.exec(insert(Resident), params=rows, execution_options={"scope": "test"})
    await house.stop()
    return [(token.person, house.signer.sign(token)) for token in tokens if token.person]


@dataclass
class Crowd:
    """Clients that post one report for each person and repeat it, same id, until it is acknowledged."""

    base: str
    people: list[tuple[UUID, str]]
    sent: dict[UUID, UUID] = field(default_factory=dict)  # id of the report -> person
    acknowledged: set[UUID] = field(default_factory=set)
    statuses: Counter[int | str] = field(default_factory=Counter)
    patience: bool = True  # False: who is cut off gives up

    async def report(self, clients: int) -> None:
        """Work through everybody with this many connections at once."""
        await asyncio.gather(*(self._client() for _ in range(clients)))

    async def _client(self) -> None:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        async with httpx.AsyncClient(base_url=self.base, timeout=8, limits=limits) as client:
            while self.people:
                person, token = self.people.pop()
                name = uuid7()
                self.sent[name] = person
                body = json.dumps({"id": str(name), "symptoms": ["none"], "exposed": "no", "temperature": 36.6})
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
                while not await self._once(client, name, body, headers) and self.patience:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    async def _once(self, client: httpx.AsyncClient, name: UUID, body: str, headers: dict[str, str]) -> bool:
        try:
            answer = await client.post("/api/v1/checkins", content=body, headers=headers)
        except httpx.TransportError:
            self.statuses["cut off"] += 1
            return False
        self.statuses[answer.status_code] += 1
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
        if answer.status_code not in {200, 201}:
            return False
        assert answer.json()["id"] == str(name)
        self.acknowledged.add(name)
        return True

    async def reached(self, count: int) -> None:
        """Wait until this many are acknowledged."""
        while len(self.acknowledged) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def judge(self, dsn: str) -> None:
        """The ledger: nothing acknowledged is lost, nothing is doubled, nothing stands that nobody sent."""
        stored = await rows(dsn)
        mine = [(name, person) for name, person in stored if person in set(self.sent.values())]
        lost = self.acknowledged - {name for name, _ in mine}
        assert not lost, f"{len(lost)} acknowledged reports are lost"
        assert len({person for _, person in mine}) == len(mine), "a report was stored twice"
        assert {name for name, _ in mine} <= set(self.sent), "a report stands there that nobody sent"


async def rows(dsn: str) -> list[tuple[UUID, UUID]]:
    """(id, person) of every stored report and correction."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found = await connection.fetch(
            "SELECT id, person_id FROM checkin UNION ALL SELECT id, person_id FROM checkin_correction"
        )
    finally:
        await connection.close()
    return [(UUID(bytes=row["id"].bytes), UUID(bytes=row["person_id"].bytes)) for row in found]
