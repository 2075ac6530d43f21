"""What holds at either provider of text messages, over real sockets."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from app.messages.gateways.calling import Key, word
from app.messages.letters import Fate, Outcome, Sms
from tests.app.messages.conftest import ALIYUN, TENCENT, Desk
from tests.gateways import behaving
from tests.gateways.behaving import cut, drip, hang, slow, status, too_many
from tests.gateways.standing import free_port

pytestmark = pytest.mark.anyio


async def sent(desk: Desk, letter: Sms | None = None) -> Outcome:
    return (await desk.gateway.send([letter or desk.letter()]))[0]


async def test_a_letter_is_taken_and_the_provider_keeps_it(desk: Desk) -> None:
    letter = desk.letter()
    outcome = await sent(desk, letter)
    assert (outcome.fate, outcome.unsure) == (Fate.TAKEN, False)
    assert len(desk.stand.taken) == 1
    assert desk.stand.taken[0].phone[-11:] == letter.phone
    assert outcome.provider_id in {getattr(desk.stand.taken[0], kept, None) for kept in ("biz_id", "serial")}


async def test_nothing_to_send_is_no_call(desk: Desk) -> None:
    assert await desk.gateway.send([]) == []
    assert len(desk.stand.heard) == 0


async def test_a_wrong_secret_is_broken_and_not_retried(desk: Desk) -> None:
    account = ALIYUN if desk.gateway.name == "aliyun" else TENCENT
    gateway = desk.again(account=replace(account, key=Key(account.key.id, "not-the-secret")))
    outcomes = await gateway.send([desk.letter()])
    assert [outcome.fate for outcome in outcomes] == [Fate.BROKEN]
    assert outcomes[0].code in {"SignatureDoesNotMatch", "AuthFailure.SignatureFailure"}
    assert len(desk.stand.heard) == 1
    assert not desk.stand.taken


async def test_an_unknown_key_is_broken(desk: Desk) -> None:
    account = ALIYUN if desk.gateway.name == "aliyun" else TENCENT
    gateway = desk.again(account=replace(account, key=Key("AKIDnobody", account.key.secret)))
    assert [outcome.fate for outcome in await gateway.send([desk.letter()])] == [Fate.BROKEN]


async def test_a_clock_that_goes_wrong_is_our_fault(desk: Desk) -> None:
    gateway = desk.again(now=lambda: datetime.now(UTC) - timedelta(minutes=16))
    outcome = (await gateway.send([desk.letter()]))[0]
    assert outcome.fate is Fate.BROKEN
    assert outcome.code in {"InvalidTimeStamp.Expired", "AuthFailure.SignatureExpire"}


async def test_a_template_nobody_approved_is_broken(desk: Desk) -> None:
    outcome = await sent(desk, replace(desk.letter(), template="SMS_0"))
    assert outcome.fate is Fate.BROKEN
    assert "TEMPLATE" in outcome.code.upper()


async def test_a_word_nobody_knows_is_broken_and_surely_not_taken(desk: Desk) -> None:
    desk.stand.will(behaving.refuses("isv.SOMETHING_NEW"))
    outcome = await sent(desk)
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.BROKEN, "isv.SOMETHING_NEW", False)


async def test_nobody_at_the_door_is_later_and_surely_not_taken(desk: Desk) -> None:
    gateway = desk.again(base=f"http://127.0.0.1:{free_port()}")
    outcome = (await gateway.send([desk.letter()]))[0]
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "unreachable", False)


async def test_a_name_that_does_not_resolve_is_surely_not_taken(desk: Desk) -> None:
    outcome = (await desk.again(base="https://gateway.invalid", patience=5.0).send([desk.letter()]))[0]
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "unreachable", False)


async def test_no_place_in_the_pool_is_surely_not_taken(desk: Desk) -> None:
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as client:
        gateway = desk.again(client=client)
        desk.stand.will(hang(taking=True))
        first = asyncio.ensure_future(gateway.send([desk.letter()]))
        await asyncio.sleep(0.1)
        outcome = (await gateway.send([desk.letter()]))[0]
        assert (outcome.code, outcome.unsure) == ("unreachable", False)
        assert (await first)[0].unsure


@pytest.mark.parametrize("taking", [True, False])
async def test_silence_after_sending_is_unsure_and_the_look_up_tells_the_truth(desk: Desk, taking: bool) -> None:
    letter = desk.letter()
    desk.stand.will(hang(taking=taking))
    outcome = await sent(desk, letter)
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "no-answer", True)
    found = await desk.gateway.look_up(letter)
    assert (found is not None and found.fate is Fate.DELIVERED) if taking else found is None


@pytest.mark.parametrize("taking", [True, False])
async def test_a_broken_connection_is_unsure_and_the_look_up_tells_the_truth(desk: Desk, taking: bool) -> None:
    letters = desk.letters(30)
    desk.stand.will(cut(taking=taking))
    outcomes = await desk.gateway.send(letters)
    assert {(outcome.fate, outcome.code, outcome.unsure) for outcome in outcomes} == {(Fate.LATER, "broken-off", True)}
    found = [await desk.gateway.look_up(letter) for letter in letters]
    assert [outcome is not None for outcome in found] == [taking] * 30
    assert await desk.gateway.look_up(desk.letter(letters[0].phone)) is None


async def test_a_look_up_that_fails_leaves_it_open(desk: Desk) -> None:
    letter = desk.letter()
    for trouble in (hang(taking=False), cut(taking=False), status(500), too_many("3"), behaving.HTML):
        desk.stand.will(trouble)
        found = await desk.gateway.look_up(letter)
        assert found is not None
        assert (found.fate, found.unsure) == (Fate.LATER, True)
    desk.stand.will(behaving.refuses("isp.RAM_PERMISSION_DENY"))
    found = await desk.gateway.look_up(letter)
    assert found is not None
    assert (found.fate, found.unsure) == (Fate.BROKEN, True)


async def test_too_many_requests_say_when_to_come_again(desk: Desk) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    told = [("7", 7, 7), (in_a_minute, 50, 60), ("99999999", 86_400, 86_400), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0)]
    untold = [(said, None, None) for said in ("-1", "soon", "", "1e400")]
    for said, least, most in told + untold:
        desk.stand.will(too_many(said))
        outcome = await sent(desk)
        assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "http-429", False)
        assert (least or 0) <= (outcome.retry_after or 0) <= (most or 0), said
        assert (outcome.retry_after is None) == (least is None), said


@pytest.mark.parametrize(("code", "unsure"), [(500, True), (502, True), (503, False), (504, True)])
async def test_a_fault_of_the_gateway_is_later(desk: Desk, code: int, unsure: bool) -> None:
    desk.stand.will(status(code))
    outcome = await sent(desk)
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, f"http-{code}", unsure)


@pytest.mark.parametrize(
    ("trouble", "code", "unsure"),
    [
        (behaving.HTML, "not-understood", True),
        (behaving.NOT_JSON, "not-understood", True),
        (behaving.DEEP, "not-understood", True),
        (behaving.ODD, "not-understood", True),
        (behaving.LARGE, "too-large", True),
        (behaving.ELSEWHERE, "http-302", False),
        (status(403), "http-403", False),
        (status(404), "http-404", False),
    ],
)
async def test_what_cannot_be_read_is_later(desk: Desk, trouble: behaving.Behaviour, code: str, unsure: bool) -> None:
    desk.stand.will(trouble)
    outcome = await sent(desk)
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, code, unsure)
    assert len(desk.stand.heard) == 1


async def test_a_packed_answer_is_not_unpacked(desk: Desk) -> None:
    bomb = behaving.Reply(200, b"\x1f\x8b\x08\x00", {"content-encoding": "gzip"})
    desk.stand.will(behaving.Behaviour("reply", reply=bomb))
    assert (await sent(desk)).code == "not-understood"
    assert desk.stand.heard[0].headers["accept-encoding"] == "identity"


async def test_a_slow_answer_is_waited_for_and_a_dripping_one_is_not(desk: Desk) -> None:
    desk.stand.will(slow(0.2))
    assert (await sent(desk)).fate is Fate.TAKEN
    desk.stand.will(drip(0.1))
    began = time.monotonic()
    outcome = await sent(desk)
    assert time.monotonic() - began < 3
    assert (outcome.fate, outcome.code, outcome.unsure) == (Fate.LATER, "no-answer", True)


async def test_a_line_that_is_down_is_not_tried_for_every_letter(desk: Desk) -> None:
    letters = [desk.letter(phone="13800138000", name=f"{place}") for place in range(40)]
    desk.stand.will(*[hang(taking=False)] * 40)
    began = time.monotonic()
    outcomes = await desk.gateway.send(letters)
    assert time.monotonic() - began < 5
    assert len(desk.stand.heard) == 10
    assert [outcome.code for outcome in outcomes] == ["no-answer"] * 10 + ["not-tried"] * 30
    assert [outcome.unsure for outcome in outcomes] == [True] * 10 + [False] * 30
    assert {outcome.fate for outcome in outcomes} == {Fate.LATER}


async def test_outcomes_come_in_the_order_of_the_letters(desk: Desk) -> None:
    letters = [desk.letter(name=name) for name in "甲乙丙甲乙丙甲乙丙甲乙丙"]
    letters[4] = replace(letters[4], template="SMS_0")
    outcomes = await desk.gateway.send(letters)
    by_id = {taken.phone[-11:]: getattr(taken, "biz_id", None) or taken.serial for taken in desk.stand.taken}
    assert [outcome.provider_id for outcome in outcomes] == [by_id.get(letter.phone) for letter in letters]
    assert outcomes[4].fate is Fate.BROKEN


async def test_two_letters_to_one_phone_never_share_a_call(desk: Desk) -> None:
    phone = desk.letter().phone
    letters = [desk.letter(phone) for _ in range(3)]
    assert {outcome.fate for outcome in await desk.gateway.send(letters)} == {Fate.TAKEN}
    assert len(desk.stand.heard) == 3


async def test_an_interrupted_send_stays_interrupted(desk: Desk) -> None:
    desk.stand.will(hang(taking=True))
    task = asyncio.ensure_future(desk.gateway.send([desk.letter()]))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.proves("T12")
async def test_no_phone_name_or_secret_is_logged_or_shown(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    letters = desk.letters(3)
    account = ALIYUN if desk.gateway.name == "aliyun" else TENCENT
    shown = [repr(desk.gateway), str(vars(desk.gateway)), repr(account)]
    for trouble in (behaving.OK, hang(taking=True), cut(taking=True), behaving.HTML, status(500)):
        desk.stand.will(trouble)
        shown += map(repr, await desk.gateway.send([*letters, letters[0]]))
        shown.append(repr(await desk.gateway.look_up(letters[0])))
    shown += [record.getMessage() for record in caplog.records]
    everything = "\n".join(shown)
    assert account.key.secret not in everything
    assert not any(letter.phone in everything for letter in letters)
    assert "王建国" not in everything
    assert "Signature=" not in everything


def test_a_word_is_short_plain_and_holds_no_number() -> None:
    assert word("isv.MOBILE_NUMBER_ILLEGAL") == "isv.MOBILE_NUMBER_ILLEGAL"
    assert word("号码 13800138000 不对\n") == ".."
    assert word("MK:0001") == "MK:0001"
    assert len(word("x" * 500)) == 60


@pytest.mark.parametrize("bad", ["", "a b", "a\nb", "密"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_at_once(bad: str) -> None:
    for key in ((bad, "secret"), ("id", bad)):
        with pytest.raises(ValueError, match="printable ASCII"):
            Key(*key)
