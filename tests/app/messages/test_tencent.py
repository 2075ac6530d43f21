"""Tencent's text messages: its signature, its answers number by number, its words, its reports."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.messages.gateways.calling import Key
from app.messages.gateways.tencent import authorization
from app.messages.letters import Fate, Sms
from tests.app.messages.conftest import TENCENT, Desk
from tests.gateways.behaving import Behaviour, Reply, refuses
from tests.gateways.tencent import CODE

pytestmark = pytest.mark.anyio

# The escapes are part of the published payload: six characters each.
PAYLOAD = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'


@pytest.mark.parametrize(
    ("key", "more", "signature"),
    [
        (
            Key("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
            {},
            "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
        ),
        (
            Key("AKID" + "*" * 32, "*" * 32),
            {"x-tc-action": "DescribeInstances"},
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
    ],
)
def test_the_signature_is_the_one_tencent_published(key: Key, more: dict[str, str], signature: str) -> None:
    """https://cloud.tencent.com/document/api/362/4208: both editions of the example, the newer with stars for keys."""
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"} | more
    assert authorization(key, ("cvm", 1551113065), headers, PAYLOAD) == (
        f"TC3-HMAC-SHA256 Credential={key.id}/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders={';'.join(sorted(headers))}, Signature={signature}"
    )


def same(desk: Desk, many: int) -> list[Sms]:
    """Letters that all say the same."""
    return [desk.letter() for _ in range(many)]


async def test_one_letter_travels_with_its_id_and_its_parameters_in_order(at_tencent: Desk) -> None:
    letter = at_tencent.letter(name="王建国")
    await at_tencent.gateway.send([letter])
    taken = at_tencent.stand.taken[0]
    assert (taken.phone, taken.params, taken.session) == (
        f"+86{letter.phone}",
        ("王建国", "10:00"),
        str(letter.id),
    )
    assert at_tencent.stand.heard[0].headers["x-tc-region"] == "ap-guangzhou"


async def test_letters_that_say_the_same_share_calls_and_others_do_not(at_tencent: Desk) -> None:
    alike = same(at_tencent, 250)
    codes = [replace(at_tencent.letter(), template=CODE, params=(("code", f"{number}"),)) for number in range(5)]
    outcomes = await at_tencent.gateway.send([*codes, *alike])
    assert {outcome.fate for outcome in outcomes} == {Fate.TAKEN}
    sizes = sorted(len(json.loads(call.body)["PhoneNumberSet"]) for call in at_tencent.stand.heard)
    assert sizes == [1, 1, 1, 1, 1, 50, 50, 50, 50, 50]
    assert len({outcome.provider_id for outcome in outcomes}) == 255
    assert max(len(taken.session) for taken in at_tencent.stand.taken) < 512


async def test_one_bad_number_of_a_hundred_does_not_harm_ninety_nine(at_tencent: Desk) -> None:
    letters = same(at_tencent, 100)
    at_tencent.stand.faults[letters[41].phone] = "FailedOperation.PhoneNumberInBlacklist"
    outcomes = await at_tencent.gateway.send(letters)
    assert [place for place, outcome in enumerate(outcomes) if outcome.fate is not Fate.TAKEN] == [41]
    assert outcomes[41].fate is Fate.NEVER
    assert len(at_tencent.stand.taken) == 99
    assert len(at_tencent.stand.heard) == 2


async def test_a_call_refused_whole_for_one_number_is_sent_singly(at_tencent: Desk) -> None:
    letters = same(at_tencent, 20)
    at_tencent.stand.faults[letters[7].phone] = "InvalidParameterValue.IncorrectPhoneNumber"
    at_tencent.stand.will(refuses("InvalidParameterValue.IncorrectPhoneNumber"))
    outcomes = await at_tencent.gateway.send(letters)
    assert [place for place, outcome in enumerate(outcomes) if outcome.fate is not Fate.TAKEN] == [7]
    assert len(at_tencent.stand.heard) == 21


