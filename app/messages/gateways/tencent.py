"""Text messages by Tencent: SMS 2021-01-11 with the TC3 signature.

A call is answered number by number, and some may fail where others pass. Nothing is idempotent: what may have been
taken is looked up before it is sent again, though Tencent tells of a letter only after the carrier has reported.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx
import msgspec
from msgspec import json

from app.messages import receipts
from app.messages.gateways.calling import Key, Line, Request, T, grouped, in_turn, understood, word
from app.messages.gateways.references import as_id, names, reference
from app.messages.letters import Fate, Outcome, Sms
from app.messages.receipts import Receipt

BASE = "https://sms.tencentcloudapi.com"
# Tencent takes 200 numbers and 511 bytes of SessionContext, but repeats that context for each number. With these the
# largest answer stays within half of what we read, and 30 bits of each letter's id find it again.
MOST_IN_CALL = 50
ROOM = 255
MOST_FOUND = 100
BACK = timedelta(days=1)  # longer than letters are retried, shorter than the 7 days Tencent remembers

# https://cloud.tencent.com/document/api/382/59177. What is not named here is BROKEN, for the reasons given at Aliyun's.
_NEVER = {"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist",
          "FailedOperation.PhoneNumberOnBlacklist"}  # fmt: skip
# The day's limits of the account (AppDailyLimit, DailyLimit) are not among them: those somebody has to raise.
_LATER = {
    "LimitExceeded.PhoneNumberThirtySecondLimit", "LimitExceeded.PhoneNumberOneHourLimit",
    "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberSameContentDailyLimit",
    "LimitExceeded.DeliveryFrequencyLimit", "InternalError", "InternalError.OtherError", "InternalError.UnknownError",
    "ResourceUnavailable", "ResourceInsufficient", "LimitExceeded",
}  # fmt: skip
_UNSURE = {"InternalError.Timeout", "InternalError.SendAndRecvFail"}  # it gave up waiting for what it had passed on
_TOO_FAST = "RequestLimitExceeded"
# A fault that one number can bring upon a whole call.
_OF_ONE_LETTER = _NEVER


class _Error(msgspec.Struct, rename="pascal"):
    code: str


class _Status(msgspec.Struct, rename="pascal"):
    phone_number: str
    code: str
    serial_no: str | None = None


class _Sent(msgspec.Struct, rename="pascal"):
    error: _Error | None = None
    send_status_set: list[_Status] = []


class _Report(msgspec.Struct, rename="pascal"):
    report_status: str
    description: str = ""
    serial_no: str | None = None
    session_context: str | None = None


class _Pulled(msgspec.Struct, rename="pascal"):
    error: _Error | None = None
    pull_sms_send_status_set: list[_Report] = []


class _SendAnswer(msgspec.Struct, rename="pascal"):
    response: _Sent


class _PullAnswer(msgspec.Struct, rename="pascal"):
    response: _Pulled


class _Callback(msgspec.Struct):
    nationcode: str
    mobile: str
    report_status: str
    sid: str
    errmsg: str | None = None
    user_receive_time: str | None = None
    ext: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What the console of Tencent gave us: a key, an application, and the approved sign that stands before texts."""

    key: Key
    app: str
    sign: str
    region: str = "ap-guangzhou"


