"""Push: every browser of the accounts of a batch is written to; one that is gone is forgotten."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, delete, select

from app.kit import clock, crypto
from app.kit.db import Database
from app.messages.gateways.web_push import WebPush
from app.messages.judging import judge
from app.messages.letters import Ended, Fate, Outcome, Push
from app.messages.opening import Concluded, Opened
from app.messages.points import passing
from app.messages.subscriptions import PLACE
from app.vault import Erased, Vault
from models.messages import State, Subscription

ABREAST = 10
_SOMETHING = {"zh": "您有一条新消息，请打开查看。", "en": "You have a new message. Please open it."}
# The best of several browsers counts: one of them has it.
_BEST = (Fate.DELIVERED, Fate.TAKEN, Fate.LATER, Fate.BROKEN, Fate.NEVER)


@dataclass(frozen=True, slots=True)
class _Browser:
    """A subscription, opened."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


class Pushing:
    """The way of pushes. Nobody counts as informed by one: no browser says that it was seen."""

    def __init__(self, database: Database, vault: Vault, web_push: WebPush) -> None:
        self._database, self._vault, self._web_push = database, vault, web_push

    async def __call__(self, opened: list[Opened]) -> Concluded:
        browsers = await self._browsers({one.taken.account_id for one in opened if one.taken.account_id})
        abreast, gone = asyncio.Semaphore(ABREAST), set[UUID]()

        async def pushed(one: Opened, browser: _Browser) -> Outcome:
            async with abreast:
                outcome = await self._web_push.send(_push(one, browser))
            if outcome.fate is Fate.NEVER:
                gone.add(browser.id)
            return outcome

        passing("sent")
        fates = await asyncio.gather(
            *(asyncio.gather(*(pushed(one, each) for each in browsers[one.taken.account_id])) for one in opened)
        )
        if gone:
            async with self._database.writing() as db:
                await db.exec(delete(Subscription).where(col(Subscription.id).in_(gone)))
        return [(one.taken, self._ended(one, outcomes)) for one, outcomes in zip(opened, fates, strict=True)]

    def _ended(self, one: Opened, outcomes: Sequence[Outcome]) -> Ended:
        if not outcomes:
            return Ended(State.PERMANENT_FAILURE, "no-browser", WebPush.name)
        best = min(outcomes, key=lambda outcome: _BEST.index(outcome.fate))
        return judge(one.taken, best, WebPush.name, clock.now())

    async def _browsers(self, accounts: set[UUID]) -> dict[UUID | None, list[_Browser]]:
        found: dict[UUID | None, list[_Browser]] = defaultdict(list)
        async with self._database.reading() as db:
            rows = await db.exec(select(Subscription).where(col(Subscription.account_id).in_(accounts)))
            for row in rows:
                try:
                    keys = json.loads(self._vault.open(row.keys_sealed, PLACE, row.id))
                except (Erased, crypto.Tampered):
                    continue  # of a response that is over; it goes with its account
                found[row.account_id].append(_Browser(row.id, keys["endpoint"], keys["p256dh"], keys["auth"]))
        return found


def _push(one: Opened, browser: _Browser) -> Push:
    words, lang = one.words, "en" if one.taken.lang.startswith("en") else "zh"
    left = (one.taken.expires_at - clock.now()).total_seconds() if one.taken.expires_at else 86_400.0
    return Push(
        one.taken.message_id, browser.endpoint, browser.p256dh, browser.auth, words.title,
        words.push or _SOMETHING[lang], one.path, lang, max(int(left), 0), one.taken.urgent,
    )  # fmt: skip
