"""The gateways of one worker, and which of them takes what: by health, by approved templates, by what was tried."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kit import clock
from app.messages.desk import Ended, Taken
from app.messages.judging import Breaker
from app.messages.letters import Fate, Outcome, Sms, SmsGateway
from models.messages import Channel, State
from models.messages.templates import Template

Carry = Callable[[list[Any]], Awaitable[list[tuple[Taken, Ended]]]]


@dataclass
class Provider:
    """A provider of text messages with its breaker."""

    gateway: SmsGateway
    breaker: Breaker = field(default_factory=Breaker)

    @property
    def name(self) -> str:
        return self.gateway.name

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        outcomes = await self.gateway.send(letters)
        self.breaker.note(outcomes, clock.now())
        return outcomes

    async def look_up(self, letter: Sms) -> Outcome | None:
        return await self.gateway.look_up(letter)


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


async def _none(opened: list[Any]) -> list[tuple[Taken, Ended]]:
    return [(one.taken, Ended(State.PERMANENT_FAILURE, "no-gateway")) for one in opened]


@dataclass
class Carriers:
    """What this worker can send by. `providers` in the order in which they are preferred."""

    providers: dict[str, Provider] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    push: Carry = _none
    work: Carry = _none
    robots: Carry = _none

    @property
    def open_ways(self) -> frozenset[Channel]:
        """The channels that have a gateway."""
        ways = {Channel.PUSH: self.push, Channel.WORK: self.work, Channel.ROBOT: self.robots}
        some = {channel for channel, carry in ways.items() if carry is not _none}
        return frozenset(some | ({Channel.SMS} if self.providers else set()))

    def provider_for(self, template: Template, taken: Taken) -> tuple[Provider, Text] | None:
        """Who takes this text, with its code there: not who failed with it last, unless nobody else is left."""
        now = clock.now()
        able = [
            (provider, text)
            for provider in self.providers.values()
            if (text := self.text_at(provider, template, taken)) and provider.breaker.open(now)
        ]
        able.sort(key=lambda pair: pair[0].name == taken.provider)
        return able[0] if able else None

    def approved(self, template: Template, taken: Taken) -> bool:
        """Does any provider have this text at all?"""
        return any(self.text_at(provider, template, taken) for provider in self.providers.values())

    def another(self, name: str) -> str | None:
        """Another provider than this one."""
        return next((other for other in self.providers if other != name), None)

    def text_at(self, provider: Provider, template: Template, taken: Taken) -> Text | None:
        """The text that a provider would send."""
        if isinstance(provider.gateway, Terminal):
            return Text(template.name, taken.lang)
        return self.codes.at(provider.name, template, taken.lang)


class Terminal:
    """In development the page /dev/outbox is the phone: a text message has arrived when it can be read there."""

    name = "outbox"

    async def send(self, letters: Sequence[Sms]) -> list[Outcome]:
        return [Outcome(Fate.DELIVERED) for _ in letters]

    async def look_up(self, letter: Sms) -> Outcome | None:  # noqa: ARG002
        return None
