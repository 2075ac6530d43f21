"""Canaries: who is sent whose full name, document number, phone or address; nobody is who is not entitled to it.

Every resident of the cast has a document number and a phone that nobody else has; those of the organisation also have
marked names and addresses. `Watched` is the app as shipped, and looks at every answer of every test: body and headers.
`Ears` hears every line of the log. What the asker sent themselves is no news to them; masked values are no sighting.
"""

import io
import itertools
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote_plus
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import Message, Receive, Scope, Send

from app.house import House
from app.kit import clock
from app.kit.db import away
from app.kit.identifiers import check_character
from app.kit.settings import Settings
from app.main import Shouwang
from tests.entitled import entitled, inside, posts_of, rows

SIGNS = "岚峤嵘泓淞湉滢漪烨焓煜琛琬瑄瑛璇璟璐皓砚祺稷筠箐绮翎聿芃芊茗荀荟莘菡萱葳蒨蔚蕴薇"
_numbers = itertools.count()
NAME = re.compile(f"雒[{SIGNS}]{{3}}")
ADDRESS = re.compile(r"雀鸣巷 \d{5} 号")
DOCUMENT = re.compile(r"(?<![\w-])[1-9]\d{16}[\dX](?![\w-])")
PHONE = re.compile(r"(?<![\w-])1[3-9]\d{9}(?![\w-])")
# The developer's outbox is the telephone of everybody; it does not exist in production.
NOT_WATCHED = {"/dev/outbox", "/dev/outbox.json"}


