"""Examples of staff sign-in: sessions, passkeys, the authenticator app."""

from typing import Any

SESSION_ID, PASSKEY_ID = "0193a1b2-c3d4-7000-8000-000000000011", "0193a1b2-c3d4-7000-8000-000000000012"
CREDENTIAL = "mMs7Y2Zb0c3o5r1kqg0eWQ"
CHALLENGE = "Y2hhbGxlbmdlIG9mIHRoaXMgb25lIGNlcmVtb255ISE"
CLIENT_DATA = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiLi4uIiwib3JpZ2luIjoiLi4uIn0"
ANSWER: dict[str, Any] = {
    "id": CREDENTIAL, "rawId": CREDENTIAL, "type": "public-key", "clientExtensionResults": {},
    "response": {
        "clientDataJSON": CLIENT_DATA, "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ",
        "signature": "MEUCIQDx2H5B0w", "userHandle": "AXANtg6AcUOiMJ21wG0JCg",
    },
}  # fmt: skip
MADE: dict[str, Any] = {
    "id": CREDENTIAL,
    "rawId": CREDENTIAL,
    "type": "public-key",
    "clientExtensionResults": {},
    "response": {"clientDataJSON": CLIENT_DATA, "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVik"},
}
PASSKEY = {
    "id": PASSKEY_ID, "name": "工作手机", "created_at": "2020-02-03T01:00:00Z", "used_at": "2020-02-05T00:10:00Z",
}  # fmt: skip
SITTING = {
    "id": SESSION_ID, "agent": "Chrome on Android", "address": "10.0.0.*", "created_at": "2020-02-05T00:10:00Z",
    "seen_at": "2020-02-05T03:00:00Z", "current": True,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "OneTimeCode": {"Six digits": {"code": "274918"}},
    "CeremonyOptions": {
        "A challenge for a passkey": {
            "public_key": {
                "challenge": CHALLENGE, "timeout": 300000, "rpId": "shouwang.example", "userVerification": "required",
                "allowCredentials": [{"id": CREDENTIAL, "type": "public-key"}],
            }
        }
    },
    "PasskeyAnswer": {"What the browser answered": {"credential": ANSWER}},
    "PasskeyCreate": {"A new passkey": {"credential": MADE, "name": "工作手机"}},
    "PasskeyPublic": {"Kept": PASSKEY},
    "FactorsPublic": {
        "A passkey and an authenticator app": {"passkeys": [PASSKEY], "authenticator_since": "2020-02-03T01:02:00Z"}
    },
    "AuthenticatorSecret": {
        "To scan or to type": {
            "secret": "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
            "uri": "otpauth://totp/Shouwang:138%2A%2A%2A%2A0010?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Shouwang",
        }
    },
    "StaffSessionsFound": {"This phone": {"items": [SITTING]}},
}  # fmt: skip

PARAMETERS = {"session_id": SESSION_ID, "passkey_id": PASSKEY_ID}
