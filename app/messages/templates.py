"""The templates as their keepers see them: every text with samples filled in, as providers want it, and its codes."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, vault
from app.audit import Deed
from app.kit import clock, limits
from app.kit.errors import N_, Fault, Invalid, NotFound, QuotaSpent
from app.kit.settings import Settings
from app.kit.viewer import Viewer
from app.messages import wording
from app.messages.again import send_approved_again
from app.messages.keeping import keeper
from app.messages.outbox import ways_open
from app.messages.telling import To, tell
from models.audit import Act, Purpose
from models.messages import Channel, Subscription, TemplateCode
from models.messages.keeping import (
    AgainPublic,
    CodeChange,
    CodeKept,
    TemplatePublic,
    TemplatesFound,
    TrialCreate,
    Wording,
)
from models.messages.templates import TEMPLATES, Param, Template, newest

PROVIDERS = ("aliyun", "tencent")
ONE_PART, OF_MANY = 70, 67  # characters of a text message that stands alone, and of one part of several
TRIALS, AN_HOUR = 5, 3600
_SIGN = "守望"  # where none is configured: what a provider puts in front, in brackets, counts as well
_NAMES = {
    "place": "天马街道天马社区第一网格",
    "response": "常山县疫情应急响应",
    "sender": "陈国平",
    "title": "今晚清点口罩",
}
_NOT_CONNECTED = {
    Channel.PUSH: N_("Notifications are not connected here. The operator sets SHOUWANG_PUSH_CONTACT."),
    Channel.SMS: N_("Text messages are not connected here. The operator enters a provider in the settings."),
    Channel.WORK: N_("Work notices of DingTalk are not connected here. The operator enters the application's keys."),
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
Codes = Mapping[tuple[str, str, int, str], str]


class TooManyTrials(QuotaSpent):
    """Five an hour: a test costs money, and a provider takes many alike for an attack."""

    detail = N_("Five tests an hour are the most. Please look at those you have sent: each says what became of it.")


async def templates(db: AsyncSession, me: Viewer, settings: Settings) -> TemplatesFound:
    """Every template as it is written today. Raises NotFound without the right."""
    keeper(me)
    codes = await _codes(db)
    return TemplatesFound(items=[_public(versions[-1], codes, settings) for versions in TEMPLATES.values()])


async def template(db: AsyncSession, me: Viewer, name: str, settings: Settings) -> TemplatePublic:
    """One template. Raises NotFound."""
    keeper(me)
    return _public(_named(name), await _codes(db), settings)


def _named(name: str) -> Template:
    if name not in TEMPLATES:
        raise NotFound
    return newest(name)


async def _codes(db: AsyncSession) -> Codes:
    rows = await db.exec(select(TemplateCode))
    return {(row.provider, row.template, row.version, row.lang): row.code for row in rows}


def sample(kind: Template) -> dict[str, str]:
    """Values with which a template can be looked at."""
    now = clock.now()
    by_kind = {
        Param.CODE: "271828", Param.NUMBER: f"{clock.today():%m%d}-7B04E1", Param.COUNT: "3", Param.SLOT: "am",
        Param.DAY: clock.today().isoformat(), Param.TIME: (now + timedelta(hours=2)).isoformat(), Param.KIND: "visit",
        Param.ACCEPT: (now + timedelta(minutes=15)).isoformat(),
    }  # fmt: skip
    return {name: by_kind.get(what) or _NAMES.get(name, name) for name, what in kind.params.items()}


def parts(text: str, sign: str) -> int:
    """How many text messages a text takes; each counts UTF-16 units, as phones do."""
    length = len(f"【{sign}】{text}".encode("utf-16-le")) // 2
    return 0 if not text else 1 if length <= ONE_PART else ceil(length / OF_MANY)


def spelled(kind: Template, text: str) -> dict[str, str]:
    """A text as each provider wants it submitted: Aliyun names its placeholders, Tencent numbers them.

    Only those that stand in the text count, in the order of the template's parameters.
    """
    used = set(_PLACEHOLDER.findall(text))
    places = {name: place for place, name in enumerate((name for name in kind.params if name in used), 1)}
    return {
        "aliyun": _PLACEHOLDER.sub(lambda found: f"${{{found[1]}}}", text),
        "tencent": _PLACEHOLDER.sub(lambda found: f"{{{places[found[1]]}}}", text),
    }


def texted(kind: Template) -> bool:
    """Is it ever sent as a text message? A test goes by whichever way is asked for."""
    return Channel.SMS in kind.channels or not kind.channels


def _public(kind: Template, codes: Codes, settings: Settings) -> TemplatePublic:
    sign = settings.aliyun_sms_sign or settings.tencent_sms_sign or _SIGN
    facts, made = sample(kind), []
    for lang in ("zh", "en"):
        words, raw = wording.written(kind, facts, lang), kind.words(lang)
        sms = words.sms if texted(kind) else ""
        held = {p: c for p in PROVIDERS if (c := codes.get((p, kind.name, kind.version, lang)))}
        robot = f"{words.title}\n{words.text}" if Channel.ROBOT in kind.channels else ""
        one = Wording(
            lang=lang, title=words.title, text=words.text, sms=sms, parts=parts(sms, sign),
            push=words.push, robot=robot, spelled=spelled(kind, raw.sms) if sms else {}, codes=held,
        )  # fmt: skip
        made.append(one)
    return TemplatePublic(
        name=kind.name, version=kind.version, urgent=kind.urgent, inbox=kind.inbox, channels=list(kind.channels),
        params=list(kind.params), personal=sorted(kind.personal), wordings=made,
    )  # fmt: skip


async def _own_code(db: AsyncSession, key: dict[str, str | int], code: str) -> None:
    """Raises Invalid for a code that stands for another text already: other words would go out under it."""
    there = select(TemplateCode).where(TemplateCode.provider == key["provider"], TemplateCode.code == code)
    for row in await db.exec(there):
        if {column: getattr(row, column) for column in key} != key and row.version == newest(row.template).version:
            raise Invalid(faults=(Fault("code", N_("This code stands for another text already.")),))


async def set_code(db: AsyncSession, me: Viewer, name: str, form: CodeChange, settings: Settings) -> CodeKept:
    """Note under which code a provider has approved a text, or that it has not. Written into the ledger.

    Texts that had failed for want of it go out again. Raises NotFound, and Invalid for a text that is never sent as a
    text message.
    """
    post, kind = keeper(me), _named(name)
    if not (texted(kind) and kind.words(form.lang).sms):
        raise Invalid(faults=(Fault("code", N_("This is never sent as a text message.")),))
    key: dict[str, str | int] = {
        "provider": form.provider,
        "template": kind.name,
        "version": kind.version,
        "lang": form.lang,
    }
    if form.code is None:
        gone = [getattr(TemplateCode, column) == value for column, value in key.items()]
        await db.exec(delete(TemplateCode).where(*gone))
    else:
        await _own_code(db, key, form.code)
        words = {"code": form.code, "by_account": me.account_id, "at": clock.now()}
        row = insert(TemplateCode).values(**key, **words)
        await db.exec(row.on_conflict_do_update(index_elements=list(key), set_=words))
    facts: dict[str, str | int] = {**key, "code": form.code or "none"}
    if re.search(r"\d{11}", str(facts["code"])):  # nothing that looks like a phone goes into the ledger
        facts["code"] = "given"
    await audit.record(db, me, Deed(Act.TEMPLATE_CODE, Purpose.GATEWAYS, facts=facts), post)
    # A code at a provider that is not connected carries nothing: what went out again would only fail again.
    useful = form.code is not None and form.provider in settings.sms_providers
    sent = await send_approved_again(db, me, kind, form.lang) if useful else AgainPublic(again=0, left=0)
    return CodeKept(**_public(kind, await _codes(db), settings).model_dump(), **sent.model_dump())


async def try_out(db: AsyncSession, me: Viewer, form: TrialCreate, settings: Settings) -> UUID:
    """Send oneself a test by one way. Returns the message, which tells what became of it.

    Raises NotFound, TooManyTrials, and Invalid for a way that is not connected, or without a browser to notify.
    """
    post, way = keeper(me), Channel(form.channel)
    if way not in ways_open(settings):
        raise Invalid(faults=(Fault("channel", _NOT_CONNECTED[way]),))
    own = select(Subscription.id).where(Subscription.account_id == me.account_id).limit(1)
    if way is Channel.PUSH and (await db.exec(own)).first() is None:
        raise Invalid(
            faults=(Fault("channel", N_("First switch on notifications in a browser, under “How I am told”.")),)
        )
    await counted(db, me)
    message = await tell(db, To(account=me.account_id, by=way), "trial", trial_facts())
    deed = Deed(Act.MESSAGE_TRIED, Purpose.GATEWAYS, subject=message, facts={"channel": way.value})
    await audit.record(db, me, deed, post)
    return message


async def counted(db: AsyncSession, me: Viewer) -> None:
    """Count one more test of an account. Raises TooManyTrials."""
    subject = vault.ring_of(db).digest("message-trials", str(me.account_id))
    if await limits.count(db, subject, AN_HOUR) > TRIALS:
        raise TooManyTrials(retry_after=AN_HOUR)


def trial_facts() -> dict[str, str]:
    """What a test says: no two are alike, for providers drop what they have carried before."""
    day = clock.today()
    return {"day": day.isoformat(), "number": f"{day:%m%d}-{secrets.token_hex(3).upper()}"}
