"""What staff are told about tasks: kind, place, time and number. Never about whom: that stands behind the sign-in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import messages, regions
from app.kit.db import among
from app.messages import About, Telling, To
from app.tasks import ladders
from app.tasks.drafts import AnyTask
from app.tasks.history import number
from models.messages.templates import newest
from models.staff import Post
from models.tasks import Kind

DEEPEST = 3  # names of places in a message: township, village, grid


async def tell(
    db: AsyncSession, template: str, told: Iterable[tuple[UUID, AnyTask]], further: tuple[UUID, datetime] | None = None
) -> int:
    """Tell the holders of posts about tasks, one message each. Returns how many could be told.

    `further`: a report that came after the one a task is about, and when; it is told once.
    """
    pairs = list(told)
    posts = await db.exec(select(Post.id, Post.account_id).where(among(col(Post.id), {post for post, _ in pairs})))
    accounts = dict(posts.all())
    places = {code: await place_of(db, code) for code in {task.region_code for _, task in pairs}}
    known, params = await ladders.in_force(db), newest(template).params
    some: list[Telling] = []
    for post_id, task in pairs:
        account = accounts.get(post_id)
        if account is not None:
            by = known.accept_by(task)
            facts = {
                "kind": task.kind, "place": places[task.region_code], "due": task.due_at.isoformat(),
                "number": number(task), "accept": by.isoformat() if by else "",
                "at": further[1].isoformat() if further else "",
            }  # fmt: skip
            since = further[0] if further else f"{task.rung}|{task.held_since.isoformat()}"
            about = About(
                person_id=task.person_id, region_code=task.region_code, subject=task.id,
                reason=f"task/{task.policy}/{'' if (step := known.taken(task, template)) is None else step}",
                urgent=task.kind == Kind.URGENT_REPORT and template != "task_taken",
                key=f"{task.id}|{template}|{post_id}|{since}",
            )  # fmt: skip
            facts = {name: value for name, value in facts.items() if name in params}
            some.append(Telling(To(account=account, post=post_id), facts, about))
    await messages.tell_many(db, template, some)
    return len(some)


async def place_of(db: AsyncSession, code: int) -> str:
    """The last names of a place, short enough for a message; its code where it has no name, for a task that cannot be
    told would stand in the way of all others."""
    return "".join((await regions.chain_of(db, code))[-DEEPEST:])[-60:] or str(code)
