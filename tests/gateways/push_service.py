"""A push service, and the browsers behind it: checks the house's name and opens what it was given with its own code."""

import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.gateways.dictated import Reply, Request, StandIn


def spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unspelled(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Browser:
    """One subscription with its private key, tied to the public key of one house."""

    house: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    name: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    gone: bool = False
    shown: dict[str, dict] = field(default_factory=dict)  # notifications by tag: a repeat takes the place of the first
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def p256dh(self) -> str:
        return spelled(point_of(self.private.public_key()))

    @property
    def auth(self) -> str:
        return spelled(self.secret)

    def opened(self, body: bytes) -> bytes:
        """Decrypt as RFC 8291 and 8188 say, one record."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), theirs)
        both = b"WebPush: info\0" + point_of(self.private.public_key()) + sender
        keying = derived(self.secret, shared, (both, 32))
        key = derived(salt, keying, (b"Content-Encoding: aes128gcm\0", 16))
        nonce = derived(salt, keying, (b"Content-Encoding: nonce\0", 12))
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded.endswith(b"\x02")
        return padded[:-1]


def derived(salt, secret, wanted):
    info, length = wanted
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class PushService(StandIn):
    """Browsers by the last part of their endpoint. `origin` is what a token must be made out for."""

    def __init__(self):
        super().__init__()
        self.origin = ""
        self.browsers: dict[str, Browser] = {}

    def subscribe(self, house: str) -> Browser:
        browser = Browser(house)
        self.browsers[browser.name] = browser
        return browser

    def endpoint(self, browser: Browser) -> str:
        return f"{self.origin}/push/{browser.name}"

    def answer(self, request: Request) -> Reply:
        browser = self.browsers.get(request.path.removeprefix("/push/"))
        if browser is None:
            return Reply(b"", 404)
        if browser.gone:
            return Reply(b'{"reason":"Unregistered"}', 410)
        if len(request.body) > 4096:
            return Reply(b"", 413)
        if request.method != "POST" or not request.headers.get("ttl", "").isdigit():
            return Reply(b"", 400)
        if why := self._stranger(request.headers.get("authorization", ""), browser.house):
            return Reply({"reason": why}, 403)
        browser.headers = request.headers
        said = json.loads(browser.opened(request.body))
        browser.shown[said["notification"]["tag"]] = said
        return Reply(b"", 201, {"location": f"{self.origin}/m/{secrets.token_hex(8)}"})

    def _stranger(self, header: str, house: str) -> str:
        """What is wrong with the Authorization; nothing when this is the house the browser subscribed with."""
        kind, _, rest = header.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if kind != "vapid" or parts.get("k") != house:
            return "another key"
        head, body, signature = parts["t"].split(".")
        if json.loads(unspelled(head)) != {"alg": "ES256", "typ": "JWT"}:
            return "head"
        raw = unspelled(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unspelled(house))
        pair = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        try:
            key.verify(pair, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return "signature"
        claims = json.loads(unspelled(body))
        if claims["aud"] != self.origin or not claims["sub"].startswith("mailto:"):
            return "claims"
        return "" if time.time() < claims["exp"] <= time.time() + 86_400 else "time"
