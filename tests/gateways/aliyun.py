"""Aliyun's Dysmsapi as its documentation describes it, checking signatures by an implementation of its own."""

import hashlib
import hmac
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, quote

from tests.gateways.behaving import Call, Reply, StandIn, packed

KEY_ID, SECRET = "LTAI5tStandInStandInStand", "standInSecretOfAliyun0123456789"
SIGN = "守望防疫"
CODE, NOTICE, MISSING = "SMS_154950909", "SMS_154950910", "SMS_154950911"
TEMPLATES = {
    CODE: ("您的验证码为${code}，10分钟内有效。", ("code",)),
    NOTICE: ("${name}您好，请于${time}前报告体温。", ("name", "time")),
    MISSING: ("${day}${slot}的健康打卡还没有收到，现在补上即可。编号${number}", ("day", "slot", "number")),
}
SKEW = timedelta(minutes=15)
CHINA = timezone(timedelta(hours=8))
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


@dataclass(frozen=True)
class Taken:
    """A letter as the provider keeps it."""

    phone: str
    template: str
    params: dict[str, str]
    out_id: str
    biz_id: str
    at: datetime

    @property
    def content(self) -> str:
        text = TEMPLATES[self.template][0]
        for name, value in self.params.items():
            text = text.replace("${" + name + "}", value)
        return f"【{SIGN}】{text}"


class Refused(Exception):
    def __init__(self, code: str, status: int = 200) -> None:
        self.code, self.status = code, status


