"""What a message says, in the language of whoever reads it: parameters are kept as data and become words here."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from app.kit import clock
from app.kit.errors import N_, Fault, Invalid
from models.base import plain
from models.messages.templates import LANGS, Param, Template, Words
from models.tasks import KIND_WORDS

MOST = 60  # characters of a parameter
Facts = Mapping[str, str]

_SLOTS = {"day": ("", "all day"), "am": ("早上", "morning"), "pm": ("晚上", "evening")}
_DAYS = {"zh": "M月d日EEE", "en": "EEE d MMM"}
_TIMES = {"zh": "M月d日HH:mm", "en": "d MMM HH:mm"}
_ACCEPT = {"zh": "请在{time}前接单。", "en": "Please accept it by {time}. "}
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}


class Unfit(Invalid):
    """A parameter is missing, or not what the template takes: nothing was written, and no empty message goes out."""

    detail = N_("This message cannot be written: a part of it is missing or does not fit.")


def language(lang: str | None) -> str:
    """One of ours for whatever a browser or an account says."""
    short = (lang or "").split("-")[0].lower()
    return short if short in LANGS else LANGS[0]


def checked(template: Template, facts: Mapping[str, object]) -> dict[str, str]:
    """The parameters as they are kept. Raises Unfit, naming every one that is missing, unknown or does not fit."""
    faults = [
        Fault(name, N_("This template does not have such a parameter."))
        for name in facts
        if name not in template.params
    ]
    kept: dict[str, str] = {}
    for name, kind in template.params.items():
        value = str(facts.get(name, "")).strip()
        if not value and kind is not Param.ACCEPT:
            faults.append(Fault(name, N_("Please fill this in.")))
        elif value and not _fits(kind, value):
            faults.append(Fault(name, N_("This does not fit the template.")))
        kept[name] = value
    if faults:
        raise Unfit(faults=tuple(faults))
    return kept


def _zoned(value: str) -> bool:
    return datetime.fromisoformat(value).tzinfo is not None


def _count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 9


def _line(value: str) -> bool:
    return len(value) <= MOST and plain(value) and "\n" not in value


_FITS: dict[Param, Callable[[str], object]] = {
    Param.DAY: date.fromisoformat, Param.TIME: _zoned, Param.SLOT: _SLOTS.__contains__,
    Param.KIND: KIND_WORDS.__contains__, Param.CODE: _count, Param.COUNT: _count, Param.TEXT: _line,
    Param.NUMBER: _line, Param.ACCEPT: _zoned,
}  # fmt: skip


def _fits(kind: Param, value: str) -> bool:
    try:
        return bool(_FITS[kind](value))
    except ValueError:
        return False


def said(template: Template, facts: Facts, lang: str) -> dict[str, str]:
    """Every parameter as words of a language."""
    return {name: _word(kind, facts.get(name, ""), lang) for name, kind in template.params.items()}


def _word(kind: Param, value: str, lang: str) -> str:
    place = LANGS.index(lang)
    match kind:
        case Param.DAY:
            return str(format_date(date.fromisoformat(value), _DAYS[lang], locale=_LOCALES[lang]))
        case Param.TIME:
            local = clock.local(datetime.fromisoformat(value))
            return str(format_datetime(local, _TIMES[lang], locale=_LOCALES[lang]))
        case Param.ACCEPT:
            return _ACCEPT[lang].format(time=_word(Param.TIME, value, lang)) if value else ""
        case Param.SLOT:
            return _SLOTS[value][place]
        case Param.KIND:
            return KIND_WORDS[value][place]
    return value


def written(template: Template, facts: Facts, lang: str) -> Words:
    """The finished words: title, inbox text, text message, push, and why somebody is called."""
    words, params = template.words(lang), said(template, facts, lang)
    return Words(
        words.title.format_map(params), words.text.format_map(params), words.sms.format_map(params),
        words.push.format_map(params), words.call.format_map(params),
    )  # fmt: skip
