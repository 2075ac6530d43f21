"""Receipts: late, twice, before the answer, forged, of strangers; they only ever move a message forward."""

import json
from typing import Any

import httpx
import pytest

from app.kit.ids import uuid7
from app.messages import receiving, stuck
from app.messages.receiving import Received
from models.messages.keeping import ReceiptsCounted
from routers.kit import metrics
from tests.app.messages.posts import Clock, Post, here, looking_after, receive
from tests.cast import fresh_phone
from tests.gateways.aliyun import AliyunStandIn
from tests.gateways.behaving import hang
from tests.gateways.tencent import TencentStandIn

pytestmark = pytest.mark.anyio


async def kept(office: Post) -> list[tuple[bool, bool, bool]]:
    """(arrived, of a delivery of ours, moved) of every receipt."""
    rows = await office.sql("SELECT arrived, delivery_id IS NOT NULL, moved FROM receipt ORDER BY at, digest")
    return [tuple(row) for row in rows]


def claim(**changes: Any) -> bytes:
    usual = {"phone_number": "13811110000", "success": True, "biz_id": "12345", "err_code": "DELIVERED"}
    return json.dumps([usual | changes]).encode()


async def test_receipts_confirm_a_whole_batch_and_a_second_time_change_nothing(
    one: Post, aliyun_stand_in: AliyunStandIn
) -> None:
    names = await one.codes([fresh_phone() for _ in range(120)])
    await one.office.once()
    assert await receive(one, *aliyun_stand_in.callbacks()) == 120
    assert {await one.state(name) for name in names} == {"delivered"}
    assert await receive(one, *aliyun_stand_in.callbacks()) == 0
    assert await kept(one) == [(True, True, True)] * 120


@pytest.mark.parametrize("ext", [True, False])
async def test_tencents_receipts_are_found_by_its_number_for_the_letter(
    both: Post, tencent_stand_in: TencentStandIn, ext: bool
) -> None:
    await both.sql("DELETE FROM template_code WHERE provider = 'aliyun'")
    names = await both.codes([fresh_phone() for _ in range(5)])
    await both.office.once()
    assert await receive(both, *tencent_stand_in.callbacks(ext=ext), provider="tencent") == 5
    assert {await both.state(name) for name in names} == {"delivered"}


@pytest.mark.parametrize("count", [1, 7])
async def test_a_receipt_that_is_quicker_than_the_answer_is_believed(
    one: Post, aliyun_stand_in: AliyunStandIn, count: int
) -> None:
    async def at_once() -> None:
        await receive(one, *aliyun_stand_in.callbacks())

    aliyun_stand_in.before_answer = here(at_once)
    names = await one.codes([fresh_phone() for _ in range(count)])
    await one.office.once()
    rows = [await one.delivery(name) for name in names]
    assert {(row.state, row.worker, row.provider) for row in rows} == {("delivered", None, "aliyun")}
    assert all(row.provider_id for row in rows)
    assert await kept(one) == [(True, True, True)] * count


async def test_a_receipt_comes_although_the_answer_never_did(
    one: Post, aliyun_stand_in: AliyunStandIn, moved_clock: Clock
) -> None:
    one.hasty()
    aliyun_stand_in.will(hang(taking=True))
    (name,) = await one.codes([fresh_phone()])
    await one.office.once()
    assert await one.state(name) == "temporary_failure"
    assert await receive(one, *aliyun_stand_in.callbacks()) == 1
    assert await one.state(name) == "delivered"
    moved_clock.on(minutes=5)
    await one.office.once()
    assert len(aliyun_stand_in.taken) == 1, "and it is not sent again"


