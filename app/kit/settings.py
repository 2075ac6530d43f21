"""Settings: read from the environment once, refused as a whole when they cannot be safe."""

import re
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
# The kinds of records whose time an operator may choose (app/retention); the ledger for half a year at least, by law.
Kept = Literal["reports", "staff_sessions", "activation_tickets", "glass", "appeals", "exports", "ledger"]
LEDGER_AT_LEAST = 183
PUBLIC_DINGTALK = "https://oapi.dingtalk.com"


class Gateways(BaseSettings):
    """What carries messages out of the house. Each is there when all of its own settings are."""

    aliyun_sms_id: str = ""
    aliyun_sms_secret: SecretStr = SecretStr("")
    aliyun_sms_sign: str = ""
    aliyun_sms_url: str = "https://dysmsapi.aliyuncs.com"
    tencent_sms_id: str = ""
    tencent_sms_secret: SecretStr = SecretStr("")
    tencent_sms_app: str = ""
    tencent_sms_sign: str = ""
    tencent_sms_url: str = "https://sms.tencentcloudapi.com"
    sms_first: Literal["aliyun", "tencent"] = "aliyun"
    dingtalk_app_key: str = ""
    dingtalk_app_secret: SecretStr = SecretStr("")
    dingtalk_agent: int = Field(default=0, ge=0)
    dingtalk_url: str = PUBLIC_DINGTALK
    push_contact: str = ""
    push_private: list[str] = []

    @property
    def sms_providers(self) -> tuple[str, ...]:
        """The providers of text messages that are connected."""
        known = (("aliyun", self.aliyun_sms_id), ("tencent", self.tencent_sms_id))
        return tuple(name for name, key in known if key)

    @property
    def sms_connected(self) -> bool:
        """Is there a provider of text messages?"""
        return bool(self.sms_providers)

    @field_validator("dingtalk_agent", mode="before")
    @classmethod
    def _no_agent(cls, value: object) -> object:
        return 0 if value == "" else value

    @field_validator("aliyun_sms_url", "tencent_sms_url", "dingtalk_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return _origin(value)

    @field_validator("push_private")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        return [_origin(one) for one in value]

    @field_validator("aliyun_sms_id", "tencent_sms_id", "aliyun_sms_secret", "tencent_sms_secret")
    @classmethod
    def _fits_a_header(cls, value: str | SecretStr) -> str | SecretStr:
        if not re.fullmatch(r"[!-~]*", _plain(value)):
            raise ValueError("a key of a gateway is printable ASCII without blanks")
        return value

    @field_validator("push_contact")
    @classmethod
    def _can_be_written_to(cls, value: str) -> str:
        if value and not re.fullmatch(r"mailto:[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|https://[!-~]+", value):
            raise ValueError("SHOUWANG_PUSH_CONTACT is an address push services may write to: mailto:it@example.org")
        return value

    @model_validator(mode="after")
    def _whole_or_not_at_all(self) -> Self:
        for names in _TOGETHER:
            missing = [name for name in names if not _plain(getattr(self, name))]
            if missing and len(missing) < len(names):
                words = ", ".join(f"SHOUWANG_{name.upper()}" for name in missing)
                raise ValueError(f"this gateway is configured in part: set {words} as well, or none of it")
        return self


def _plain(value: object) -> str:
    """A setting as text; empty when it was not made."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("the address of a gateway is an origin without a path, e.g. https://gateway.example.org")
    return f"{parts.scheme}://{parts.netloc}"


_TOGETHER = (
    ("aliyun_sms_id", "aliyun_sms_secret", "aliyun_sms_sign"),
    ("tencent_sms_id", "tencent_sms_secret", "tencent_sms_app", "tencent_sms_sign"),
    ("dingtalk_app_key", "dingtalk_app_secret", "dingtalk_agent"),
)


class Settings(Gateways):
    """Every command honours these; README lists them. Errors name the variable and the way out."""

    model_config = SettingsConfigDict(env_prefix="SHOUWANG_", frozen=True, hide_input_in_errors=True)

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    data_dir: Path = ROOT / ".data"
    workers: int = Field(default=1, ge=1, le=256)
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    key_file: Path | None = None
    origin: str | None = None
    behind_proxy: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    pool_size: int = Field(default=5, ge=1, le=100)
    staff_idle_minutes: int = Field(default=30, ge=2, le=720)  # requests are noted once a minute
    staff_hours: int = Field(default=12, ge=1, le=24)
    export_rows: int = Field(default=5_000, ge=1, le=100_000)
    retention_days: dict[Kept, Annotated[int, Field(ge=1, le=3650)]] = {}

    @field_validator("database_url", "origin", "key_file", "tls_cert", "tls_key", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("database_url")
    @classmethod
    def _only_postgresql(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in {"postgresql", "postgres"}:
            raise ValueError("DATABASE_URL must begin with postgresql://")
        return value

    @field_validator("origin")
    @classmethod
    def _origin_is_an_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError("SHOUWANG_ORIGIN is the public address without a path, e.g. https://example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("retention_days")
    @classmethod
    def _ledger_as_the_law_says(cls, value: dict[Kept, int]) -> dict[Kept, int]:
        if value.get("ledger", LEDGER_AT_LEAST) < LEDGER_AT_LEAST:
            raise ValueError(f"SHOUWANG_RETENTION_DAYS: the ledger is kept for {LEDGER_AT_LEAST} days at least")
        return value

    @model_validator(mode="after")
    def _production_is_closed(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("SHOUWANG_TLS_CERT and SHOUWANG_TLS_KEY go together: set both or neither")
        if self.development:
            return self
        if self.key_file is None:
            raise ValueError("production needs SHOUWANG_KEY_FILE: make one with `shouwang keys new FILE`")
        if self.origin is None or not self.origin.startswith("https://"):
            raise ValueError("production needs SHOUWANG_ORIGIN, the public https:// address people use")
        if self.open_bind and not (self.behind_proxy or self.tls_cert):
            raise ValueError(
                f"refusing the open bind {self.host}: set SHOUWANG_HOST=127.0.0.1, or give SHOUWANG_TLS_CERT and "
                "SHOUWANG_TLS_KEY, or say SHOUWANG_BEHIND_PROXY=1 when only your proxy can reach this address"
            )
        return self

    @property
    def development(self) -> bool:
        """True on a developer's machine: codes at /dev/outbox, demo data allowed."""
        return self.env == "development"

    @property
    def open_bind(self) -> bool:
        """True when other machines could connect to `host`."""
        if self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True

    @cached_property
    def origins(self) -> frozenset[str]:
        """The origins a browser may post from; never read from the Host header."""
        if self.origin is not None:
            return frozenset({self.origin})
        hosts = {"127.0.0.1", "localhost", "[::1]", self.host}
        scheme = "https" if self.tls_cert else "http"
        return frozenset(f"{scheme}://{host}:{self.port}" for host in hosts)

    @property
    def address(self) -> str:
        """Where people open this house: what links in messages begin with."""
        return self.origin or f"{'https' if self.tls_cert else 'http'}://{self.host}:{self.port}"

    @cached_property
    def hosts(self) -> frozenset[bytes]:
        """The Host headers answered; anything else is 400. A monitor on the machine itself may use the bind address."""
        names = {urlsplit(origin).netloc for origin in self.origins}
        names |= {f"127.0.0.1:{self.port}", f"localhost:{self.port}", f"[::1]:{self.port}"}
        return frozenset(name.encode() for name in names)

    @property
    def keys(self) -> Path:
        """Where the event's keys lie: the given file, or the development file that is made on first start."""
        return self.key_file or self.data_dir / "development-keys.json"
