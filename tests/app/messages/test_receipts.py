"""What providers claim afterwards: read strictly, kept in one form, never believed for its looks."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit.ids import uuid7
from app.messages import receipts
from app.messages.gateways import aliyun, tencent
from app.messages.gateways.references import names, reference
from app.messages.letters import Fate, Sms
from tests.app.messages.conftest import Desk, fixed

pytestmark = pytest.mark.anyio

ID = uuid7()
ALIYUN: dict[str, Any] = {
    "phone_number": "13811110000", "send_time": "2017-01-01 00:00:00", "report_time": "2017-01-01 08:00:00",
    "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "12345",
    "out_id": str(ID),
}  # fmt: skip
TENCENT: dict[str, Any] = {
    "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13811110000",
    "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "5000:1",
}  # fmt: skip


def read(item: dict[str, Any]) -> receipts.Receipt:
    of = aliyun.receipts_of if "biz_id" in item else tencent.receipts_of
    return of(json.dumps([item]).encode())[0]


def test_the_documented_examples_are_read() -> None:
    """help.aliyun.com/document_detail/101867.html and cloud.tencent.com/document/api/382/59178."""
    midnight = datetime(2017, 1, 1, tzinfo=UTC)
    assert read(ALIYUN) == receipts.Receipt(
        "aliyun", "12345", "13811110000", True, "DELIVERED", midnight, ID, reference=str(ID)
    )
    morning = datetime(2015, 10, 17, 0, 3, 4, tzinfo=UTC)
    assert read(TENCENT) == receipts.Receipt("tencent", "5000:1", "13811110000", True, "DELIVRD", morning, None)


def test_a_failure_keeps_the_carriers_word() -> None:
    failed = read(ALIYUN | {"success": False, "err_code": "MK:0001"})
    assert (failed.arrived, failed.code, receipts.fate_of(failed.code)) == (False, "MK:0001", Fate.NEVER)
    failed = read(TENCENT | {"report_status": "FAIL", "errmsg": "UNDELIV"})
    assert (failed.arrived, failed.code, receipts.fate_of(failed.code)) == (False, "UNDELIV", Fate.LATER)


@pytest.mark.parametrize(
    "said", ["", None, "never", "2017-13-01 00:00:00", "0001-01-01 00:00:00", "0000-00-00 00:00:00"]
)
def test_a_time_nobody_can_read_costs_no_receipt(said: str | None) -> None:
    assert read(ALIYUN | {"report_time": said}).at is None
    assert read(TENCENT | {"user_receive_time": said}).at is None


@pytest.mark.parametrize("said", ["", None, "67890", "x" * 512])
def test_a_reference_that_is_none_of_ours_is_no_id(said: str | None) -> None:
    assert read(ALIYUN | {"out_id": said}).out_id is None
    assert read(TENCENT | {"ext": said}).out_id is None


def test_our_reference_comes_back_where_tencent_enabled_it() -> None:
    assert read(TENCENT | {"ext": str(ID)}).out_id == ID


@pytest.mark.parametrize("phone", ["+8613811110000", "8613811110000", "008613811110000"])
def test_a_country_code_before_the_number_is_taken_off(phone: str) -> None:
    assert read(ALIYUN | {"phone_number": phone}).phone == "13811110000"


@pytest.mark.parametrize(
    "change",
    [
        {"phone_number": "1381111000"}, {"phone_number": "１３８１１１１００００"}, {"phone_number": 13811110000},
        {"phone_number": None}, {"phone_number": "13811110000\n"}, {"success": "true"}, {"success": 1},
        {"success": None}, {"biz_id": ""}, {"biz_id": "a\x00b"}, {"biz_id": "x" * 129}, {"biz_id": 7},
        {"biz_id": "\u202e12345"}, {"err_code": "A\x1b[31m"}, {"err_code": ["DELIVERED"]}, {"out_id": "x" * 513},
        {"out_id": "a\tb"}, {"out_id": {"a": 1}}, {"report_time": 0},
    ],
)  # fmt: skip
def test_a_malformed_receipt_of_aliyun_is_refused_in_plain_words(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="receipt") as refused:
        read(ALIYUN | change)
    assert type(refused.value) is ValueError
    assert "138" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"mobile": "138"}, {"mobile": None}, {"nationcode": "1"}, {"nationcode": 86}, {"report_status": "success"},
        {"report_status": True}, {"sid": ""}, {"sid": "a\nb"}, {"errmsg": "\x7f"}, {"ext": "x" * 600},
    ],
)  # fmt: skip
def test_a_malformed_receipt_of_tencent_is_refused_in_plain_words(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="receipt") as refused:
        read(TENCENT | change)
    assert type(refused.value) is ValueError


BAD = [
    b"", b"[", b"{}", b"null", b"[null]", b"[[]]", b'"x"', b"[1]", b"[NaN]", b"NaN", b"[Infinity]", b"\xff\xfe",
    b"<html>", b"[" * 200_000, b'[{"a":' * 50_000, b" " * 2_000_000, b'[{"biz_id":"\\ud800"}]', b"[1e999999]",
    b"[" + b"9" * 5_000 + b"]", b"[" + b" " * 2_000_000 + b"]",
    json.dumps([ALIYUN] * 1_001).encode(), json.dumps([TENCENT] * 1_001).encode(),
    json.dumps([ALIYUN]).replace("true", "NaN").encode(), "[]".encode("utf-16"),
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD, ids=range(len(BAD)))
def test_what_is_no_list_of_receipts_is_refused_in_plain_words(raw: bytes) -> None:
    for of in (aliyun.receipts_of, tencent.receipts_of):
        with pytest.raises(ValueError, match="receipts") as refused:
            of(raw)
        assert type(refused.value) is ValueError


def test_a_thousand_receipts_and_none_are_read() -> None:
    assert len(aliyun.receipts_of(json.dumps([ALIYUN] * 1_000).encode())) == 1_000
    assert tencent.receipts_of(b"[]") == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ALIYUN, *TENCENT]), inner),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200) | JSON.map(lambda said: json.dumps(said).encode()))
def test_nothing_but_value_errors_ever_comes_of_it(raw: bytes) -> None:
    for of in (aliyun.receipts_of, tencent.receipts_of):
        try:
            of(raw)
        except ValueError as refused:
            assert type(refused) is ValueError  # noqa: PT017


async def test_receipts_name_each_letter_of_a_batch_twice_and_before_the_answer(desk: Desk) -> None:
    of = aliyun.receipts_of if desk.gateway.name == "aliyun" else tencent.receipts_of
    early: list[bytes] = []
    answered = False

    async def push() -> None:
        assert not answered
        early.extend(desk.stand.callbacks() * 2)

    desk.stand.before_answer = push
    desk.stand.now = fixed(2020, 2, 8)
    letters = desk.letters(5)
    desk.stand.carrier[letters[2].phone] = "MK:0001"
    outcomes = await desk.again(now=desk.stand.now).send(letters)
    answered = True
    await asyncio.sleep(0)
    told = [receipt for raw in early for receipt in of(raw)]
    by_phone = {receipt.phone: receipt for receipt in told}
    assert len(told) == 10
    for letter, outcome in zip(letters, outcomes, strict=True):
        receipt = by_phone[letter.phone]
        assert (receipt.provider, receipt.provider_id) == (desk.gateway.name, outcome.provider_id)
        assert (receipt.arrived, receipt.at) == (letter is not letters[2], fixed(2020, 2, 8)())
        if desk.gateway.name == "aliyun":
            assert names(receipt.reference, letter.id)


def test_a_reference_names_its_letters_and_no_others() -> None:
    for many, room in ((1, 255), (2, 255), (31, 255), (100, 255), (100, 511)):
        letters = [Sms(uuid7(), "13800138000", "T", ()) for _ in range(many)]
        kept = reference(letters, room)
        assert len(kept) <= room
        assert all(names(kept, letter.id) for letter in letters)
    strangers = sum(names(kept, uuid7()) for _ in range(10_000))
    assert strangers == 0
    assert not names("", ID)
    assert not names("2:", ID)
    with pytest.raises(ValueError, match="too many"):
        reference([Sms(uuid7(), "13800138000", "T", ())] * 200, 255)
