"""The organisation through the JSON door."""

import httpx
import pytest

from app.house import House
from app.kit import clock
from models.staff import RIGHTS, Role
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio

STAFF = "/api/v1/staff"


@pytest.fixture
async def chief(house: House, village: Village) -> Person:
    """An administrator of the village, with every proof given."""
    someone = await cast.appoint(house, "方志远", Role.ADMINISTRATOR, village.code)
    await cast.sit(house, someone, step_up=True)
    return someone


def invitation(code: int, **changes: object) -> dict[str, object]:
    return {"phone": cast.fresh_phone(), "name": "新人甲", "role": "grid_worker", "region_code": str(code)} | changes


async def test_who_holds_no_post_and_who_proved_nothing_lately_appoint_nobody(
    api: httpx.AsyncClient, house: House, village: Village, chief: Person
) -> None:
    form = invitation(village.grid)
    answers = {
        "nobody": await api.post(f"{STAFF}/posts", json=form),
        "mei": await api.post(f"{STAFF}/posts", json=form, headers=village.mei.bearer),
        "li": await api.post(f"{STAFF}/posts", json=form, headers=village.li.bearer),
    }
    await cast.sit(house, chief, step_up=False)
    answers["chief"] = await api.post(f"{STAFF}/posts", json=form, headers=chief.bearer)
    await cast.sit(house, chief, second=False)
    answers["half"] = await api.get(f"{STAFF}/posts", params={"region": village.code}, headers=chief.bearer)
    said = {who: (answer.status_code, answer.json()["type"].rpartition("/")[2]) for who, answer in answers.items()}
    assert said["nobody"] == (401, "not-signed-in")
    assert said["mei"] == (403, "post-missing")
    assert said["chief"] == (403, "step-up")
    assert said["half"] == (401, "second-factor")
    assert said["li"][0] in {403, 404}


