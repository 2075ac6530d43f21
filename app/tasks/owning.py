"""Who becomes accountable: named, else who looked after this person last, else the least loaded in the nearest unit."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import staff
from app.kit.db import among
from app.staff import present
from models.regions import ancestors_of, last_of, level_of
from models.staff import Post, Right, Role, may
from models.tasks import OPEN, Task, Why

CAP = 40  # open tasks of one post; whoever has more gets none by the house, only by a colleague's hand


@dataclass(frozen=True, slots=True)
class Want:
    """A task that needs somebody. `above`: nobody at or below this region any more, for it has climbed."""

    id: UUID
    region_code: int
    weight: int
    person_id: UUID | None = None
    named: UUID | None = None  # whoever opens or hands it over says so
    above: int | None = None
    not_by: UUID | None = None  # a post that has just given it up


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is accountable, or in whose queue it stands, and why."""

    post_id: UUID | None
    queue_code: int | None
    why: Why


def able(post: Post, region_code: int) -> bool:
    """Does a post cover a region with the right to look after its people?"""
    covers = post.region_code <= region_code <= last_of(post.region_code)
    return covers and may(Role(post.role), Right.PEOPLE, level_of(post.region_code))


async def choose(db: AsyncSession, wants: Sequence[Want]) -> dict[UUID, Choice]:
    """Somebody on duty for each, or the queue of the nearest unit. The chosen posts are locked until the transaction
    ends, so that none of them can end unseen meanwhile.

    Never random: of equal loads the post that was there first. One statement a question, however many tasks.
    """
    chosen: dict[UUID, Choice] = {}
    left, barred = list(wants), set[UUID]()
    while left:
        draft = await _draft(db, left, barred)
        posts = {choice.post_id for choice in draft.values() if choice.post_id}
        held = await _locked(db, posts)
        chosen |= {name: choice for name, choice in draft.items() if choice.post_id is None or choice.post_id in held}
        left = [want for want in left if want.id not in chosen]
        barred |= posts - held
    return chosen


async def _locked(db: AsyncSession, posts: Iterable[UUID]) -> set[UUID]:
    """Those of these posts that are still in force, and stay so until this transaction ends."""
    ordered = sorted(posts)  # one order for everybody: no deadlock
    rows = await db.exec(
        select(Post.id)
        .where(among(col(Post.id), ordered), staff.in_force())
        .order_by(col(Post.id))
        .with_for_update(read=True)
    )
    return set(rows)


async def _draft(db: AsyncSession, wants: Sequence[Want], barred: set[UUID]) -> dict[UUID, Choice]:
    # Ten thousand tasks of a city stand in a few hundred places: what depends on the place is worked out once.
    chains = {key: _chain(*key) for key in {(want.region_code, want.above) for want in wants}}
    duty = await _duty(db, {code for chain in chains.values() for code in chain})
    near = {key: [(code, _able(duty.get(code, []), key[0])) for code in chain] for key, chain in chains.items()}
    last = await _looked_after_last(db, [want for want in wants if want.above is None])
    loads = await loads_of(db, {answer.post.id for found in duty.values() for answer in found} | set(last.values()))
    draft: dict[UUID, Choice] = {}
    for want in wants:
        shut = barred | ({want.not_by} if want.not_by else set())
        choice = (
            _by_name(want, shut)
            or _by_continuity(want, last, loads, shut)
            or _by_load(want, near[want.region_code, want.above], loads, shut)
        )
        draft[want.id] = choice
        if choice.post_id:
            count, weight = loads[choice.post_id]
            loads[choice.post_id] = (count + 1, weight + want.weight)
    return draft


async def _duty(db: AsyncSession, codes: set[int]) -> dict[int, list[staff.Answer]]:
    """Who answers for these regions and is on duty themselves: a substitute may be off the plan of their own unit."""
    found = await staff.answers(db, codes)
    posts = {answer.post.id for answers in found.values() for answer in answers}
    here = set(await db.exec(select(Post.id).where(among(col(Post.id), posts), present())))
    return {code: [answer for answer in answers if answer.post.id in here] for code, answers in found.items()}