async def test_a_sign_nobody_approved_is_broken_for_all_and_asked_once(at_tencent: Desk) -> None:
    gateway = at_tencent.again(account=replace(TENCENT, sign="没有批准"))
    outcomes = await gateway.send(same(at_tencent, 50))
    assert {outcome.fate for outcome in outcomes} == {Fate.BROKEN}
    assert len(at_tencent.stand.heard) == 1


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("code", "fate", "unsure"),
    [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", Fate.LATER, False),
        ("LimitExceeded.DeliveryFrequencyLimit", Fate.LATER, False),
        ("RequestLimitExceeded.UinLimitExceeded", Fate.LATER, False),
        ("InternalError", Fate.LATER, False),
        ("InternalError.Timeout", Fate.LATER, True),
        ("InternalError.SendAndRecvFail", Fate.LATER, True),
        ("InternalError.SigVerificationFail", Fate.BROKEN, False),
        ("InvalidParameterValue.IncorrectPhoneNumber", Fate.NEVER, False),
        ("FailedOperation.PhoneNumberOnBlacklist", Fate.NEVER, False),
        ("FailedOperation.InsufficientBalanceInSmsPackage", Fate.BROKEN, False),
        ("UnauthorizedOperation.SerivceSuspendDueToArrears", Fate.BROKEN, False),
        ("LimitExceeded.AppDailyLimit", Fate.BROKEN, False),
        ("FailedOperation.SomethingNew", Fate.BROKEN, False),
    ],
)
async def test_every_word_has_its_fate(at_tencent: Desk, code: str, fate: Fate, unsure: bool, whole: bool) -> None:
    letter = at_tencent.letter()
    if whole:
        at_tencent.stand.will(refuses(code))
    else:
        at_tencent.stand.faults[letter.phone] = code
    outcome = (await at_tencent.gateway.send([letter]))[0]
    assert (outcome.fate, outcome.code, outcome.unsure) == (fate, code, unsure)


async def test_a_number_the_answer_forgets_is_unsure(at_tencent: Desk) -> None:
    letters = same(at_tencent, 2)
    said = [{"PhoneNumber": f"+86{letters[1].phone}", "Code": "Ok", "SerialNo": "5000:1"}]
    reply = Reply(200, json.dumps({"Response": {"SendStatusSet": said}}).encode())
    at_tencent.stand.will(Behaviour("reply", reply=reply))
    outcomes = await at_tencent.gateway.send(letters)
    assert (outcomes[0].fate, outcomes[0].code, outcomes[0].unsure) == (Fate.LATER, "not-mentioned", True)
    assert (outcomes[1].fate, outcomes[1].provider_id) == (Fate.TAKEN, "5000:1")


async def test_a_clock_four_minutes_off_still_passes_and_six_do_not(at_tencent: Desk) -> None:
    for minutes, fate in ((-4, Fate.TAKEN), (4, Fate.TAKEN), (-6, Fate.BROKEN), (6, Fate.BROKEN)):
        gateway = at_tencent.again(now=lambda off=minutes: datetime.now(UTC) + timedelta(minutes=off))
        assert (await gateway.send([at_tencent.letter()]))[0].fate is fate


@pytest.mark.parametrize(
    ("carrier", "fate"),
    [
        ("DELIVRD", Fate.DELIVERED),
        ("MK:0001", Fate.NEVER),
        ("MBBLACK", Fate.NEVER),
        ("UNDELIV", Fate.LATER),
    ],
)
async def test_a_look_up_knows_what_the_carrier_said(at_tencent: Desk, carrier: str, fate: Fate) -> None:
    letters = same(at_tencent, 100)
    at_tencent.stand.carrier[letters[60].phone] = carrier
    outcomes = await at_tencent.gateway.send(letters)
    found = await at_tencent.gateway.look_up(letters[60])
    assert (found.fate, found.code, found.provider_id) == (fate, carrier, outcomes[60].provider_id)


async def test_a_phone_with_more_reports_than_are_shown_is_unsure(at_tencent: Desk) -> None:
    phone = at_tencent.letter().phone
    for number in range(100):
        template = {"template": CODE, "params": (("code", f"{number}"),)}
        await at_tencent.gateway.send(
            [replace(letter, **template) for letter in (at_tencent.letter(phone), *same(at_tencent, 49))]
        )
    found = await at_tencent.gateway.look_up(at_tencent.letter(phone))
    assert (found.fate, found.code, found.unsure) == (Fate.LATER, "too-many-records", True)


async def test_before_the_carrier_reports_a_look_up_knows_nothing(at_tencent: Desk) -> None:
    letter = at_tencent.letter()
    at_tencent.stand.carrier[letter.phone] = ""
    await at_tencent.gateway.send([letter])
    assert await at_tencent.gateway.look_up(letter) is None


async def test_a_look_up_tells_letters_of_one_phone_apart(at_tencent: Desk) -> None:
    phone = at_tencent.letter().phone
    first, second, never_sent = (at_tencent.letter(phone) for _ in range(3))
    outcomes = await at_tencent.gateway.send([first, *same(at_tencent, 3), second])
    assert (await at_tencent.gateway.look_up(first)).provider_id == outcomes[0].provider_id
    assert (await at_tencent.gateway.look_up(second)).provider_id == outcomes[4].provider_id
    assert await at_tencent.gateway.look_up(never_sent) is None
