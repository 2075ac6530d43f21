"""Numbers that name people, firms, phones and vehicles: one canonical form each, or a reason why not."""

import re
import unicodedata
from datetime import date
from typing import Final, Literal

Problem = Literal["length", "characters", "check_digit", "date", "future", "unknown_type"]

_LONGEST: Final = 256
_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_DOTS: Final = str.maketrans("", "", "·•・‧∙⋅.")

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_ID_FORM: Final = re.compile(r"[0-9]{17}[0-9X]")

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_FORM: Final = re.compile(f"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")

# As allotted by early 2020; a deployment hands `mobile` its own pattern when the regulator opens new numbers.
ALLOTTED_2020: Final = re.compile(r"1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}")

_P: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_L: Final = "A-HJ-NP-Z"  # I and O are never issued: they would be read as 1 and 0
_PLATE: Final = re.compile(
    f"[{_P}][{_L}](?:[{_L}0-9]{{5}}|[{_L}0-9]{{4}}[挂学警港澳试超领])"  # civil
    f"|[{_P}][{_L}][A-HJK][{_L}0-9][0-9]{{4}}"  # small, new energy
    f"|[{_P}][{_L}][0-9]{{5}}[A-HJK]"  # large, new energy
    "|使[0-9]{6}|[0-9]{6}使"  # embassy
    f"|WJ[{_P}]?[0-9]{{4}}[0-9TDSHBXJ]"  # armed police
    f"|[{_L}]{{2}}[0-9]{{5}}"  # army
)

# kind -> (lengths that exist, form). Forms are tolerant: the paper is looked at by a person, the number only matches.
_PAPERS: Final[dict[str, tuple[frozenset[int], re.Pattern[str]]]] = {
    "hmt_permit": (frozenset({9, 11}), re.compile(r"[HM][0-9]+")),
    "taiwan_permit": (frozenset({8, 10}), re.compile(r"[0-9]{8}|[A-Z0-9]{10}")),
    "passport": (frozenset(range(5, 21)), re.compile(r"[A-Z0-9]+")),
    "foreign_permanent": (frozenset({15, 18}), re.compile(r"[A-Z0-9]{15}|9[0-9]{16}[0-9X]")),
    "other": (frozenset(range(4, 31)), re.compile(r"[A-Z0-9]+")),
}


class BadIdentifier(ValueError):
    """A number that cannot be what it claims to be. `code` is one of:

    length        too short or too long for its kind (empty included)
    characters    a character that cannot stand where it stands (control characters included)
    check_digit   well formed, but the check character does not follow from the rest: a typing error
    date          the birth date in it does not exist, or its century cannot be known
    future        the birth date in it lies after today
    unknown_type  no such kind of document
    """

    def __init__(self, code: Problem) -> None:
        super().__init__(code)
        self.code: Problem = code


def normalise(raw: str) -> str:
    """The same number however it was typed: NFKC, no spaces, no hyphens, upper case. Idempotent.

    Only ASCII letters are raised: `ı` would otherwise become a valid `I`. Invisible format characters, which
    phones paste around numbers, are dropped; control characters, line separators and lone surrogates are
    refused as `characters` (a final tab or line end, as card readers send it, is not), absurd lengths as `length`.
    """
    if len(raw) > _LONGEST:
        raise BadIdentifier("length")
    if raw.isascii() and raw.isalnum():
        return raw.upper()
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", raw).strip(" \t\r\n"):
        category = unicodedata.category(char)
        if category in {"Cc", "Cs", "Zl", "Zp"}:
            raise BadIdentifier("characters")
        if category not in {"Cf", "Zs"} and char not in _DASHES:
            kept.append(char.upper() if char.isascii() else char)
    # Neighbours that a removed space kept apart may combine now.
    text = unicodedata.normalize("NFKC", "".join(kept))
    if len(text) > _LONGEST:
        raise BadIdentifier("length")
    return text


