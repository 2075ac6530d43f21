"""Asking after what was taken and never confirmed: at 5, 15 and 60 minutes, so many a minute and no more."""

import asyncio

from app.kit.db import Database
from app.messages.carriers import Carriers
from app.messages.desk import Desk, Taken
from app.messages.letters import Fate, Outcome
from app.messages.opening import Opened, opened
from app.messages.receiving import Said, settle
from app.vault import Vault
from models.messages import Channel

MOST = 300  # a minute: a provider that confirms nothing must not be asked to death
ABREAST = 5
SILENT = 5  # after so many questions in a row without an answer nobody asks on for this minute


class Asking:
    """What one worker asks the providers."""

    def __init__(self, desk: Desk, database: Database, with_: tuple[Vault, Carriers]) -> None:
        self._desk, self._database = desk, database
        self._vault, self._carriers = with_

    async def ask(self) -> int:
        """Ask after what is due. Returns how many deliveries it moved."""
        taken = await self._desk.unconfirmed(MOST)
        good, _, _ = opened(self._vault, taken)
        abreast, silent = asyncio.Semaphore(ABREAST), [0]

        async def asked(one: Opened) -> Said | None:
            async with abreast:
                if silent[0] >= SILENT:
                    return None
                outcome = await self._asked(one)
                silent[0] = silent[0] + 1 if outcome is not None and outcome.unsure else 0
                return _said(one.taken, outcome)

        told = await asyncio.gather(*(asked(one) for one in good))
        news = [said for said in told if said is not None]
        if not news:
            return 0
        async with self._database.writing() as db:
            return len(await settle(db, news))

    async def _asked(self, one: Opened) -> Outcome | None:
        if one.taken.channel == Channel.WORK:
            return await self._carriers.work_look_up(one.taken.provider_id or "")
        provider = self._carriers.providers.get(one.taken.provider)
        text = self._carriers.text_at(provider, one.template, one.taken) if provider else None
        return await provider.look_up(one.letter(text.code, text.lang)) if provider and text else None


def _said(taken: Taken, outcome: Outcome | None) -> Said | None:
    """News about a delivery; None while it is still on its way, or nobody could tell."""
    if outcome is None or outcome.fate is Fate.TAKEN or outcome.unsure:
        return None
    return Said(taken, outcome.fate, outcome.code, taken.provider, taken.provider_id)
