"""Two languages: which one a visitor reads, the catalogue, and how days, hours and degrees are written in it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES = {"zh-Hans": "中文", "en": "English"}
DEFAULT = "zh-Hans"
CATALOGUES = Path(__file__).parents[2] / "frontend" / "locales"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_PATTERN = {"zh-Hans": "M月d日 EEE", "en": "EEE d MMM"}

_Translations = Mapping[str, tuple[str, ...]]


def mark(message: str) -> str:
    """Mark a message for extraction and return it unchanged; import it as `N_`, translate it at the door."""
    return message


def choose(cookie: str | None, accept: str) -> str:
    """The language of a visitor: their own choice, else the browser's best match, else Chinese."""
    if cookie in LANGUAGES:
        return cookie
    wishes = []
    for order, part in enumerate(accept.split(",")):
        tag, _, weight = part.strip().lower().partition(";q=")
        language = {"zh": "zh-Hans", "en": "en"}.get(tag.split("-")[0])
        if language and (quality := _quality(weight)) > 0:
            wishes.append((-quality, order, language))
    return min(wishes)[2] if wishes else DEFAULT


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


def language_of(request: HTTPConnection) -> str:
    """The language in which to answer a request; decided once per request."""
    known: str | None = getattr(request.state, "lang", None)
    if known is None:
        known = choose(request.cookies.get("lang"), request.headers.get("accept-language", ""))
        request.state.lang = known
    return known


@cache
def catalogue(lang: str) -> _Translations:
    """Translations by English message. English is its own catalogue: empty. Read once, without a compile step."""
    path = CATALOGUES / lang.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        pairs = [(_forms(entry.id), _forms(entry.string)) for entry in read_po(file)]
    return {ids[0]: texts for ids, texts in pairs if all(ids) and all(texts)}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def gettext(lang: str, message: str, **params: object) -> str:
    """The message in a language, with %(name)s parameters filled in; a literal % stays itself without parameters."""
    found = catalogue(lang).get(message)
    text = found[0] if found else message
    return text % params if params else text


def ngettext(lang: str, singular: str, plural: str, n: int, **params: object) -> str:
    """Like gettext for a counted thing; `n` is always a parameter. Chinese has one form for all counts."""
    found = catalogue(lang).get(singular) or (singular, plural)
    text = found[0] if n == 1 or len(found) == 1 else found[1]
    return text % {"n": n, **params}


def translator(request: HTTPConnection) -> Callable[..., str]:
    """`_ = translator(request)`: gettext in the visitor's language."""
    return partial(gettext, language_of(request))


@cache
def _locale(lang: str) -> Locale:
    return Locale.parse(lang.replace("-", "_"))


def day_words(lang: str, day: date) -> str:
    """A day with its weekday: "11月22日 周日", "Sun 22 Nov"."""
    return format_date(day, DAY_PATTERN[lang], locale=_locale(lang))


def weekday(lang: str, day: date) -> str:
    """The short name of the weekday: "周日", "Sun"."""
    return format_date(day, "EEE", locale=_locale(lang))


def clock(at: datetime) -> str:
    """The hour and minute in Shanghai of an aware moment: "16:41"."""
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def day_clock(lang: str, at: datetime) -> str:
    """Day, weekday, hour and minute in Shanghai: "11月22日 周日 16:41"."""
    return f"{day_words(lang, at.astimezone(SHANGHAI).date())} {clock(at)}"


def celsius(value: Decimal | float) -> str:
    """A body temperature with its unit: "36.6 ℃"."""
    return f"{value:.1f} ℃"