async def test_a_number_that_is_gone_leads_on_to_the_call_list(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    account = await one.account(phone := fresh_phone())
    aliyun_stand_in.carrier[phone] = "MOBILE_NOT_ON_SERVICE"
    message = await one.missing(account.id)
    await one.office.once()
    assert await receive(one, *aliyun_stand_in.callbacks()) == 1
    await one.office.once()
    assert await one.states(message) == {
        "sms": ("permanent_failure", "MOBILE_NOT_ON_SERVICE"), "call": ("pending", ""),
    }  # fmt: skip


async def test_a_carrier_that_failed_is_tried_again_by_the_other_provider(
    both: Post, aliyun_stand_in: AliyunStandIn, tencent_stand_in: TencentStandIn, moved_clock: Clock
) -> None:
    aliyun_stand_in.carrier[phone := fresh_phone()] = "SP_SEND_FAIL"
    message = await both.code(phone)
    await both.office.once()
    assert await receive(both, *aliyun_stand_in.callbacks()) == 1
    row = await both.delivery(message)
    assert (row.state, row.code) == ("temporary_failure", "SP_SEND_FAIL")
    moved_clock.on(seconds=31)
    await both.office.once()
    assert (await both.state(message), len(tencent_stand_in.taken)) == ("pending", 1)
    # The first provider says the same again in other words: that is of a try that is over.
    aliyun_stand_in.carrier[phone] = "MOBILE_IN_BLACK"
    assert await receive(both, *aliyun_stand_in.callbacks()) == 0
    assert await both.state(message) == "pending"
    # And then that it has arrived after all: that is true whichever try it was.
    aliyun_stand_in.carrier.pop(phone)
    assert await receive(both, *aliyun_stand_in.callbacks()) == 1
    assert await both.state(message) == "delivered"


async def test_what_has_arrived_is_not_undone_by_a_failure_that_comes_late(
    one: Post, aliyun_stand_in: AliyunStandIn
) -> None:
    name = await one.code(phone := fresh_phone())
    await one.office.once()
    await receive(one, *aliyun_stand_in.callbacks())
    aliyun_stand_in.carrier[phone] = "MOBILE_IN_BLACK"
    assert await receive(one, *aliyun_stand_in.callbacks()) == 0
    assert await one.state(name) == "delivered"
    assert sorted(await kept(one)) == [(False, True, False), (True, True, True)]


async def test_a_receipt_needs_the_right_name_and_the_right_phone(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    name = await one.code(phone := fresh_phone())
    await one.office.once()
    (taken,) = aliyun_stand_in.taken
    for wrong in (
        claim(phone_number=fresh_phone(), biz_id=taken.biz_id),
        claim(phone_number=phone, biz_id="another"),
        claim(phone_number=fresh_phone(), biz_id="another", out_id=str(name)),
        claim(phone_number=phone, biz_id="a third", out_id=str(uuid7())),
    ):
        assert await receive(one, wrong) == 0
    assert await one.state(name) == "pending"
    assert await kept(one) == [(True, False, False)] * 4, "kept, as of a message that we do not know"
    assert await receive(one, claim(phone_number=phone, biz_id="a fourth", out_id=str(name))) == 1


async def test_what_became_of_each_receipt_is_counted_and_shown(one: Post, aliyun_stand_in: AliyunStandIn) -> None:
    await one.codes([fresh_phone() for _ in range(3)])
    await one.office.once()
    (first, *others) = [item for body in aliyun_stand_in.callbacks() for item in json.loads(body)]
    late = first | {"success": False, "err_code": "MOBILE_IN_BLACK"}
    stranger = first | {"biz_id": "of somebody else", "out_id": str(uuid7())}
    bodies = (
        ([first], Received(moved=1)),
        ([first, late, stranger, {"strange": 1}], Received(unchanged=1, unknown=1, replayed=1, unreadable=1)),
        ([first, *others, others[0]], Received(moved=2, replayed=2)),
    )
    for items, expected in bodies:
        async with one.house.database.writing() as db:
            assert await receiving.receive(db, "aliyun", json.dumps(items).encode()) == expected
    async with one.house.database.reading() as db:
        (told,) = (await stuck(db, looking_after())).receipts.items
    assert told == ReceiptsCounted(provider="aliyun", taken=5, moved=3, unchanged=1, unknown=1, repeated=1)
    await one.sql("UPDATE receipt SET at = at - interval '2 days' WHERE arrived")
    async with one.house.database.reading() as db:
        (told,) = (await stuck(db, looking_after())).receipts.items
    assert (told.taken, told.moved, told.repeated) == (1, 0, 1), "those of earlier days are not counted"


async def test_one_receipt_that_cannot_be_read_does_not_take_the_others_along(
    one: Post, aliyun_stand_in: AliyunStandIn
) -> None:
    name = await one.code()
    await one.office.once()
    (good,) = json.loads(aliyun_stand_in.callbacks()[0])
    assert await receive(one, json.dumps([{"strange": 1}, good, good | {"phone_number": "0571"}]).encode()) == 1
    assert await one.state(name) == "delivered"
    for body in (b"", b"[", b"{}", b'"x"', b'[{"strange":1}]', b"[1,2]", b"\xff", b"[" * 50_000):
        with pytest.raises(ValueError, match=r".*"):
            await receive(one, body)


# --- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
async def test_only_the_secret_address_is_answered(api: httpx.AsyncClient, house: Any, provider: str) -> None:
    token = receiving.token(house.vault.ring, provider)
    other = receiving.token(house.vault.ring, "tencent" if provider == "aliyun" else "aliyun")
    right = {"aliyun": {"code": 0, "msg": "OK"}, "tencent": {"result": 0, "errmsg": "OK"}}[provider]
    answer = await api.post(f"/api/v1/receipts/{provider}/{token}", content=b"[]")
    assert (answer.status_code, answer.json()) == (200, right)
    for wrong in (other, token[:-1], token.lower(), "x", "%00", "é"):
        answer = await api.post(f"/api/v1/receipts/{provider}/{wrong}", content=b"[]")
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
    assert (await api.post(f"/api/v1/receipts/outbox/{token}", content=b"[]")).status_code == 404
    assert (await api.post(f"/api/v1/receipts/{provider}/{token}", content=b"nonsense")).status_code == 422
    assert (await api.get("/metrics")).text.count(f'shouwang_receipts_total{{provider="{provider}",what="refused"}}')


async def test_what_was_turned_away_and_what_was_taken_is_counted(api: httpx.AsyncClient, house: Any) -> None:
    def counted() -> dict[str, tuple[int, int]]:
        return {each.provider: (each.refused, each.unreadable) for each in metrics.turned_away()}

    address, before = f"/api/v1/receipts/tencent/{receiving.token(house.vault.ring, 'tencent')}", counted()
    for path, body in ((address[:-1], b"[]"), (address, b"nonsense"), (address, b"[1]")):
        await api.post(path, content=body)
    refused, unreadable = before.get("tencent", (0, 0))
    assert counted()["tencent"] == (refused + 1, unreadable + 2)
    await api.post("/api/v1/receipts/nobody/x", content=b"[]")
    assert counted()["unknown"][0] == before.get("unknown", (0, 0))[0] + 1
    aliyun = f"/api/v1/receipts/aliyun/{receiving.token(house.vault.ring, 'aliyun')}"
    for _ in range(2):
        assert (await api.post(aliyun, content=claim(biz_id="counted-once"))).json() == {"code": 0, "msg": "OK"}
    told = (await api.get("/metrics")).text
    for what in ("moved", "unchanged", "unknown", "replayed"):
        assert f'shouwang_receipts_total{{provider="aliyun",what="{what}"}}' in told


async def test_a_body_may_be_larger_than_usual_and_not_larger_than_that(api: httpx.AsyncClient, house: Any) -> None:
    address = f"/api/v1/receipts/aliyun/{receiving.token(house.vault.ring, 'aliyun')}"
    item = json.loads(claim())[0]
    many = json.dumps([item | {"biz_id": f"b{uuid7()}", "phone_number": "13811110001"} for _ in range(1_000)]).encode()
    assert 100_000 < len(many) < 256 * 1024
    assert (await api.post(address, content=many)).json() == {"code": 0, "msg": "OK"}

    async def chunks() -> Any:
        for _ in range(5):
            yield b" " * 64 * 1024

    assert (await api.post(address, content=b" " * (256 * 1024 + 1))).status_code == 413
    assert (await api.post(address, content=chunks())).status_code == 413
