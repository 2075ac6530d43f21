"""Aliyun's text messages: its signature, its batches, its words, its records."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from app.messages.gateways.aliyun import authorization, query_of
from app.messages.gateways.calling import Key
from app.messages.letters import Fate, Sms
from tests.app.messages.conftest import ALIYUN, Desk, fixed
from tests.gateways.aliyun import CODE, SIGN
from tests.gateways.behaving import hang, refuses

pytestmark = pytest.mark.anyio


def test_the_signature_is_the_one_aliyun_published() -> None:
    """https://help.aliyun.com/document_detail/2593177.html, the example with fixed parameters."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    query = query_of({"RegionId": "cn-shanghai", "ImageId": image})
    signed = authorization(Key("YourAccessKeyId", "YourAccessKeySecret"), query, headers, b"")
    assert signed == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_parameters_are_sorted_and_everything_unusual_is_escaped() -> None:
    assert query_of({"b": "a b+*~/=&", "a": "中", "B": ""}) == "B=&a=%E4%B8%AD&b=a%20b%2B%2A~%2F%3D%26"


async def test_one_letter_travels_with_its_id_and_its_parameters(at_aliyun: Desk) -> None:
    letter = replace(at_aliyun.letter(), template=CODE, params=(("code", "012345"),))
    assert [outcome.fate for outcome in await at_aliyun.gateway.send([letter])] == [Fate.TAKEN]
    taken = at_aliyun.stand.taken[0]
    assert (taken.phone, taken.params, taken.out_id) == (letter.phone, {"code": "012345"}, str(letter.id))
    assert taken.content == f"【{SIGN}】您的验证码为012345，10分钟内有效。"
    assert at_aliyun.stand.calls == ["SendSms"]


async def test_a_thousand_letters_of_one_template_are_ten_calls(at_aliyun: Desk) -> None:
    letters = [at_aliyun.letter(name=f"居民{number}＆/+~ é") for number in range(1000)]
    outcomes = await at_aliyun.gateway.send(letters)
    assert {outcome.fate for outcome in outcomes} == {Fate.TAKEN}
    assert at_aliyun.stand.calls == ["SendBatchSms"] * 10
    by_phone = {taken.phone: taken for taken in at_aliyun.stand.taken}
    for letter, outcome in zip(letters, outcomes, strict=True):
        taken = by_phone[letter.phone]
        assert (taken.params, taken.biz_id) == (dict(letter.params), outcome.provider_id)
        assert len(taken.out_id) <= 255


async def test_no_nonce_is_used_twice(at_aliyun: Desk) -> None:
    for _ in range(3):
        await at_aliyun.gateway.send(at_aliyun.letters(2))
    assert len(at_aliyun.stand.nonces) == 3


@pytest.mark.parametrize("code", ["isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL"])
async def test_one_bad_number_of_a_hundred_does_not_harm_ninety_nine(at_aliyun: Desk, code: str) -> None:
    letters = at_aliyun.letters(100)
    at_aliyun.stand.faults[letters[41].phone] = code
    outcomes = await at_aliyun.gateway.send(letters)
    fate = Fate.NEVER if "ILLEGAL" in code else Fate.LATER
    assert [place for place, outcome in enumerate(outcomes) if outcome.fate is not Fate.TAKEN] == [41]
    assert (outcomes[41].fate, outcomes[41].code, outcomes[41].unsure) == (fate, code, False)
    assert sorted(taken.phone for taken in at_aliyun.stand.taken) == sorted(
        letter.phone for letter in letters if letter is not letters[41]
    )
    assert at_aliyun.stand.calls == ["SendBatchSms", *["SendSms"] * 100]


async def test_one_word_too_long_does_not_hold_up_its_neighbours(at_aliyun: Desk) -> None:
    letters = [at_aliyun.letter(name="长" * 40), *at_aliyun.letters(3)]
    outcomes = await at_aliyun.gateway.send(letters)
    assert [outcome.fate for outcome in outcomes] == [Fate.BROKEN, *[Fate.TAKEN] * 3]


async def test_letters_sent_singly_stop_when_the_line_goes_down(at_aliyun: Desk) -> None:
    letters = at_aliyun.letters(100)
    at_aliyun.stand.faults[letters[0].phone] = "isv.MOBILE_NUMBER_ILLEGAL"
    at_aliyun.stand.will(refuses("isv.MOBILE_NUMBER_ILLEGAL"), *[hang(taking=True)] * 100)
    outcomes = await at_aliyun.gateway.send(letters)
    assert len(at_aliyun.stand.heard) == 11
    assert [outcome.unsure for outcome in outcomes] == [True] * 10 + [False] * 90
    assert {outcome.code for outcome in outcomes[10:]} == {"not-tried"}


