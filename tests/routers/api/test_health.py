"""Alive, ready, busy."""

import httpx
import pytest

from app.house import House
from tests.routers.api.problems import problem

pytestmark = pytest.mark.anyio


async def test_not_ready_when_sign_ins_cannot_be_judged(
    api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.endings.TRUSTED_S", -1.0)
    told = problem(await api.get("/health/ready", headers={"Accept-Language": "en"}), 503, "overloaded")
    assert "Nothing is lost" in told["detail"]


async def test_not_ready_when_the_database_does_not_answer(
    api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(house.database, "ping", refused)
    problem(await api.get("/health/ready"), 503, "overloaded")


async def test_ready_and_alive(api: httpx.AsyncClient) -> None:
    assert (await api.get("/health/ready")).json() == {"status": "ready"}


@pytest.mark.proves("T12")
async def test_the_counters_know_nobody(api: httpx.AsyncClient) -> None:
    answer = await api.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "shouwang_checkins_stored" in answer.text
    assert "person" not in answer.text
    assert "phone" not in answer.text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/", "/health/", "/api/v1/checkins/x", "/api/v2/me"])
async def test_an_address_that_does_not_exist_is_a_problem(api: httpx.AsyncClient, path: str) -> None:
    problem(await api.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/api/v1/me", "GET"), ("GET", "/api/v1/sign-out", "POST"), ("PUT", "/api/v1/residents", "POST"),
     ("TRACE", "/health/live", "GET")],
)  # fmt: skip
async def test_another_method_is_refused_and_the_right_one_named(
    api: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await api.request(method, path)
    problem(answer, 405, "wrong-method")
    assert allowed in answer.headers["allow"]
