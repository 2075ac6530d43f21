"""Heads outside the database: signed, bound to each other, readable by others, and believed only when they are ours."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import audit, upkeep
from app.audit.anchors import MOST_POINTS, Anchors, _thinned
from app.audit.breaks import Finding, Kind
from app.audit.chain import Head
from app.audit.heads import HeadFile, Unreadable, lines, read
from app.audit.notary import Notary
from app.house import House
from app.kit.db import connect
from app.kit.signing import Signing
from tests.app.ledger import COUNTIES, SINCE, act, anchors, report, sealed, undone, verified

pytestmark = pytest.mark.anyio

OURS = Signing(Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHERS = Signing(Ed25519PrivateKey.from_private_bytes(b"2" * 32))
CHAIN = COUNTIES[0]


def head(seq: int) -> Head:
    return Head(seq, seq.to_bytes(32, "big"))


def written(path: Path, *seqs: int, signing: Signing = OURS) -> HeadFile:
    """A file with one line for each of these heads."""
    file = HeadFile(path, Notary(signing))
    for at, seq in enumerate(seqs):
        file.append({CHAIN: head(seq)}, now=at)
    return file


def taken(path: Path, *, copy: bool = False) -> Anchors:
    found = Anchors()
    found.take(path, Notary(OURS), copy=copy)
    return found


def wrong(path: Path) -> list[int]:
    """The numbers of the lines that are complained of."""
    return [finding.seq for finding in taken(path).findings]


def test_the_file_is_closed_to_others_and_every_line_is_signed_and_bound(tmp_path: Path) -> None:
    path = tmp_path / "audit" / "heads.jsonl"
    written(path, 1, 5, 9)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    found = taken(path)
    assert (found.count, found.findings, found.of(CHAIN)) == (3, [], [head(1), head(5), head(9)])


@pytest.mark.proves("T06")
@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_forged_line_is_found_and_not_believed(tmp_path: Path, line: int) -> None:
    path = tmp_path / "heads.jsonl"
    written(path, 1, 5, 9)
    raw = path.read_text().splitlines()
    body = json.loads(raw[line])
    body["heads"][0][1] = 4
    raw[line] = json.dumps(body)
    path.write_text("\n".join(raw) + "\n")
    assert wrong(path) == [line + 1]
    assert head(4).seq not in {point.seq for point in taken(path).of(CHAIN)}


@pytest.mark.proves("T06")
def test_heads_signed_with_another_key_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    written(path, 1, 5, signing=OTHERS)
    found = taken(path)
    assert (found.count, len(found.findings)) == (0, 1)
    assert "signature" in found.findings[0].words
    for line in (b"", b"{}", b"[]", b"null", b'{"signature":"zz"}', b'{"signature":"00","key":"1"}', b"\xff"):
        with pytest.raises(Unreadable):
            read(line, Notary(OURS))


@pytest.mark.proves("T06")
def test_a_line_taken_out_or_moved_is_found(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    written(path, 1, 5, 9)
    first, second, third = path.read_bytes().splitlines(keepends=True)
    for left, place in ((second + third, 1), (first + third, 2), (first + third + second, 2)):
        path.write_bytes(left)
        assert wrong(path) == [place]


def test_a_line_cut_short_by_a_crash_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    written(path, 1, 5)
    with path.open("ab") as file:
        file.write(b'{"format":1,"at":"2020')
    written(path, 9)
    found = taken(path)
    assert (found.count, found.findings) == (3, [])


def test_two_workers_append_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    one, other = HeadFile(path, Notary(OURS)), HeadFile(path, Notary(OURS))
    for seq in range(1, 9):
        (one if seq % 2 else other).append({COUNTIES[seq % 4]: head(seq)}, now=seq)
    found = taken(path)
    assert (found.count, found.findings) == (8, [])
    newest = audit.newest_heads(path, Notary(OURS))
    assert newest is not None
    assert newest[1] == {COUNTIES[seq % 4]: head(seq) for seq in range(1, 9)}


def test_a_file_that_somebody_emptied_begins_with_all_heads_again(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    file = written(path, 1, 5)
    path.write_bytes(b"")
    file.adopted = {COUNTIES[1]: head(3)}
    file.append({CHAIN: head(9)}, now=3)
    ((_, line),) = lines(path)
    anchor = read(line, Notary(OURS))
    assert (anchor.whole, anchor.heads) == (True, {CHAIN: head(9), COUNTIES[1]: head(3)})


def test_the_printed_line_says_the_same_and_needs_nothing_else(tmp_path: Path) -> None:
    path, copy = tmp_path / "heads.jsonl", tmp_path / "copy.jsonl"
    written(path, 1, 5, 9)
    newest = audit.newest_heads(path, Notary(OURS))
    assert newest is not None
    copy.write_bytes(newest[2])
    found = taken(copy, copy=True)
    assert (found.findings, found.of(CHAIN)) == ([], [head(9)])
    (tmp_path / "none").write_bytes(b"")
    assert audit.newest_heads(tmp_path / "none", Notary(OURS)) is None


def test_memory_for_points_is_bounded_and_the_newest_stays() -> None:
    points = [head(seq) for seq in range(1, 10)]
    assert _thinned(points) == [head(seq) for seq in (1, 3, 5, 7, 9)]
    assert _thinned([head(9), head(2), head(1)])[-1] == head(1)
    assert head(9) in _thinned([head(1), head(9), head(2)])
    assert MOST_POINTS >= 3_000 * 2  # every county of the country keeps some


@pytest.mark.proves("T06")
async def test_a_cut_tail_needs_heads_to_be_seen_and_a_copy_elsewhere_is_enough(
    empty_house: House, tmp_path: Path
) -> None:
    await upkeep.migrate(empty_house)
    path, copy = tmp_path / "heads.jsonl", tmp_path / "copy.jsonl"
    for first in (0, 20, 40):
        await sealed(empty_house, path, [act(number) for number in range(first, first + 20)])
    newest = audit.newest_heads(path, Notary(empty_house.signing))
    assert newest is not None
    copy.write_bytes(newest[2] + b"\n")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))  # who cuts one cuts both
    async with undone(empty_house) as db:
        await db.execute("DELETE FROM audit_ledger WHERE seq > 45")
        seen = await report(empty_house, db, path)
        assert (seen.findings, seen.unanchored) == ([], 5)
        found = anchors(empty_house, path)
        found.take(copy, Notary(empty_house.signing), copy=True)
        later = await audit.verifying.examine(db, Notary(empty_house.signing), found)
        assert later.findings == [Finding(Kind.CUT, CHAIN, 46, 60)]
    assert (await verified(empty_house, path, copy)).good
    with pytest.raises(FileNotFoundError):
        await verified(empty_house, path, tmp_path / "nothing.jsonl")
    bare = await verified(empty_house, tmp_path / "nothing.jsonl")
    assert [finding.kind for finding in bare.findings] == [Kind.ANCHOR]


@pytest.mark.proves("T06")
async def test_what_has_run_out_is_dropped_behind_a_signed_checkpoint_and_nothing_else_may_be_missing(
    empty_house: House, tmp_path: Path
) -> None:
    await upkeep.migrate(empty_house)
    path = tmp_path / "heads.jsonl"
    await sealed(empty_house, path, [act(number, COUNTIES[number % 2]) for number in range(100)])
    for moment, gone in ((40, 40), (40, 0), (60, 20)):
        async with empty_house.database.writing() as db:
            assert await audit.drop_before(db, SINCE + timedelta(seconds=moment)) == gone
        seen = await verified(empty_house, path)
        assert (seen.findings, seen.rows) == ([], 100 - max(moment, gone))
    async with undone(empty_house) as db:
        await db.execute("UPDATE audit_checkpoint SET seq = 35 WHERE chain = $1", COUNTIES[0])
        await db.execute("DELETE FROM audit_ledger WHERE seq <= 35 AND chain = $1", COUNTIES[0])
        kinds = [(finding.kind, finding.seq) for finding in (await report(empty_house, db, path)).findings]
        assert kinds == [(Kind.CHECKPOINT, 35), (Kind.DELETED, 1)]
    async with undone(empty_house) as db:
        await db.execute("UPDATE audit_ledger SET seq = 5 WHERE seq = 40 AND chain = $1", COUNTIES[0])
        assert (await report(empty_house, db, path)).findings == [Finding(Kind.INSERTED, COUNTIES[0], 5, 5)]
    # All that is left goes, and the chain goes on from where it was.
    async with empty_house.database.writing() as db:
        assert await audit.drop_before(db, SINCE + timedelta(days=1)) == 40
    await sealed(empty_house, path, [act(200, COUNTIES[0])])
    seen = await verified(empty_house, path)
    assert (seen.findings, seen.rows) == ([], 1)


async def test_dropping_stops_at_what_was_tampered_with(empty_house: House, tmp_path: Path) -> None:
    await upkeep.migrate(empty_house)
    path = tmp_path / "heads.jsonl"
    await sealed(empty_house, path, [act(number) for number in range(20)])
    meddler = await connect(empty_house.database.dsn)
    await meddler.execute("UPDATE audit_ledger SET at = $1 WHERE seq = 12", datetime.fromisoformat("2001-01-01T00:00Z"))
    await meddler.close()
    async with empty_house.database.writing() as db:
        assert await audit.drop_before(db, SINCE + timedelta(days=1)) == 11
    assert (await verified(empty_house, path)).findings == [Finding(Kind.EDITED, CHAIN, 12, 12)]
