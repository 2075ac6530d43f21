"""The call list on a small phone: one tap to the number, one for how it went, and the person is off the list."""

from pathlib import Path

import pytest
from sqlmodel import select

from app.demo import OBSERVED, WORKER
from app.house import House
from app.kit import postgres
from app.kit.settings import Settings
from models.residents import Resident
from tests.app.calling import on_list
from tests.browser.conftest import Phone, Phones

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

CUT = """[...document.querySelectorAll('main *')].filter(each => {
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  if (!box.width || each.closest('.sr')) return false;
  const hides = style.overflowX !== 'visible' || style.overflowY !== 'visible';
  return box.right > innerWidth + 1 || (hides && each.scrollWidth > each.clientWidth + 1)
    || (hides && each.scrollHeight > each.clientHeight + 1);
}).map(each => each.outerHTML.slice(0, 90))"""


async def nobody_answered_any_message(house_dir: Path, *names: str) -> None:
    """Put them on the list, as the house does after the last message remained without an answer."""
    house = House(Settings(DATABASE_URL=postgres.start(house_dir).dsn, data_dir=house_dir, key_file=None))
    await house.start()
    async with house.database.writing() as db:
        await house.vault.load(db)
        people = select(Resident).where(Resident.name.in_(names)).execution_options(scope="test")  # type: ignore[attr-defined]
        found = {row.name: row.person_id for row in await db.exec(people)}
    for name in names:
        await on_list(house, found[name])
    await house.stop()


async def nothing_is_cut(li: Phone) -> None:
    """At 360 px with the text at twice its size, in both languages, everything opened."""
    await li.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await li.page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    assert await li.fits(360)
    assert await li.page.evaluate(CUT) == []


async def test_a_worker_rings_somebody_up_and_they_leave_the_list(phones: Phones, house_dir: Path) -> None:
    li = await phones.new()
    await li.sign_in(WORKER)
    await li.page.wait_for_url("**/staff")
    await nobody_answered_any_message(house_dir, "周建明", "王小梅")
    await li.go("/staff/day")
    await li.tap(li.page.locator("main a[href='/staff/calls']"))
    assert OBSERVED not in await li.page.content()
    rows = li.page.locator("ul.people > li")
    before = await rows.count()
    li.taps = 0
    await li.tap(rows.filter(has_text="周建明").locator("form[action$='/number'] button"))
    await li.page.locator(f"a[href='tel:{OBSERVED}']").wait_for()
    await li.tap(li.button("已告知"))
    await li.page.wait_for_url("**/staff/calls?told=told")
    assert li.taps == 2
    assert await rows.filter(has_text="周建明").count() == 0
    assert await rows.count() == before - 1
    # From the row as well: somebody who rang from memory writes down that nobody answered, and stays on the list.
    mei = rows.filter(has_text="王小梅")
    await li.tap(mei.locator("summary"))
    await li.tap(mei.get_by_role("button", name="没人接"))
    await li.page.wait_for_url("**/staff/calls?told=not_reached")
    assert "打过 1 次" in await rows.filter(has_text="王小梅").inner_text()
    for language in ("zh-Hans", "en"):
        await li.context.add_cookies([{"name": "lang", "value": language, "url": li.base}])
        await li.go("/staff/calls")
        await nothing_is_cut(li)
        await li.tap(rows.filter(has_text="王小梅").locator("form[action$='/number'] button"))
        await li.page.locator("a[href^='tel:']").wait_for()
        await nothing_is_cut(li)