def authorization(key: Key, scope: tuple[str, int], headers: Mapping[str, str], body: bytes) -> str:
    """The Authorization of a POST to `/`, for a service at a UNIX time, over all headers given (lower case): TC3.

    Source: https://cloud.tencent.com/document/api/362/4208, 签名方法 v3 (TC3-HMAC-SHA256).
    """
    service, moment = scope
    day = f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
    signed = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in signed)
    request = "\n".join(("POST", "/", "", lines, ";".join(signed), sha256(body).hexdigest()))
    credential = f"{day}/{service}/tc3_request"
    said = f"TC3-HMAC-SHA256\n{moment}\n{credential}\n{sha256(request.encode()).hexdigest()}"
    secret = f"TC3{key.secret}".encode()
    for part in (day, service, "tc3_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.digest(secret, said.encode(), "sha256").hex()
    return f"TC3-HMAC-SHA256 Credential={key.id}/{credential}, SignedHeaders={';'.join(signed)}, Signature={signature}"


class Tencent:
    """A gateway for text messages."""

    name = "tencent"
    reports_late = True

    def __init__(self, line: Line, account: Account, base: str = BASE) -> None:
        self._line, self._account, self._base = line, account, base.rstrip("/")

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        """Letters that say the same by the same template share a call."""
        groups = grouped(letters, lambda letter: (letter.template, letter.params), MOST_IN_CALL)
        return await in_turn(letters, groups, self._hand_over)

    async def look_up(self, letter: Sms) -> Outcome | None:
        """What the carriers reported of the phone since yesterday. Unsure when the gateway could not be asked.

        None is weaker than elsewhere: a letter was not taken, or its carrier has not reported yet.
        """
        wanted = {
            "BeginTime": int((self._line.now() - BACK).timestamp()),
            "Offset": 0,
            "Limit": MOST_FOUND,
            "PhoneNumber": f"+86{letter.phone}",
            "SmsSdkAppId": self._account.app,
        }
        answer = await self._call("PullSmsSendStatusByPhoneNumber", wanted, _PullAnswer)
        if isinstance(answer, Outcome):
            return replace(answer, unsure=True)
        if answer.response.error is not None:
            return replace(_judged(answer.response.error.code), unsure=True)
        told = answer.response.pull_sms_send_status_set
        known = [_known(report) for report in told if names(report.session_context or "", letter.id)]
        nothing = Outcome(Fate.LATER, "too-many-records", unsure=True) if len(told) >= MOST_FOUND else None
        return max(known, key=lambda outcome: outcome.fate is Fate.DELIVERED, default=nothing)

    async def _hand_over(self, letters: Sequence[Sms]) -> list[Outcome]:
        wanted = {
            "PhoneNumberSet": [f"+86{letter.phone}" for letter in letters],
            "SmsSdkAppId": self._account.app,
            "SignName": self._account.sign,
            "TemplateId": letters[0].template,
            "TemplateParamSet": [value for _, value in letters[0].params],
            "SessionContext": reference(letters, ROOM),
        }
        answer = await self._call("SendSms", wanted, _SendAnswer)
        if isinstance(answer, Outcome):
            return [answer] * len(letters)
        if answer.response.error is None:
            said = {status.phone_number: status for status in answer.response.send_status_set}
            return [_sent(said.get(f"+86{letter.phone}")) for letter in letters]
        outcome = _judged(answer.response.error.code)
        if len(letters) == 1 or outcome.code not in _OF_ONE_LETTER:
            return [outcome] * len(letters)
        return await in_turn(letters, [[place] for place in range(len(letters))], self._hand_over)

    async def _call(self, action: str, wanted: Mapping[str, object], kind: type[T]) -> T | Outcome:
        body = json.encode(wanted)
        moment = int(self._line.now().timestamp())
        headers = {
            "content-type": "application/json; charset=utf-8",
            "host": httpx.URL(self._base).netloc.decode(),
            "x-tc-action": action,
        }
        signed = authorization(self._account.key, ("sms", moment), headers, body)
        headers |= {
            "authorization": signed,
            "x-tc-timestamp": str(moment),
            "x-tc-version": "2021-01-11",
            "x-tc-region": self._account.region,
        }
        answer = await self._line.ask(Request(f"{self._base}/", headers, body))
        return answer if isinstance(answer, Outcome) else understood(answer, kind)


def _sent(status: _Status | None) -> Outcome:
    if status is None:
        return Outcome(Fate.LATER, "not-mentioned", unsure=True)
    return Outcome(Fate.TAKEN, "Ok", status.serial_no) if status.code == "Ok" else _judged(status.code)


def _judged(code: str) -> Outcome:
    if code in _NEVER:
        return Outcome(Fate.NEVER, word(code))
    if code in _LATER or code in _UNSURE or code.startswith(_TOO_FAST):
        return Outcome(Fate.LATER, word(code), unsure=code in _UNSURE)
    return Outcome(Fate.BROKEN, word(code))


def _known(report: _Report) -> Outcome:
    code = word(report.description)
    fate = Fate.DELIVERED if report.report_status == "SUCCESS" else receipts.fate_of(code)
    return Outcome(fate, code, report.serial_no)


def receipts_of(raw: bytes) -> list[Receipt]:
    """The body of a status callback. Raises ValueError."""
    return receipts.each(raw, _Callback, _receipt)


def _receipt(said: _Callback) -> Receipt:
    if said.report_status not in {"SUCCESS", "FAIL"} or said.nationcode != "86":
        raise ValueError("a receipt has a status or a country that the documentation does not know")
    kept = receipts.plain(said.ext, 512)
    return Receipt(
        provider=Tencent.name,
        provider_id=receipts.identifier(said.sid),
        phone=receipts.phone(said.mobile),
        arrived=said.report_status == "SUCCESS",
        code=word(receipts.plain(said.errmsg, 200)),
        at=receipts.moment(said.user_receive_time),
        out_id=as_id(kept),
        reference=kept,
    )