def resident_id(raw: str, *, today: date) -> str:
    """The 18-character resident ID number (GB 11643-1999); 15 digits (GB 11643-1989) are completed.

    Form, birth date and check character only, never the region: its six digits name the place of first
    registration at the time of issue and never change, so retired codes stay valid for life, and no table of
    codes is complete. An unknown region may be worth a warning elsewhere; it is no reason to refuse a person.
    In 15 digits, 996-999 marked people born before 1900: their century is not guessed, they give all 18 (`date`).
    """
    text = normalise(raw)
    if len(text) == 15:
        return _completed(text, today)
    if len(text) != 18:
        raise BadIdentifier("length")
    if not _ID_FORM.fullmatch(text):
        raise BadIdentifier("characters")
    if birth_date(text) > today:
        raise BadIdentifier("future")
    if check_character(text[:17]) != text[17]:
        raise BadIdentifier("check_digit")
    return text


def document(kind: str, raw: str, *, today: date) -> str:
    """The canonical number of an identity document of this kind.

    resident_id        as `resident_id`; also the residence permits of Hong Kong, Macao and Taiwan (81, 82, 83...)
    hmt_permit         HK/Macao permit: H or M and 8 or 10 digits
    taiwan_permit      8 digits, or 10 letters and digits
    passport           5 to 20 letters and digits
    foreign_permanent  15 letters and digits (old card), or 18 starting with 9, checked by MOD 11-2
    other              4 to 30 letters and digits; hyphens may be typed and, as everywhere, do not count
    """
    if kind == "resident_id":
        return resident_id(raw, today=today)
    if kind not in _PAPERS:
        raise BadIdentifier("unknown_type")
    lengths, form = _PAPERS[kind]
    text = normalise(raw)
    if len(text) not in lengths:
        raise BadIdentifier("length")
    if not form.fullmatch(text):
        raise BadIdentifier("characters")
    if kind == "foreign_permanent" and len(text) == 18 and check_character(text[:17]) != text[17]:
        raise BadIdentifier("check_digit")
    return text


def birth_date(resident_id18: str) -> date:
    """The birth date inside a canonical 18-character number; raises `date` when there is no such day."""
    if len(resident_id18) != 18:
        raise BadIdentifier("length")
    digits = resident_id18[6:14]
    if not (digits.isascii() and digits.isdecimal()):
        raise BadIdentifier("characters")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise BadIdentifier("date") from None


def sex(resident_id18: str) -> int:
    """Sex by GB/T 2261.1 from a canonical 18-character number: 1 male (odd sequence), 2 female (even)."""
    if len(resident_id18) != 18:
        raise BadIdentifier("length")
    if resident_id18[16] not in "0123456789":
        raise BadIdentifier("characters")
    return 1 if int(resident_id18[16]) % 2 else 2


def credit_code(raw: str) -> str:
    """The 18-character unified social credit code of a firm (GB 32100-2015)."""
    text = normalise(raw)
    if len(text) != 18:
        raise BadIdentifier("length")
    if not _USCC_FORM.fullmatch(text):
        raise BadIdentifier("characters")
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, text[:17], strict=True))
    if _USCC_ALPHABET[-total % 31] != text[17]:
        raise BadIdentifier("check_digit")
    return text


def mobile(raw: str, *, allotted: re.Pattern[str] = ALLOTTED_2020) -> str:
    """The 11 digits of a mainland mobile number, typed with or without +86; `characters` if never allotted."""
    text = normalise(raw)
    if text.startswith("+86"):
        text = text[3:]
    elif len(text) == 13:
        text = text.removeprefix("86")
    if text and not (text.isascii() and text.isdecimal()):
        raise BadIdentifier("characters")
    if len(text) != 11:
        raise BadIdentifier("length")
    if not allotted.fullmatch(text):
        raise BadIdentifier("characters")
    return text


def plate(raw: str) -> str:
    """A mainland number plate (GA 36-2018) without the dot: civil, new energy, embassy, armed police, army."""
    text = normalise(raw).translate(_DOTS)
    if len(text) not in {7, 8}:
        raise BadIdentifier("length")
    if not _PLATE.fullmatch(text):
        raise BadIdentifier("characters")
    return text


def _completed(text: str, today: date) -> str:
    if not (text.isascii() and text.isdecimal()):
        raise BadIdentifier("characters")
    if text[12:] >= "996":
        raise BadIdentifier("date")
    body = f"{text[:6]}19{text[6:]}"
    return resident_id(body + check_character(body), today=today)


def check_character(digits17: str) -> str:
    """The check character of ISO 7064 MOD 11-2 over 17 digits."""
    return _ID_CHECKS[sum(w * int(c) for w, c in zip(_ID_WEIGHTS, digits17, strict=True)) % 11]
