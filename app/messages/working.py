"""Work notices: to the phone of a colleague's account, by the organisation's own application."""

import asyncio

from app.kit import clock
from app.messages.gateways.work_notice import WorkNotices
from app.messages.judging import judge
from app.messages.letters import Ended, WorkNotice
from app.messages.opening import Concluded, Opened
from app.messages.points import passing
from models.messages import State

ABREAST = 10
_OPEN = {"zh": "打开守望", "en": "Open Shouwang"}


class Working:
    """The way of work notices. `house`: the address of this house."""

    def __init__(self, notices: WorkNotices, house: str) -> None:
        self._notices, self._house = notices, house.rstrip("/")

    async def __call__(self, opened: list[Opened]) -> Concluded:
        abreast = asyncio.Semaphore(ABREAST)

        async def ended(one: Opened) -> Ended:
            if not one.phone:
                return Ended(State.PERMANENT_FAILURE, "no-phone", WorkNotices.name)
            async with abreast:
                outcome = await self._notices.send(self._notice(one))
            return judge(one.taken, outcome, WorkNotices.name, clock.now())

        passing("sent")
        outcomes = await asyncio.gather(*(ended(one) for one in opened))
        return [(one.taken, outcome) for one, outcome in zip(opened, outcomes, strict=True)]

    def _notice(self, one: Opened) -> WorkNotice:
        words, lang = one.words, "en" if one.taken.lang.startswith("en") else "zh"
        markdown = f"#### {words.title}\n\n{words.text}\n\n[{_OPEN[lang]}]({self._house}{one.path})"
        return WorkNotice(one.taken.message_id, one.phone, words.title, markdown)
