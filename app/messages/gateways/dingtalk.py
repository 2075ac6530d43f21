"""What robots and work notices share: DingTalk says 200 to failures, and an errcode tells what happened."""

from msgspec import DecodeError
from msgspec import json as wire

from app.kit.outgoing import Answer, Outgoing, Refused, Unanswered
from app.messages.gateways.faults import patience, unanswered, word
from app.messages.letters import Fate, Outcome

OAPI = "https://oapi.dingtalk.com"
API = "https://api.dingtalk.com"
JSON = {"Content-Type": "application/json; charset=utf-8"}

Told = dict[str, object]

BLOCKED_S = 600.0  # over 20 a minute a robot's group is closed for ten minutes
# One is busy (-1), another throttled (90001 to 90020, 1431xx by the minute); each passes by itself.
_BUSY = {"-1", "143103", "143104", "143203", "143204", *(str(code) for code in range(90001, 90021))}
_ROBOT_TOO_FAST = {"130101", "410100"}
_DAY_IS_FULL = {"143105", "143205"}  # 500 notices a day to one person
_NOBODY = {"33012", "40104", "60121"}  # no such user, no such number in this organisation


class Failed(Exception):
    """A call that did not do what it was for; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


def failing(code: str) -> Outcome:
    """The outcome of an errcode other than 0. Unknown ones are ours to mend: repeating them alone helps nobody."""
    if code in _ROBOT_TOO_FAST:
        return Outcome(Fate.LATER, code, retry_after=BLOCKED_S)
    if code in _BUSY:
        return Outcome(Fate.LATER, code, retry_after=60.0)
    if code in _DAY_IS_FULL:
        return Outcome(Fate.LATER, code, retry_after=3600.0)
    return Outcome(Fate.NEVER if code in _NOBODY else Fate.BROKEN, code)


async def posted(outgoing: Outgoing, url: str, body: object) -> Answer:
    """POST a JSON object. Raises Failed when no answer came, or one that only asks for patience."""
    try:
        answer = await outgoing.post(url, wire.encode(body), JSON)
    except Refused:
        raise Failed(Outcome(Fate.BROKEN, "refused-address")) from None
    except Unanswered as error:
        raise Failed(unanswered(error)) from None
    if outcome := patience(answer):
        raise Failed(outcome)
    return answer


def told(answer: Answer) -> Told:
    """The object in an answer. Raises Failed for what is none: a login page of some network says 200 too."""
    try:
        said = wire.decode(answer.body)
    except (DecodeError, UnicodeDecodeError):
        said = None
    if isinstance(said, dict):
        return said
    if answer.status == 200:
        raise Failed(Outcome(Fate.LATER, "unreadable", unsure=True))
    raise Failed(Outcome(Fate.BROKEN, f"http-{answer.status}"))


async def ask(outgoing: Outgoing, url: str, body: object) -> Told:
    """Call the older interface and return its answer. Raises Failed for every errcode but 0."""
    answer = await posted(outgoing, url, body)
    said = told(answer)
    code = said.get("errcode")
    if code == 0:
        return said
    if code is None:
        raise Failed(Outcome(Fate.BROKEN, f"http-{answer.status}"))
    # 88 only says that the gate in front refused; what it refused is in the code below it.
    raise Failed(failing(word(said.get("sub_code") or code if code == 88 else code)))
