"""Builds pinyin.json.gz from pypinyin: one reading per character, and the readings surnames have. Run by hand."""

import gzip
import json
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT

# Characters that read differently when they are a surname (Table of General Standard Chinese Characters, 2013).
# fmt: off
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "朴": "piao", "区": "ou", "盖": "ge",
    "翟": "zhai", "任": "ren", "华": "hua", "纪": "ji", "燕": "yan", "尉": "wei", "尹": "yin", "召": "shao",
    "员": "yun", "乐": "yue", "宁": "ning", "缪": "miao", "覃": "qin", "种": "chong", "重": "chong", "秘": "bi",
    "折": "she", "黑": "he", "能": "nai", "逄": "pang", "洗": "xian", "冼": "xian", "隗": "wei", "车": "che",
    "卜": "bu", "么": "yao", "应": "ying", "贾": "jia", "长孙": "zhangsun", "尉迟": "yuchi", "万俟": "moqi",
    "澹台": "tantai", "令狐": "linghu", "单于": "chanyu", "宿": "su", "冯": "feng", "石": "shi", "沈": "shen",
    "牟": "mou", "谌": "chen", "那": "na", "曲": "qu",
}
# fmt: on
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2A6DF))


def build() -> None:
    """Write the table beside this file."""
    chars = (chr(code) for first, last in HAN for code in range(first, last + 1) if code in PINYIN_DICT)
    table: dict[str, str] = {}
    for char in chars:
        (reading,) = lazy_pinyin(char, style=Style.NORMAL, v_to_u=False)
        if reading.isascii() and reading.isalpha():
            table[char] = table.get(char, reading.replace("v", "u" if reading[0] in "jqxy" else "v"))
    readings: dict[str, str] = {}
    for char, reading in table.items():
        readings[reading] = readings.get(reading, "") + char
    packed = json.dumps({"readings": readings, "surnames": SURNAMES}, ensure_ascii=False, separators=(",", ":"))
    (Path(__file__).parent / "pinyin.json.gz").write_bytes(gzip.compress(packed.encode(), 9, mtime=0))


if __name__ == "__main__":
    build()
