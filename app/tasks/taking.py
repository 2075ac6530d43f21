"""Who could take a task over: whoever is on duty and looks after people there, in its unit and the two above."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import staff
from app.kit.errors import NotFound
from app.kit.viewer import Viewer
from app.tasks.owning import CAP, able, loads_of
from app.tasks.reaching import ASKS
from models.regions import ancestors_of
from models.staff import Post

UNITS = 3


@dataclass(frozen=True, slots=True)
class Taker:
    """A colleague who could take a task, and what they have on their hands."""

    post_id: UUID
    name: str
    role: str
    region_code: int
    open: int

    @property
    def full(self) -> bool:
        """Have they so much that the house itself gives them no more?"""
        return self.open >= CAP


async def takers(db: AsyncSession, me: Viewer, codes: Iterable[int]) -> dict[int, list[Taker]]:
    """For each of these regions those who could take a task there: the nearest unit first, then the least to do.

    Raises NotFound for a region outside one's posts.
    """
    wanted = set(codes)
    if any(me.post_over(code, ASKS) is None for code in wanted):
        raise NotFound
    near = {code: (code, *reversed(ancestors_of(code)))[:UNITS] for code in wanted}
    units = {unit for chain in near.values() for unit in chain}
    posts = (await db.exec(select(Post).where(col(Post.region_code).in_(units), staff.present()))).all()
    loads = await loads_of(db, {post.id for post in posts})
    found: dict[int, list[Taker]] = {}
    for code, chain in near.items():
        here = [post for post in posts if post.region_code in chain and able(post, code)]
        here.sort(key=lambda post: (chain.index(post.region_code), loads[post.id][1], post.created_at, post.id))
        found[code] = [Taker(p.id, p.name, p.role, p.region_code, loads[p.id][0]) for p in here]
    return found
