"""An organisation small enough for one test: an administrator over a place, an invitation, somebody's post."""

from sqlmodel import select

from app import staff
from app.house import House
from app.kit.viewer import Viewer
from models.staff import Post, PostCreate, Role
from tests import cast
from tests.cast import Person, Village

TOWNSHIP = 10**6


def town(village: Village) -> int:
    """The township of a village."""
    return village.code - village.code % TOWNSHIP


async def administrator(house: House, code: int, name: str = "方志远") -> tuple[Person, Viewer]:
    """Somebody who appoints in a place, and as whom they act."""
    someone = await cast.appoint(house, name, Role.ADMINISTRATOR, code)
    return someone, await cast.on_duty(house, someone)


def wanted(code: int, role: Role = Role.GRID_WORKER, **changes: object) -> PostCreate:
    """An invitation; `changes` are its fields."""
    words: dict[str, object] = {"phone": cast.fresh_phone(), "name": "新人甲", "role": role, "region_code": code}
    return PostCreate.model_validate(words | changes)


async def post_of(house: House, someone: Person) -> Post:
    """The one post somebody holds."""
    async with house.database.reading() as db:
        found = await db.exec(select(Post).where(Post.account_id == someone.token.account, staff.in_force()))
        return found.one()