def marked_name() -> str:
    """A name that nobody else has."""
    number, size = next(_numbers), len(SIGNS)
    return "雒" + SIGNS[number // size // size % size] + SIGNS[number // size % size] + SIGNS[number % size]


def marked_address() -> str:
    """An address line that nobody else has."""
    return f"雀鸣巷 {next(_numbers):05d} 号"


def documents(text: str) -> Iterator[str]:
    """Well-formed resident IDs in a text."""
    for found in DOCUMENT.findall(text):
        if check_character(found[:17]) == found[17]:
            yield found


def sightings(text: str) -> set[tuple[str, str]]:
    """(kind, value) of whatever could be a canary."""
    found = {("name", value) for value in NAME.findall(text)} | {("address", value) for value in ADDRESS.findall(text)}
    return found | {("id", value) for value in documents(text)} | {("phone", value) for value in PHONE.findall(text)}


def readable(body: bytes) -> str:
    """The text of an answer; of a workbook all its parts."""
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace")


@dataclass
class Exchange:
    """One request with its answer."""

    scope: Scope
    sent: bytes = b""
    headers: bytes = b""
    body: bytes = b""

    @property
    def own(self) -> str:
        """What the asker sent, in every spelling in which it may come back."""
        raw = self.scope.get("query_string", b"") + b"\n" + self.sent
        text = raw.decode("utf-8", "replace")
        return text + "\n" + unquote_plus(text)

    @property
    def told(self) -> set[tuple[str, str]]:
        """What may be a canary in body or headers, and was no word of the asker's."""
        found = sightings(readable(self.body) + "\n" + unquote_plus(self.headers.decode("latin-1")))
        return {(kind, value) for kind, value in found if value not in self.own} if found else found


@dataclass
class Watch:
    """Whose canary it is, and who is looking."""

    house: House | None = None
    seen: list[str] = field(default_factory=list)
    looked: int = 0
    sighted: int = 0  # canaries shown to somebody entitled: the detector is awake

    def taken(self) -> list[str]:
        """What was seen by somebody not entitled since the last call."""
        seen, self.seen = self.seen, []
        return seen

    def asker(self, scope: Scope) -> tuple[UUID, bool] | None:
        """The account behind a request, and whether a staff session came with it."""
        assert self.house is not None
        sent = dict(scope["headers"])
        pairs = sent.get(b"cookie", b"").decode("latin-1").split(";")
        cookies = dict(pair.strip().partition("=")[::2] for pair in pairs)
        if b"authorization" in sent:
            token, seat = sent[b"authorization"].removeprefix(b"Bearer ").strip(), b"staff-session" in sent
        else:
            token, seat = cookies.get("shouwang", "").encode("latin-1"), "shouwang-staff" in cookies
        checked = self.house.signer.check(token, int(datetime.now(UTC).timestamp() * 1000))
        return None if checked is None else (UUID(int=checked.account.int), seat)

    async def look(self, exchange: Exchange) -> None:
        """Judge one answer."""
        self.looked += 1
        if not (told := exchange.told) or self.house is None:
            return
        who = self.asker(exchange.scope)
        async with self.house.database.reading() as db:
            for kind, value in sorted(told):
                owner = await self._owned(db, kind, value)
                if owner is None or (who and kind == "phone" and await self._own_phone(db, who[0], value)):
                    continue
                if who is not None and await self._may(db, who, owner, kind):
                    self.sighted += 1
                    continue
                name = f"{exchange.scope['method']} {exchange.scope['path']}"
                self.seen.append(f"{name} told {who and who[0]} the {kind} of {owner}: {value[:4]}...")

    async def _owned(self, db: AsyncSession, kind: str, value: str) -> tuple[str, UUID] | None:
        """Whose it is: a person, or for a phone without one the account; None: nobody of this house."""
        assert self.house is not None
        if kind == "name":
            # Whoever holds a post is known by name in their duty.
            if office := await rows(db, "SELECT id FROM post WHERE name = :value", value=value):
                return "post", office[0][0]
            found = await rows(db, "SELECT person_id FROM resident WHERE name = :value", value=value)
        elif kind == "address":
            return await self._lives(db, value)
        elif kind == "id":
            index = self.house.vault.ring.blind_index("identity", f"10|{value}")
            found = await rows(db, "SELECT person_id FROM identity_key WHERE blind_index = :index", index=index)
        else:
            return await self._rings(db, value)
        return ("person", found[0][0]) if found else None

    async def _own_phone(self, db: AsyncSession, account: UUID, value: str) -> bool:
        assert self.house is not None
        index = self.house.vault.ring.blind_index("phone", value)
        sql = "SELECT 1 FROM account WHERE id = :account AND phone_index = :index"
        return bool(await rows(db, sql, account=account, index=index))

    async def _lives(self, db: AsyncSession, value: str) -> tuple[str, UUID] | None:
        assert self.house is not None
        sql = "SELECT person_id, address_sealed FROM resident WHERE name LIKE '雒%' AND address_sealed IS NOT NULL"
        for person, sealed in await rows(db, sql):
            if self.house.vault.open(sealed, "resident|address", person) == value:
                return "person", person
        return None

    async def _rings(self, db: AsyncSession, value: str) -> tuple[str, UUID] | None:
        assert self.house is not None
        index = self.house.vault.ring.blind_index("phone", value)
        office = await rows(db, "SELECT id FROM post WHERE phone_index = :index AND ended_at IS NULL", index=index)
        if office:
            return "post", office[0][0]
        found = await rows(db, "SELECT id, person_id FROM account WHERE phone_index = :index", index=index)
        if not found:
            return None
        account, person = found[0]
        return ("person", person) if person else ("account", account)

    async def _may(self, db: AsyncSession, who: tuple[UUID, bool], owner: tuple[str, UUID], kind: str) -> bool:
        what, name = owner
        if what == "account":
            return who[0] == name
        if what == "person":
            return await entitled(db, who, name, kind, (clock.now(), clock.today()))
        # Name and phone of an office: for colleagues, for its holder, and for the residents it serves.
        if who[1] and await posts_of(db, who[0], clock.today()):
            return True
        ((place, account),) = await rows(db, "SELECT region_code, account_id FROM post WHERE id = :name", name=name)
        home = "SELECT r.region_code FROM resident r JOIN account a ON a.person_id = r.person_id WHERE a.id = :account"
        return who[0] == account or any(inside(code, place) for (code,) in await rows(db, home, account=who[0]))


class Watched(Shouwang):
    """The app as shipped, every answer of which is looked at."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.watch = Watch()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/") or scope["path"] in NOT_WATCHED:
            await super().__call__(scope, receive, send)
            return
        exchange = Exchange(scope)

        async def received() -> Message:
            message = await receive()
            exchange.sent += message.get("body", b"")
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.headers = b"\n".join(name + b": " + value for name, value in message["headers"])
            exchange.body += message.get("body", b"")
            await send(message)

        try:
            await super().__call__(scope, received, sent)
        finally:
            await self._look(exchange)

    async def _look(self, exchange: Exchange) -> None:
        self.watch.house = self.app.state.house
        try:
            await self.watch.look(exchange)
        except Exception as error:
            if not away(error):  # tests that take the database away
                raise


class Ears(logging.Handler):
    """No line of any log carries a phone, a document number, a marked name or address."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.NOTSET)
        self.watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        # In development the terminal is the phone: its owner reads the code there, and nobody else has a terminal.
        if record.name != "shouwang.messages" and (found := sightings(record.getMessage())):
            self.watch.seen.append(f"the log of {record.name} told {sorted(kind for kind, _ in found)}")


# What a message may say of somebody else, to whoever it is for: a colleague's name.
_SAYS = {"direct_message": {"name"}}


async def misdirected(house: House) -> list[str]:
    """Messages that carry somebody else's canary, and parameters that lie in clear and carry anybody's."""
    wrong = []
    asked = (
        "SELECT m.id, m.template, m.phone_sealed, m.facts_sealed, m.facts, a.id, a.phone_sealed FROM message m "
        "LEFT JOIN account a ON a.id = m.account_id"
    )
    async with house.database.reading() as db:
        for name, template, phone, sealed, plain, account, account_phone in await rows(db, asked):
            to = house.vault.open(phone, "message|phone", name) if phone else ""
            if account and account_phone:
                to = house.vault.open(account_phone, "account|phone", account)
            said = house.vault.open(sealed, "message|facts", name).encode().decode("unicode_escape") if sealed else ""
            strange = {kind for kind, value in sightings(said) if value != to} - _SAYS.get(template, set())
            strange |= {kind for kind, _ in sightings(plain or "")}
            wrong += [f"a message of the kind {template} carries {sorted(strange)}"] if strange else []
    return wrong
