"""Every page renders in both languages and in its main states, whole, accessible in outline and without inline code."""

import re
from collections.abc import Iterator
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from starlette.requests import Request

from routers.kit.forms import FIELDS
from routers.kit.i18n import LANGUAGES
from routers.kit.render import compile_all, environment, page
from tests.routers.pages.samples import ERRORS, FORM, RESIDENT, SAMPLES, SHARED
from tests.routers.pages.samples_accounts import SITE


def rendered(lang: str, name: str, context: dict[str, Any]) -> str:
    return environment(lang).get_template(name).render({**SHARED, **context})


def cases() -> Iterator[Any]:
    for lang in LANGUAGES:
        for name, contexts in SAMPLES.items():
            for index, context in enumerate(contexts):
                yield pytest.param(lang, name, context, id=f"{lang}-{name}-{index}")


def test_every_page_has_a_sample_and_compiles() -> None:
    names = environment("en").list_templates(extensions=["html"])
    pages = {name for name in names if "/_" not in name and not name.startswith(("layouts/", "shared/"))}
    assert pages == set(SAMPLES)
    assert compile_all() == len(names)


def test_what_is_compiled_holds_no_language() -> None:
    """Both languages share it: a filter over a constant, for instance, would be worked out once, in one of them."""
    each = [environment(lang) for lang in LANGUAGES]
    for name in each[0].list_templates(extensions=["html"]):
        assert each[0].loader
        source = each[0].loader.get_source(each[0], name)[0]
        first, *others = [env.compile(source, name, raw=True) for env in each]
        assert others == [first], name


@pytest.mark.parametrize(("lang", "name", "context"), list(cases()))
def test_page_is_whole(lang: str, name: str, context: dict[str, Any]) -> None:
    html = rendered(lang, name, context)
    assert f'<html lang="{lang}"' in html
    assert html.count("<h1") == 1
    assert html.count("<main ") == 1
    title = re.search(r"<title>(.*?)</title>", html)
    assert title
    assert title[1].startswith(("错误", "Error")) is bool(context.get("errors"))
    # Nothing inline, nothing foreign: the security policy would block it.
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "an id is used twice"
    assert set(re.findall(r'<label for="([^"]+)"', html)) <= set(ids)
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids)
    for error in context.get("errors", []):
        assert f'href="#{error.field}"' in html
        assert error.field in ids


ASKED = re.compile(r'\b(?:field|area|text_area|choose)\("(\w+)", _\("([^"]+)"\)')
HEADED = re.compile(r'<(?:fieldset|section)[^>]* id="(\w+)"[^>]*>\s*<(?:legend|h2)>\{\{ _\("([^"]+)"\)')


def test_the_summary_of_errors_calls_an_input_as_the_page_does() -> None:
    loader = environment("en").loader
    assert loader
    for name in SAMPLES:
        source = loader.get_source(environment("en"), name)[0]
        if (summary := re.search(r"\{\{ summary\(errors(.*?)\) \}\}", source)) is None:
            continue
        own = dict(re.findall(r'"(\w+)": _\("([^"]+)"\)', summary[1]))
        inputs = ASKED.findall(source) + [pair for pair in HEADED.findall(source) if pair[0] in FIELDS]
        assert {field: (FIELDS | own).get(field) for field, _ in inputs} == dict(inputs), name


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"dev/outbox.html"}))
def test_chinese_page_holds_no_english(name: str) -> None:
    for context in SAMPLES[name]:
        html = rendered("zh-Hans", name, context)
        main = html[html.index("<main") : html.index("</main>")]
        # Names of columns and figures of machines are the same in every language, and say so.
        spoken = re.sub(r'<(\w+)[^>]* translate="no">.*?</\1>', " ", main, flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", spoken)
        assert not re.findall(r"[a-z]{3,}", text.replace("English", ""))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_preselected_in_a_new_report(lang: str) -> None:
    assert " checked" not in rendered(lang, "checkins/new.html", {"me": RESIDENT, **FORM})


def test_words_of_the_visitor_are_kept_and_escaped() -> None:
    values = {"note": "<img onerror=alert(1)>", "symptoms": {"cough"}, "exposed": "yes", "temperature": "36,x"}
    html = rendered("en", "checkins/new.html", {"me": RESIDENT, **FORM, "errors": ERRORS, "values": values})
    assert "&lt;img onerror=alert(1)&gt;" in html
    assert "<img" not in html
    assert 'value="36,x"' in html
    assert html.count(" checked") == 2


def test_offline_page_says_nothing_about_a_person() -> None:
    html = rendered("zh-Hans", "offline.html", SAMPLES["offline.html"][0])
    assert 'data-owner=""' in html
    assert "桃源村" not in html
    assert "tabs" not in html


def test_figures_of_a_village_add_up() -> None:
    html = rendered("en", "checkins/roll_call_village.html", SAMPLES["checkins/roll_call_village.html"][0])
    foot = re.findall(r'<td[^>]*>(\d+)</td>', html[html.index("<tfoot"):])  # fmt: skip
    assert foot == ["312", "3", "3", "15", "291"]


def asked(path: str = "/help", method: str = "GET", **headers: str) -> Request:
    app = Thing(state=Thing(settings=Thing(development=False)))
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": method, "path": path, "query_string": b"q=1", "headers": lines, "app": app}
        | {"server": ("example.org", 443), "scheme": "https", "state": {}}
    )


@pytest.mark.parametrize(("accept", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0", None), ("", None)])
def test_answer_is_compressed_as_asked(accept: str, encoding: str | None) -> None:
    response = page(asked(accept_encoding=accept), "help.html")
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-length"] == str(len(response.body))
    assert response.headers["cache-control"] == "private, no-cache"


def test_page_with_other_peoples_data_is_not_stored() -> None:
    response = page(asked(), "residents/call.html", store=False, status=200, person_name="周", phone="13857001234")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "referer", "back"),
    [
        ("GET", "", "/help?q=1"),
        ("POST", "https://example.org/sign-in?next=/me", "/sign-in?next=/me"),
        ("POST", "https://elsewhere.org/x", "/"),
    ],
)
def test_language_switch_leads_back_to_the_page(method: str, referer: str, back: str) -> None:
    html = page(asked("/help", method, referer=referer), "help.html").body.decode()
    assert f'name="next" value="{back}"' in html


def test_text_size_and_language_come_from_cookies() -> None:
    html = page(asked(cookie="text=xl; lang=en"), "help.html").body.decode()
    assert 'class="text-xl"' in html
    assert "<h1>Help</h1>" in html


def test_lone_surrogate_in_kept_words_does_not_fail() -> None:
    response = page(asked(), "accounts/sign_in.html", **SITE, staff=False, values={"phone": "\ud800"})
    assert response.status_code == 200
