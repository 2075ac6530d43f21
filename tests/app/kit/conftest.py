"""Workbooks for the tests of the readers."""

from functools import partial

import openpyxl
import pytest

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
