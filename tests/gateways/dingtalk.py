"""DingTalk as its documentation describes it: robots of groups and work notices, on one application.

Signatures are checked by code of its own, so that a mistake in the house's cannot be made twice.
"""

import time
from base64 import b64decode
from collections import deque
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from msgspec import json as wire

from tests.gateways.dictated import Reply, Request, StandIn

HOUR_MS = 3_600_000


def no(code, message):
    return Reply({"errcode": code, "errmsg": message})


@dataclass
class Group:
    """A group with a robot: what was posted into it, when it was called, and until when it is closed."""

    secret: str
    posts: list[dict] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    calls: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0


@dataclass
class Colleague:
    """A user of the organisation, with what reached their phone."""

    userid: str
    notices: list[dict] = field(default_factory=list)
    read: bool = False


class DingTalk(StandIn):
    """Groups by the access token of their robot, colleagues by mobile; `now` is moved by tests."""

    key, secret, agent_id = "dingkey", "the-app-secret", 4711

    def __init__(self):
        super().__init__()
        self.now = time.time
        self.groups: dict[str, Group] = {}
        self.colleagues: dict[str, Colleague] = {}
        self.tasks: dict[int, dict] = {}
        self.tokens: dict[str, float] = {}
        self.working = False  # results are not known yet

    def answer(self, request: Request) -> Reply:
        if request.path == "/robot/send":
            return self._robot(request)
        if request.path == "/v1.0/oauth2/accessToken":
            return self._token(request)
        if self.tokens.get(request.query.get("access_token", ""), 0) < self.now():
            return no(40014, "不合法的access_token")
        works = {
            "/topapi/v2/user/getbymobile": self._by_mobile,
            "/topapi/message/corpconversation/asyncsend_v2": self._send,
            "/topapi/message/corpconversation/getsendresult": self._result,
        }
        work = works.get(request.path)
        return work(request) if work else Reply({"errcode": 404, "errmsg": "请求的URI地址不存在"}, 404)

    def _robot(self, request):
        group = self.groups.get(request.query.get("access_token", ""))
        if group is None:
            return no(300001, "token is not exist")
        now = self.now()
        if now < group.closed_until:
            return no(130101, "send too fast, exceed 20 times per minute")
        if not signed(group.secret, request.query, now * 1000):
            return no(310000, "sign not match")
        while group.calls and group.calls[0] <= now - 60:
            group.calls.popleft()
        if len(group.calls) >= 20:
            group.closed_until = now + 600
            return no(130101, "send too fast, exceed 20 times per minute")
        group.calls.append(now)
        return self._posted(group, request)

    def _posted(self, group, request):
        said = request.said
        if len(request.body) > 20_000:
            return no(460101, "message too long")
        if said.get("msgtype") != "markdown" or not all(said["markdown"].get(part) for part in ("title", "text")):
            return no(40035, "缺少参数 json")
        if said.get("msgUuid") not in group.keys:
            group.posts.append(said["markdown"])
            group.keys.update({said["msgUuid"]} if "msgUuid" in said else ())
        return no(0, "ok")

    def _token(self, request):
        if request.said != {"appKey": self.key, "appSecret": self.secret}:
            return Reply({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}, 400)
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = self.now() + 7200
        return Reply({"accessToken": token, "expireIn": 7200})

    def _by_mobile(self, request):
        colleague = self.colleagues.get(request.said["mobile"])
        if colleague is None:
            return no(60121, "找不到该用户")
        return Reply({"errcode": 0, "errmsg": "ok", "result": {"userid": colleague.userid}})

    def _send(self, request):
        said = request.said
        users = {colleague.userid: colleague for colleague in self.colleagues.values()}
        named = said["userid_list"].split(",")
        if said["agent_id"] != self.agent_id or not 1 <= len(named) <= 100:
            return no(40035, "不合法的参数")
        if len(wire.encode(said["msg"])) > 2048:
            return no(34016, "消息内容长度超过限制")
        result = {kind: [] for kind in ("read", "unread", "failed", "forbidden", "invalid")} | {"why": []}
        for userid in named:
            _delivered(users.get(userid), userid, said["msg"]["markdown"], result)
        task = 256_271_667_526 + len(self.tasks)
        self.tasks[task] = result
        return Reply({"errcode": 0, "errmsg": "ok", "task_id": task, "request_id": "4y6e1yx3r9kv"})

    def _result(self, request):
        task = self.tasks.get(request.said["task_id"])
        if task is None:
            return no(400002, "参数错误")
        read = {colleague.userid for colleague in self.colleagues.values() if colleague.read}
        lists = {kind: [] if self.working else task[kind] for kind in ("failed", "forbidden", "invalid")}
        reached = [] if self.working else task["unread"]
        lists["read"] = [user for user in reached if user in read]
        lists["unread"] = [user for user in reached if user not in read]
        said = {f"{kind}_user_id_list": users for kind, users in lists.items()}
        return Reply({"errcode": 0, "send_result": said | {"forbidden_list": [] if self.working else task["why"]}})


def _delivered(colleague, userid, markdown, result):
    """To the phone, or into the list that says why not: the sender is told nothing."""
    if colleague is None:
        result["invalid"].append(userid)
    elif markdown in colleague.notices:
        result["forbidden"].append(userid)
        result["why"].append({"code": "143106", "count": 1, "userid": userid})
    else:
        colleague.notices.append(markdown)
        result["unread"].append(userid)


def signed(secret, query, now_ms) -> bool:
    """Is this signature the secret's, and of the last hour?"""
    stamp = query.get("timestamp", "")
    if not stamp.isdigit() or abs(now_ms - int(stamp)) > HOUR_MS:
        return False
    mac = HMAC(secret.encode(), hashes.SHA256())
    mac.update(f"{stamp}\n{secret}".encode())
    try:
        mac.verify(b64decode(query.get("sign", "")))
    except InvalidSignature:
        return False
    return True
