"""Masks: what is hidden stays hidden, for every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.masks import mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "11**************2X"),
        ("110105491231002", "11***********02"),
        ("E1234567", "E1****67"),
        ("AB123", "A***3"),
        ("AB12", "****"),
        ("", ""),
    ],
)
def test_an_id_shows_its_ends_and_keeps_its_length(number, masked):
    assert mask_id(number) == masked


@given(st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True))
def test_a_masked_id_shares_four_characters_and_none_between(number):
    masked = mask_id(number)
    shared = [place for place, (a, b) in enumerate(zip(number, masked, strict=True), 1) if a == b]
    assert shared == [1, 2, 17, 18]


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=40))
def test_no_number_shows_more_than_half_or_four_characters(number):
    masked = mask_id(number)
    assert len(masked) == len(number)
    shown = sum(a == b for a, b in zip(number, masked, strict=True))
    assert shown <= min(4, len(number) // 2)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138000", "138****8000"),
        ("+8613800138000", "138****8000"),
        ("+86 138-0013-8000", "138****8000"),
        ("１３８００１３８０００", "138****8000"),
        ("0570-50123456", "057*****3456"),
        ("5012345", "*****45"),
        ("123456", "****56"),
        ("12345", "*****"),
        ("", ""),
        ("没有", ""),
    ],
)
def test_a_phone_shows_its_operator_and_last_four(number, masked):
    assert mask_phone(number) == masked


@given(st.text(max_size=60))
def test_no_phone_shows_more_than_seven_digits(number):
    assert sum(c != "*" for c in mask_phone(number)) <= 7


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小梅", "王＊"),
        ("王梅", "王＊"),
        ("王", "王＊"),
        (" 王　小梅 ", "王＊"),
        ("欧阳修远", "欧阳＊"),
        ("欧阳修", "欧阳＊"),
        ("歐陽修", "歐陽＊"),
        ("欧阳", "欧＊"),
        ("司马光", "司马＊"),
        ("上官婉儿", "上官＊"),
        ("诸葛亮", "诸葛＊"),
        ("阿卜杜·热合曼", "阿卜杜＊"),
        ("阿卜杜•热合曼", "阿卜杜＊"),
        ("阿卜杜・热合曼·买买提", "阿卜杜＊"),
        ("阿卜杜·", "阿＊"),
        ("Mei Lin", "M＊"),
        ("Mehmet·Ali", "M＊"),
        ("김철수", "김＊"),
        ("𠮷田", "𠮷＊"),
        ("\U00031350明", "\U00031350＊"),
        ("\u202e王小梅", "王＊"),
        ("\ud800王小梅", "王＊"),
        ("", ""),
        (" \u200b·", ""),
    ],
)
def test_a_name_shows_its_surname(name, masked):
    assert mask_name(name) == masked


@given(st.text(max_size=50))
def test_any_name_is_masked_and_never_longer_than_its_first_part(name):
    masked = mask_name(name)
    assert masked == "" or (masked.endswith("＊") and masked[:-1] in name.replace(" ", "") + masked[:1])
