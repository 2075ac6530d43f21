"""Opening: a delivery with everything that leaves the house, unsealed in the worker and nowhere else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.kit import clock, crypto
from app.messages import wording
from app.messages.desk import Taken
from app.messages.judging import later
from app.messages.letters import Ended, Fate, Outcome, Sms
from app.messages.telling import FACTS, PHONE
from app.vault import Erased, KeysChanging, Vault
from models.messages import State
from models.messages.templates import Template, Words, as_written

Concluded = list[tuple[Taken, Ended]]
LONGEST_PARAM = 35  # https://help.aliyun.com/document_detail/101346.html, isv.PARAM_LENGTH_LIMIT
TRIES = 3  # at what does not open: the key may have been made a moment ago, in another process


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
        return self.words_in(self.taken.lang)

    def words_in(self, lang: str) -> Words:
        """In another language: a group has its own."""
        return wording.written(self.template, self.facts, wording.language(lang))

    @property
    def path(self) -> str:
        """Where a tap leads, within the house."""
        return self.template.leads_to(self.taken.subject, self.taken.about)

    def letter(self, code: str, lang: str) -> Sms:
        """The text message, under the code that a provider has approved for a language.

        Only what stands in the approved text travels: the rest is nobody's business there, and one too many is refused.
        """
        spoken = wording.language(lang)
        text, said = self.template.words(spoken).sms, wording.said(self.template, self.facts, spoken)
        params = tuple((name, cut(value)) for name, value in said.items() if f"{{{name}}}" in text)
        return Sms(self.taken.message_id, self.phone, code, params)


def cut(value: str) -> str:
    """A parameter of a text message, as long as providers take one."""
    return value if len(value) <= LONGEST_PARAM else f"{value[: LONGEST_PARAM - 1]}…"


def opened(vault: Vault, taken: Sequence[Taken]) -> tuple[list[Opened], Concluded, list[tuple[Taken, Exception]]]:
    """What opens; how the others ended; and those at which something broke that is ours to mend."""
    good: list[Opened] = []
    ended: Concluded = []
    odd: list[tuple[Taken, Exception]] = []
    for one in taken:
        try:
            good.append(_opened(vault, one))
        except Erased:
            ended.append((one, Ended(State.TECHNICAL_FAILURE, "erased", one.provider)))
        except (crypto.Tampered, KeysChanging) as error:
            ended.append((one, _not_now(one, error)))
        except Exception as error:
            odd.append((one, error))
    return good, ended, odd


def _not_now(one: Taken, error: Exception) -> Ended:
    if isinstance(error, crypto.Tampered) and one.attempts >= TRIES:
        return Ended(State.TECHNICAL_FAILURE, "unreadable", one.provider)
    waiting = Outcome(Fate.LATER, "keys-changing", unsure=one.doubt)
    return later(one, waiting, one.provider, clock.now())


def _opened(vault: Vault, one: Taken) -> Opened:
    facts: dict[str, str] = json.loads(one.facts) if one.facts else {}
    if one.facts_sealed:
        facts |= json.loads(vault.open(one.facts_sealed, FACTS, one.message_id))
    phone = ""
    if one.phone_sealed:
        phone = vault.open(one.phone_sealed, PHONE, one.message_id)
    elif one.account_phone and one.account_id:
        phone = vault.open(one.account_phone, "account|phone", one.account_id)
    return Opened(one, as_written(one.template, one.version), phone, facts)
