"""Static files: one release hash, compressed once, kept for ever, and an old page never goes dead."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routers.kit import assets as kit
from routers.kit.assets import Assets, accepted_encoding, asset, assets, assets_app

CSS, JS = "app.css", "js/boot.js"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def fetched(path: str, accept: str = "", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    headers = [(b"accept-encoding", accept.encode())] if accept else []
    await assets_app({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
    lines = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], lines, sent[1]["body"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accept", "encoding", "unpack"),
    [("gzip, deflate, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("identity", None, bytes)],
)
async def test_current_release_is_kept_for_ever(accept: str, encoding: str | None, unpack: Any) -> None:
    status, headers, body = await fetched(asset(CSS), accept)
    assert status == 200
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers.get("content-encoding") == encoding
    assert headers["content-length"] == str(len(body))
    assert unpack(body).startswith(b"@layer reset, tokens, base, layout, components, utilities;")


@pytest.mark.anyio
async def test_an_old_page_gets_the_current_file_uncached() -> None:
    status, headers, body = await fetched(f"/static/0123456789/{JS}")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert body == (kit.STATIC / JS).read_bytes()


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["nothing.css", "", "css/base.css", "../../pyproject.toml", "js/../app.css", "%2e%2e"])
async def test_unknown_file_is_not_found(name: str) -> None:
    status, headers, body = await fetched(f"/static/{assets().release}/{name}")
    assert (status, headers["cache-control"], body) == (404, "no-store", b"")


@pytest.mark.anyio
async def test_head_has_no_body_and_post_is_refused() -> None:
    status, headers, body = await fetched(asset(CSS), method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 10_000
    status, headers, _ = await fetched(asset(CSS), method="POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.anyio
async def test_pictures_are_not_compressed_again() -> None:
    status, headers, body = await fetched(asset("icons/icon-192.png"), "br")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert "content-encoding" not in headers
    assert body.startswith(b"\x89PNG")


def test_release_changes_with_any_file_and_with_nothing_else(tmp_path: Path) -> None:
    def release(**files: str) -> str:
        folder = tmp_path / "-".join([*files, *files.values()])
        for name in (*kit.FIRST_CSS, *kit.LAST_CSS):
            (folder / "css").mkdir(parents=True, exist_ok=True)
            (folder / "css" / name).write_text("")
        for name, text in files.items():
            (folder / f"{name}.js").write_text(text)
        return Assets(folder).release

    assert re.fullmatch(r"[0-9a-f]{10}", release(a="1"))
    assert len({release(a="1"), release(a="2"), release(b="1"), release(a="1", b="")}) == 4


def test_unknown_asset_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        asset("nothing.css")


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("br; q=0.0", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("gzip;q=0, *", "br"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_encoding_is_one_the_visitor_accepts(accept: str, encoding: str) -> None:
    assert accepted_encoding(accept) == encoding


@given(st.text(max_size=100))
def test_no_header_confuses_the_encoding(accept: str) -> None:
    assert accepted_encoding(accept) in {"br", "gzip", ""}


def test_weight_of_what_every_resident_loads() -> None:
    sizes = {name: len(file.body("br")[0]) for name, file in assets().files.items()}
    assert sizes[CSS] <= 8_000
    assert sum(size for name, size in sizes.items() if name.startswith("js/")) <= 10_000
    assert all(len((kit.STATIC / name).read_text().splitlines()) < 80 for name in sizes if name.startswith("js/"))


def test_sheet_and_modules_bring_nothing_from_elsewhere() -> None:
    for name, file in assets().files.items():
        if name.endswith((".css", ".js")):
            text = file.body("")[0].decode()
            assert not re.search(r"https?://|@import|url\(|innerHTML|insertAdjacent|eval\(|document\.write", text), name


def test_components_are_small_and_use_no_ids_and_no_force() -> None:
    for path in (kit.STATIC / "css").rglob("*.css"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) < 200, path.name
        assert "!important" not in text, path.name
        assert not re.search(r"^\s*#[a-z]", text, re.MULTILINE), path.name


def test_worker_keeps_the_shell_of_this_release() -> None:
    source = kit.service_worker_source()
    listed = re.search(r"const ASSETS = (\[.*?\]);", source)
    assert listed
    kept = json.loads(listed[1])
    assert kept[0] == asset(CSS)
    assert kept[-1] == "/offline"
    assert asset(JS) in kept
    assert "/*ASSETS*/" not in source


def test_manifest_names_pictures_that_exist() -> None:
    manifest = json.loads(kit.manifest_source())
    assert manifest["lang"] == "zh-CN"
    assert len(manifest["short_name"]) <= 6
    assert manifest["start_url"] == "/today?source=pwa"
    assert {(icon["purpose"], icon["sizes"]) for icon in manifest["icons"]} == {
        (purpose, size) for purpose in ("any", "maskable") for size in ("192x192", "512x512")
    }
    for icon in manifest["icons"]:
        body = assets().files[icon["src"].removeprefix(f"/static/{assets().release}/")].body("")[0]
        width = int.from_bytes(body[16:20], "big")
        assert icon["sizes"] == f"{width}x{width}"


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (kit.STATIC / "icons.svg").read_text()))
    pages = "".join(path.read_text("utf-8") for path in (kit.FRONTEND / "templates").rglob("*.html"))
    assert set(re.findall(r'icon\("([a-z]+)"\)', pages)) <= sprite
