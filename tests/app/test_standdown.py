"""Stand-down: two officials or the operator; then nobody serves, and nobody reads."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from app import accounts, residents, staff, standdown, upkeep, vault
from app.house import House
from app.kit import clock, crypto
from app.kit.crypto import KeysUnusable
from app.kit.errors import NotFound
from app.vault import Erased, KeysChanging
from models.retention import Certificate, StandDown
from models.staff import Post, PostEnding, Role
from tests import cast
from tests.app.standing import NAME, PROVINCE, approve, ask, official, opened, scene, stood_down
from tests.cast import Village

pytestmark = pytest.mark.anyio

__all__ = ["scene"]

# --- who -------------------------------------------------------------------------------------------------------------


async def test_nobody_ends_a_response_alone_or_from_below(scene: tuple[House, Village]) -> None:
    house, _ = scene
    first = await official(house)
    for nobody in (await official(house, Role.SUPERVISOR), await official(house, code=330822000000000),
                   await official(house, Role.AUDITOR)):  # fmt: skip
        with pytest.raises(NotFound):
            await ask(house, nobody)
    with pytest.raises(standdown.WrongName):
        await ask(house, first, "常山县疫情响应")
    row = await ask(house, first)
    with pytest.raises(standdown.AlreadyAsked):
        await ask(house, await official(house))
    with pytest.raises(standdown.Alone):
        await approve(house, first, row)
    for nobody in (await official(house, Role.AUDITOR), await official(house, Role.SUPERVISOR, 330822000000000)):
        with pytest.raises(NotFound):
            await approve(house, nobody, row)
    async with house.database.reading() as db:
        assert (await staff.active(db)).name == NAME


async def test_a_request_is_good_for_a_day_and_done_once(scene: tuple[House, Village]) -> None:
    house, _ = scene
    first, supervisor = await official(house), await official(house, Role.SUPERVISOR)
    row = await ask(house, first)
    async with house.database.writing() as db:
        await db.exec(update(StandDown).values(at=clock.now() - timedelta(hours=25)))
    with pytest.raises(standdown.RequestRunOut):
        await approve(house, supervisor, row)
    again = await ask(house, first)
    others = [supervisor, await official(house), await official(house)]
    done = await asyncio.gather(*(approve(house, each, again) for each in others), return_exceptions=True)
    assert sum(isinstance(each, StandDown) for each in done) == 1
    assert all(isinstance(each, StandDown | staff.NoResponse | NotFound) for each in done), done


# --- what ends -------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T32")
async def test_posts_and_sessions_end_and_the_root_is_destroyed(scene: tuple[House, Village], tmp_path: Path) -> None:
    house, village = scene
    before = crypto.read_key_file(tmp_path / "keys.json")
    await stood_down(house)
    async with house.database.reading() as db:
        still = select(Post.id).where(col(Post.ended_at).is_(None))
        assert (await db.exec(still)).all() == []
        assert {ending.kind for ending in await db.exec(select(PostEnding))} == {"stood_down"}
        assert await staff.posts_of(db, village.li.token.account) == ()
        assert village.li.secret is not None
        idle = timedelta(minutes=30)
        assert await accounts.session_of(db, village.li.secret, village.li.token.account, idle) is None
        with pytest.raises(staff.NoResponse):
            await staff.active(db)
    after = crypto.read_key_file(tmp_path / "keys.json")
    assert list(after.roots) == [2]
    assert after.roots[2] != before.roots[1]
    now = int(clock.now().timestamp() * 1000)
    assert house.signer.check(village.mei.text.encode(), now) is None
    assert not (tmp_path / "keys.json.old").exists()


@pytest.mark.proves("T32")
async def test_what_was_sealed_is_erased_and_new_people_sign_in_with_new_keys(scene: tuple[House, Village]) -> None:
    house, village = scene
    row = village.mei.household[0]
    await stood_down(house)
    assert row.phone_sealed is not None
    with pytest.raises(Erased):
        house.vault.open(row.phone_sealed, "resident|phone", row.person_id)
    async with house.database.writing() as db:
        before = (await db.exec(text("SELECT id FROM account ORDER BY created_at LIMIT 1"))).scalar_one()
        account = await accounts.account_for(db, village.mei.phone)
        assert account.id not in {village.mei.token.account, before}
        assert accounts.phone_in(db, account) == village.mei.phone
        await staff.start(db, "下一次响应", PROVINCE)
    new = await cast.settle(house, "新人", village.grid)
    async with house.database.reading() as db:
        assert residents.phone_mask(db, new.household[0]) == f"139****{new.phone[-4:]}"
    # Even the ids of keys are never used again: an old value must not meet a new key.
    assert min(house.vault._by_id) > house.vault.gone_through >= 91


async def test_every_process_forgets_the_keys_within_five_seconds(scene: tuple[House, Village], tmp_path: Path) -> None:
    house, village = scene
    other = await opened(house.database.dsn, tmp_path)
    await other.serve()
    row = village.mei.household[0]
    assert row.phone_sealed is not None
    assert other.vault.open(row.phone_sealed, "resident|phone", row.person_id) == village.mei.phone
    first, second = await official(house), await official(house)
    await approve(house, second, await ask(house, first))
    began = time.monotonic()
    while min(other.vault.ring.roots) == 1 or min(house.vault.ring.roots) == 1 or not other.vault._by_id:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.05)
    assert house.vault.ring.roots == other.vault.ring.roots
    with pytest.raises(Erased):
        other.vault.open(row.phone_sealed, "resident|phone", row.person_id)
    async with house.database.reading() as db:
        assert len((await db.exec(select(Certificate))).all()) <= 1
    await other.stop()


async def test_a_house_that_stopped_in_between_finishes_when_it_starts_again(
    scene: tuple[House, Village], tmp_path: Path
) -> None:
    house, _ = scene
    await house.watch.stop()  # as if the machine fell over after the commit
    await approve(house, await official(house), await ask(house, await official(house)))
    assert list(crypto.read_key_file(tmp_path / "keys.json").roots) == [1]
    with pytest.raises(KeysUnusable):
        async with house.database.writing() as db:
            await vault.mint(db, [])
    again = await opened(house.database.dsn, tmp_path)
    await upkeep.migrate(again)
    await again.serve()
    assert list(crypto.read_key_file(tmp_path / "keys.json").roots) == [2]
    async with again.database.writing() as db:
        assert (await db.exec(select(Certificate))).one()
        await accounts.account_for(db, cast.fresh_phone())
    await again.stop()


async def test_between_old_and_new_keys_people_are_asked_to_try_again(scene: tuple[House, Village]) -> None:
    house, village = scene
    await house.watch.stop()
    row = village.mei.household[0]
    assert row.phone_sealed is not None
    house.vault.forget(0)
    with pytest.raises(KeysChanging):
        house.vault.open(row.phone_sealed, "resident|phone", row.person_id)
    with pytest.raises(KeysChanging):
        async with house.database.writing() as db:
            await accounts.account_for(db, cast.fresh_phone())
