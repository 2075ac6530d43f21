"""Staff sign-in over JSON: token and session of one account, the second factor, fresh proofs, the list of devices."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.house import House
from models.staff import Role
from tests import cast
from tests.cast import Person, Village
from tests.guarded import App, forget_step
from tests.routers.api.problems import problem
from tests.routers.api.test_accounts import SIGN_IN, code_for
from tests.softkey import SoftKey

pytestmark = pytest.mark.anyio

V1 = "/api/v1"


@pytest.fixture
async def boss(house: House, village: Village) -> Person:
    """An administrator of the village, whose post is guarded; no second factor yet."""
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, second=False)
    return someone


def roll(village: Village) -> str:
    return f"{V1}/regions/{village.grid}/roll-call"


async def signed_in(api: httpx.AsyncClient, phone: str, **headers: str) -> tuple[dict[str, str], dict[str, Any]]:
    form = {"phone": phone, "code": await code_for(api, phone)}
    body = (await api.post(SIGN_IN, json=form, headers=headers)).json()
    seated = {"Staff-Session": body["staff_session"]["secret"]} if body["staff_session"] else {}
    return {"Authorization": f"Bearer {body['token']}"} | seated, body


async def set_up(api: httpx.AsyncClient, boss: Person) -> App:
    offer = await api.post(f"{V1}/authenticator", headers=boss.bearer)
    assert offer.status_code == 200
    app = App(offer.json()["secret"].replace(" ", ""))
    done = await api.post(f"{V1}/authenticator/confirmation", json={"code": app.now()}, headers=boss.bearer)
    assert done.status_code == 204
    return app


async def test_a_resident_gets_no_staff_session_and_a_worker_does(api: httpx.AsyncClient, village: Village) -> None:
    _, body = await signed_in(api, village.mei.phone)
    assert body["staff_session"] is None
    headers, body = await signed_in(api, village.li.phone)
    assert body["staff_session"]["second_factor"] == "not_needed"
    assert len(body["staff_session"]["secret"]) == 43
    assert (await api.get(roll(village), headers=headers)).status_code == 200


async def test_staff_work_asks_for_token_and_session_of_one_account(api: httpx.AsyncClient, village: Village) -> None:
    li, wu = village.li.bearer, village.wu.bearer
    token, session = {"Authorization": li["Authorization"]}, {"Staff-Session": li["Staff-Session"]}
    for headers in (token, token | {"Staff-Session": wu["Staff-Session"]}, token | {"Staff-Session": "x" * 43}):
        body = problem(await api.get(roll(village), headers=headers), 401, "session-over")
        assert "守望" not in body["detail"]
    problem(await api.get(roll(village), headers=session), 401, "not-signed-in")
    # With Authorization present, cookies do not count.
    cookies = {"shouwang-staff": li["Staff-Session"]}
    answer = await api.get(roll(village), headers=token | {"Cookie": f"shouwang-staff={cookies['shouwang-staff']}"})
    problem(answer, 401, "session-over")
    assert answer.headers["www-authenticate"] == "Bearer"
    problem(await api.get(roll(village), headers=village.mei.bearer | session), 403, "post-missing")


async def test_a_session_named_before_the_sign_in_is_never_adopted(api: httpx.AsyncClient, village: Village) -> None:
    planted = "A" * 43
    headers, body = await signed_in(api, village.li.phone, **{"Staff-Session": planted})
    assert body["staff_session"]["secret"] != planted
    answer = await api.get(roll(village), headers=headers | {"Staff-Session": planted})
    problem(answer, 401, "session-over")


async def test_a_guarded_post_opens_nothing_before_the_second_factor(
    api: httpx.AsyncClient, house: House, village: Village, boss: Person
) -> None:
    gates = (("GET", f"{V1}/staff-sessions"), ("GET", roll(village)), ("GET", f"{V1}/staff/rights"))
    for method, path in gates:
        problem(await api.request(method, path, headers=boss.bearer), 401, "second-factor")
    app = await set_up(api, boss)
    assert (await api.get(f"{V1}/staff-sessions", headers=boss.bearer)).status_code == 200
    headers, body = await signed_in(api, boss.phone)
    assert body["staff_session"]["second_factor"] == "needed"
    problem(await api.get(f"{V1}/staff-sessions", headers=headers), 401, "second-factor")
    spent = await api.post(f"{V1}/second-factor/totp", json={"code": app.last}, headers=headers)
    problem(spent, 422, "invalid")
    await forget_step(house, boss.viewer)
    assert (await api.post(f"{V1}/second-factor/totp", json={"code": app.now()}, headers=headers)).status_code == 204
    assert (await api.get(f"{V1}/staff-sessions", headers=headers)).status_code == 200


async def test_nobody_enrols_a_factor_for_an_account_whose_factor_was_not_given(
    api: httpx.AsyncClient, boss: Person
) -> None:
    await set_up(api, boss)
    thief, _ = await signed_in(api, boss.phone)  # has the text message, and no more
    for path in ("/authenticator", "/passkeys/options"):
        body = problem(await api.post(f"{V1}{path}", headers=thief), 403, "step-up")
        assert body["methods"] == ["totp"]
    for path in ("/step-up/code", "/step-up/passkey/options"):
        problem(await api.post(f"{V1}{path}", headers=thief), 401, "second-factor")
    problem(await api.delete(f"{V1}/authenticator", headers=thief), 401, "second-factor")
    problem(await api.post(f"{V1}/step-up", json={"code": "123456"}, headers=thief), 401, "second-factor")


async def test_a_grave_act_asks_for_a_proof_of_now(api: httpx.AsyncClient, house: House, boss: Person) -> None:
    app = await set_up(api, boss)
    body = problem(await api.delete(f"{V1}/authenticator", headers=boss.bearer), 403, "step-up")
    assert body["methods"] == ["totp"]
    problem(await api.post(f"{V1}/step-up", json={"code": "123456"}, headers=boss.bearer), 403, "step-up")
    problem(await api.post(f"{V1}/step-up/code", headers=boss.bearer), 403, "step-up")
    await forget_step(house, boss.viewer)
    assert (await api.post(f"{V1}/step-up/totp", json={"code": app.now()}, headers=boss.bearer)).status_code == 204
    problem(await api.delete(f"{V1}/authenticator", headers=boss.bearer), 409, "state-conflict")  # the last one


async def test_village_staff_prove_themselves_with_a_message(api: httpx.AsyncClient, village: Village) -> None:
    headers = village.li.bearer
    assert (await api.post(f"{V1}/step-up/code", headers=headers)).status_code == 202
    items = (await api.get("/dev/outbox.json", params={"phone": village.li.phone})).json()["items"]
    assert (await api.post(f"{V1}/step-up", json={"code": items[0]["code"]}, headers=headers)).status_code == 204
    assert (await api.post(f"{V1}/passkeys/options", headers=headers)).status_code == 200


async def test_a_passkey_is_made_given_and_signs_in_alone(
    api: httpx.AsyncClient, village: Village, boss: Person
) -> None:
    key = SoftKey()
    options = (await api.post(f"{V1}/passkeys/options", headers=boss.bearer)).json()["public_key"]
    assert (options["rp"]["id"], options["attestation"]) == ("localhost", "none")
    assert {each["alg"] for each in options["pubKeyCredParams"]} == {-7, -8, -257}
    form = {"credential": key.make(options), "name": "工作手机"}
    made = await api.post(f"{V1}/passkeys", json=form, headers=boss.bearer)
    assert (made.status_code, made.json()["name"]) == (201, "工作手机")
    problem(await api.post(f"{V1}/passkeys", json=form, headers=boss.bearer), 403, "step-up")
    for path in ("/step-up/passkey", "/second-factor/passkey"):
        options = (await api.post(f"{V1}{path}/options", headers=boss.bearer)).json()["public_key"]
        credential = {"credential": key.sign(options)}
        assert (await api.post(f"{V1}{path}", json=credential, headers=boss.bearer)).status_code == 204
        problem(await api.post(f"{V1}{path}", json=credential, headers=boss.bearer), 422, "passkey-refused")
    options = (await api.post(f"{V1}/sign-in/passkey/options")).json()["public_key"]
    answer = await api.post(f"{V1}/sign-in/passkey", json={"credential": key.sign(options)})
    assert answer.json()["staff_session"]["second_factor"] == "given"
    headers = {
        "Authorization": f"Bearer {answer.json()['token']}", "Staff-Session": answer.json()["staff_session"]["secret"],
    }  # fmt: skip
    assert (await api.get(f"{V1}/factors", headers=headers)).json()["passkeys"][0]["name"] == "工作手机"
    assert (await api.get(f"{V1}/staff-sessions", headers=headers)).status_code == 200


async def test_thirty_devices_are_listed_and_signed_out_one_by_one_and_all_others(
    api: httpx.AsyncClient, house: House, village: Village
) -> None:
    others = [await cast.sit(house, village.li) for _ in range(29)]
    await cast.sit(house, village.li)
    here = village.li.bearer
    items = (await api.get(f"{V1}/staff-sessions", headers=here)).json()["items"]
    assert len(items) == 31  # the cast's own
    assert [each["current"] for each in items] == [True] + [False] * 30
    assert "secret" not in str(items)
    problem(await api.delete(f"{V1}/staff-sessions/{uuid4()}", headers=here), 404, "not-found")
    problem(await api.delete(f"{V1}/staff-sessions/{items[1]['id']}", headers=village.wu.bearer), 404, "not-found")
    assert (await api.delete(f"{V1}/staff-sessions/{items[1]['id']}", headers=here)).status_code == 204
    assert len((await api.get(f"{V1}/staff-sessions", headers=here)).json()["items"]) == 30
    assert (await api.delete(f"{V1}/staff-sessions", headers=here)).status_code == 204
    assert len((await api.get(f"{V1}/staff-sessions", headers=here)).json()["items"]) == 1
    there = here | {"Staff-Session": others[5]}
    problem(await api.get(roll(village), headers=there), 401, "session-over")


async def test_signing_out_ends_the_session_at_once(api: httpx.AsyncClient, house: House, village: Village) -> None:
    before = village.li.bearer
    await cast.sit(house, village.li)
    assert (await api.post(f"{V1}/sign-out", headers=before)).status_code == 204
    again, _ = await signed_in(api, village.li.phone)
    problem(
        await api.get(roll(village), headers=again | {"Staff-Session": before["Staff-Session"]}), 401, "session-over"
    )
    assert (await api.get(roll(village), headers=again)).status_code == 200


async def test_signing_in_once_more_ends_the_session_it_replaces(api: httpx.AsyncClient, village: Village) -> None:
    old = village.li.bearer["Staff-Session"]
    fresh, _ = await signed_in(api, village.li.phone)
    cookie = {"Cookie": f"shouwang={village.li.text}; shouwang-staff={old}"}
    assert (await api.get(roll(village), headers=cookie)).status_code == 200
    form = {"phone": village.chen.phone, "code": await code_for(api, village.chen.phone)}
    await api.post(SIGN_IN, json=form, headers=cookie | {"Origin": "http://127.0.0.1:8000"})
    assert (await api.get(roll(village), headers=cookie)).status_code == 200, "the session of another account stays"
    assert fresh["Staff-Session"] != old
