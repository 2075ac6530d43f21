"""Three places of a person, and correcting one's own record: who sees whom, and what the ledger says of it."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from app import audit, checkins, copies, residents, vault
from app.accounts import StepUpNeeded
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound
from app.kit.viewer import Viewer
from models.audit import Act, Purpose
from models.checkins import RollCallPublic
from models.residents import PlaceChange, Resident, ResidentChange
from models.staff import Right, Role
from tests import cast
from tests.cast import Person, Village

pytestmark = pytest.mark.anyio


async def row_of(house: House, person_id: UUID | None) -> Resident:
    async with house.database.reading() as db:
        return (await db.exec(residents.own(select(Resident), [person_id]))).one()  # type: ignore[list-item]


async def sees(house: House, someone: Person, person_id: UUID | None, right: Right = Right.PEOPLE) -> bool:
    me = await cast.on_duty(house, someone)
    async with house.database.reading() as db:
        try:
            await residents.covered(db, me, person_id, right)  # type: ignore[arg-type]
        except NotFound:
            return False
    return True


async def called(house: House, someone: Person, code: int) -> RollCallPublic:
    me = await cast.on_duty(house, someone)
    async with house.database.writing() as db:
        roll = await checkins.roll_call(db, me, code, None)
        await checkins.saw_list(db, me, roll)
    return roll


async def stay(house: House, me: Viewer, **words: object) -> None:
    async with house.database.writing() as db:
        await residents.stay(db, me, PlaceChange.model_validate({"region_code": None} | words))


async def correct(house: House, me: Viewer, **words: object) -> None:
    async with house.database.writing() as db:
        await residents.correct(db, me, ResidentChange.model_validate(words))


# --- rights ----------------------------------------------------------------------------------------------------------

# Who of a township sees residents, may call them, may report for them.
LOOKS = [
    (Role.DOCTOR, "sees calls reports"), (Role.SUPERVISOR, "sees calls"), (Role.ADMINISTRATOR, ""),
    (Role.REVIEWER, ""), (Role.LIST_CLERK, ""), (Role.CHECKPOINT_OFFICER, ""), (Role.GATE_OFFICER, ""),
    (Role.MARKET_INSPECTOR, ""),
]  # fmt: skip


@pytest.mark.proves("T03")
@pytest.mark.parametrize(("role", "may"), LOOKS)
async def test_a_post_sees_calls_and_reports_as_far_as_its_role_says(
    house: House, village: Village, role: Role, may: str
) -> None:
    township = village.code - village.code % 10**6
    someone = await cast.appoint(house, "某某", role, township)
    me = await cast.on_duty(house, someone)
    acts = {Act.SAW_PERSON: "sees", Act.REVEALED_PHONE: "calls", Act.REPORTED_FOR: "reports"}
    for act, word in acts.items():
        async with house.database.writing() as db:
            if word in may:
                await residents.open_record(db, me, village.mei.person_id, act, Purpose.PERSON_PAGE)
            else:
                with pytest.raises(NotFound):
                    await residents.open_record(db, me, village.mei.person_id, act, Purpose.PERSON_PAGE)
    if "sees" not in may:
        for code in (village.grid, village.code):
            async with house.database.reading() as db:
                with pytest.raises(NotFound):
                    await checkins.roll_call(db, me, code, None)
    if "reports" not in may:
        with pytest.raises(NotFound):
            await checkins.submit(house.writer, me, cast.report(person_id=village.mei.person_id))


# --- where one is now ------------------------------------------------------------------------------------------------


@pytest.mark.proves("T03")
async def test_staff_of_both_places_see_who_is_away_and_nobody_else(house: House, village: Village) -> None:
    other = await cast.village(house)
    mei, until = village.mei, clock.today() + timedelta(days=3)
    assert not await sees(house, other.li, mei.person_id)
    await stay(house, mei.viewer, region_code=other.grid, until=until)
    for someone, seen in ((village.li, True), (village.chen, True), (other.li, True), (other.chen, True),
                          (other.wu, False), (village.wu, False)):  # fmt: skip
        assert await sees(house, someone, mei.person_id) is seen
    assert not await sees(house, other.li, village.father.person_id)
    home, away = await called(house, village.li, village.grid), await called(house, other.li, other.grid)
    here = next(person for person in home.people or [] if person.person_id == mei.person_id)
    assert here.current is not None
    assert (here.current.region_code, here.current.until) == (other.grid, until)
    assert [(guest.name, guest.until) for guest in away.visitors] == [("王小梅", until)]
    assert away.counts.due == len(away.people or []) == 4
    assert (await called(house, other.wu, other.other_grid)).visitors == []
    await stay(house, mei.viewer)
    assert not await sees(house, other.li, mei.person_id)


async def test_time_elsewhere_runs_out(house: House, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await cast.village(house)
    await stay(house, village.mei.viewer, region_code=other.grid, until=clock.today())
    await stay(house, village.zhou.viewer, region_code=other.grid)
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    async with house.database.writing() as db:
        assert await residents.come_home(db) >= 1
    assert (await row_of(house, village.mei.person_id)).current_code is None
    assert (await row_of(house, village.zhou.person_id)).current_code == other.grid


@pytest.mark.parametrize("wrong", [{"until": date(2020, 1, 1)}, {"until": date(2999, 1, 1)}, {"region_code": 0}])
async def test_a_place_is_a_grid_and_a_day_to_come(house: House, village: Village, wrong: dict[str, object]) -> None:
    words = {"region_code": village.other_grid} | wrong
    if "region_code" in wrong:
        words["region_code"] = village.code
    with pytest.raises(Invalid) as refused:
        await stay(house, village.mei.viewer, **words)
    assert [fault.field for fault in refused.value.faults] == list(wrong)


async def test_the_register_is_read_from_the_document_where_we_know_the_county(house: House, village: Village) -> None:
    for area, known in (("330822", 330822 * 10**9), ("110105", None), ("330100", None), ("000000", None)):
        body = f"{area}19850214{int(cast.fresh_id()[14:17]):03d}"
        async with house.database.writing() as db:
            someone = await cast.person(house, db, "某")
            form = cast.registration("某", village.grid, id_number=body + cast.check_character(body))
            await residents.register(db, someone.viewer, form)
        async with house.database.reading() as db:
            found = select(Resident.registered_code).where(Resident.registered_by == someone.token.account)
            assert (await db.exec(found.execution_options(scope="test"))).one() == known


# --- correcting ------------------------------------------------------------------------------------------------------


@pytest.mark.proves("T01")
async def test_nobody_corrects_or_moves_a_stranger(house: House, village: Village) -> None:
    for stranger in (village.zhou.person_id, cast.uuid7()):
        for someone in (village.mei, village.li, village.nobody):
            with pytest.raises(NotFound):
                await correct(house, someone.viewer, person_id=stranger, name="改名")
            with pytest.raises(NotFound):
                await stay(house, someone.viewer, person_id=stranger)


async def test_a_correction_says_in_the_ledger_what_changed_and_not_to_what(house: House, village: Village) -> None:
    me = village.mei.viewer
    await correct(house, me, name="王晓梅", address="新桃园路 1 号", phone="13857001234")
    await correct(house, me, name="王晓梅")
    row = await row_of(house, village.mei.person_id)
    async with house.database.reading() as db:
        assert (row.name, residents.address_of(db, row)) == ("王晓梅", "新桃园路 1 号")
        assert residents.phone_mask(db, row) == "138****1234"
        (line,) = await audit.about(db, [row.person_id])
    assert (line.act, line.purpose, line.role) == ("corrected", "own_data", "resident")


@pytest.mark.proves("T03")
async def test_a_household_that_moves_is_seen_by_the_new_grid_and_no_longer_by_the_old(
    house: House, village: Village
) -> None:
    me = village.mei.viewer
    await correct(house, me, region_code=village.other_grid, together=True, address="西街 2 号")
    for person in (village.mei.person_id, village.father.person_id, village.child.person_id):
        assert await sees(house, village.wu, person)
        assert not await sees(house, village.li, person)
        row = await row_of(house, person)
        async with house.database.reading() as db:
            assert residents.address_of(db, row) == "西街 2 号"
    async with house.database.reading() as db:
        fresh = await cast.accounts.claims_of(db, village.mei.token.account, village.mei.token.device)
    assert fresh.region == village.other_grid


async def test_in_another_county_everything_is_sealed_under_the_new_key(house: House, village: Village) -> None:
    far = 330881 * 10**9
    async with house.database.writing() as db:
        await vault.mint(db, [village.code - village.code % 10**9, far])
        await house.vault.load(db)
        found = await cast.regions.children_of(db, (await cast.regions.children_of(db, far))[0].code)
        (grid,) = await cast.regions.mint(db, found[0].code, 1)
    before = await row_of(house, village.mei.person_id)
    await correct(house, village.mei.viewer, region_code=grid.code)
    after = await row_of(house, village.mei.person_id)
    assert after.id_sealed is not None
    assert before.id_sealed is not None
    assert after.id_sealed[:3] != before.id_sealed[:3]
    async with house.database.reading() as db:
        mask = residents.id_mask(db, after)
        assert mask == residents.id_mask(db, before)


@pytest.mark.proves("T31")
async def test_a_look_at_the_list_of_ones_grid_is_a_look_at_oneself(house: House, village: Village) -> None:
    for _ in range(3):
        await called(house, village.li, village.grid)
    await called(house, village.chen, village.code)
    async with house.database.reading() as db:
        household = await residents.household_of(db, village.mei.viewer)
        ids = [person.row.person_id for person in household]
        reads = await audit.about(db, ids, residents.places_of(household))
        qian = await residents.household_of(db, village.qian.viewer)
        assert await audit.about(db, [village.qian.person_id], residents.places_of(qian)) == []
    assert [(read.who, read.act, read.count) for read in reads] == [("李桂芳", "saw_list", 3)]


# --- a copy ----------------------------------------------------------------------------------------------------------


async def test_a_copy_holds_everything_of_the_household_and_nothing_of_others(house: House, village: Village) -> None:
    for degrees in (38.6, 36.8):
        await checkins.submit(house.writer, village.mei.viewer, cast.report(temperature=degrees))
    await checkins.submit(house.writer, village.zhou.viewer, cast.report())
    async with house.database.writing() as db:
        made = await copies.copy(db, village.mei.viewer)
        with pytest.raises(NotFound):
            await copies.copy(db, village.nobody.viewer)
    assert [person.name for person in made.people] == ["王小梅", "王建国", "李子轩"]
    mei = made.people[0]
    assert (mei.phone, mei.address) == (village.mei.phone, "桃园路 18 号 2 幢 301")
    assert mei.id_number is not None
    assert len(mei.id_number) == 18
    assert [len(report.corrections) for report in mei.checkins] == [1]
    text = made.model_dump_json()
    assert village.zhou.phone not in text
    async with house.database.reading() as db:
        (line,) = await audit.about(db, [village.father.person_id])
    assert line.act == "copied_own_data"


async def test_a_copy_asks_for_a_proof_and_a_slip_is_good_for_this_sign_in_only(
    house: House, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.database.writing() as db:
        for code in (None, ""):
            with pytest.raises(Invalid):
                await copies.prove(db, village.mei.viewer, code)
        with pytest.raises(NotFound):
            await copies.prove(db, await cast.on_duty(house, village.wu), None)  # nothing is held about her
        at_work = await cast.on_duty(house, village.li)
        li = replace(village.mei.viewer, posts=at_work.posts, sitting=at_work.sitting)
        slip = await copies.prove(db, li, None)
        assert copies.holds(db, li, slip)
        for other in (village.zhou.viewer, village.chen.viewer):
            assert not copies.holds(db, other, slip)
        for forged in ("", ".", "9999999999.", f"9{slip}", slip[:-1] + "x", "١." + slip, slip + "\ud800"):
            assert not copies.holds(db, li, forged)
        later = clock.now() + timedelta(minutes=11)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert not copies.holds(db, li, slip)
        with pytest.raises(StepUpNeeded):
            await copies.prove(db, li, None)
