"""Until a code has come back from its phone, an account is what paper made of it; the first code ends that."""

import pytest
from sqlmodel import col, select, update

from app import accounts
from app.accounts import PhoneUnproved, Standing
from app.house import House
from app.kit.viewer import Viewer
from models.accounts import Account
from models.audit import Act, AuditEvent, AuditLedger
from models.staff import Role
from tests import cast
from tests.app.test_codes import send
from tests.app.test_endings import seconds_until
from tests.cast import Village
from tests.guarded import boss, stepped, with_passkey, with_totp

pytestmark = pytest.mark.anyio


async def unproved(house: House, me: Viewer) -> None:
    """As if the account had been opened by paper."""
    async with house.database.writing() as db:
        mine = col(Account.id) == me.account_id
        await db.exec(update(Account).where(mine).values(phone_proved_at=None))


async def signed_in(house: House, phone: str) -> Account:
    code = await send(house, phone)
    async with house.database.writing() as db:
        return await accounts.sign_in(db, phone, code)


async def phone_of(house: House, me: Viewer) -> str:
    async with house.database.reading() as db:
        return accounts.phone_in(db, await accounts.account_of(db, me.account_id))


async def acts_on(house: House, me: Viewer, act: Act) -> list[str]:
    """The facts of such acts upon an account, sealed or not."""
    found: list[str] = []
    async with house.database.reading() as db:
        for table in (AuditEvent, AuditLedger):
            wanted = (col(table.account_id) == me.account_id, col(table.act) == act)
            found += [facts or "" for facts in await db.exec(select(table.facts).where(*wanted))]
    return found


@pytest.mark.proves("T04")
async def test_who_opened_an_account_by_paper_keeps_nothing_after_the_first_code(
    house: House, village: Village
) -> None:
    me = await boss(house, village)
    await unproved(house, me)
    await with_totp(house, me)
    await with_passkey(house, stepped(me))
    assert (await signed_in(house, await phone_of(house, me))).id == me.account_id
    assert await seconds_until(house.endings, me.token, Standing.ENDED) < 1
    async with house.database.reading() as db:
        assert await accounts.methods_of(db, me.account_id) == ["code"]
        assert (await accounts.account_of(db, me.account_id)).phone_proved_at is not None
    assert '{"by":"first_code","factors":2,"sessions":2}' in await acts_on(house, me, Act.SECOND_FACTOR_RESET)


async def test_the_sign_in_that_proved_the_phone_goes_on(house: House, village: Village) -> None:
    me = await boss(house, village)
    await unproved(house, me)
    account = await signed_in(house, await phone_of(house, me))
    async with house.database.writing() as db:
        token = await accounts.claims_of(db, account.id, b"12345678")
    await house.endings.read()
    assert house.endings.standing(token) is not Standing.ENDED
    assert house.endings.standing(me.token) is Standing.ENDED


async def test_later_codes_end_nothing(house: House, village: Village) -> None:
    me = await boss(house, village)
    await with_totp(house, me)
    await signed_in(house, await phone_of(house, me))
    await house.endings.read()
    assert house.endings.standing(me.token) is not Standing.ENDED
    async with house.database.reading() as db:
        assert await accounts.methods_of(db, me.account_id) == ["totp"]


async def test_a_new_account_is_proved_by_the_code_that_made_it(house: House) -> None:
    account = await signed_in(house, cast.fresh_phone())
    async with house.database.writing() as db:
        assert (await accounts.account_of(db, account.id)).phone_proved_at is not None
        token = await accounts.claims_of(db, account.id, b"12345678")
    await house.endings.read()
    assert house.endings.standing(token) is Standing.GOOD


async def test_paper_does_not_carry_a_post_off_to_another_phone(house: House, village: Village) -> None:
    someone = await cast.appoint(house, "赵铁柱", Role.PARTY_MEMBER, village.grid)
    await unproved(house, someone.viewer)
    other = cast.fresh_phone()
    code = await send(house, other)
    with pytest.raises(PhoneUnproved):
        async with house.database.writing() as db:
            await accounts.change_phone(db, someone.token.account, other, code)
    assert await phone_of(house, someone.viewer) == someone.phone