async def test_a_sign_nobody_approved_is_broken_for_all_and_asked_once(at_aliyun: Desk) -> None:
    gateway = at_aliyun.again(account=replace(ALIYUN, sign="没有批准"))
    outcomes = await gateway.send(at_aliyun.letters(50))
    assert {(outcome.fate, outcome.code) for outcome in outcomes} == {(Fate.BROKEN, "isv.SMS_SIGNATURE_ILLEGAL")}
    assert len(at_aliyun.stand.heard) == 1


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", Fate.LATER),
        ("isp.SYSTEM_ERROR", Fate.LATER),
        ("Throttling.User", Fate.LATER),
        ("ServiceUnavailable", Fate.LATER),
        ("isv.MOBILE_NUMBER_ILLEGAL", Fate.NEVER),
        ("isv.AMOUNT_NOT_ENOUGH", Fate.BROKEN),
        ("isv.OUT_OF_SERVICE", Fate.BROKEN),
        ("isv.DAY_LIMIT_CONTROL", Fate.BROKEN),
        ("isp.RAM_PERMISSION_DENY", Fate.BROKEN),
        ("isv.SMS_TEMPLATE_ILLEGAL", Fate.BROKEN),
    ],
)
async def test_every_word_has_its_fate(at_aliyun: Desk, code: str, fate: Fate) -> None:
    at_aliyun.stand.will(refuses(code))
    outcome = (await at_aliyun.gateway.send([at_aliyun.letter()]))[0]
    assert (outcome.fate, outcome.code, outcome.unsure) == (fate, code, False)


async def test_a_call_that_something_repeated_on_the_way_is_unsure(at_aliyun: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.messages.gateways.aliyun.secrets.token_hex", lambda _: "always-the-same")
    letter = at_aliyun.letter()
    assert (await at_aliyun.gateway.send([letter]))[0].fate is Fate.TAKEN
    outcome = (await at_aliyun.gateway.send([letter]))[0]
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "SignatureNonceUsed", True)


@pytest.mark.parametrize(
    ("carrier", "fate", "code"),
    [
        ("", Fate.TAKEN, "waiting"),
        ("DELIVERED", Fate.DELIVERED, "DELIVERED"),
        ("INVALID_NUMBER", Fate.NEVER, "INVALID_NUMBER"),
        ("CONTENT_KEYWORD", Fate.BROKEN, "CONTENT_KEYWORD"),
        ("SP_UNKNOWN_ERROR", Fate.LATER, "SP_UNKNOWN_ERROR"),
    ],
)
async def test_a_look_up_knows_what_the_carrier_said(at_aliyun: Desk, carrier: str, fate: Fate, code: str) -> None:
    letters = at_aliyun.letters(3)
    at_aliyun.stand.carrier[letters[1].phone] = carrier
    await at_aliyun.gateway.send(letters)
    found = await at_aliyun.gateway.look_up(letters[1])
    assert (found.fate, found.code, found.unsure) == (fate, code, False)


async def test_a_look_up_finds_its_letter_among_hundreds_of_the_same_phone(at_aliyun: Desk) -> None:
    phone = at_aliyun.letter().phone
    letters = [at_aliyun.letter(phone, name=f"第{number}位") for number in range(120)]
    await at_aliyun.gateway.send(letters)
    at_aliyun.stand.calls.clear()
    assert (await at_aliyun.gateway.look_up(letters[119])).fate is Fate.DELIVERED
    assert at_aliyun.stand.calls == ["QuerySendDetails"] * 9
    assert await at_aliyun.gateway.look_up(at_aliyun.letter(phone)) is None


async def test_a_phone_with_more_records_than_are_read_is_unsure(at_aliyun: Desk) -> None:
    phone = at_aliyun.letter().phone
    await at_aliyun.gateway.send([at_aliyun.letter(phone) for _ in range(150)])
    found = await at_aliyun.gateway.look_up(at_aliyun.letter(phone))
    assert (found.fate, found.code, found.unsure) == (Fate.LATER, "too-many-records", True)


async def test_a_letter_sent_before_midnight_is_found_after_it(at_aliyun: Desk) -> None:
    letter = at_aliyun.letter()
    at_aliyun.stand.now = fixed(2020, 2, 8, 15)  # 23:00 in China
    assert (await at_aliyun.again(now=at_aliyun.stand.now).send([letter]))[0].fate is Fate.TAKEN
    at_aliyun.stand.now = lambda: fixed(2020, 2, 8, 15)() + timedelta(hours=2)
    assert (await at_aliyun.again(now=at_aliyun.stand.now).look_up(letter)).fate is Fate.DELIVERED
    dates = [call.query for call in at_aliyun.stand.heard if "SendDate" in call.query]
    assert ["SendDate=20200209" in dates[0], "SendDate=20200208" in dates[1], len(dates)] == [True, True, 2]


async def test_after_a_failed_attempt_and_a_good_one_the_good_one_counts(at_aliyun: Desk) -> None:
    letter: Sms = at_aliyun.letter()
    at_aliyun.stand.carrier[letter.phone] = "INVALID_NUMBER"
    await at_aliyun.gateway.send([letter])
    kept = at_aliyun.stand.by_phone[letter.phone]
    details = [at_aliyun.stand._detail(kept[0]), at_aliyun.stand._detail(kept[0]) | {"SendStatus": 3}]
    at_aliyun.stand._query = lambda _: {"SmsSendDetailDTOs": {"SmsSendDetailDTO": details}}
    assert (await at_aliyun.gateway.look_up(letter)).fate is Fate.DELIVERED


async def test_the_lists_of_a_batch_go_in_the_body(at_aliyun: Desk) -> None:
    letters = at_aliyun.letters(2)
    await at_aliyun.gateway.send(letters)
    call = at_aliyun.stand.heard[0]
    assert "PhoneNumberJson" not in call.query
    assert json.dumps(letters[0].phone)[1:-1] in call.body.decode()
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
