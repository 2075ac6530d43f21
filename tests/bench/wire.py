"""What a cold first visit weighs on the wire: the page and all that it links to, heads and bodies, as compressed."""

import json
import re
from collections import deque
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

import httpx

_LINKS = {
    "text/html": re.compile(r"""(?:<link\b[^>]*?|<script\b[^>]*?|<img\b[^>]*?|<use\b[^>]*?)(?:href|src)="([^"]+)\""""),
    "text/css": re.compile(r"""(?:@import\s+|url\()\s*["']?([^"')]+)"""),
    "text/javascript": re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']|["'](/service-worker\.js)["']"""),
}
_KEPT = re.compile(r"const ASSETS = (\[[^\]]*\])")


@dataclass(frozen=True)
class Weight:
    """Bytes by address. `page` is what showing it takes; `kept` what the service worker then stores for later."""

    page: dict[str, int]
    kept: dict[str, int]


def _size(response: httpx.Response) -> int:
    head = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    return len("HTTP/1.1 200 OK\r\n") + head + 2 + response.num_bytes_downloaded


def _links(response: httpx.Response) -> list[str]:
    pattern = _LINKS.get(response.headers.get("content-type", "").partition(";")[0])
    found = pattern.findall(response.text) if pattern else []
    flat = ["".join(link) if isinstance(link, tuple) else link for link in found]
    return [link for link in flat if not link.startswith("data:")]


def weigh(client: httpx.Client, path: str) -> Weight:
    """Visit a page as a browser with an empty cache does. Raises SystemExit for a link that leads nowhere."""
    page: dict[str, int] = {}
    kept: list[str] = []
    waiting = deque([path])
    while waiting:
        address = waiting.popleft()
        if address in page:
            continue
        response = _fetched(client, address)
        page[address] = _size(response)
        if found := _KEPT.search(response.text if "javascript" in response.headers["content-type"] else ""):
            kept = json.loads(found[1])
        waiting += [urldefrag(urljoin(address, link)).url for link in _links(response)]
    return Weight(page, {link: _size(_fetched(client, link)) for link in kept if link not in page})


def _fetched(client: httpx.Client, address: str) -> httpx.Response:
    response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    return response
