"""What the transport alone says about a letter: calls that got no answer, and answers that ask for patience."""

import re

from app.kit.outgoing import Answer, Unanswered
from app.messages.letters import Fate, Outcome

_NOT_A_CODE = re.compile(r"[^A-Za-z0-9._:-]")
# Answered by something in between, which cannot know whether the request got through.
_UNSURE = {500, 502, 504}


def word(code: object) -> str:
    """A provider's code as it may be written down: 60 plain characters, so that no text and no person hides in it."""
    return _NOT_A_CODE.sub("", str(code))[:60]


def unanswered(error: Unanswered) -> Outcome:
    """The outcome when no answer came."""
    return Outcome(Fate.LATER, error.code, unsure=error.sent)


def patience(answer: Answer) -> Outcome | None:
    """The outcome of 429 and 5xx, the same with every provider; None for all other answers."""
    if answer.status != 429 and answer.status < 500:
        return None
    code = f"http-{answer.status}"
    return Outcome(Fate.LATER, code, retry_after=answer.retry_after, unsure=answer.status in _UNSURE)
