"""One real PostgreSQL and one running house for the whole run; a fresh village for every test that asks for one.

Tests do not share people, so they need no rolled-back transaction: the group commit and the memory of revocations use
connections of their own, which a test's transaction could not hold together.
"""

import logging
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from app import staff, upkeep
from app.house import House
from app.kit import postgres
from app.kit.settings import Settings
from app.main import Shouwang
from tests import cast, statements
from tests.canaries import Ears, Watched, misdirected

statements.install()


@pytest.fixture(autouse=True)
def _no_banned_sql() -> Iterator[None]:
    """A banned statement fails its test even where the code under test swallowed the exception."""
    yield
    assert statements.taken() == []


@pytest.fixture(autouse=True)
def _no_canary_in_strange_hands(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test is about: nobody is sent a number, name or address of somebody they are not entitled to see."""
    yield
    if "shouwang" in request.fixturenames:
        watched: Watched = request.getfixturevalue("shouwang")
        assert watched.watch.taken() == []


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    # Not pytest's tmp_path: that is closed to the unprivileged user PostgreSQL runs as when the tests run as root.
    path = Path(tempfile.mkdtemp(prefix="shouwang-test-"))
    path.chmod(0o755)
    yield path
    postgres.stop(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def dsn(data_dir: Path) -> Iterator[str]:
    """A database of this run: the embedded one."""
    with postgres.serving(data_dir) as server:
        yield server.dsn


@pytest.fixture(scope="session")
def settings(dsn: str, data_dir: Path, monkeypatch_session: pytest.MonkeyPatch) -> Settings:
    monkeypatch_session.setenv("DATABASE_URL", dsn)
    monkeypatch_session.setenv("SHOUWANG_DATA_DIR", str(data_dir))
    return Settings()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
async def shouwang(settings: Settings) -> AsyncIterator[Shouwang]:
    """The whole ASGI app as shipped, lane included, over a migrated database with the real regions."""
    whole = Watched(settings)
    house: House = whole.app.state.house
    await house.start()
    await upkeep.migrate(house)
    await upkeep.load_regions(house)
    async with house.database.writing() as db:
        await staff.start(db, "新冠肺炎疫情应急响应", 330000000000000)
    await house.serve()
    ears = Ears(whole.watch)
    logging.getLogger().addHandler(ears)
    yield whole
    logging.getLogger().removeHandler(ears)
    strange = await misdirected(house)
    await house.stop()
    assert strange == []


@pytest.fixture(scope="session")
def house(shouwang: Shouwang) -> House:
    running: House = shouwang.app.state.house
    return running


@pytest.fixture
async def empty_house(data_dir: Path, dsn: str) -> AsyncIterator[House]:
    """A house over a database of its own in which nothing is yet, not even tables."""
    server = postgres.start(data_dir, database=f"scratch_{secrets.token_hex(4)}")
    other = House(Settings(DATABASE_URL=server.dsn, data_dir=data_dir))
    await other.start()
    yield other
    await other.stop()


@pytest.fixture
async def village(house: House) -> cast.Village:
    return await cast.village(house)


@pytest.fixture
async def api(shouwang: Shouwang) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole app, as shipped."""
    transport = httpx.ASGITransport(app=shouwang, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
async def browser(shouwang: Shouwang) -> AsyncIterator[httpx.AsyncClient]:
    """A client that behaves like a browser on our own pages: cookies, same-origin marks, HTML wanted."""
    transport = httpx.ASGITransport(app=shouwang, raise_app_exceptions=False)
    marks = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Accept-Language": "zh-CN"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=marks) as client:
        yield client
