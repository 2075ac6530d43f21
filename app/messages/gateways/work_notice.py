"""DingTalk work notices to colleagues: found by their phone, handed over for later, asked for afterwards.

The provider drops the same text to the same person on one day without a word, and takes 500 a day for each. Callers
therefore put the number of the case and the date into the text: nothing here can tell a repeat from a second event.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from msgspec import json as wire

from app.kit.outgoing import Outgoing
from app.messages.gateways.cutting import cut
from app.messages.gateways.dingtalk import API, OAPI, Failed, Told, ask, failing, posted, told
from app.messages.gateways.faults import word
from app.messages.letters import Fate, Outcome, WorkNotice

MOST_BYTES = 2048
_TITLE_BYTES = 180
_CUT = "……（过长，余下请在守望中查看）"
_EARLY_S = 300.0  # a token is not used in its last minutes
_STALE = {"40001", "40014", "42001"}  # the token run out or withdrawn: one new one is asked for
_SEND = "/topapi/message/corpconversation/asyncsend_v2"
_RESULT = "/topapi/message/corpconversation/getsendresult"
_BY_PHONE = "/topapi/v2/user/getbymobile"


@dataclass(frozen=True, slots=True)
class DingTalkApp:
    """The organisation's own application at DingTalk, and where it is reached."""

    key: str
    secret: str = field(repr=False)
    agent_id: int
    oapi: str = OAPI
    api: str = API


class WorkNotices:
    """Sends as one application. A notice goes to one person, so its result is about them alone."""

    name = "dingtalk-work-notice"

    def __init__(self, outgoing: Outgoing, app: DingTalkApp, now: Callable[[], float] = time.monotonic) -> None:
        self._outgoing, self._app, self._now = outgoing, app, now
        self._token, self._good_until = "", 0.0
        self._lock = asyncio.Lock()

    async def send(self, notice: WorkNotice) -> Outcome:
        """Hand one notice over; `provider_id` is the task to ask about. Never raises for what the provider does."""
        try:
            user = await self._user(notice.phone)
        except Failed as failed:
            # Nothing was sent yet, however far this question got.
            return Outcome(failed.outcome.fate, failed.outcome.code, retry_after=failed.outcome.retry_after)
        body = {"agent_id": self._app.agent_id, "userid_list": user, "msg": _fitting(notice)}
        try:
            said = await self._ask(_SEND, body)
        except Failed as failed:
            return failed.outcome
        return Outcome(Fate.TAKEN, "0", provider_id=word(said.get("task_id") or "") or None)

    async def look_up(self, task_id: str) -> Outcome:
        """What became of a notice handed over within a day. TAKEN when nothing is known yet, or nobody answered.

        Never LATER for a question that failed: that would send a notice again which may have arrived long ago.
        """
        if not (task_id.isascii() and task_id.isdigit()):
            return Outcome(Fate.TAKEN, "no-task")
        body = {"agent_id": self._app.agent_id, "task_id": int(task_id)}
        try:
            said = (await self._ask(_RESULT, body)).get("send_result")
        except Failed as failed:
            return Outcome(Fate.TAKEN, failed.outcome.code, task_id, failed.outcome.retry_after)
        outcome = _result(said if isinstance(said, dict) else {})
        return Outcome(outcome.fate, outcome.code, task_id, outcome.retry_after)

    async def _user(self, phone: str) -> str:
        """The provider's name for the person with this phone. Raises Failed."""
        result = (await self._ask(_BY_PHONE, {"mobile": phone})).get("result")
        user = result.get("userid") if isinstance(result, dict) else None
        if not isinstance(user, str) or not user:
            raise Failed(Outcome(Fate.NEVER, "no-userid"))
        return user

    async def _ask(self, path: str, body: object) -> Told:
        """Call with a token, and once more with a fresh one when it was not liked. Raises Failed."""
        token = await self._current()
        try:
            return await ask(self._outgoing, self._url(path, token), body)
        except Failed as failed:
            if failed.outcome.code not in _STALE:
                raise
        if self._token == token:  # unless somebody else has fetched a new one meanwhile
            self._good_until = 0.0
        return await ask(self._outgoing, self._url(path, await self._current()), body)

    def _url(self, path: str, token: str) -> str:
        return f"{self._app.oapi.rstrip('/')}{path}?{urlencode({'access_token': token})}"

    async def _current(self) -> str:
        """The token in use, fetched anew when it is about to run out. Asking too often is itself punished."""
        async with self._lock:
            if self._now() >= self._good_until:
                self._token, lasts = await self._fetched()
                self._good_until = self._now() + max(lasts - _EARLY_S, lasts / 2)
            return self._token

    async def _fetched(self) -> tuple[str, float]:
        """A token and its seconds. The newer of two interfaces: the older one carries the secret in its URL."""
        url = f"{self._app.api.rstrip('/')}/v1.0/oauth2/accessToken"
        answer = await posted(self._outgoing, url, {"appKey": self._app.key, "appSecret": self._app.secret})
        said = told(answer)
        token, lasts = said.get("accessToken"), said.get("expireIn")
        if answer.status != 200 or not isinstance(token, str) or not isinstance(lasts, int):
            raise Failed(Outcome(Fate.BROKEN, word(said.get("code") or f"http-{answer.status}")))
        return token, float(lasts)


def _fitting(notice: WorkNotice) -> dict[str, object]:
    """The message within 2048 bytes as JSON."""
    title = cut(notice.title, _TITLE_BYTES)
    text = cut(notice.markdown, MOST_BYTES, ending=_CUT, size=lambda text: len(wire.encode(_message(title, text))))
    return _message(title, text)


def _message(title: str, text: str) -> dict[str, object]:
    return {"msgtype": "markdown", "markdown": {"title": title, "text": text}}


def _result(said: Told) -> Outcome:
    """The fate in a task's result. It names the person in one of five lists; which one, is the answer."""
    if said.get("read_user_id_list"):
        return Outcome(Fate.DELIVERED, "read")
    if said.get("unread_user_id_list"):
        return Outcome(Fate.DELIVERED, "unread")
    if said.get("forbidden_user_id_list") or said.get("forbidden_list"):
        reasons = said.get("forbidden_list")
        first = reasons[0] if isinstance(reasons, list) and reasons else None
        code = word(first.get("code")) if isinstance(first, dict) else "forbidden"
        return failing(code)
    if said.get("invalid_user_id_list"):
        return Outcome(Fate.NEVER, "invalid")
    if said.get("failed_user_id_list"):
        return Outcome(Fate.LATER, "failed")
    return Outcome(Fate.TAKEN, "working")
