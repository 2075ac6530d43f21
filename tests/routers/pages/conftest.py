"""What the tests of the pages share: somebody of the cast at a phone without JavaScript."""

from collections.abc import Callable

import httpx
import pytest

from tests.cast import Person

SignedIn = Callable[[Person], httpx.AsyncClient]


@pytest.fixture
def at(browser: httpx.AsyncClient) -> SignedIn:
    """`at(person)`: the browser with that person signed in, and nobody else."""

    def signed_in(person: Person) -> httpx.AsyncClient:
        browser.cookies.clear()
        browser.cookies.set("shouwang", person.text, domain="127.0.0.1", path="/")
        if person.secret:
            browser.cookies.set("shouwang-staff", person.secret, domain="127.0.0.1", path="/")
        return browser

    return signed_in
