"""Text messages by Aliyun: Dysmsapi 2017-05-25 with the V3 signature.

The sending calls know no idempotency key (https://help.aliyun.com/document_detail/66041.html says so): what may have
been taken is looked up before it is sent again.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from hashlib import sha256
from urllib.parse import quote

import httpx
import msgspec
from msgspec import json

from app.kit import clock
from app.messages import receipts
from app.messages.gateways.calling import Key, Line, Request, T, grouped, in_turn, understood, word
from app.messages.gateways.references import as_id, names, reference
from app.messages.letters import Fate, Outcome, Sms
from app.messages.receipts import Receipt

BASE = "https://dysmsapi.aliyuncs.com"
MOST_IN_BATCH = 100
ROOM = 255  # OutId is shorter than 256 characters
PAGE, MOST_PAGES = 15, 10  # Aliyun shows 50, but a record holds the whole text: 15 stay within what we read

# https://help.aliyun.com/document_detail/101346.html. What is not named here is BROKEN: a word we do not know is a
# refusal (nothing was taken), nearly all documented ones are about signs, templates, rights or money, and a person
# who is told at once helps sooner than four hours of retries.
_NEVER = {"isv.MOBILE_NUMBER_ILLEGAL"}
_LATER = {"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "SYSTEM_ERROR", "QPS_LIMIT_CONTROL"}
_PASSING = ("Throttling", "ServiceUnavailable", "InternalError")
# Our nonces are random: one used twice means that something on the way repeated the call, and the first came through.
_REPEATED = "SignatureNonceUsed"
# A fault that one letter can bring upon a whole batch. (isv.OUT_OF_SERVICE is none: it says that our money is gone.)
_OF_ONE_LETTER = _NEVER | {
    "isv.BUSINESS_LIMIT_CONTROL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.SMS_CONTENT_ILLEGAL", "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL", "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.INVALID_JSON_PARAM", "isv.INVALID_PARAMETERS",
}  # fmt: skip


class _Answer(msgspec.Struct, rename="pascal"):
    code: str
    biz_id: str | None = None


class _Detail(msgspec.Struct, rename="pascal"):
    send_status: int | str
    template_code: str
    content: str = ""
    out_id: str | None = None
    err_code: str | None = None


class _Details(msgspec.Struct):
    detail: list[_Detail] = msgspec.field(name="SmsSendDetailDTO", default_factory=list)


class _Page(msgspec.Struct, rename="pascal"):
    code: str
    details: _Details | None = msgspec.field(name="SmsSendDetailDTOs", default=None)


class _Report(msgspec.Struct):
    phone_number: str
    success: bool
    biz_id: str
    err_code: str | None = None
    report_time: str | None = None
    out_id: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What the console of Aliyun gave us: a key, and the approved sign that stands before every text."""

    key: Key
    sign: str


def query_of(parameters: Mapping[str, str]) -> str:
    """Parameters as V3 wants them in address and form: sorted, everything but unreserved characters as %XX."""
    return "&".join(f"{quote(name, safe='')}={quote(parameters[name], safe='')}" for name in sorted(parameters))


def authorization(key: Key, query: str, headers: Mapping[str, str], body: bytes) -> str:
    """The Authorization of a POST to `/`, over all headers given (lower case): ACS3-HMAC-SHA256.

    Source: https://help.aliyun.com/document_detail/2593177.html, V3 版本请求体 & 签名机制.
    """
    signed = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    request = "\n".join(("POST", "/", query, lines, ";".join(signed), sha256(body).hexdigest()))
    said = f"ACS3-HMAC-SHA256\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(key.secret.encode(), said.encode(), "sha256").hex()
    return f"ACS3-HMAC-SHA256 Credential={key.id},SignedHeaders={';'.join(signed)},Signature={signature}"