class AliyunStandIn(StandIn):
    """`faults`: phone -> code the API answers; `carrier`: phone -> code of a failing receipt, or "" while it waits."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.taken: deque[Taken] = deque(maxlen=200_000)
        self.by_phone: defaultdict[str, list[Taken]] = defaultdict(list)
        self.faults: dict[str, str] = {}
        self.carrier: dict[str, str] = {}
        self.nonces: set[str] = set()
        self.calls: list[str] = []
        self._numbers = count(1)

    def answer(self, call: Call) -> Reply:
        action = call.headers.get("x-acs-action", "")
        self.calls.append(action)
        try:
            self._check(call)
            given = dict(parse_qsl(call.query, keep_blank_values=True)) | dict(parse_qsl(call.body.decode()))
            does: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
                "SendSms": self._send,
                "SendBatchSms": self._send_batch,
                "QuerySendDetails": self._query,
            }
            if action not in does:
                raise Refused("InvalidAction.NotFound", 404)
            said = {"Code": "OK", "Message": "OK", "RequestId": self._request_id()} | does[action](given)
            return packed(200, said)
        except Refused as refused:
            return self.refusal(refused.code, refused.status)

    def refusal(self, code: str, status: int = 200) -> Reply:
        body = {"Code": code, "Message": f"{code}: 13800000000", "RequestId": self._request_id()}
        return packed(status, body if status == 200 else body | {"HostId": "dysmsapi.aliyuncs.com"})

    def counted(self) -> dict[str, list[float]]:
        return {phone: [taken.at.timestamp() for taken in found] for phone, found in self.by_phone.items() if found}

    def _request_id(self) -> str:
        return f"819BE656-D2E0-4858-8B21-{next(self._numbers):012X}"

    def _check(self, call: Call) -> None:
        headers = call.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise Refused("IncompleteSignature", 400)
        if found[1] != KEY_ID:
            raise Refused("InvalidAccessKeyId.NotFound", 404)
        must = {name for name in headers if name in {"host", "content-type"} or name.startswith("x-acs-")}
        if set(found[2].split(";")) != must or found[2].split(";") != sorted(must):
            raise Refused("IncompleteSignature", 400)
        if hashlib.sha256(call.body).hexdigest() != headers["x-acs-content-sha256"]:
            raise Refused("InvalidContentSha256", 400)
        if not hmac.compare_digest(self._signature(call, sorted(must)), found[3]):
            raise Refused("SignatureDoesNotMatch", 400)
        sent = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(self.now() - sent) > SKEW:
            raise Refused("InvalidTimeStamp.Expired", 400)
        if headers["x-acs-signature-nonce"] in self.nonces:
            raise Refused("SignatureNonceUsed", 400)
        self.nonces.add(headers["x-acs-signature-nonce"])
        if headers["x-acs-version"] != "2017-05-25":
            raise Refused("InvalidVersion", 400)

    @staticmethod
    def _signature(call: Call, signed: list[str]) -> str:
        pairs = sorted(parse_qsl(call.query, keep_blank_values=True))
        canonical = "POST\n/\n"
        canonical += "&".join(quote(name, safe="-_.~") + "=" + quote(value, safe="-_.~") for name, value in pairs)
        canonical += "\n"
        for name in signed:
            canonical += name + ":" + call.headers[name].strip() + "\n"
        canonical += "\n" + ";".join(signed) + "\n" + hashlib.sha256(call.body).hexdigest()
        said = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        return hmac.new(SECRET.encode(), said.encode(), hashlib.sha256).hexdigest()

    def _send(self, given: dict[str, str]) -> dict[str, Any]:
        letters = [(phone, given["SignName"], given["TemplateParam"]) for phone in given["PhoneNumbers"].split(",")]
        return self._take([(phone, sign, json.loads(params)) for phone, sign, params in letters], given)

    def _send_batch(self, given: dict[str, str]) -> dict[str, Any]:
        phones, signs = json.loads(given["PhoneNumberJson"]), json.loads(given["SignNameJson"])
        params = json.loads(given["TemplateParamJson"])
        if not len(phones) == len(signs) == len(params):
            raise Refused("isv.INVALID_PARAMETERS")
        if len(phones) > 100:
            raise Refused("isv.MOBILE_COUNT_OVER_LIMIT")
        return self._take(list(zip(phones, signs, params, strict=True)), given)

    def _take(self, letters: list[tuple[str, str, dict[str, str]]], given: dict[str, str]) -> dict[str, Any]:
        """All or nothing, as the documentation has one Code and one BizId for a call."""
        template, out_id = given["TemplateCode"], given.get("OutId", "")
        if len(out_id) > 255:
            raise Refused("isv.INVALID_PARAMETERS")
        for phone, sign, params in letters:
            if sign != SIGN:
                raise Refused("isv.SMS_SIGNATURE_ILLEGAL")
            if template not in TEMPLATES:
                raise Refused("isv.SMS_TEMPLATE_ILLEGAL")
            if set(params) != set(TEMPLATES[template][1]):
                raise Refused("isv.TEMPLATE_MISSING_PARAMETERS")
            if any(len(value) > 35 for value in params.values()):
                raise Refused("isv.PARAM_LENGTH_LIMIT")
            if not _MOBILE.fullmatch(phone):
                raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
            if phone in self.faults:
                raise Refused(self.faults[phone])
        biz_id = f"{self.now():%y%m%d}{next(self._numbers):012d}^0"
        for phone, _, params in letters:
            taken = Taken(phone, template, params, out_id, biz_id, self.now())
            self.taken.append(taken)
            self.by_phone[phone].append(taken)
        return {"BizId": biz_id}

    def _query(self, given: dict[str, str]) -> dict[str, Any]:
        size, page = int(given["PageSize"]), int(given["CurrentPage"])
        if size > 50:
            raise Refused("isv.INVALID_PARAMETERS")
        of_day = [
            taken
            for taken in self.by_phone[given["PhoneNumber"]]
            if f"{taken.at.astimezone(CHINA):%Y%m%d}" == given["SendDate"]
        ]
        shown = [self._detail(taken) for taken in of_day[(page - 1) * size : page * size]]
        return {"TotalCount": str(len(of_day)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}

    def _detail(self, taken: Taken) -> dict[str, Any]:
        code = self.carrier.get(taken.phone, "DELIVERED")
        state = {"": 1, "DELIVERED": 3}.get(code, 2)
        detail = {
            "PhoneNum": taken.phone,
            "SendStatus": state,
            "TemplateCode": taken.template,
            "Content": taken.content,
            "SendDate": f"{taken.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "OutId": taken.out_id,
        }
        return detail | ({"ErrCode": code} if code else {})

    def callbacks(self, *, most: int = 100) -> list[bytes]:
        """The bodies of SmsReport for everything taken: post them late, twice, or from `before_answer`."""
        reports = []
        for taken in self.taken:
            code = self.carrier.get(taken.phone, "DELIVERED")
            clock = f"{taken.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
            reports.append({
                "phone_number": taken.phone, "send_time": clock, "report_time": clock,
                "success": code == "DELIVERED", "err_code": code, "err_msg": "用户接收成功", "sms_size": "1",
                "biz_id": taken.biz_id, "out_id": taken.out_id,
            })  # fmt: skip
        return [json.dumps(reports[at : at + most]).encode() for at in range(0, len(reports), most)]
