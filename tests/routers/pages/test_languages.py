"""Every word people see exists in both languages, and each visitor reads the one they asked for."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from routers.kit import i18n
from routers.kit.render import TEMPLATES

ROOT = Path(__file__).parents[3]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
PO = i18n.CATALOGUES / "zh_Hans" / "LC_MESSAGES" / "messages.po"
HAN = re.compile(r"[\u3400-\u9fff]")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|title|alt|placeholder|content)="([^"{]*)"')
PARAMETER = re.compile(r"%\((\w+)\)s")


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def sources() -> Iterator[tuple[str, Path]]:
    yield from (("jinja2.ext:babel_extract", path) for path in templates())
    for folder in ("app", "models", "routers"):
        yield from (("python", path) for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def written() -> dict[tuple[str, ...], str]:
    """Every message in the source with one place where it stands."""
    found = {}
    for method, path in sources():
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for line, message, *_ in extract_from_file(method, path, keywords=KEYWORDS, options=options):
            forms = (message,) if isinstance(message, str) else tuple(message)
            found[forms] = f"{path.relative_to(ROOT)}:{line}"
    return found


@cache
def chinese() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def translated() -> dict[tuple[str, ...], tuple[str, ...]]:
    return {i18n._forms(entry.id): i18n._forms(entry.string) for entry in chinese() if entry.id}


def test_every_message_has_a_chinese_translation() -> None:
    missing = {where: forms for forms, where in written().items() if not all(translated().get(forms, [""]))}
    assert not missing


def test_the_catalogue_holds_nothing_that_is_no_longer_written() -> None:
    assert set(translated()) - set(written()) == set()
    assert not chinese().obsolete
    assert not [entry.id for entry in chinese() if entry.fuzzy and entry.id]


def test_translations_keep_their_parameters() -> None:
    for forms, texts in translated().items():
        names = set(PARAMETER.findall(forms[-1]))
        assert all(set(PARAMETER.findall(text)) == names for text in texts), forms
        # A message with parameters goes through %: a bare percent sign in it would fail in front of a visitor.
        bare = [PARAMETER.sub("", text).replace("%%", "") for text in (*forms, *texts) if names]
        assert not any("%" in text for text in bare), forms


def test_chinese_says_it_in_chinese() -> None:
    unchanged = [forms for forms, texts in translated().items() if not any(HAN.search(text) for text in texts)]
    assert [forms for forms in unchanged if re.search(r"[A-Za-z]{3}", forms[0])] == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_template_holds_no_words_of_its_own(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not HAN.search(re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)), "Chinese belongs in the catalogue"
    bare = JINJA.sub("", source)
    spoken = [text for text in SPOKEN.findall(bare) if "=" not in text and not text.startswith("#")]
    words = ATTRIBUTE.sub(" ", TAG.sub(" ", bare)) + " ".join(spoken)
    left = set(re.findall(r"[A-Za-z]{2,}", words)) - {"scale", "light", "dark"}
    assert not left, "visible English belongs in _()"


@pytest.mark.parametrize(
    ("cookie", "accept", "lang"),
    [
        (None, "", "zh-Hans"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        (None, "zh-TW", "zh-Hans"),
        (None, "en-GB,en;q=0.9,zh;q=0.1", "en"),
        (None, "fr,de;q=0.9", "zh-Hans"),
        (None, "fr,en;q=0.5", "en"),
        (None, "en;q=0.3, zh;q=0.7", "zh-Hans"),
        (None, "en;q=0,*", "zh-Hans"),
        (None, "en;q=nonsense", "zh-Hans"),
        ("en", "zh-CN", "en"),
        ("zh-Hans", "en", "zh-Hans"),
        ("klingon", "en", "en"),
    ],
)
def test_own_choice_wins_then_the_browser_then_chinese(cookie: str | None, accept: str, lang: str) -> None:
    assert i18n.choose(cookie, accept) == lang


@given(st.text(max_size=200))
def test_no_header_confuses_the_choice(accept: str) -> None:
    assert i18n.choose(None, accept) in i18n.LANGUAGES


def test_days_hours_and_degrees_in_both_languages() -> None:
    day, at = date(2020, 11, 22), datetime(2020, 11, 21, 16, 5, tzinfo=UTC)
    assert i18n.day_words("zh-Hans", day) == "11月22日 周日"
    assert i18n.day_words("en", day) == "Sun 22 Nov"
    assert i18n.weekday("zh-Hans", day) == "周日"
    assert i18n.clock(at) == "00:05"
    assert i18n.day_clock("zh-Hans", at) == "11月22日 周日 00:05"
    assert i18n.day_clock("en", at) == "Sun 22 Nov 00:05"
    assert i18n.celsius(Decimal("36.6")) == "36.6 ℃"
    assert i18n.celsius(Decimal("37")) == "37.0 ℃"


def test_messages_with_and_without_parameters() -> None:
    assert i18n.gettext("zh-Hans", "Shouwang") == "守望"
    assert i18n.gettext("en", "Shouwang") == "Shouwang"
    assert i18n.gettext("zh-Hans", "not in the catalogue: 100%") == "not in the catalogue: 100%"
    assert i18n.gettext("en", "Sent to %(phone)s", phone="138****8000") == "Sent to 138****8000"
    one, many = "%(n)s day late", "%(n)s days late"
    assert [i18n.ngettext("en", one, many, n) for n in (0, 1, 2)] == ["0 days late", "1 day late", "2 days late"]
    assert [i18n.ngettext("zh-Hans", one, many, n) for n in (0, 1, 2)] == ["0 天迟报", "1 天迟报", "2 天迟报"]
    assert i18n.mark("Shouwang") == "Shouwang"
