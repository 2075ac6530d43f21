"""Web Push (RFC 8030): a declarative notification, encrypted for one browser (RFC 8291), signed by us (RFC 8292).

A push service that takes a message says nothing about the phone: it may be off, without network or replaced, and no
receipt ever comes. So the outcome is TAKEN and stays so. It never counts as having informed somebody: a push rides
along with the ladder (inbox, SMS, call list) and ends none of its steps.

Endpoints come from browsers, that is from strangers: `Outgoing` guards where they lead, a bad one is NEVER (its
subscription is removed), and neither endpoint nor text is ever logged.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import cast

import http_ece  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import json as wire

from app.kit.outgoing import Answer, Outgoing, Refused, Unanswered, origin_of
from app.kit.vapid import Vapid
from app.messages.gateways.cutting import cut
from app.messages.gateways.faults import patience, unanswered
from app.messages.letters import Fate, Outcome, Push

MOST_BYTES = 3993  # RFC 8291: what a service must take is 4096 bytes encrypted, 103 of them are not text
LONGEST_TTL = 28 * 86_400  # more is refused by one large service
_TITLE_BYTES = 300
_REFUSALS = {
    **dict.fromkeys((404, 410), Outcome(Fate.NEVER, "gone")),
    **dict.fromkeys((301, 302, 303, 307, 308), Outcome(Fate.NEVER, "moved")),
    **{status: Outcome(Fate.BROKEN, f"vapid-{status}") for status in (400, 401, 403)},
    413: Outcome(Fate.BROKEN, "too-large"),
}


def payload(push: Push, origin: str) -> bytes:
    """The JSON a browser shows by itself (iOS 18.4 and later); the service worker of any other reads the same.

    `navigate` is absolute: not every browser resolves it against the page. The tag is the message's own name: sent
    twice after an answer that never came, it is still shown once.
    """
    title = cut(push.title, _TITLE_BYTES)

    def spelled(body: str) -> bytes:
        said = {
            "title": title,
            "body": body,
            "navigate": f"{origin}/{push.url.lstrip('/')}",
            "lang": push.lang,
            "tag": str(push.id),
            "silent": False,
        }
        return wire.encode({"web_push": 8030, "notification": said})

    return spelled(cut(push.body, MOST_BYTES, size=lambda body: len(spelled(body))))


def encrypted(
    text: bytes,
    keys: tuple[str, str],
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The text for the holder of a subscription's `p256dh` and `auth`. Raises ValueError for keys that are none.

    Salt and sender's key are fresh each time; only the RFC's own example gives them.
    """
    point, auth = (_unspelled(key) for key in keys)
    if len(auth) != 16 or len(point) != 65:
        raise ValueError("not the keys of a subscription")
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    own = sender or ec.generate_private_key(ec.SECP256R1())
    made = http_ece.encrypt(text, salt=salt, private_key=own, dh=receiver, auth_secret=auth, version="aes128gcm")
    return cast(bytes, made)


def _unspelled(key: str) -> bytes:
    try:
        return urlsafe_b64decode(key.rstrip("=") + "=" * (-len(key.rstrip("=")) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None


class WebPush:
    """Sends to one subscription at a time. `origin`: of this house; `contact`: a real mailto: for the push services."""

    name = "web-push"

    def __init__(self, outgoing: Outgoing, vapid: Vapid, origin: str, contact: str) -> None:
        self._outgoing, self._vapid, self._origin, self._contact = outgoing, vapid, origin.rstrip("/"), contact

    async def send(self, push: Push) -> Outcome:
        """Hand one message to the browser's push service. Never raises for what a service or a stranger's keys do."""
        try:
            body = encrypted(payload(push, self._origin), (push.p256dh, push.auth))
        except ValueError:
            return Outcome(Fate.NEVER, "bad-keys")
        try:
            answer = await self._outgoing.post(push.endpoint, body, self._headers(push))
        except Refused:
            return Outcome(Fate.NEVER, "refused-address")
        except Unanswered as error:
            return unanswered(error)
        return fate(answer)

    def _headers(self, push: Push) -> dict[str, str]:
        return {
            "Authorization": self._vapid.authorization(origin_of(push.endpoint), self._contact),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(min(max(push.ttl, 0), LONGEST_TTL)),
            "Urgency": "high" if push.urgent else "normal",
            # A second try replaces the first where it still waits.
            "Topic": urlsafe_b64encode(push.id.bytes).rstrip(b"=").decode(),
        }


def fate(answer: Answer) -> Outcome:
    """What a push service's answer means. No redirect is followed: one leads where a stranger says."""
    if outcome := patience(answer):
        return outcome
    code = f"http-{answer.status}"
    if 200 <= answer.status < 300:
        return Outcome(Fate.TAKEN, code)
    return _REFUSALS.get(answer.status, Outcome(Fate.BROKEN, code))
