"""The gateways of one worker, and which of them takes what: by health, by approved templates, by what was tried."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.kit import clock
from app.messages.desk import Taken
from app.messages.judging import Breaker, is_down
from app.messages.letters import Ended, Fate, Outcome, Sms, SmsGateway
from app.messages.opening import Concluded, Opened
from models.messages import Channel, State
from models.messages.templates import Template

Carry = Callable[[list[Opened]], Awaitable[Concluded]]
LookUp = Callable[[str], Awaitable[Outcome]]

REFUSED_FOR = timedelta(minutes=1)


@dataclass
class Provider:
    """A provider of text messages with its breaker, and the texts that it has just refused altogether."""

    gateway: SmsGateway
    breaker: Breaker = field(default_factory=Breaker)
    _refused: dict[str, datetime] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.gateway.name

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        outcomes = await self.gateway.send(letters)
        now = clock.now()
        self.breaker.note(outcomes, now)
        for code in {letter.template for letter in letters}:
            fates = {outcome.fate for letter, outcome in zip(letters, outcomes, strict=True) if letter.template == code}
            if fates == {Fate.BROKEN}:
                self._refused[code] = now + REFUSED_FOR
            elif Fate.TAKEN in fates or Fate.DELIVERED in fates:
                self._refused.pop(code, None)
        return outcomes

    async def look_up(self, letter: Sms) -> Outcome | None:
        """What it knows of a letter; while it is out of order it is not asked, and knows nothing for sure."""
        if not self.breaker.open(clock.now()):
            return Outcome(Fate.LATER, "gateway-shut", unsure=True)
        outcome = await self.gateway.look_up(letter)
        if outcome is not None and is_down(outcome):
            self.breaker.note([outcome], clock.now())
        return outcome

    def refuses(self, code: str, now: datetime) -> bool:
        """Has it refused this text a moment ago, whoever it was for: a wrong secret, no money, not approved?"""
        return self._refused.get(code, now) > now


@dataclass(frozen=True, slots=True)
class Text:
    """An approved text: its code, and the language it is in."""

    code: str
    lang: str


@dataclass(frozen=True)
class Codes:
    """Under which code which provider has approved which text."""

    known: Mapping[tuple[str, str, int, str], str] = field(default_factory=dict)

    def at(self, provider: str, template: Template, lang: str) -> Text | None:
        """The text at a provider; the Chinese one where the language asked for was not approved."""
        for spoken in (lang, "zh"):
            if code := self.known.get((provider, template.name, template.version, spoken)):
                return Text(code, spoken)
        return None


async def none(opened: list[Opened]) -> Concluded:
    """The way of what has no gateway."""
    return [(one.taken, Ended(State.PERMANENT_FAILURE, "no-gateway")) for one in opened]


async def _nothing_known(_: str) -> Outcome:
    return Outcome(Fate.TAKEN)


@dataclass
class Carriers:
    """What this worker can send by. `providers` in the order in which they are preferred."""

    providers: dict[str, Provider] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    push: Carry = none
    work: Carry = none
    robots: Carry = none
    work_look_up: LookUp = _nothing_known
    slow: Collection[str] = frozenset()  # providers whose texts arrive late or not at all

    @property
    def open_ways(self) -> frozenset[Channel]:
        """The channels that have a gateway."""
        ways = {Channel.PUSH: self.push, Channel.WORK: self.work, Channel.ROBOT: self.robots}
        some = {channel for channel, carry in ways.items() if carry is not none}
        return frozenset(some | ({Channel.SMS} if self.providers else set()))

    def able(self, template: Template, taken: Taken) -> list[tuple[Provider, Text]]:
        """Who has this text, with its code there; the best one first.

        Last comes who has just refused it, before that who is slow, before that who failed with this delivery.
        """
        now = clock.now()
        found = [
            (provider, text)
            for provider in self.providers.values()
            if (text := self.text_at(provider, template, taken)) is not None
        ]
        found.sort(
            key=lambda pair: (
                pair[0].refuses(pair[1].code, now), pair[0].name in self.slow, pair[0].name == taken.provider
            )
        )  # fmt: skip
        return found

    def provider_for(
        self, template: Template, taken: Taken, avoid: Collection[str] = frozenset()
    ) -> tuple[Provider, Text] | None:
        """Who takes this text now; None when that must wait. Who refuses it gets it only when all refuse it."""
        now = clock.now()
        able = [pair for pair in self.able(template, taken) if pair[0].name not in avoid]
        willing = [pair for pair in able if not pair[0].refuses(pair[1].code, now)] or able
        return next((pair for pair in willing if pair[0].breaker.open(now)), None)

    def another(self, name: str, template: Template, taken: Taken) -> bool:
        """Is there somebody else who has this text, and has not just refused it as well?"""
        now = clock.now()
        others = [pair for pair in self.able(template, taken) if pair[0].name != name]
        return any(not provider.refuses(text.code, now) for provider, text in others)

    def text_at(self, provider: Provider, template: Template, taken: Taken) -> Text | None:
        """The text that a provider would send."""
        if isinstance(provider.gateway, Terminal):
            return Text(template.name, taken.lang)
        return self.codes.at(provider.name, template, taken.lang)

    async def read_codes(self) -> None:
        """Read again which texts are approved. Bare carriers know what they were given."""

    async def renew(self) -> None:
        """Read again what may have changed. Bare carriers know nothing but what they were given."""

    async def aclose(self) -> None:
        """Close what is kept open towards gateways."""


class Terminal:
    """In development the page /dev/outbox is the phone: a text message has arrived when it can be read there."""

    name = "outbox"
    reports_late = False

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        return [Outcome(Fate.DELIVERED) for _ in letters]

    async def look_up(self, letter: Sms) -> Outcome | None:  # noqa: ARG002
        return None