class Aliyun:
    """A gateway for text messages."""

    name = "aliyun"
    reports_late = False

    def __init__(self, line: Line, account: Account, base: str = BASE) -> None:
        self._line, self._account, self._base = line, account, base.rstrip("/")

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        """Letters of one template share a call, whoever they are for and whatever they say."""
        groups = grouped(letters, lambda letter: letter.template, MOST_IN_BATCH)
        return await in_turn(letters, groups, self._hand_over)

    async def look_up(self, letter: Sms) -> Outcome | None:
        """Today's and yesterday's records of the phone. Unsure when the gateway could not be asked."""
        today = clock.local_day(self._line.now())
        for day in (today, today - timedelta(days=1)):
            found = await self._on(day, letter)
            if found is not None:
                return found
        return None

    async def _hand_over(self, letters: Sequence[Sms]) -> list[Outcome]:
        if len(letters) == 1:
            return [await self._send_one(letters[0])]
        outcome = await self._send_batch(letters)
        if outcome.code not in _OF_ONE_LETTER:
            return [outcome] * len(letters)
        return await in_turn(letters, [[place] for place in range(len(letters))], self._hand_over)

    async def _send_one(self, letter: Sms) -> Outcome:
        query = {
            "PhoneNumbers": letter.phone,
            "SignName": self._account.sign,
            "TemplateCode": letter.template,
            "TemplateParam": json.encode(dict(letter.params)).decode(),
            "OutId": reference([letter], ROOM),
        }
        return _taken(await self._call("SendSms", query, {}, _Answer))

    async def _send_batch(self, letters: Sequence[Sms]) -> Outcome:
        query = {"TemplateCode": letters[0].template, "OutId": reference(letters, ROOM)}
        # The lists go in the body, as in Aliyun's own SDK: a hundred of them are too long for an address.
        form = {
            "PhoneNumberJson": json.encode([letter.phone for letter in letters]).decode(),
            "SignNameJson": json.encode([self._account.sign] * len(letters)).decode(),
            "TemplateParamJson": json.encode([dict(letter.params) for letter in letters]).decode(),
        }
        return _taken(await self._call("SendBatchSms", query, form, _Answer))

    async def _on(self, day: date, letter: Sms) -> Outcome | None:
        found: list[Outcome] = []
        for page in range(1, MOST_PAGES + 1):
            query = {
                "PhoneNumber": letter.phone,
                "SendDate": f"{day:%Y%m%d}",
                "PageSize": str(PAGE),
                "CurrentPage": str(page),
            }
            answer = await self._call("QuerySendDetails", query, {}, _Page)
            if isinstance(answer, Outcome):
                return replace(answer, unsure=True)
            if answer.code != "OK":
                return replace(_refused(answer.code), unsure=True)
            details = answer.details.detail if answer.details else []
            found += [_known(detail) for detail in details if _is_of(detail, letter)]
            if len(details) < PAGE:
                return max(found, key=_weight, default=None)
        return max(found, key=_weight, default=Outcome(Fate.LATER, "too-many-records", unsure=True))

    async def _call(self, action: str, query: dict[str, str], form: dict[str, str], kind: type[T]) -> T | Outcome:
        address, body = query_of(query), query_of(form).encode()
        headers = {
            "host": httpx.URL(self._base).netloc.decode(),
            "x-acs-action": action,
            "x-acs-version": "2017-05-25",
            "x-acs-date": f"{self._line.now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": sha256(body).hexdigest(),
        }
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        headers["authorization"] = authorization(self._account.key, address, headers, body)
        answer = await self._line.ask(Request(f"{self._base}/?{address}", headers, body))
        return answer if isinstance(answer, Outcome) else understood(answer, kind)


def _taken(answer: _Answer | Outcome) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    return Outcome(Fate.TAKEN, "OK", answer.biz_id) if answer.code == "OK" else _refused(answer.code)


def _refused(code: str) -> Outcome:
    if code in _NEVER:
        return Outcome(Fate.NEVER, word(code))
    if code in _LATER or code.startswith(_PASSING) or code == _REPEATED:
        return Outcome(Fate.LATER, word(code), unsure=code == _REPEATED)
    return Outcome(Fate.BROKEN, word(code))


def _is_of(detail: _Detail, letter: Sms) -> bool:
    """Is this record our letter? A shared reference alone leaves one chance in 4,096 for another of the same phone."""
    if detail.template_code != letter.template or not names(detail.out_id or "", letter.id):
        return False
    return detail.out_id == str(letter.id) or all(value in detail.content for _, value in letter.params)


def _known(detail: _Detail) -> Outcome:
    """SendStatus: 1 waits for the carrier, 2 failed, 3 arrived."""
    code = detail.err_code or "waiting"
    if str(detail.send_status) == "3":
        return Outcome(Fate.DELIVERED, word(code))
    return Outcome(receipts.fate_of(code) if str(detail.send_status) == "2" else Fate.TAKEN, word(code))


def _weight(outcome: Outcome) -> int:
    """Of several records of one letter the happiest counts."""
    return (outcome.fate is Fate.TAKEN) + 2 * (outcome.fate is Fate.DELIVERED)


def receipts_of(raw: bytes) -> list[Receipt]:
    """The body of an SmsReport push. Raises ValueError."""
    return receipts.each(raw, _Report, _receipt)


def _receipt(report: _Report) -> Receipt:
    kept = receipts.plain(report.out_id, 512)
    return Receipt(
        provider=Aliyun.name,
        provider_id=receipts.identifier(report.biz_id),
        phone=receipts.phone(report.phone_number),
        arrived=report.success,
        code=word(receipts.plain(report.err_code, 200)),
        at=receipts.moment(report.report_time),
        out_id=as_id(kept),
        reference=kept,
    )
