"""Tencent's SMS service as its documentation describes it, checking signatures by an implementation of its own."""

import hashlib
import hmac
import json
import re
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

from tests.gateways.behaving import Call, Reply, StandIn, packed

SECRET_ID, SECRET = "AKIDstandinstandinstandinstandin0123", "standInSecretOfTencent0123456789"
APP, SIGN = "1400006666", "守望防疫"
CODE, NOTICE, MISSING = "1110", "1111", "1112"
TEMPLATES = {CODE: 1, NOTICE: 2, MISSING: 3}  # how many parameters each takes
SKEW = 300
CHINA = timezone(timedelta(hours=8))
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/([0-9-]+)/([a-z]+)/tc3_request, "
    r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)
_MOBILE = re.compile(r"\+861[3-9][0-9]{9}")


@dataclass(frozen=True)
class Taken:
    """A letter as the provider keeps it."""

    phone: str  # E.164
    template: str
    params: tuple[str, ...]
    session: str
    serial: str
    at: datetime


class Refused(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


class TencentStandIn(StandIn):
    """`faults`: phone -> code of its SendStatus; `carrier`: phone -> code of a failing receipt, or "" while it waits.

    Phones are 11 digits here.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.taken: deque[Taken] = deque(maxlen=200_000)
        self.by_phone: defaultdict[str, list[Taken]] = defaultdict(list)
        self.faults: dict[str, str] = {}
        self.carrier: dict[str, str] = {}
        self.calls: list[str] = []
        self._numbers = count(1)

    def answer(self, call: Call) -> Reply:
        self.calls.append(call.headers.get("x-tc-action", ""))
        try:
            self._check(call)
            given = json.loads(call.body)
            if call.headers["x-tc-action"] == "SendSms":
                return self._reply(self._send(given))
            if call.headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
                return self._reply(self._pull(given))
            raise Refused("InvalidAction")
        except Refused as refused:
            return self.refusal(refused.code)

    def refusal(self, code: str) -> Reply:
        return self._reply({"Error": {"Code": code, "Message": f"{code}: +8613800000000"}})

    def counted(self) -> dict[str, list[float]]:
        found = self.by_phone.items()
        return {
            phone.removeprefix("+86"): [taken.at.timestamp() for taken in letters]
            for phone, letters in found
            if letters
        }

    def _reply(self, body: dict[str, Any]) -> Reply:
        return packed(200, {"Response": body | {"RequestId": f"a0aabda6-cf91-4f3e-a81f-{next(self._numbers):012x}"}})

    def _check(self, call: Call) -> None:
        found = _AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
        if found is None or found[3] != "sms":
            raise Refused("AuthFailure.InvalidAuthorization")
        if found[1] != SECRET_ID:
            raise Refused("AuthFailure.SecretIdNotFound")
        signed = found[4].split(";")
        moment = int(call.headers["x-tc-timestamp"])
        if signed != sorted(signed) or not {"content-type", "host"} <= set(signed):
            raise Refused("AuthFailure.InvalidAuthorization")
        if f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}" != found[2]:
            raise Refused("AuthFailure.SignatureFailure")
        if not hmac.compare_digest(self._signature(call, signed, found[2], moment), found[5]):
            raise Refused("AuthFailure.SignatureFailure")
        if abs(self.now().timestamp() - moment) > SKEW:
            raise Refused("AuthFailure.SignatureExpire")
        if call.headers.get("x-tc-version") != "2021-01-11":
            raise Refused("NoSuchVersion")
        if not call.headers.get("x-tc-region"):
            raise Refused("MissingParameter")

    @staticmethod
    def _signature(call: Call, signed: list[str], day: str, moment: int) -> str:
        def keyed(key: bytes, text: str) -> bytes:
            return hmac.new(key, text.encode(), hashlib.sha256).digest()

        canonical = "POST\n/\n\n"
        for name in signed:
            canonical += name + ":" + call.headers[name].strip().lower() + "\n"
        canonical += "\n" + ";".join(signed) + "\n" + hashlib.sha256(call.body).hexdigest()
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        said = f"TC3-HMAC-SHA256\n{moment}\n{day}/sms/tc3_request\n{digest}"
        return keyed(keyed(keyed(keyed(b"TC3" + SECRET.encode(), day), "sms"), "tc3_request"), said).hex()

    def _send(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["SmsSdkAppId"] != APP:
            raise Refused("InvalidParameterValue.SdkAppIdNotExist")
        if len(given["PhoneNumberSet"]) > 200:
            raise Refused("LimitExceeded.PhoneNumberCountLimit")
        if len(given.get("SessionContext", "").encode()) >= 512:
            raise Refused("InvalidParameter")
        whole = ""
        if given["SignName"] != SIGN:
            whole = "FailedOperation.SignatureIncorrectOrUnapproved"
        elif TEMPLATES.get(given["TemplateId"]) != len(given["TemplateParamSet"]):
            whole = "FailedOperation.TemplateIncorrectOrUnapproved"
        return {"SendStatusSet": [self._one(phone, given, whole) for phone in given["PhoneNumberSet"]]}

    def _one(self, phone: str, given: dict[str, Any], whole: str) -> dict[str, Any]:
        code = whole or self.faults.get(phone.removeprefix("+86"), "")
        if not code and not _MOBILE.fullmatch(phone):
            code = "InvalidParameterValue.IncorrectPhoneNumber"
        session = given.get("SessionContext", "")
        said = {"PhoneNumber": phone, "SessionContext": session, "IsoCode": "CN"}
        if code:
            return said | {"SerialNo": "", "Fee": 0, "Code": code, "Message": f"{code} {phone}"}
        serial = f"5000:{next(self._numbers):030d}"
        taken = Taken(phone, given["TemplateId"], tuple(given["TemplateParamSet"]), session, serial, self.now())
        self.taken.append(taken)
        self.by_phone[phone].append(taken)
        return said | {"SerialNo": serial, "Fee": 1, "Code": "Ok", "Message": "send success"}

    def _pull(self, given: dict[str, Any]) -> dict[str, Any]:
        """Only what the carrier has reported is told: a letter on its way is not mentioned."""
        if self.now().timestamp() - given["BeginTime"] > 7 * 86_400:
            raise Refused("InvalidParameterValue.BeginTimeVerifyFail")
        reports = [
            self._pulled(taken)
            for taken in self.by_phone[given["PhoneNumber"]]
            if taken.at.timestamp() >= given["BeginTime"] and self.carrier.get(taken.phone[3:], "DELIVRD")
        ]
        return {"PullSmsSendStatusSet": reports[given["Offset"] :][: given["Limit"]]}

    def _pulled(self, taken: Taken) -> dict[str, Any]:
        code = self.carrier.get(taken.phone[3:], "DELIVRD")
        return {
            "UserReceiveTime": int(taken.at.timestamp()),
            "CountryCode": "86",
            "SubscriberNumber": taken.phone[3:],
            "PhoneNumber": taken.phone,
            "SerialNo": taken.serial,
            "ReportStatus": "SUCCESS" if code == "DELIVRD" else "FAIL",
            "Description": code,
            "SessionContext": taken.session,
        }

    def callbacks(self, *, most: int = 100, ext: bool = False) -> list[bytes]:
        """The bodies of status callbacks for everything taken: post them late, twice, or from `before_answer`."""
        reports = []
        for taken in self.taken:
            code = self.carrier.get(taken.phone[3:], "DELIVRD")
            said = {
                "user_receive_time": f"{taken.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}", "nationcode": "86",
                "mobile": taken.phone[3:], "report_status": "SUCCESS" if code == "DELIVRD" else "FAIL",
                "errmsg": code, "description": "用户短信送达成功", "sid": taken.serial,
            }  # fmt: skip
            reports.append(said | ({"ext": taken.session} if ext else {}))
        return [json.dumps(reports[at : at + most]).encode() for at in range(0, len(reports), most)]
