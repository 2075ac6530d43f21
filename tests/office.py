"""`make formulas`: 100,000 hostile cells in files of an export, opened by LibreOffice, which has to find no formula.

A file with one formula of its own goes first: a program that did not look for formulas would find none there either.
"""

import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from app.exports.files import csv_of, xlsx_of
from tests.app.test_exports_files import a_file

CELLS = 100_000
AT_ONCE = 20_000  # rows of one file
LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=", "\n=", " =", "\u3000=", "\xa0=", "\ufeff=",
         "\u200b=", "'=", '"=', ";=", ",=", "==", "=-", "+=", "%0A=", "{=", "\u202e=", "\u2028=")  # fmt: skip
BODIES = ("1+1", "SUM(A1:A9)", 'HYPERLINK("http://example.org";"x")', "cmd|' /C calc'!A0",
          'DDE("cmd";"/C calc";"x")', "A1", "10", "1E9", "TRUE()", "NOW()", 'WEBSERVICE("http://example.org")',
          "{1;2}", "$A$1*2", "#REF!")  # fmt: skip
# Comma, quote, UTF-8, from the first line; numbers are looked for and formulas worked out, as a user may choose.
AS_CSV = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"
_FORMULA = re.compile(r'table:formula="([^"]*)"')


def hostile(dice: random.Random) -> Iterator[str]:
    """Cells without end: every lead with every body, then drawn together, sometimes behind a second line."""
    yield from (lead + body for lead, body in itertools.product(LEADS, BODIES))
    while True:
        yield "".join((*dice.choices(LEADS, k=dice.randint(1, 2)), *dice.choices(BODIES, k=dice.randint(1, 3))))


def formulas_in(path: Path, office: str, *, csv: bool) -> list[str]:
    """What LibreOffice takes for a formula in a file."""
    command = [office, "--headless", f"-env:UserInstallation=file://{path.parent}/profile"]
    command += [f"--infilter={AS_CSV}"] if csv else []
    command += ["--convert-to", "fods", "--outdir", str(path.parent / "out"), str(path)]
    subprocess.run(command, check=True, timeout=600, capture_output=True)
    return _FORMULA.findall((path.parent / "out" / f"{path.stem}.fods").read_text(encoding="utf-8"))


def controls(folder: Path, office: str) -> None:
    """Both kinds of file with one formula: found, or nothing that follows proves anything."""
    (folder / "control_csv.csv").write_text('"a"\r\n"=1+1"\r\n=1+2\r\n', encoding="utf-8-sig")
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(folder / "control_xlsx.xlsx")
    for path in (folder / "control_csv.csv", folder / "control_xlsx.xlsx"):
        if not formulas_in(path, office, csv=path.suffix == ".csv"):
            raise SystemExit(f"LibreOffice found no formula in {path.name}, which has one")


def main() -> int:
    """1 when a formula was found in a file of ours."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise SystemExit("LibreOffice is needed: apt-get install libreoffice-calc-nogui")
    seed = int(os.environ.get("SHOUWANG_SEED", "20200205"))
    cells, found = hostile(random.Random(seed)), list[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        controls(folder, office)
        for number in range(CELLS // AT_ONCE):
            taken = a_file(list(itertools.islice(cells, AT_ONCE)))
            for path, content in ((folder / f"{number}_c.csv", csv_of(taken, str)),
                                  (folder / f"{number}_x.xlsx", xlsx_of(taken, str))):  # fmt: skip
                path.write_bytes(content)
                found += formulas_in(path, office, csv=path.suffix == ".csv")
                sys.stdout.write(f"{path.name}: {AT_ONCE:,} cells, {len(found)} formulas so far\n")
    sys.stdout.write("".join(f"a formula: {each[:120]}\n" for each in found[:20]))
    sys.stdout.write(f"seed {seed}: {CELLS:,} cells as CSV and as XLSX, {len(found)} formulas\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
