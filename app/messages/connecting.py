"""Connecting: from the settings to the gateways of one worker, and back to nothing when it stops."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from sqlmodel import select

from app.kit.db import Database
from app.kit.outgoing import Origin, Outgoing
from app.kit.settings import PUBLIC_DINGTALK, Settings
from app.kit.vapid import Vapid
from app.messages.carriers import Carriers, Codes, Provider, Terminal
from app.messages.gateways import aliyun, tencent
from app.messages.gateways.calling import Key, Line
from app.messages.gateways.dingtalk import API
from app.messages.gateways.robot import Robots
from app.messages.gateways.web_push import WebPush
from app.messages.gateways.work_notice import DingTalkApp, WorkNotices
from app.messages.health import slow
from app.messages.letters import SmsGateway
from app.messages.posting import Posting
from app.messages.pushing import Pushing
from app.messages.working import Working
from app.vault import Vault
from models.messages import TemplateCode

LINES = httpx.Limits(max_connections=40, max_keepalive_connections=20)


@dataclass
class Connected(Carriers):
    """Carriers that know the database: approved texts are read for each batch, and now and then who is slow."""

    database: Database | None = None
    vault: Vault | None = None
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def read_codes(self) -> None:
        """Read again which texts are approved: few rows, and what was entered a moment ago counts at once."""
        assert self.database is not None
        async with self.database.reading() as db:
            rows = (await db.exec(select(TemplateCode))).all()
        self.codes = Codes({(row.provider, row.template, row.version, row.lang): row.code for row in rows})

    async def renew(self) -> None:
        """Read again what may have changed: keys made since, slow providers."""
        assert self.database is not None
        assert self.vault is not None
        async with self.database.reading() as db:
            await self.vault.load(db)
            self.slow = await slow(db) if len(self.providers) > 1 else frozenset()

    async def aclose(self) -> None:
        for close in self.closing:
            await close()


def carriers_of(settings: Settings, database: Database, vault: Vault) -> Connected:
    """The gateways that the settings name. Nothing is called yet; `aclose` ends what they keep open.

    Raises KeysUnusable when browsers are to be pushed to and the house's key towards push services is unusable.
    """
    client = httpx.AsyncClient(trust_env=False, limits=LINES)
    carriers = Connected(database=database, vault=vault, closing=[client.aclose])
    for gateway in _providers(settings, client):
        carriers.providers[gateway.name] = Provider(gateway)
    if settings.push_contact:
        # Addresses come from browsers: this way out leads to public addresses only, and never to a gateway of ours.
        away = _outgoing(carriers, settings.push_private)
        web_push = WebPush(away, Vapid.load(settings.keys), settings.address, settings.push_contact)
        carriers.push = Pushing(database, vault, web_push)
    private = [settings.dingtalk_url] if settings.dingtalk_url != PUBLIC_DINGTALK else []
    ding = _outgoing(carriers, private)
    # A robot needs no settings: its unit enters address and secret.
    carriers.robots = Posting(database, vault, Robots(ding, settings.dingtalk_url), settings.address)
    if settings.dingtalk_app_key:
        secret = settings.dingtalk_app_secret.get_secret_value()
        api = settings.dingtalk_url if private else API
        app = DingTalkApp(settings.dingtalk_app_key, secret, settings.dingtalk_agent, settings.dingtalk_url, api)
        notices = WorkNotices(ding, app)
        carriers.work, carriers.work_look_up = Working(notices, settings.address), notices.look_up
    return carriers


def _providers(settings: Settings, client: httpx.AsyncClient) -> list[SmsGateway]:
    """Providers of text messages in the order they are preferred; in development without any the terminal is one."""
    found: list[SmsGateway] = []
    line = Line(client)
    if settings.aliyun_sms_id:
        key = Key(settings.aliyun_sms_id, settings.aliyun_sms_secret.get_secret_value())
        found.append(aliyun.Aliyun(line, aliyun.Account(key, settings.aliyun_sms_sign), settings.aliyun_sms_url))
    if settings.tencent_sms_id:
        key = Key(settings.tencent_sms_id, settings.tencent_sms_secret.get_secret_value())
        account = tencent.Account(key, settings.tencent_sms_app, settings.tencent_sms_sign)
        found.append(tencent.Tencent(line, account, settings.tencent_sms_url))
    if not found and settings.development:
        return [Terminal()]
    return sorted(found, key=lambda gateway: gateway.name != settings.sms_first)


def _outgoing(carriers: Connected, private: list[str]) -> Outgoing:
    way = Outgoing(_origin(url) for url in private)
    carriers.closing.append(way.aclose)
    return way


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}[parts.scheme]
