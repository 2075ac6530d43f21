"""Sign-in, sign-out and change of phone as JSON."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.cast import Village, fresh_phone
from tests.routers.api.problems import HAN, pointers, problem

pytestmark = pytest.mark.anyio

CODE, SIGN_IN, ME = "/api/v1/sign-in/code", "/api/v1/sign-in", "/api/v1/me"


async def code_for(api: httpx.AsyncClient, phone: str) -> str:
    """Ask for a code and read it where a developer would."""
    assert (await api.post(CODE, json={"phone": phone})).status_code == 202
    (message,) = (await api.get("/dev/outbox.json", params={"phone": phone})).json()["items"][:1]
    code: str = message["code"]
    return code


async def signed_in(api: httpx.AsyncClient, phone: str) -> dict[str, str]:
    """Headers of somebody who just signed in."""
    answer = await api.post(SIGN_IN, json={"phone": phone, "code": await code_for(api, phone)})
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.mark.parametrize(
    "phone", ["", "1", "12345678901", "1385700123", "abc", "138５", "\u202e13857001234x", "x" * 41]
)
async def test_what_is_no_mobile_number_is_refused_and_named(api: httpx.AsyncClient, phone: str) -> None:
    body = problem(await api.post(CODE, json={"phone": phone}), 422, "invalid")
    assert pointers(body) == {"/phone"}
    assert HAN.search(body["errors"][0]["detail"])


async def test_a_second_code_within_a_minute_has_to_wait(english: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    assert (await english.post(CODE, json={"phone": phone})).json() == {"expires_in_s": 600, "resend_after_s": 60}
    body = problem(await english.post(CODE, json={"phone": phone}), 429, "quota-spent")
    assert "seconds" in body["detail"]


async def test_a_known_and_an_unknown_phone_get_the_same_answer(api: httpx.AsyncClient, village: Village) -> None:
    known = await api.post(CODE, json={"phone": village.zhou.phone})
    unknown = await api.post(CODE, json={"phone": fresh_phone()})
    for answer in (known, unknown):
        del answer.headers["x-request-id"]
    assert (known.status_code, known.content, known.headers) == (unknown.status_code, unknown.content, unknown.headers)


@pytest.mark.proves("T14")
async def test_the_sixth_try_fails_even_with_the_right_code(english: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    code = await code_for(english, phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1):
        body = problem(await english.post(SIGN_IN, json={"phone": phone, "code": wrong}), 422, "invalid")
        assert pointers(body) == {"/code"}
        assert f"Tries left: {left}." in body["errors"][0]["detail"]
    problem(await english.post(SIGN_IN, json={"phone": phone, "code": wrong}), 422, "code-gone")
    problem(await english.post(SIGN_IN, json={"phone": phone, "code": code}), 422, "code-gone")


@pytest.mark.proves("T14")
async def test_a_code_opens_once_even_for_many_at_once(api: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    code = await code_for(api, phone)
    tries = [api.post(SIGN_IN, json={"phone": phone, "code": code}) for _ in range(12)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*tries))
    assert statuses == [200, *[422] * 11]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４5", "12 34 5", "-12345", "0x1234"])
async def test_what_is_no_code_costs_no_try(api: httpx.AsyncClient, code: str) -> None:
    phone = fresh_phone()
    right = await code_for(api, phone)
    for _ in range(6):
        problem(await api.post(SIGN_IN, json={"phone": phone, "code": code}), 422, "invalid")
    assert (await api.post(SIGN_IN, json={"phone": phone, "code": right})).status_code == 200


async def test_a_code_never_asked_for_and_one_for_another_phone_are_refused(api: httpx.AsyncClient) -> None:
    problem(await api.post(SIGN_IN, json={"phone": fresh_phone(), "code": "123456"}), 422, "code-gone")
    code = await code_for(api, fresh_phone())
    problem(await api.post(SIGN_IN, json={"phone": fresh_phone(), "code": code}), 422, "code-gone")


@pytest.mark.parametrize("typed", ["full-width", "spaced"])
async def test_a_code_may_be_typed_as_phones_type_it(api: httpx.AsyncClient, typed: str) -> None:
    phone = fresh_phone()
    code = await code_for(api, phone)
    spelled = (
        "".join(chr(ord(digit) + 0xFEE0) for digit in code) if typed == "full-width" else f" {code[:3]} {code[3:]} "
    )
    answer = await api.post(SIGN_IN, json={"phone": f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}", "code": spelled})
    assert answer.status_code == 200


async def test_a_sign_in_tells_token_end_and_account_but_no_phone(api: httpx.AsyncClient) -> None:
    phone = fresh_phone()
    answer = (await api.post(SIGN_IN, json={"phone": phone, "code": await code_for(api, phone)})).json()
    assert set(answer) == {"token", "expires_at", "account", "staff_session"}
    assert answer["staff_session"] is None
    left = datetime.fromisoformat(answer["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)
    assert answer["account"]["phone"] == f"{phone[:3]}****{phone[-4:]}"
    assert answer["account"]["person_id"] is None
    assert phone not in str(answer)


async def test_nobody_signed_in_is_told_how(api: httpx.AsyncClient) -> None:
    for method, path in (("GET", ME), ("POST", "/api/v1/sign-out"), ("POST", "/api/v1/checkins")):
        body = problem(await api.request(method, path, json={} if method == "POST" else None), 401, "not-signed-in")
        assert body["title"] == "请先登录"
    body = problem(await api.get(ME, headers={"Accept-Language": "en;q=0.9, fr"}), 401, "not-signed-in")
    assert body["title"] == "Please sign in"


@pytest.mark.proves("T04")
async def test_signing_out_ends_this_sign_in_within_a_second_and_no_other(
    api: httpx.AsyncClient, village: Village
) -> None:
    phone = fresh_phone()
    here = await signed_in(api, phone)
    assert (await api.post("/api/v1/sign-out", headers=here)).status_code == 204
    assert await ended_within_a_second(api, here)
    assert (await api.get(ME, headers=village.mei.bearer)).status_code == 200


@pytest.mark.proves("T04")
async def test_signing_out_everywhere_ends_every_sign_in_of_the_account(
    api: httpx.AsyncClient, village: Village
) -> None:
    here = village.mei.bearer
    assert (await api.post("/api/v1/sign-out/everywhere", headers=here)).status_code == 204
    assert await ended_within_a_second(api, here)
    assert (await api.get(ME, headers=village.qian.bearer)).status_code == 200


async def ended_within_a_second(api: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    """Does a sign-in stop working within a second?"""
    for _ in range(10):
        await asyncio.sleep(0.1)
        if (await api.get(ME, headers=headers)).status_code == 401:
            return True
    return False


async def test_another_accounts_number_cannot_be_taken_over(api: httpx.AsyncClient, village: Village) -> None:
    code = await code_for(api, village.qian.phone)
    taken = await api.post(
        "/api/v1/me/phone", headers=village.mei.bearer, json={"phone": village.qian.phone, "code": code}
    )
    body = problem(taken, 409, "state-conflict")
    assert village.qian.phone not in str(body)


async def test_a_new_phone_signs_in_and_every_old_sign_in_ends(api: httpx.AsyncClient, village: Village) -> None:
    new, old = fresh_phone(), village.mei.bearer
    form = {"phone": new, "code": await code_for(api, new)}
    answer = await api.post("/api/v1/me/phone", headers=old, json=form)
    assert answer.status_code == 200
    assert answer.json()["account"]["person_id"] == str(village.mei.person_id)
    assert await ended_within_a_second(api, old)
    fresh = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await api.get(ME, headers=fresh)).json()["account"]["phone"].endswith(new[-4:])
    gone = await signed_in(api, village.mei.phone)
    assert (await api.get(ME, headers=gone)).json()["resident"] is None
