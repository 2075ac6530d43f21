"""A whole house as `make run` starts it, and phones with a real Chromium."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, async_playwright

from app.kit import postgres
from tests.faults.ground import new_data_dir
from tests.faults.processes import Process, free_port
from tests.find_browser import find


@pytest.fixture(scope="module")
def house_dir() -> Iterator[Path]:
    """The data directory of the running house, for tests that arrange what no door can."""
    data_dir = new_data_dir()
    yield data_dir
    postgres.stop(data_dir)
    shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="module")
async def house_at(house_dir: Path) -> AsyncIterator[str]:
    """The address of a running house with the demo village."""
    process = Process("run", house_dir, free_port())
    try:
        await process.start()
        yield process.base
    finally:
        process.clean()


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    path = find()
    if path is None:
        pytest.fail("The browser tests need Chromium: run `make browser`, or point SHOUWANG_CHROMIUM to one.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass
class Phone:
    """One phone in one hand: it counts taps and hears every complaint of the browser."""

    base: str
    context: BrowserContext
    page: Page
    taps: int = 0
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def tap(self, target: Locator) -> None:
        self.taps += 1
        await target.click()

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=words)

    def link(self, words: str) -> Locator:
        return self.page.get_by_role("link", name=words)

    async def text(self) -> str:
        return await self.page.inner_text("main")

    async def code_for(self, number: str) -> str:
        """The code that was sent to a phone."""
        answer = await self.context.request.get(f"{self.base}/dev/outbox.json", params={"phone": number})
        items: list[dict[str, Any]] = (await answer.json())["items"]
        return str(items[0]["code"])

    async def sign_in(self, number: str) -> None:
        """Through the pages, code included."""
        await self.go("/sign-in")
        await self.page.fill("#phone", number)
        await self.tap(self.page.locator("form[action='/sign-in'] button"))
        await self.page.fill("#code", await self.code_for(number))
        await self.tap(self.page.locator("form[action='/sign-in/code'] button"))

    async def fits(self, width: int) -> bool:
        """Does the page need no sideways scrolling at this width?"""
        await self.page.set_viewport_size({"width": width, "height": 740})
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.fixture
async def phones(house_at: str, chromium: Browser) -> AsyncIterator["Phones"]:
    """`await phones.new()`: one more phone; all are put away afterwards, and none may have complained."""
    shop = Phones(house_at, chromium)
    yield shop
    for phone in shop.sold:
        await phone.context.close()
    assert [complaint for phone in shop.sold for complaint in phone.complaints] == []


@dataclass
class Phones:
    """Where phones come from."""

    base: str
    chromium: Browser
    sold: list[Phone] = field(default_factory=list)

    async def new(self, *, scripts: bool = True, language: str = "zh-CN") -> Phone:
        context = await self.chromium.new_context(
            viewport={"width": 360, "height": 740}, locale=language, java_script_enabled=scripts
        )
        context.set_default_timeout(10_000)
        phone = Phone(self.base, context, await context.new_page())

        def heard(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                phone.complaints.append(f"{message.type}: {message.text} ({phone.page.url})")

        phone.page.on("console", heard)
        phone.page.on("pageerror", lambda error: phone.complaints.append(f"script: {error}"))
        self.sold.append(phone)
        return phone