async def test_an_invitation_is_listed_changed_and_dismissed(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    made = await api.post(f"{STAFF}/posts", json=invitation(village.grid, department="县教育局"))
    assert made.status_code == 201, made.text
    post = made.json()
    assert (post["state"], post["department"], post["phone"][3:7]) == ("invited", "县教育局", "****")
    listed = (await api.get(f"{STAFF}/posts", params={"region": str(village.grid)})).json()["items"]
    assert {each["name"] for each in listed} == {"新人甲", "李桂芳"}
    changed = await api.patch(f"{STAFF}/posts/{post['id']}", json={"name": "新人乙"})
    assert (changed.json()["name"], changed.json()["department"]) == ("新人乙", "县教育局")
    assert (await api.post(f"{STAFF}/posts/{post['id']}/invitation")).status_code == 201
    gone = await api.post(f"{STAFF}/posts/{post['id']}/dismissal", json={"reason": "不来了"})
    assert gone.status_code == 204
    assert (await api.get(f"{STAFF}/posts/{post['id']}")).status_code == 404


async def test_whoever_is_dismissed_is_refused_with_the_next_request(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    roll = f"/api/v1/regions/{village.grid}/roll-call"
    assert (await api.get(roll, headers=village.li.bearer)).status_code == 200
    listed = await api.get(f"{STAFF}/posts", params={"region": str(village.grid)}, headers=chief.bearer)
    (li,) = [each for each in listed.json()["items"] if each["name"] == "李桂芳"]
    done = await api.post(f"{STAFF}/posts/{li['id']}/dismissal", json={}, headers=chief.bearer)
    assert done.status_code == 204
    assert (await api.get(roll, headers=village.li.bearer)).status_code in {401, 403}


async def test_a_wrong_invitation_names_every_field(api: httpx.AsyncClient, village: Village, chief: Person) -> None:
    api.headers.update(chief.bearer)
    wrong = invitation(village.grid, name="", role="king", phone="12")
    answer = await api.post(f"{STAFF}/posts", json=wrong)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} >= {"/name", "/role"}
    for changes in ({"region_code": str(village.code)}, {"valid_from": "2026-12-01", "valid_to": "2026-11-01"}):
        answer = await api.post(f"{STAFF}/posts", json=invitation(village.grid, **changes))
        assert answer.status_code == 422, answer.text
    far = await api.post(f"{STAFF}/posts", json=invitation(331102001001001))
    unknown = await api.post(f"{STAFF}/posts", json=invitation(village.code + 999))
    assert far.status_code == unknown.status_code == 404
    assert far.json() == unknown.json()
    extra = await api.post(f"{STAFF}/posts", json=invitation(village.grid, account_id="x"))
    assert extra.status_code == 422


async def test_the_table_is_shown_as_the_house_asks_it(api: httpx.AsyncClient, village: Village) -> None:
    answer = await api.get(f"{STAFF}/rights", headers=village.li.bearer)
    table = answer.json()
    assert {row["right"] for row in table["items"]} == {right.value for right in RIGHTS}
    assert set(table["mine"]) == {"directory", "message", "people", "call", "report_for"}


async def test_anybody_on_the_staff_may_ask_who_is_on_duty_anywhere(api: httpx.AsyncClient, village: Village) -> None:
    answer = await api.get(f"{STAFF}/on-duty", params={"region": str(village.other_grid)}, headers=village.li.bearer)
    (wu,) = answer.json()["items"]
    assert (wu["name"], wu["why"], answer.json()["gap"]) == ("吴秀英", "post", False)
    assert "****" in wu["phone"]


async def test_shifts_and_absences_are_planned_and_taken_back(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    api.headers.update(chief.bearer)
    listed = await api.get(f"{STAFF}/posts", params={"region": str(village.grid)})
    (li,) = listed.json()["items"]
    now = clock.now().timestamp()

    def at(hours: float) -> str:
        return clock.datetime.fromtimestamp(now + hours * 3600, clock.UTC).isoformat()

    shift = await api.post(f"{STAFF}/shifts", json={"post_id": li["id"], "starts_at": at(1), "ends_at": at(9)})
    assert shift.status_code == 201, shift.text
    twice = await api.post(f"{STAFF}/shifts", json={"post_id": li["id"], "starts_at": at(2), "ends_at": at(3)})
    assert twice.status_code == 409
    for wrong in ((9, 1), (1, 60), (-9, -8)):
        answer = await api.post(
            f"{STAFF}/shifts", json={"post_id": li["id"], "starts_at": at(wrong[0]), "ends_at": at(wrong[1])}
        )
        assert answer.status_code == 422
    naive = {"post_id": li["id"], "starts_at": "2026-12-01T08:00:00", "ends_at": "2026-12-01T10:00:00"}
    assert (await api.post(f"{STAFF}/shifts", json=naive)).status_code == 422
    found = await api.get(f"{STAFF}/shifts", params={"region": str(village.code)})
    assert [each["id"] for each in found.json()["items"]] == [shift.json()["id"]]
    assert (await api.post(f"{STAFF}/shifts/{shift.json()['id']}/cancellation")).status_code == 204
    away = await api.post(
        f"{STAFF}/absences", json={"post_id": li["id"], "from_at": at(-0.1), "until_at": at(9), "reason": "发热"}
    )
    assert away.status_code == 201, away.text
    gaps = (await api.get(f"{STAFF}/gaps", params={"region": str(village.code)})).json()
    assert (str(village.grid), "away") in {(gap["region_code"], gap["kind"]) for gap in gaps["items"]}
    assert (await api.post(f"{STAFF}/absences/{away.json()['id']}/return")).status_code == 204


async def test_the_board_belongs_to_who_watches_over_the_whole_unit(
    api: httpx.AsyncClient, village: Village, chief: Person
) -> None:
    board = await api.get(f"{STAFF}/board", params={"region": str(village.code)}, headers=chief.bearer)
    assert board.status_code == 200
    assert len(board.json()["parts"]) == 2
    for headers in (village.li.bearer, village.wu.bearer):
        assert (
            await api.get(f"{STAFF}/board", params={"region": str(village.code)}, headers=headers)
        ).status_code == 404
    above = village.code - village.code % 10**6
    assert (await api.get(f"{STAFF}/board", params={"region": str(above)}, headers=chief.bearer)).status_code == 404
