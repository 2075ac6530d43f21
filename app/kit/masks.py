"""What of a name or number may be seen by people who have no reason to see all of it."""

import unicodedata
from typing import Final

HIDDEN: Final = "＊"

_DOTS: Final = "·•・‧∙⋅"
# Only surnames that are seldom a one-character surname and a given name: a wrong guess shows too much.
_COMPOUND_WRITTEN: Final = (
    "欧阳 司马 上官 诸葛 司徒 司空 皇甫 尉迟 令狐 慕容 宇文 夏侯 东方 独孤 长孙 公孙 轩辕 端木 申屠 呼延 "
    "赫连 澹台 闻人 钟离 濮阳 淳于 单于 太史 万俟 拓跋 鲜于 南宫 东郭 西门 百里 闾丘 左丘 梁丘 公冶 公羊 "
    "亓官 颛孙 仲孙 宗政 巫马 漆雕 壤驷 羊舌 谷梁 司寇 太叔 达奚 "
    "歐陽 司馬 諸葛 尉遲 東方 獨孤 長孫 公孫 軒轅 赫連 澹臺 聞人 鍾離 濮陽 單于 鮮于 南宮 東郭 西門"
)
_COMPOUND: Final = frozenset(_COMPOUND_WRITTEN.split())
# Not all of "C": characters newer than Python's own tables count as unassigned there, and people bear them.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def mask_id(number: str) -> str:
    """First 2 + last 2 characters, length kept: 33**************26.

    More would give the person away: the first 14 digits of a resident ID leave about 1,000 candidates. Numbers
    shorter than 8 keep one character at each end, those shorter than 5 none.
    """
    keep = 2 if len(number) >= 8 else 1 if len(number) >= 5 else 0
    return number[:keep] + "*" * (len(number) - 2 * keep) + number[len(number) - keep :]


def mask_phone(number: str) -> str:
    """138****8000. Country code, spaces and hyphens are left out; a short number keeps only its last 2 digits."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", number) if c in "0123456789")
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    if len(digits) >= 11:
        return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"
    shown = 2 if len(digits) >= 6 else 0
    return "*" * (len(digits) - shown) + digits[len(digits) - shown :]


def mask_name(name: str) -> str:
    """Surname and one ＊, whatever the length of the rest: 王＊, 欧阳＊, 阿卜杜＊ (阿卜杜·热合曼), M＊ (Mei Lin).

    A name of exactly two characters is a surname and a given name, even 欧阳. Blank stays blank.
    """
    # Invisible marks first: one of them in front would hide the surname and show nothing but itself.
    visible = "".join(c for c in name if unicodedata.category(c) not in _UNSEEN).strip(_DOTS)
    if not visible:
        return ""
    if not _is_han(visible[0]):
        return visible[0] + HIDDEN
    for place, char in enumerate(visible):
        if char in _DOTS:
            return visible[:place] + HIDDEN
    shown = 2 if len(visible) > 2 and visible[:2] in _COMPOUND else 1
    return visible[:shown] + HIDDEN


def _is_han(char: str) -> bool:
    """By block, not by Unicode name: rare characters of names are newer than the tables of our Python."""
    point = ord(char)
    return 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or 0x20000 <= point <= 0x3FFFF or char == "〇"
