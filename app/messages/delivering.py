"""Delivering: a batch of one channel is taken up, opened, handed to a gateway, and concluded."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.kit import clock, crypto
from app.kit.db import away
from app.messages import wording
from app.messages.carriers import Carriers, Provider, Text
from app.messages.desk import Desk, Ended, Taken
from app.messages.judging import judge, later
from app.messages.letters import Fate, Outcome, Sms
from app.messages.points import passing
from app.messages.telling import FACTS, PHONE
from app.vault import Erased, KeysChanging, Vault
from models.messages import Channel, State
from models.messages.templates import Template, Words, as_written

log = logging.getLogger("shouwang.messages")

HANGS_S = 60.0  # a batch that takes longer is given up; it counts as a death, as if the worker had died at it
Concluded = list[tuple[Taken, Ended]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A delivery with everything that leaves the house."""

    taken: Taken
    template: Template
    phone: str
    facts: dict[str, str]

    @property
    def words(self) -> Words:
        """In the language of whoever is told."""
        return wording.written(self.template, self.facts, wording.language(self.taken.lang))


class Deliverer:
    """What one worker does with the jobs it picks."""

    def __init__(self, desk: Desk, vault: Vault, carriers: Carriers) -> None:
        self._desk, self._vault, self._carriers = desk, vault, carriers
        self._ways: dict[Channel, Callable[[list[Opened]], Awaitable[Concluded]]] = {
            Channel.SMS: self._text,
            Channel.PUSH: carriers.push,
            Channel.WORK: carriers.work,
            Channel.ROBOT: carriers.robots,
        }

    async def deliver(self, channel: Channel, deliveries: Sequence[UUID]) -> None:
        """Deliver what of these still waits. Whatever happens, each is concluded or freed later; none blocks others."""
        passing("picked")
        taken = await self._desk.claim(deliveries)
        if not taken:
            return
        opened, ended = self._open(taken)
        passing("opened")
        if opened:
            async with asyncio.timeout(HANGS_S):
                ended += await self._ways[channel](opened)
        passing("answered")
        await self._conclude(ended)

    async def _conclude(self, ended: Concluded) -> None:
        """Something has left the house: that must not be forgotten because the database is away for a moment."""
        for wait in (0.2, 1.0, 3.0, 10.0, None):
            try:
                await self._desk.conclude(ended)
                return
            except Exception as error:
                if wait is None or not away(error):
                    raise
                await asyncio.sleep(wait)

    def _open(self, taken: Sequence[Taken]) -> tuple[list[Opened], Concluded]:
        opened: list[Opened] = []
        ended: Concluded = []
        for one in taken:
            try:
                opened.append(self._opened(one))
            except (Erased, crypto.Tampered, KeyError):
                ended.append((one, Ended(State.TECHNICAL_FAILURE, "erased")))
            except KeysChanging:
                ended.append((one, later(one, Outcome(Fate.LATER, "keys-changing"), "", clock.now())))
        return opened, ended

    def _opened(self, one: Taken) -> Opened:
        facts: dict[str, str] = json.loads(one.facts) if one.facts else {}
        if one.facts_sealed:
            facts |= json.loads(self._vault.open(one.facts_sealed, FACTS, one.message_id))
        phone = ""
        if one.phone_sealed:
            phone = self._vault.open(one.phone_sealed, PHONE, one.message_id)
        elif one.account_phone and one.account_id:
            phone = self._vault.open(one.account_phone, "account|phone", one.account_id)
        return Opened(one, as_written(one.template, one.version), phone, facts)

    async def _text(self, opened: list[Opened]) -> Concluded:
        """Text messages: what may have been taken is asked after first; the rest goes by whichever provider works."""
        ended: Concluded = []
        fresh: dict[str, list[tuple[Opened, Sms]]] = defaultdict(list)
        for one in opened:
            answer = await self._asked_after(one)
            if answer is not None:
                ended.append((one.taken, answer))
                continue
            chosen = self._carriers.provider_for(one.template, one.taken)
            if chosen is None:
                ended.append((one.taken, self._nobody(one)))
            else:
                provider, text = chosen
                fresh[provider.name].append((one, self._letter(one, text)))
        for name, some in fresh.items():
            provider = self._carriers.providers[name]
            passing("sent")
            outcomes = await provider.send([letter for _, letter in some])
            ended += [
                (one.taken, self._judged(one.taken, outcome, provider))
                for (one, _), outcome in zip(some, outcomes, strict=True)
            ]
        return ended

    async def _asked_after(self, one: Opened) -> Ended | None:
        """A delivery in doubt: what the provider that may have taken it says; None when it knows nothing of it."""
        provider = self._carriers.providers.get(one.taken.provider)
        text = self._carriers.text_at(provider, one.template, one.taken) if provider else None
        if not (one.taken.doubt and provider and text):
            return None
        outcome = await provider.look_up(self._letter(one, text))
        return None if outcome is None else judge(one.taken, outcome, provider.name, clock.now())

    def _nobody(self, one: Opened) -> Ended:
        if not self._carriers.approved(one.template, one.taken):
            return Ended(State.TECHNICAL_FAILURE, "no-template-code")
        return later(one.taken, Outcome(Fate.LATER, "gateways-shut", retry_after=10), one.taken.provider, clock.now())

    def _letter(self, one: Opened, text: Text) -> Sms:
        said = wording.said(one.template, one.facts, wording.language(text.lang))
        return Sms(one.taken.message_id, one.phone, text.code, tuple(said.items()))

    def _judged(self, taken: Taken, outcome: Outcome, provider: Provider) -> Ended:
        """Our side is wrong at one provider (secret, money, template): another one, where there is one, is tried."""
        other = self._carriers.another(provider.name)
        if outcome.fate is Fate.BROKEN and other is not None and taken.provider != other:
            return Ended(State.TEMPORARY_FAILURE, outcome.code, provider.name, next_at=clock.now())
        return judge(taken, outcome, provider.name, clock.now())