async def with_room(db: AsyncSession, codes: set[int]) -> set[int]:
    """Those of these regions for which somebody on duty, there or above, is below the cap."""
    chains = {code: (code, *ancestors_of(code)) for code in codes}
    duty = await _duty(db, {step for chain in chains.values() for step in chain})
    loads = await loads_of(db, {answer.post.id for found in duty.values() for answer in found})
    return {
        code
        for code, chain in chains.items()
        if any(
            able(answer.post, code) and loads[answer.post.id][0] < CAP
            for step in chain
            for answer in duty.get(step, [])
        )
    }


def _able(answers: Iterable[staff.Answer], region_code: int) -> list[Post]:
    return [answer.post for answer in answers if able(answer.post, region_code)]


def _chain(region_code: int, above: int | None) -> list[int]:
    """The regions whose people are asked, the nearest first."""
    chain = [region_code, *reversed(ancestors_of(region_code))]
    if above is None:
        return chain
    reach = last_of(above) - above
    return [code for code in chain if last_of(code) - code > reach]


Loads = defaultdict[UUID, tuple[int, int]]


def _by_name(want: Want, shut: set[UUID]) -> Choice | None:
    return Choice(want.named, None, Why.NAMED) if want.named and want.named not in shut else None


def _by_continuity(want: Want, last: dict[UUID, UUID], loads: Loads, shut: set[UUID]) -> Choice | None:
    post_id = last.get(want.id)
    if post_id is None or post_id in shut or loads[post_id][0] >= CAP:
        return None
    return Choice(post_id, None, Why.CONTINUITY)


def _by_load(want: Want, near: Sequence[tuple[int, list[Post]]], loads: Loads, shut: set[UUID]) -> Choice:
    full = False
    for _, posts in near:
        free = [post for post in posts if post.id not in shut]
        full = full or bool(free)
        if roomy := [post for post in free if loads[post.id][0] < CAP]:
            least = min(roomy, key=lambda post: (loads[post.id][1], post.created_at, post.id))
            return Choice(least.id, None, Why.LEAST_LOAD)
    return Choice(None, near[0][0] if near else want.region_code, Why.FULL if full else Why.NOBODY)


async def _looked_after_last(db: AsyncSession, wants: Sequence[Want]) -> dict[UUID, UUID]:
    """Task -> the post that looked after its person last, where that post is present and still covers the place."""
    people = {want.person_id for want in wants if want.person_id}
    if not people:
        return {}
    newest = (
        select(Task.person_id, Task.owner_post_id, Task.region_code)
        .where(
            among(col(Task.person_id), people), col(Task.owner_post_id).is_not(None), col(Task.accepted_at).is_not(None)
        )
        .ext(distinct_on(col(Task.person_id)))
        .order_by(col(Task.person_id), col(Task.accepted_at).desc())
    )
    last = {person: post for person, post, _ in await db.exec(newest) if person and post}
    found = await db.exec(select(Post).where(among(col(Post.id), set(last.values())), present()))
    posts = {post.id: post for post in found}
    known = {want.id: posts.get(last[who]) for want in wants if (who := want.person_id) in last and who}
    return {want.id: post.id for want in wants if (post := known.get(want.id)) and able(post, want.region_code)}


async def loads_of(db: AsyncSession, posts: set[UUID]) -> Loads:
    """Post -> (open tasks, sum of their weights)."""
    loads: Loads = defaultdict(lambda: (0, 0))
    if posts:
        statement = (
            select(Task.owner_post_id, func.count(), func.sum(col(Task.weight)))
            .where(among(col(Task.owner_post_id), posts), col(Task.state).in_(OPEN))
            .group_by(col(Task.owner_post_id))
        )
        loads |= {post: (count, int(weight)) for post, count, weight in await db.exec(statement)}
    return loads
