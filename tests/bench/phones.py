"""Many phones: residents in the table, each with a signed token and one report, ready to be sent byte by byte."""

import json
import random
from collections.abc import Iterator
from uuid import UUID

import asyncpg
from sqlmodel import select

from app import accounts, regions
from app.kit import clock
from app.kit.ids import new_device, uuid7
from app.kit.tokens import Token
from models.checkins import Symptom
from models.regions import Level, Region
from tests.bench.grounds import Grounds

GRIDS = 200
_AILING = [word.name.lower() for word in Symptom if word.name and word is not Symptom.NONE]
_DICE = random.Random()

# What a program sends through the API, and what a browser's fetch() on our own page sends.
LIKE = {
    "api": (
        "POST /api/v1/checkins HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Shouwang/1.0 (Android 10)\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
        "Content-Length: {length}\r\n\r\n"
    ),
    "browser": (
        "POST /api/v1/checkins HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\nContent-Length: {length}\r\n"
        "User-Agent: Mozilla/5.0 (Linux; Android 10; HLK-AL00) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/114.0.0.0 Mobile Safari/537.36\r\nContent-Type: application/json\r\nAccept: */*\r\n"
        "Origin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
        "Referer: http://{host}/check-in\r\nAccept-Encoding: gzip, deflate, br\r\n"
        "Accept-Language: zh-CN,zh;q=0.9\r\nCookie: shouwang={token}\r\n\r\n"
    ),
}


async def mint_grids(ground: Grounds) -> list[int]:
    """Grids for the phones to live in."""
    async with ground.house.database.writing() as db:
        village = await db.exec(select(Region.code).where(Region.level == Level.VILLAGE).limit(1))
        return [grid.code for grid in await regions.mint(db, village.one(), GRIDS)]


def _report() -> bytes:
    """A report as the page sends it. One in thirty has a symptom or a fever."""
    symptoms, tenths = ["none"], _DICE.randint(360, 369)
    if _DICE.random() < 1 / 30:
        symptoms, tenths = _DICE.sample(_AILING, _DICE.randint(1, 3)), _DICE.randint(366, 385)
    body = {
        "id": str(uuid7()), "temperature": tenths / 10, "symptoms": symptoms, "exposed": "no", "place": "home",
        "needs": [], "filled_at": clock.now().isoformat(timespec="milliseconds"),
    }  # fmt: skip
    return json.dumps(body, separators=(",", ":")).encode()


def _token(grid: int) -> Token:
    return accounts.fresh(Token(uuid7(), UUID(bytes=_DICE.randbytes(16), version=4), new_device(), grid, 0, 0, 0))


async def prepare(ground: Grounds, grids: list[int], head: str, count: int) -> Iterator[bytes]:
    """Settle `count` residents; one request of each. `head` comes from LIKE, with the host filled in."""
    tokens = [_token(_DICE.choice(grids)) for _ in range(count)]
    await _settle(ground, tokens)
    return (_request(ground, token, head) for token in tokens)


def _request(ground: Grounds, token: Token, head: str) -> bytes:
    body = _report()
    return head.replace("{token}", ground.house.signer.sign(token)).replace("{length}", str(len(body))).encode() + body


async def _settle(ground: Grounds, tokens: list[Token]) -> None:
    now = clock.now()

    def rows() -> Iterator[tuple[object, ...]]:
        for token in tokens:
            yield token.person, token.region, "王小梅", 0, 0, token.account, now

    connection = await asyncpg.connect(ground.dsn)
    try:
        await connection.copy_records_to_table(
            "resident", records=rows(),
            columns=["person_id", "region_code", "name", "id_type", "programme", "registered_by", "created_at"],
        )  # fmt: skip
        await connection.execute("CHECKPOINT")  # every phase begins with the same full-page writes ahead of it
    finally:
        await connection.close()
