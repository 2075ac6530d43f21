"""Appeals: object to a decision about oneself; whoever answers for the village answers within a day, or it climbs."""

from app.appeals.answering import AlreadyAnswered, NobodyJudgesThemselves, answer, take_on
from app.appeals.filing import AlreadyAppealed, AppealSentBefore, file
from app.appeals.following import NothingToLookAtAgain, close, second_look
from app.appeals.reading import mine, open_appeal, own, waiting
from app.appeals.tending import tend

__all__ = [
    "AlreadyAnswered", "AlreadyAppealed", "AppealSentBefore", "NobodyJudgesThemselves", "NothingToLookAtAgain",
    "answer", "close", "file", "mine", "open_appeal", "own", "second_look", "take_on", "tend", "waiting",
]  # fmt: skip
