"""Make `regions.csv.gz` from the national table: 15-digit codes, names, pinyin and initials (a developer's tool).

Usage: python app/data/build_regions.py TABLE.csv   (columns code, name, level, parent_code; needs pypinyin)
Source: npm package china-division 2.7.0 (MIT / WTFPL), statistical division codes as of 2023-06-30.
"""

import csv
import gzip
import io
import re
import sys
from pathlib import Path

from pypinyin import Style, lazy_pinyin

# Readings that a place keeps against the dictionary.
PLACES = {
    "丽水": ("li", "shui"), "乐清": ("yue", "qing"), "台州": ("tai", "zhou"), "天台": ("tian", "tai"),
    "嵊州": ("sheng", "zhou"), "嵊泗": ("sheng", "si"), "江厦": ("jiang", "xia"), "洞头": ("dong", "tou"),
    "缙云": ("jin", "yun"), "衢州": ("qu", "zhou"), "鄞州": ("yin", "zhou"), "长兴": ("chang", "xing"),
    "长潭": ("chang", "tan"),
}  # fmt: skip


def reading(name: str) -> list[str]:
    """The syllables of a place name, without tones; brackets inside a name are not typed by anybody."""
    name = re.sub(r"[()（）]", "", name)
    for place, syllables in PLACES.items():
        if name.startswith(place):
            return [*syllables, *lazy_pinyin(name[len(place) :], style=Style.NORMAL)]
    return lazy_pinyin(name, style=Style.NORMAL)


def main(source: str) -> None:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["code", "name", "pinyin", "initials"])
    with Path(source).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            syllables = reading(row["name"])
            initials = "".join(syllable[0] for syllable in syllables)
            table.writerow([row["code"] + "000", row["name"], "".join(syllables).lower(), initials.lower()])
    target = Path(__file__).with_name("regions.csv.gz")
    target.write_bytes(gzip.compress(out.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
