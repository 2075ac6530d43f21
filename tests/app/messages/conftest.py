"""Providers that stand in for the real ones on loopback ports, each with the gateway that speaks to it."""

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import upkeep
from app.house import House
from app.kit import clock, postgres
from app.kit.ids import uuid7
from app.kit.outgoing import Outgoing
from app.kit.settings import Settings
from app.messages.gateways import aliyun, tencent
from app.messages.gateways.aliyun import Aliyun
from app.messages.gateways.calling import Key, Line
from app.messages.gateways.tencent import Tencent
from app.messages.letters import Sms
from tests.app.messages.posts import AT_ALIYUN, AT_TENCENT, Clock, Post, empty, post
from tests.cast import fresh_phone
from tests.gateways import aliyun as aliyun_stand
from tests.gateways import tencent as tencent_stand
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import StandIn
from tests.gateways.dictated import origin
from tests.gateways.dingtalk import DingTalk
from tests.gateways.push_service import PushService
from tests.gateways.standing import standing
from tests.gateways.tencent import TencentStandIn

# Long enough for a busy machine, short enough to wait out.
PATIENCE = 0.6
ALIYUN = aliyun.Account(Key(aliyun_stand.KEY_ID, aliyun_stand.SECRET), aliyun_stand.SIGN)
TENCENT = tencent.Account(Key(tencent_stand.SECRET_ID, tencent_stand.SECRET), tencent_stand.APP, tencent_stand.SIGN)
NOTICES = {"aliyun": aliyun_stand.NOTICE, "tencent": tencent_stand.NOTICE}


@dataclass
class Desk:
    """A provider, and our gateway to it. `again` makes a gateway that differs in something."""

    stand: Any
    gateway: Any
    again: Callable[..., Any]
    address: str

    def letter(self, phone: str = "", name: str = "王建国") -> Sms:
        template = NOTICES[self.gateway.name]
        return Sms(uuid7(), phone or fresh_phone(), template, (("name", name), ("time", "10:00")))

    def letters(self, many: int) -> list[Sms]:
        return [self.letter() for _ in range(many)]


def _line(client: httpx.AsyncClient, other: dict[str, Any]) -> Line:
    return Line(client, other.get("now", clock.now), other.get("patience", PATIENCE))


def _aliyun(client: httpx.AsyncClient, address: str, **other: Any) -> Aliyun:
    return Aliyun(_line(client, other), other.get("account", ALIYUN), other.get("base", address))


def _tencent(client: httpx.AsyncClient, address: str, **other: Any) -> Tencent:
    return Tencent(_line(client, other), other.get("account", TENCENT), other.get("base", address))


class Place:
    """Where a fresh stand-in takes its stand for every test; the server behind it stays."""

    stand: StandIn
    address: str

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.stand(scope, receive, send)


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    place = Place()
    with standing(place) as place.address:
        yield place


async def _desk(place: Place, stand: StandIn, make: Callable[..., Any]) -> AsyncIterator[Desk]:
    place.stand = stand
    async with httpx.AsyncClient(trust_env=False) as client:

        def again(**other: Any) -> Any:
            return make(other.pop("client", client), place.address, **other)

        yield Desk(stand, again(), again, place.address)


@pytest.fixture
async def at_aliyun(place: Place) -> AsyncIterator[Desk]:
    async for desk in _desk(place, AliyunStandIn(), _aliyun):
        yield desk


@pytest.fixture
async def at_tencent(place: Place) -> AsyncIterator[Desk]:
    async for desk in _desk(place, TencentStandIn(), _tencent):
        yield desk


@pytest.fixture(params=["aliyun", "tencent"])
async def desk(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[Desk]:
    """Either of them: what holds at both."""
    stand, make = (AliyunStandIn(), _aliyun) if request.param == "aliyun" else (TencentStandIn(), _tencent)
    async for desk in _desk(place, stand, make):
        yield desk


def fixed(year: int, month: int, day: int, hour: int = 4) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture
def ding():
    app = DingTalk()
    with standing(app) as base:
        app.base = base
        yield app


@pytest.fixture
def service():
    app = PushService()
    with standing(app) as base:
        app.origin = base
        yield app


@pytest.fixture
async def to_ding(ding):
    async with Outgoing([origin(ding.base)]) as way:
        yield way


@pytest.fixture
async def to_service(service):
    async with Outgoing([origin(service.origin)]) as way:
        yield way


@pytest.fixture
def written(caplog):
    """Everything the house wrote into its log, at the finest level; the stand-in's own server left out."""
    caplog.set_level(logging.DEBUG)

    def read():
        ours = [record for record in caplog.records if not record.name.startswith(("uvicorn", "asyncio"))]
        return "\n".join(record.getMessage() for record in ours)

    return read


# --- a post office ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
async def post_house(data_dir: Path, dsn: str) -> AsyncIterator[House]:
    """A house over a database in which nobody else's messages wait."""
    server = postgres.start(data_dir, database=f"post_{secrets.token_hex(4)}")
    house = House(Settings(DATABASE_URL=server.dsn, data_dir=data_dir))
    await house.start()
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    async with house.database.reading() as db:
        await house.vault.load(db)
    yield house
    await house.stop()


@pytest.fixture(scope="session")
def second_place() -> Iterator[Place]:
    place = Place()
    with standing(place) as place.address:
        yield place


@pytest.fixture
def aliyun_stand_in(place: Place) -> AliyunStandIn:
    place.stand = AliyunStandIn()
    return place.stand


@pytest.fixture
def tencent_stand_in(second_place: Place) -> TencentStandIn:
    second_place.stand = TencentStandIn()
    return second_place.stand


@pytest.fixture
async def both(
    post_house: House, place: Place, second_place: Place, aliyun_stand_in: AliyunStandIn,
    tencent_stand_in: TencentStandIn,
) -> AsyncIterator[Post]:  # fmt: skip
    """A post office with two providers of text messages, Aliyun first."""
    await empty(post_house)
    urls = {"aliyun_sms_url": place.address, "tencent_sms_url": second_place.address}
    async with post(post_house, **AT_ALIYUN, **AT_TENCENT, **urls) as office:
        yield office


@pytest.fixture
async def one(post_house: House, place: Place, aliyun_stand_in: AliyunStandIn) -> AsyncIterator[Post]:
    """A post office with Aliyun alone."""
    await empty(post_house)
    async with post(post_house, **AT_ALIYUN, aliyun_sms_url=place.address) as office:
        yield office


@pytest.fixture
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(clock, "now", moved.now)
    return moved
