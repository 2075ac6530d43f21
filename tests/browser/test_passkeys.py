"""Passkeys with Chromium's own authenticator: set up, signed in with, asked for again, copied, cancelled."""

import re
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from playwright.async_api import CDPSession, expect

from app.demo import ADMINISTRATOR, SUPERVISOR
from tests.browser.conftest import Phone, Phones

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.timeout(120)]

PASSKEY_FORM = "form[data-passkey]"
HOME = re.compile(r"^http://[^/?]+/me/security(\?told=\w+)?$")


@dataclass
class Authenticator:
    """The lock of a phone: it recognises its owner, keeps passkeys and counts."""

    session: CDPSession
    name: str

    async def do(self, what: str, **how: Any) -> Any:
        return await self.session.send(f"WebAuthn.{what}", {"authenticatorId": self.name, **how})

    async def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.do("getCredentials"))["credentials"]
        return found


async def authenticator(phone: Phone) -> Authenticator:
    """Give a phone a lock that recognises its owner."""
    session = await phone.context.new_cdp_session(phone.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, made["authenticatorId"])


async def office(phones: Phones) -> Phone:
    """A phone at the address that passkeys belong to: no browser makes them for an address of numbers."""
    phone = await phones.new()
    phone.base = phone.base.replace("127.0.0.1", "localhost")
    return phone


async def sign_in(phone: Phone, number: str) -> None:
    """By text message, on the way to one's own devices."""
    await phone.go("/sign-in?next=/me/security")
    await phone.page.fill("#phone", number)
    await phone.page.locator("form[action='/sign-in'] button").click()
    await phone.page.fill("#code", await phone.code_for(number))
    await phone.page.locator("form[action='/sign-in/code'] button").click()
    await phone.page.wait_for_url("**/second-factor?next=/me/security")


@pytest.mark.proves("T16")
async def test_an_administrator_sets_up_a_passkey_and_signs_in_with_it_alone(phones: Phones) -> None:
    phone = await office(phones)
    page, lock = phone.page, await authenticator(phone)
    await sign_in(phone, ADMINISTRATOR)
    await phone.go("/staff")
    assert "/second-factor" in page.url, "nothing opens before the second proof"
    await phone.go("/second-factor?next=/me/security")
    assert await phone.fits(360)
    await page.fill("#passkey_name", "值班手机")
    await page.locator(f"{PASSKEY_FORM} button").click()
    await page.wait_for_url(HOME)
    await expect(page.locator("main")).to_contain_text("值班手机")
    assert await phone.fits(360)
    (key,) = await lock.keys()
    assert (key["rpId"], key["isResidentCredential"]) == ("localhost", True)

    await page.locator("form[action='/sign-out'] button").first.click()
    await phone.go("/sign-in?next=/me/security")
    assert await phone.fits(360)
    await page.locator(f"{PASSKEY_FORM} button").click()
    await page.wait_for_url(HOME)
    await expect(page.locator("main")).to_contain_text("值班手机")

    # A grave act asks once more, and the last passkey of a guarded post stays.
    remove = page.locator("form[action$='/removal'] button").first
    await remove.click()
    await page.wait_for_url("**/step-up?next=/me/security")
    assert await phone.fits(360)
    await page.locator(f"{PASSKEY_FORM} button").click()
    await page.wait_for_url(HOME)
    await page.locator("form[action$='/removal'] button").first.click()
    await expect(page.locator("main")).to_contain_text("最后一个")
    phone.complaints.clear()  # Chromium's console mentions the 409


async def test_a_copied_key_is_refused_and_a_missing_one_says_so(phones: Phones) -> None:
    phone = await office(phones)
    page, lock = phone.page, await authenticator(phone)
    await sign_in(phone, SUPERVISOR)
    # Without a script-made passkey first the authenticator app: the way for who has no lock on the phone.
    await page.locator("form[action='/me/security/authenticator'] button").click()
    app = pyotp.TOTP((await page.inner_text("#secret")).replace(" ", ""))
    assert await phone.fits(360)
    picture = page.locator("img[src^='data:image/svg+xml']")
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 0")
    await page.fill("#totp", app.now())
    await page.locator("form[action$='/confirmation'] button").click()
    await page.wait_for_url(HOME)

    await page.locator("form[action='/sign-out'] button").first.click()
    await phone.go("/sign-in")
    await lock.do("setUserVerified", isUserVerified=False)
    await page.locator(f"{PASSKEY_FORM} button").click()
    await expect(page.locator("[data-refused]")).to_be_visible()
    await lock.do("setUserVerified", isUserVerified=True)
    phone.complaints.clear()


async def test_a_key_whose_count_goes_back_is_refused(phones: Phones) -> None:
    phone = await office(phones)
    page, lock = phone.page, await authenticator(phone)
    await sign_in(phone, "13800000031")
    await page.locator(f"{PASSKEY_FORM} button").click()
    await page.wait_for_url(HOME)
    (copy,) = await lock.keys()
    for _ in range(2):
        await page.locator("form[action='/sign-out'] button").first.click()
        await phone.go("/sign-in?next=/me/security")
        await page.locator(f"{PASSKEY_FORM} button").click()
        await page.wait_for_url(HOME)
    await page.locator("form[action='/sign-out'] button").first.click()
    await lock.do("removeCredential", credentialId=copy["credentialId"])
    await lock.do("addCredential", credential=copy)
    await phone.go("/sign-in?next=/me/security")
    await page.locator(f"{PASSKEY_FORM} button").click()
    await page.wait_for_url("**/sign-in/passkey")
    await expect(page.locator("main")).to_contain_text("像是被复制过")
    phone.complaints.clear()  # the 422 of the refusal


async def test_no_button_where_no_passkey_can_be(phones: Phones) -> None:
    numbers, bare = await phones.new(), await phones.new(scripts=False)
    for phone in (numbers, bare):
        await phone.go("/sign-in")
        await expect(phone.page.locator(PASSKEY_FORM)).to_be_hidden()
