"""A page as a person without JavaScript uses it: read the words, fill in a form, press a button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

Fields = dict[str, str | list[str]]


@dataclass
class Form:
    """A form with the values it would send if it were submitted as it stands."""

    action: str
    method: str
    fields: Fields = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """What a page says and offers."""

    status: int
    html: str
    title: str = ""
    text: str = ""
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # the fields that the error summary leads to
    ids: set[str] = field(default_factory=set)

    def form(self, action: str, **wanted: str) -> Form:
        """The form that posts to an address, `wanted` values among its hidden ones."""
        return next(
            form
            for form in self.forms
            if form.action == action and all(form.fields.get(name) == value for name, value in wanted.items())
        )


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page, self._form, self._select = page, None, ""
        self._area, self._title, self._summary, self._template = "", False, False, 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._template += tag == "template"
        if self._template:
            return
        if "id" in given:
            self.page.ids.add(given["id"])
        self._title = self._title or tag == "title"
        self._summary = self._summary or "data-errors" in given
        if tag == "a" and "href" in given:
            (self.page.errors if self._summary else self.page.links).append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get"))
            self.page.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, given, self._form)

    def _control(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                kept = form.fields.setdefault(name, [])
                assert isinstance(kept, list)
                kept.append(given.get("value", "on"))
        elif tag == "input" and name:
            form.fields[name] = given.get("value", "")
        elif tag == "textarea":
            self._area, form.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in form.fields or "selected" in given):
            form.fields[self._select] = given.get("value", "")
        elif tag == "button":
            form.buttons.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self._template -= tag == "template"
        self._title = self._title and tag != "title"
        self._summary = self._summary and tag != "ul"
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select
        self._form = None if tag == "form" else self._form

    def handle_data(self, data: str) -> None:
        if self._template:
            return
        if self._title:
            self.page.title += data
        elif self._area and self._form is not None:
            self._form.fields[self._area] = str(self._form.fields[self._area]) + data
        self.page.text += data


def read(response: httpx.Response) -> Page:
    """The page of an answer."""
    return understood(response.status_code, response.text)


def understood(status: int, html: str) -> Page:
    """A page as it reads."""
    page = Page(status, html)
    _Reader(page).feed(html)
    page.text = " ".join(page.text.split())
    page.errors = [href.removeprefix("#") for href in page.errors]
    return page


async def look(browser: httpx.AsyncClient, path: str) -> Page:
    """Open an address, redirects followed."""
    return read(await browser.get(path, follow_redirects=True))


async def press(browser: httpx.AsyncClient, form: Form, button: str = "", **words: Any) -> httpx.Response:
    """Fill in words and press a button (by name; its value is the form's own); redirects are not followed."""
    data: dict[str, Any] = {**form.fields, **words}
    if button and button not in words:
        data[button] = next(value for name, value in form.buttons if name == button)
    return await browser.post(form.action, data=data)


async def submit(browser: httpx.AsyncClient, form: Form, button: str = "", **words: Any) -> Page:
    """Press a button and read the page that follows."""
    response = await press(browser, form, button, **words)
    if response.is_redirect:
        return await look(browser, response.headers["location"])
    return read(response)
