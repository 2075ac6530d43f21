"""Many residents at once, for tests that need more people than the cast."""

from datetime import timedelta

from sqlalchemy import insert

from app.house import House
from app.kit import clock
from app.kit.ids import new_device, uuid7
from app.kit.tokens import LIFETIME_MS, Token
from models.residents import Resident


async def residents_of(house: House, grid: int, count: int) -> list[Token]:
    """Freshly registered residents of a grid, all at once; their tokens."""
    now = clock.now()
    stamp = int(now.timestamp() * 1000)
    tokens = [Token(uuid7(), uuid7(), new_device(), grid, 0, stamp, stamp + LIFETIME_MS) for _ in range(count)]
    rows = [
        {"person_id": token.person, "region_code": grid, "name": "甲", "id_type": 0, "registered_by": token.account,
         "programme": 0, "created_at": now - timedelta(days=30)}
        for token in tokens
    ]  # fmt: skip
    async with house.database.writing() as db:
        await db.exec(insert(Resident), params=rows, execution_options={"scope": "test"})
    return tokens
