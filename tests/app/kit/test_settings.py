"""Settings: what cannot be safe does not start, and the words name the variable and the way out."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.kit.settings import ROOT, Settings

SAFE = {
    "SHOUWANG_ENV": "production", "SHOUWANG_KEY_FILE": "/etc/shouwang/keys.json",
    "SHOUWANG_ORIGIN": "https://shouwang.example.org", "DATABASE_URL": "postgresql://db/shouwang",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SHOUWANG_{name.upper()}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


def words(error: ValidationError) -> str:
    """Every finding with the variable it is about, as an operator sees it."""
    return " ".join(f"{'_'.join(str(part) for part in finding['loc'])} {finding['msg']}" for finding in error.errors())


@pytest.mark.proves("T34")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SHOUWANG_KEY_FILE": ""}, "SHOUWANG_KEY_FILE"),
        ({"SHOUWANG_ORIGIN": ""}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_ORIGIN": "http://shouwang.example.org"}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_HOST": "0.0.0.0"}, "SHOUWANG_HOST"),
        ({"SHOUWANG_HOST": "::"}, "SHOUWANG_HOST"),
        ({"SHOUWANG_HOST": "10.0.0.8"}, "SHOUWANG_BEHIND_PROXY"),
        ({"SHOUWANG_HOST": "db.example.org"}, "SHOUWANG_TLS_CERT"),
        ({"SHOUWANG_TLS_CERT": "/etc/cert.pem"}, "SHOUWANG_TLS_KEY"),
        ({"SHOUWANG_TLS_KEY": "/etc/key.pem"}, "SHOUWANG_TLS_CERT"),
    ],
)
def test_production_refuses_what_is_not_closed(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str
) -> None:
    with pytest.raises(ValidationError, match=named):
        settings(monkeypatch, **(SAFE | change))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SHOUWANG_ENV": "prod"}, "env"),
        ({"SHOUWANG_ENV": ""}, "env"),
        ({"SHOUWANG_PORT": "0"}, "port"),
        ({"SHOUWANG_PORT": "65536"}, "port"),
        ({"SHOUWANG_PORT": "eight"}, "port"),
        ({"SHOUWANG_WORKERS": "0"}, "workers"),
        ({"SHOUWANG_WORKERS": "-1"}, "workers"),
        ({"SHOUWANG_POOL_SIZE": "101"}, "pool_size"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL"),
        ({"SHOUWANG_ORIGIN": "shouwang.example.org"}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_ORIGIN": "https://"}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_ORIGIN": "https://example.org/path"}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_ORIGIN": "ftp://example.org"}, "SHOUWANG_ORIGIN"),
        ({"SHOUWANG_TLS_CERT": "/etc/cert.pem"}, "SHOUWANG_TLS_KEY"),
    ],
)
def test_what_makes_no_sense_is_refused_in_development_too(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str
) -> None:
    refused(monkeypatch, change, named)


def refused(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str) -> str:
    """The whole refusal of settings, whose words name what is wrong."""
    with pytest.raises(ValidationError) as refusal:
        settings(monkeypatch, **change)
    assert named in words(refusal.value)
    return str(refusal.value)


ALIYUN = {
    "SHOUWANG_ALIYUN_SMS_ID": "LTAI5t", "SHOUWANG_ALIYUN_SMS_SECRET": "geheim", "SHOUWANG_ALIYUN_SMS_SIGN": "守望",
}  # fmt: skip
DINGTALK = {
    "SHOUWANG_DINGTALK_APP_KEY": "ding", "SHOUWANG_DINGTALK_APP_SECRET": "geheim", "SHOUWANG_DINGTALK_AGENT": "4711",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({name: value for name, value in ALIYUN.items() if name != left}, left) for left in ALIYUN
    ] + [
        ({name: value for name, value in DINGTALK.items() if name != left}, left) for left in DINGTALK
    ] + [
        (ALIYUN | {"SHOUWANG_ALIYUN_SMS_SECRET": "ge heim"}, "printable ASCII"),
        (ALIYUN | {"SHOUWANG_ALIYUN_SMS_ID": "守望"}, "printable ASCII"),
        (ALIYUN | {"SHOUWANG_ALIYUN_SMS_URL": "dysmsapi.aliyuncs.com"}, "origin without a path"),
        (ALIYUN | {"SHOUWANG_ALIYUN_SMS_URL": "https://x.example/y"}, "origin without a path"),
        (DINGTALK | {"SHOUWANG_DINGTALK_AGENT": "-1"}, "dingtalk_agent"),
        (DINGTALK | {"SHOUWANG_DINGTALK_AGENT": "agent"}, "dingtalk_agent"),
        ({"SHOUWANG_SMS_FIRST": "somebody"}, "sms_first"),
        ({"SHOUWANG_PUSH_CONTACT": "it@example.org"}, "SHOUWANG_PUSH_CONTACT"),
        ({"SHOUWANG_PUSH_CONTACT": "mailto:it"}, "SHOUWANG_PUSH_CONTACT"),
        ({"SHOUWANG_PUSH_CONTACT": "mailto:it@localhost"}, "SHOUWANG_PUSH_CONTACT"),
        ({"SHOUWANG_PUSH_PRIVATE": '["push.example"]'}, "origin without a path"),
    ],
)  # fmt: skip
def test_a_gateway_is_configured_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str
) -> None:
    assert "geheim" not in refused(monkeypatch, change, named)


def test_a_gateway_that_is_whole_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = settings(monkeypatch, **(ALIYUN | DINGTALK | {"SHOUWANG_PUSH_CONTACT": "mailto:it@example.org"}))
    assert (ready.sms_connected, ready.dingtalk_agent, ready.sms_first) == (True, 4711, "aliyun")
    assert "geheim" not in repr(ready)
    assert not settings(monkeypatch, **dict.fromkeys(ALIYUN | DINGTALK, "")).sms_connected


def test_a_refusal_does_not_repeat_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(monkeypatch, DATABASE_URL="mysql://shouwang:geheim@db/x")
    assert "geheim" not in str(refused.value)
    assert "geheim" not in repr(settings(monkeypatch, DATABASE_URL="postgresql://shouwang:geheim@db/x"))


@pytest.mark.parametrize(
    "change",
    [
        {}, {"SHOUWANG_HOST": "127.0.0.1"}, {"SHOUWANG_HOST": "::1"}, {"SHOUWANG_HOST": "localhost"},
        {"SHOUWANG_HOST": "0.0.0.0", "SHOUWANG_BEHIND_PROXY": "1"},
        {"SHOUWANG_HOST": "0.0.0.0", "SHOUWANG_TLS_CERT": "/etc/cert.pem", "SHOUWANG_TLS_KEY": "/etc/key.pem"},
        {"DATABASE_URL": ""},
    ],
)  # fmt: skip
def test_production_starts_when_it_is_closed(monkeypatch: pytest.MonkeyPatch, change: dict[str, str]) -> None:
    ready = settings(monkeypatch, **(SAFE | change))
    assert not ready.development
    assert ready.keys == Path("/etc/shouwang/keys.json")
    assert ready.origins == {"https://shouwang.example.org"}


def test_a_laptop_needs_no_settings_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = settings(monkeypatch)
    assert plain.development
    assert (plain.host, plain.port, plain.workers, plain.database_url) == ("127.0.0.1", 8000, 1, None)
    assert plain.data_dir == ROOT / ".data"
    assert plain.keys == ROOT / ".data" / "development-keys.json"
    assert not plain.open_bind
    assert "http://127.0.0.1:8000" in plain.origins
    assert b"localhost:8000" in plain.hosts


def test_every_setting_is_honoured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = settings(
        monkeypatch, SHOUWANG_ENV="development", SHOUWANG_HOST="0.0.0.0", SHOUWANG_PORT="9001",
        SHOUWANG_DATA_DIR=str(tmp_path), SHOUWANG_WORKERS="3", DATABASE_URL="postgres://db/x",
        SHOUWANG_KEY_FILE=str(tmp_path / "k"), SHOUWANG_ORIGIN="https://example.org/", SHOUWANG_POOL_SIZE="9",
    )  # fmt: skip
    assert (given.host, given.port, given.workers, given.pool_size) == ("0.0.0.0", 9001, 3, 9)
    assert (given.data_dir, given.keys, given.database_url) == (tmp_path, tmp_path / "k", "postgres://db/x")
    assert given.origin == "https://example.org"
    assert given.open_bind


def test_the_host_header_never_widens_the_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = settings(monkeypatch, **SAFE, SHOUWANG_PORT="9001")
    assert ready.hosts == {b"shouwang.example.org", b"127.0.0.1:9001", b"localhost:9001", b"[::1]:9001"}
