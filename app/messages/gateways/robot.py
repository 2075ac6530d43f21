"""DingTalk robots in groups: signed Markdown, a budget below the limit of the provider, and many messages in one post.

A group is no person: what a robot posts informs nobody in particular, and says counts and links, never names.
"""

import hmac
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlencode

from msgspec import json as wire

from app.kit.outgoing import Outgoing
from app.messages.gateways.cutting import cut
from app.messages.gateways.dingtalk import OAPI, Failed, ask
from app.messages.letters import Fate, Outcome, RobotPost

MOST_BYTES = 20_000
_TITLE_BYTES = 200
_LINE_BYTES = 400
_CUT = "\n\n……（过长，余下请在守望中查看 · cut, read the rest in Shouwang）"
_WORDS = {
    "zh": {"many": "守望：{n} 条新消息", "more": "还有 {n} 条", "open": "查看"},
    "en": {"many": "Shouwang: {n} new messages", "more": "{n} more", "open": "Open"},
}
# A title must not open a link of its own: square and angle brackets become their wide sisters.
_PLAIN = str.maketrans("[]<>", "［］＜＞")


def signature(secret: str, timestamp_ms: int) -> str:
    """The value of `sign`, not yet escaped for a URL: HMAC-SHA256 over the time and the secret itself."""
    return b64encode(hmac.digest(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), "sha256")).decode()


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many posts of one robot in any window: the provider takes 20 a minute, then closes for ten."""

    most: int = 18
    window: timedelta = timedelta(seconds=60)

    def wait(self, recent: Iterable[datetime], now: datetime) -> timedelta:
        """How long the next post must wait, given when the last ones went (the last `most` suffice, in any order)."""
        last = sorted(recent)[-self.most :]
        if len(last) < self.most:
            return timedelta()
        return max(last[0] + self.window - now, timedelta())


class Line(NamedTuple):
    """One message of a digest."""

    title: str
    text: str
    link: str


def digest(lines: Sequence[Line], lang: str, most: int = 10) -> tuple[str, str]:
    """Heading and Markdown of one post for several messages: at most so many lines, then how many more there are."""
    words = _WORDS["en" if lang.startswith("en") else "zh"]
    title = _plain(lines[0].title) if len(lines) == 1 else words["many"].format(n=len(lines))
    shown = [_listed(line, words["open"]) for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"- {words['more'].format(n=len(lines) - most)}")
    return title, "\n".join([f"#### {title}", "", *shown])


def _plain(text: str) -> str:
    return cut(" ".join(text.split()).translate(_PLAIN), _LINE_BYTES)


def _listed(line: Line, opening: str) -> str:
    link = quote(line.link, safe=":/?&=#%~@,;+$")
    said = " ".join(part for part in (f"**{_plain(line.title)}**", _plain(line.text)) if part)
    return f"- {said} [{opening}]({link})" if link else f"- {said}"


class Robots:
    """Posts to groups. Every call is signed anew: a signature is good for an hour."""

    name = "dingtalk-robot"

    def __init__(self, outgoing: Outgoing, base: str = OAPI) -> None:
        self._outgoing, self._base = outgoing, base.rstrip("/")

    async def send(self, post: RobotPost) -> Outcome:
        """Post once. The budget is the caller's: it must hold over all processes."""
        now = int(time.time() * 1000)
        query = urlencode({"access_token": post.token, "timestamp": now, "sign": signature(post.secret, now)})
        try:
            await ask(self._outgoing, f"{self._base}/robot/send?{query}", _fitting(post))
        except Failed as failed:
            return failed.outcome
        return Outcome(Fate.DELIVERED, "0")


def _fitting(post: RobotPost) -> dict[str, object]:
    """The body, its Markdown cut until the whole fits."""
    whole = partial(_body, post)
    text = cut(post.markdown, MOST_BYTES, ending=_CUT, size=lambda text: len(wire.encode(whole(text))))
    return whole(text)


def _body(post: RobotPost, text: str) -> dict[str, object]:
    body: dict[str, object] = {
        "msgtype": "markdown",
        "markdown": {"title": cut(post.title, _TITLE_BYTES), "text": text},
    }
    if post.ids:
        # The same messages posted again, after an answer that never came, carry the same key and are shown once.
        body["msgUuid"] = sha256(b"".join(name.bytes for name in post.ids)).hexdigest()[:32]
    return body
