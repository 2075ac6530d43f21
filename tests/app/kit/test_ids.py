"""Names for rows: UUIDv7 as RFC 9562 wants them, and the number a person reads aloud."""

import re
import time
from datetime import date
from itertools import pairwise
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import new_device, receipt_number, uuid7

SPOKEN = re.compile(r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def milliseconds(name: UUID) -> int:
    return name.int >> 80


def test_every_id_is_a_version_7_uuid_of_the_standard_variant() -> None:
    for name in (uuid7() for _ in range(5_000)):
        assert (name.version, name.variant) == (7, RFC_4122)


def test_ids_carry_the_millisecond_they_were_made_in_and_never_run_backwards() -> None:
    before = time.time_ns() // 1_000_000
    names = [uuid7() for _ in range(5_000)]
    after = time.time_ns() // 1_000_000
    assert all(before <= milliseconds(name) <= after for name in names)
    assert all(milliseconds(one) <= milliseconds(next_one) for one, next_one in pairwise(names))


def test_ids_do_not_repeat_and_every_free_bit_moves() -> None:
    names = {uuid7() for _ in range(20_000)}
    assert len(names) == 20_000
    ones = zeros = 0
    for name in names:
        ones, zeros = ones | name.int, zeros | ~name.int
    free = (0xFFF << 64) | ((1 << 62) - 1)
    assert ones & free == free
    assert zeros & free == free


@given(st.dates(), st.uuids())
def test_a_receipt_number_can_be_read_aloud_and_is_always_the_same(day: date, name: UUID) -> None:
    number = receipt_number(day, name)
    assert SPOKEN.fullmatch(number)
    assert number == receipt_number(day, UUID(str(name)))
    assert number[:4] == f"{day:%m%d}"


@given(st.uuids(), st.uuids())
def test_two_reports_share_a_number_only_when_their_last_40_bits_agree(one: UUID, other: UUID) -> None:
    day = date(2020, 11, 22)
    same = one.int & (1 << 40) - 1 == other.int & (1 << 40) - 1
    assert (receipt_number(day, one) == receipt_number(day, other)) is same


def test_the_number_is_the_one_the_api_documents() -> None:
    # 40 bits by hand: 7K4Q9PDM in Crockford's alphabet.
    bits = 0
    for letter in "7K4Q9PDM":
        bits = bits * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert receipt_number(date(2020, 11, 22), UUID(int=bits)) == "1122-7K4Q-9PDM"


def test_every_sign_in_has_a_device_name_of_its_own() -> None:
    assert len({new_device() for _ in range(1_000)}) == 1_000
    assert len(new_device()) == 8
