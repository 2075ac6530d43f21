"""What the pages of signing in are rendered with: every page in its main states."""

from datetime import UTC, datetime
from types import SimpleNamespace as Thing
from typing import Any

from routers.kit.forms import Wrong

AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
RESIDENT = Thing(account_id="a1", person_id="mei", is_staff=False, posts=[])
WORKER = Thing(account_id="a2", person_id=None, is_staff=True, posts=[])
SITE: dict[str, Any] = {"next": "/today", "rp_id": "localhost"}
CODE: dict[str, Any] = {"phone": "13857001234", "phone_masked": "138****1234", "resend_after_s": 60}
SITTINGS = [
    Thing(id="s1", agent="安卓上的微信", address="10.0.0.*", seen_at=AT, current=True),
    Thing(id="s2", agent="鸿蒙上的钉钉", address="2001:db8:0:0:*", seen_at=AT, current=False),
]
PASSKEYS = [Thing(id=f"k{used is None}", name="值班手机", created_at=AT, used_at=used) for used in (None, AT)]
WRONG_CODE = Wrong("totp", "动态码不对", "验证器应用中的动态码")
REFUSED = Wrong("passkey", "没能核对成功", "通行密钥")

ACCOUNTS: dict[str, list[dict[str, Any]]] = {
    "accounts/sign_in.html": [
        {**SITE, "staff": False},
        {**SITE, "staff": True, "errors": [Wrong("phone", "请写 11 位手机号", "电话")], "values": {"phone": "138"}},
    ],
    "accounts/code.html": [{**CODE, "next": "/today"}],
    "accounts/phone_code.html": [{**CODE, "me": RESIDENT, "resend_after_s": 0}],
    "accounts/prove.html": [
        {"me": WORKER, **SITE, "methods": methods, "sent_to": sent_to, "step_up": step_up, "errors": errors}
        for methods, sent_to, step_up, errors in (
            (["passkey", "totp"], "", False, []), (["passkey"], "", False, [REFUSED]),
            (["totp"], "", True, [WRONG_CODE]), (["code"], "138****0010", True, []), (["code"], "", True, []),
        )
    ],
    "accounts/enrol.html": [{"me": WORKER, **SITE}, {"me": WORKER, **SITE, "errors": [REFUSED]}],
    "accounts/authenticator.html": [
        {"me": WORKER, "next": "/today", "secret": "JBSW Y3DP", "qr": "data:image/svg+xml,x", "errors": errors}
        for errors in ([], [WRONG_CODE])
    ],
    "accounts/security.html": [
        {"me": WORKER, **SITE, "sittings": sittings, "stepped_up": since is not None, "errors": errors,
         "factors": Thing(passkeys=passkeys, authenticator_since=since)}
        for sittings, passkeys, since, errors in (
            (SITTINGS[:1], [], None, []), (SITTINGS, PASSKEYS, AT, []), (SITTINGS, PASSKEYS[:1], None, [REFUSED]),
        )
    ],
}  # fmt: skip
