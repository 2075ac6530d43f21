"""The development outbox: there in development, nowhere else."""

from pathlib import Path

import httpx
import pytest

from app.kit.settings import Settings
from app.main import Shouwang
from tests.cast import Village, fresh_phone
from tests.routers.paper import look
from tests.routers.wire import ask

pytestmark = pytest.mark.anyio


@pytest.fixture
def production(settings: Settings, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Shouwang:
    """The app with production's settings; it is asked only what needs no running house."""
    for name, value in {
        "ENV": "production",
        "ORIGIN": "https://shouwang.example",
        "KEY_FILE": str(data_dir / "keys"),
    }.items():
        monkeypatch.setenv(f"SHOUWANG_{name}", value)
    return Shouwang(Settings())


HOST = (b"host", b"shouwang.example")


@pytest.mark.parametrize(
    "path", ["/dev/outbox", "/dev/outbox.json", "/dev/outbox.json?phone=13800000001", "/dev/", "/dev/outbox/"]
)
async def test_production_has_no_outbox(production: Shouwang, path: str) -> None:
    answer = await ask(production, "GET", path, [HOST], host=False)
    assert (answer.status, answer.error) == (404, None)
    elsewhere = await ask(production, "GET", "/nothing.json" if ".json" in path else "/nothing", [HOST], host=False)
    assert answer.body.replace(path.encode(), b"/nothing") == elsewhere.body


async def test_production_links_to_no_outbox_and_keeps_to_https(production: Shouwang) -> None:
    answer = await ask(production, "GET", "/sign-in", [HOST], host=False)
    assert answer.status == 200
    assert b"/dev/" not in answer.body
    assert answer.header("strict-transport-security") == "max-age=31536000"


async def test_production_answers_to_its_own_name_only(production: Shouwang) -> None:
    for host in (b"evil.example", b"shouwang.example:8443", b"127.0.0.1"):
        assert (await ask(production, "GET", "/", [(b"host", host)], host=False)).status == 400
    foreign = [HOST, (b"origin", b"http://shouwang.example"), (b"cookie", b"a=b")]
    assert (await ask(production, "POST", "/api/v1/sign-in/code", foreign, b"{}", host=False)).status == 403


async def test_the_outbox_shows_the_newest_code_of_a_phone(browser: httpx.AsyncClient, village_of_all: Village) -> None:
    phone = fresh_phone()
    await browser.post("/sign-in", data={"phone": phone})
    (message,) = (await browser.get("/dev/outbox.json", params={"phone": phone})).json()["items"]
    assert (message["phone"], message["template"]) == (phone, "sign_in_code")
    assert message["code"] in (await look(browser, "/dev/outbox")).text
    nothing = await browser.get("/dev/outbox.json", params={"phone": fresh_phone()})
    assert (nothing.json(), nothing.headers["cache-control"]) == ({"items": []}, "no-store")
    assert (await browser.get("/dev/outbox.json", params={"phone": "x"})).status_code == 422
