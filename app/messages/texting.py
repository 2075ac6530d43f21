"""Text messages: what may have been taken is asked after first; the rest goes by whichever provider works."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.kit import clock
from app.messages.carriers import Carriers, Provider, Text
from app.messages.desk import Taken
from app.messages.judging import judge, later
from app.messages.letters import Ended, Fate, Outcome, Sms
from app.messages.opening import Concluded, Opened
from app.messages.points import passing
from models.messages import State

ABREAST = 10
PATIENT_TRIES = 2  # so often an answer about what was perhaps taken is waited for, unless it is urgent


@dataclass(frozen=True, slots=True)
class _Known:
    """What the providers say of a delivery in doubt: how it ended, or who did not answer."""

    ended: Ended | None = None
    silent: frozenset[str] = frozenset()


class Texting:
    """The way of text messages."""

    def __init__(self, carriers: Carriers) -> None:
        self._carriers = carriers

    async def __call__(self, opened: list[Opened]) -> Concluded:
        ended: Concluded = []
        await self._carriers.read_codes()  # one may have been entered a moment ago
        fresh: dict[str, list[tuple[Opened, Sms]]] = defaultdict(list)
        for one, known in zip(opened, await self._all_known(opened), strict=True):
            if not one.phone:
                ended.append((one.taken, Ended(State.PERMANENT_FAILURE, "no-phone")))
                continue
            if known.ended is not None:
                ended.append((one.taken, known.ended))
                continue
            chosen = self._carriers.provider_for(one.template, one.taken, known.silent)
            if chosen is None:
                ended.append((one.taken, self._nobody(one)))
            else:
                provider, text = chosen
                fresh[provider.name].append((one, one.letter(text.code, text.lang)))
        for name, some in fresh.items():
            ended += await self._sent(self._carriers.providers[name], some)
        return ended

    async def _sent(self, provider: Provider, some: Sequence[tuple[Opened, Sms]]) -> Concluded:
        passing("sent")
        outcomes = await provider.send([letter for _, letter in some])
        return [
            (one.taken, self._judged(one, outcome, provider)) for (one, _), outcome in zip(some, outcomes, strict=True)
        ]

    async def _all_known(self, opened: Sequence[Opened]) -> list[_Known]:
        abreast = asyncio.Semaphore(ABREAST)

        async def known(one: Opened) -> _Known:
            if not one.taken.doubt:
                return _Known()
            async with abreast:
                return await self._asked_after(one)

        return await asyncio.gather(*(known(one) for one in opened))

    async def _asked_after(self, one: Opened) -> _Known:
        """A delivery in doubt: whoever may have taken it is asked. Nobody knows it: it may be sent."""
        silent: dict[str, Outcome] = {}
        for provider, text in self._suspects(one):
            outcome = await provider.look_up(one.letter(text.code, text.lang))
            if outcome is None and not (provider.gateway.reports_late and self._patient(one.taken)):
                continue
            if outcome is None or (outcome.fate is Fate.LATER and outcome.unsure):
                silent[provider.name] = outcome or Outcome(Fate.LATER, "not-reported-yet")
                continue
            return _Known(judge(one.taken, outcome, provider.name, clock.now()))
        if not silent:
            return _Known()
        # Better twice than never: a provider that took it perhaps and is gone since must not keep it from another one.
        if not self._patient(one.taken) and self._carriers.provider_for(one.template, one.taken, silent):
            return _Known(silent=frozenset(silent))
        said = Outcome(Fate.LATER, next(iter(silent.values())).code, unsure=True)
        return _Known(later(one.taken, said, one.taken.provider, clock.now()))

    def _suspects(self, one: Opened) -> list[tuple[Provider, Text]]:
        """Who may have taken it: whom it was given to; everybody, when the worker died before that was written down."""
        able = self._carriers.able(one.template, one.taken)
        return [pair for pair in able if one.taken.provider in ("", pair[0].name)]

    def _patient(self, taken: Taken) -> bool:
        return not taken.urgent and taken.attempts <= PATIENT_TRIES

    def _nobody(self, one: Opened) -> Ended:
        if not self._carriers.able(one.template, one.taken):
            return Ended(State.TECHNICAL_FAILURE, "no-template-code")
        shut = Outcome(Fate.LATER, "gateways-shut", unsure=one.taken.doubt)
        return later(one.taken, shut, one.taken.provider, clock.now())

    def _judged(self, one: Opened, outcome: Outcome, provider: Provider) -> Ended:
        """Our side is wrong at one provider (secret, money, template): another one, where there is one, is tried."""
        if outcome.fate is Fate.BROKEN and self._carriers.another(provider.name, one.template, one.taken):
            return Ended(State.TEMPORARY_FAILURE, outcome.code, provider.name, next_at=clock.now())
        return judge(one.taken, outcome, provider.name, clock.now())
