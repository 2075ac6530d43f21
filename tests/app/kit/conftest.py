"""Workbooks for the tests of the readers, and a trap for those of the way out."""

from functools import partial

import openpyxl
import pytest

from tests.app.kit.traps import Trap
from tests.app.kit.workbooks import pack


@pytest.fixture
def packed(tmp_path):
    """Writes a workbook from its parts."""
    return partial(pack, tmp_path / "名单.xlsx")


@pytest.fixture
def book(tmp_path):
    """Writes a workbook as openpyxl saves it; `fill` gets its first worksheet."""

    def write(fill):
        whole = openpyxl.Workbook()
        fill(whole.active)
        whole.save(tmp_path / "名单.xlsx")
        return tmp_path / "名单.xlsx"

    return write


@pytest.fixture
def trap():
    """Listens on both loopbacks and counts who comes."""
    made = Trap()
    yield made
    made.close()
