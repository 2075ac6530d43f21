"""The organisation: appointing is delegated, ends at once, and work does not stay behind."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from app import regions, staff
from app.house import House
from app.kit import clock
from app.kit.errors import Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Viewer
from app.staff.names import typed
from models.accounts import Account
from models.notices import DirectMessage
from models.regions import Level, county_of
from models.staff import (
    RIGHTS,
    SERVES,
    Dismissal,
    Ending,
    Post,
    PostChange,
    PostEnding,
    Right,
    Role,
    Transfer,
    may,
)  # fmt: skip
from tests import cast
from tests.app.staffing import TOWNSHIP, administrator, post_of, town, wanted
from tests.cast import Village

pytestmark = pytest.mark.anyio

# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_gives_no_right_at_a_level_where_the_role_cannot_be_held() -> None:
    for right, roles in RIGHTS.items():
        for role, levels in roles.items():
            if right not in {Right.DIRECTORY, Right.MESSAGE}:
                assert set(levels) <= set(SERVES[role]), (right, role)


def test_who_appoints_does_not_look_at_people_and_who_audits_does_neither() -> None:
    for level in Level:
        assert not may(Role.ADMINISTRATOR, Right.PEOPLE, level)
        assert not may(Role.AUDITOR, Right.PEOPLE, level)
        assert not may(Role.AUDITOR, Right.APPOINT, level)
        assert not may(Role.ADMINISTRATOR, Right.AUDIT, level)


@pytest.mark.parametrize(
    ("name", "pinyin", "given", "initials"),
    [("王小梅", "wangxiaomei", "小梅", "wxm"), ("曾志", "zengzhi", "志", "zz"), ("欧阳娜", "ouyangna", "阳娜", "oyn"),
     ("长孙无忌", "zhangsunwuji", "无忌", "zswj"), ("阿卜杜·热合曼", None, None, None), ("𠮷田", None, "田", None)],
)  # fmt: skip
def test_a_name_is_found_as_it_is_typed(name: str, pinyin: str | None, given: str | None, initials: str | None) -> None:
    spelled = typed(name)
    assert pinyin is None or spelled.pinyin == pinyin
    assert given is None or spelled.given == given
    assert initials is None or spelled.initials == initials


# --- appointing ------------------------------------------------------------------------------------------------------


async def test_nobody_appoints_outside_their_region_or_above_themselves(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    outside = village.code + 40 * TOWNSHIP * 1000
    for code, role in (
        (outside, Role.VILLAGE_CADRE),
        (county_of(village.code), Role.ADMINISTRATOR),
        (county_of(village.code), Role.REVIEWER),
    ):
        async with house.database.writing() as db:
            with pytest.raises(NotFound):
                await staff.invite(db, me, wanted(code, role))


async def test_who_is_no_administrator_appoints_nobody(house: House, village: Village) -> None:
    for someone in (village.li, village.chen):
        me = await cast.on_duty(house, someone)
        async with house.database.writing() as db:
            with pytest.raises(NotFound):
                await staff.invite(db, me, wanted(village.grid))


async def test_a_role_is_held_only_at_its_level(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    async with house.database.writing() as db:
        with pytest.raises(Invalid):
            await staff.invite(db, me, wanted(village.code, Role.GRID_WORKER))


async def test_an_invitation_is_taken_up_by_signing_in_and_gives_no_right_before(
    house: House, village: Village
) -> None:
    _, me = await administrator(house, town(village))
    form = wanted(village.grid)
    async with house.database.writing() as db:
        post = await staff.invite(db, me, form)
    assert post.account_id is None
    async with house.database.writing() as db:
        someone = await cast.person(house, db, form.name, form.phone)
        assert await staff.posts_of(db, someone.token.account) == ()
        account = (await db.exec(select(Account).where(Account.id == someone.token.account))).one()
        assert await staff.claim(db, account) == 1
        assert [held.id for held in await staff.posts_of(db, account.id)] == [post.id]


async def test_an_invitation_of_three_weeks_ago_has_run_out(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    form = wanted(village.grid)
    async with house.database.writing() as db:
        post = await staff.invite(db, me, form)
        post.invited_at = clock.now() - timedelta(days=21)
        db.add(post)
    async with house.database.writing() as db:
        someone = await cast.person(house, db, form.name, form.phone)
        account = (await db.exec(select(Account).where(Account.id == someone.token.account))).one()
        assert await staff.claim(db, account) == 0
        assert (await staff.one(db, me, post.id)).state == "expired"
        await staff.invite_again(db, me, post.id)
        assert await staff.claim(db, account) == 1


async def test_the_same_duty_twice_is_refused_and_breaks_nothing(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    form = wanted(village.grid)
    async with house.database.writing() as db:
        await staff.invite(db, me, form)
        with pytest.raises(staff.AlreadyAppointed):
            await staff.invite(db, me, form)
        other = form.model_copy(update={"role": Role.PARTY_MEMBER})
        assert (await staff.invite(db, me, other)).role == Role.PARTY_MEMBER


async def test_the_last_administrator_cannot_leave_and_two_cannot_dismiss_each_other(
    house: House, village: Village
) -> None:
    first, me = await administrator(house, village.code)
    second, other = await administrator(house, village.code, "何静")
    mine, theirs = await post_of(house, first), await post_of(house, second)

    async def dismiss(viewer: Viewer, post: Post) -> str:
        try:
            async with house.database.writing() as db:
                await staff.dismiss(db, viewer, post.id, Dismissal())
        except staff.LastAdministrator:
            return "refused"
        return "gone"

    assert sorted(await asyncio.gather(dismiss(me, theirs), dismiss(other, mine))) == ["gone", "refused"]


async def test_the_last_administrator_is_not_ended_by_a_date_either(house: House, village: Village) -> None:
    first, me = await administrator(house, village.code)
    _, above = await administrator(house, county_of(village.code), "何静")
    post = await post_of(house, first)
    for viewer in (me, above):
        async with house.database.writing() as db:
            with pytest.raises(staff.LastAdministrator):
                await staff.change(db, viewer, post.id, PostChange(valid_to=clock.today() + timedelta(days=1)))
        async with house.database.writing() as db:
            with pytest.raises(Invalid):
                await staff.change(db, viewer, post.id, PostChange(valid_to=clock.today() - timedelta(days=1)))


async def test_nobody_appoints_or_transfers_themselves_and_who_appoints_does_not_audit(
    house: House, village: Village
) -> None:
    county = county_of(village.code)
    someone, me = await administrator(house, county)
    other, _ = await administrator(house, county, "何静")
    for role in (Role.AUDITOR, Role.SUPERVISOR):
        async with house.database.writing() as db:
            with pytest.raises(Refusal):
                await staff.invite(db, me, wanted(county, role, phone=someone.phone))
    async with house.database.writing() as db:
        with pytest.raises(Refusal):
            await staff.invite(db, me, wanted(county, Role.AUDITOR, phone=other.phone))
        with pytest.raises(Refusal):
            form = Transfer(role=Role.SUPERVISOR, region_code=county)
            await staff.transfer(db, me, (await post_of(house, someone)).id, form)
        assert await staff.invite(db, me, wanted(county, Role.REVIEWER, phone=other.phone))


async def test_factors_are_reset_only_by_who_is_above_all_that_a_person_holds(house: House, village: Village) -> None:
    chief, _ = await administrator(house, county_of(village.code))
    _, below = await administrator(house, village.code, "村管")
    async with house.database.writing() as db:
        post = await staff.appoint(db, chief.phone, chief.name, Role.GRID_WORKER, village.grid)
    async with house.database.writing() as db:
        with pytest.raises(NotFound):
            await staff.reset_factors(db, below, post.id)


async def test_a_transferred_person_serves_the_new_place_and_no_longer_the_old(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    post = await post_of(house, village.li)
    form = Transfer(role=Role.GRID_WORKER, region_code=village.other_grid)
    async with house.database.writing() as db:
        fresh = await staff.transfer(db, me, post.id, form)
    async with house.database.reading() as db:
        held = await staff.posts_of(db, village.li.token.account)
        assert [(each.id, each.region_code) for each in held] == [(fresh.id, village.other_grid)]
        ending = (await db.exec(select(PostEnding).where(PostEnding.post_id == post.id))).one()
        assert ending.kind == Ending.TRANSFERRED


async def test_work_does_not_stay_behind(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    li, chen = await post_of(house, village.li), await post_of(house, village.chen)
    name = uuid7()
    message = DirectMessage(
        id=name, from_post_id=chen.id, to_post_id=li.id, region_code=village.grid, created_at=clock.now(),
        words_sealed=house.vault.seal("明早入户", "direct_message|words", name, village.grid),
    )  # fmt: skip
    async with house.database.writing() as db:
        db.add(message)
        await db.flush()
        ending = await staff.dismiss(db, me, li.id, Dismissal(reason="调离"))
    # The grid has no other worker: the cadre of the village answers for it, and takes the work.
    assert (ending.successor_id, ending.moved) == (chen.id, 1)
    async with house.database.reading() as db:
        assert (await db.exec(select(DirectMessage.to_post_id).where(DirectMessage.id == name))).one() == chen.id
        assert await staff.posts_of(db, village.li.token.account) == ()


async def test_change_keeps_what_is_left_out(house: House, village: Village) -> None:
    _, me = await administrator(house, town(village))
    li = await post_of(house, village.li)
    async with house.database.writing() as db:
        await staff.change(db, me, li.id, PostChange(name="李桂芬"))
        await staff.change(db, me, li.id, PostChange(lead=True))
        post = await db.get(Post, li.id)
    assert post is not None
    assert (post.name, post.pinyin, post.lead, post.role) == ("李桂芬", "liguifen", True, Role.GRID_WORKER)


async def test_near_a_grid_lie_its_neighbours_its_village_and_the_villages_beside(
    house: House, village: Village
) -> None:
    _, of_town = await administrator(house, town(village))
    _, of_village = await administrator(house, village.code)
    async with house.database.reading() as db:
        beside = {place.code for place in await regions.children_of(db, town(village))}
        near = {place.code for place in await staff.places_near(db, of_town.posts[0], village.grid)}
        assert near == {village.other_grid, *beside, town(village)}
        near = {place.code for place in await staff.places_near(db, of_village.posts[0], village.grid)}
        assert near == {village.other_grid, village.code}, "what one does not appoint in is not offered"
