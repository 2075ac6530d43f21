"""Appointing and its opposites: invite, change, transfer, dismiss. Delegated: never above oneself, never elsewhere."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, audit, messages, regions, vault
from app.audit import Deed
from app.kit import clock
from app.kit.db import constraint_of
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.messages import To
from app.staff import duty, handing
from app.staff.names import typed
from app.staff.posts import posts_of, reached
from app.staff.responses import active, group_of
from app.staff.rules import begins_soon, fits, granting, not_the_last, separate
from models.audit import Act, Purpose
from models.staff import (
    Dismissal,
    Ending,
    Post,
    PostChange,
    PostCreate,
    PostEnding,
    Response,
    Right,
    Role,
    Shift,
    Transfer,
)  # fmt: skip

OPERATOR = UUID(int=0)


class AlreadyAppointed(Refusal):
    """The same duty twice is one duty."""

    detail = N_("This person already holds this duty here.")


async def _post(db: AsyncSession, response: Response, form: PostCreate, by: UUID) -> Post:
    """The row of a new post; its phone is sealed under the key of the county it serves in."""
    keys, phone, now, name = vault.of(db), accounts.phone_of(form.phone), clock.now(), uuid7()
    spelled = typed(form.name)
    group = await group_of(db, response, form.region_code, form.group) if form.group else None
    starts = form.valid_from or clock.today()
    if form.valid_to is not None and form.valid_to < starts:
        raise Invalid(faults=(Fault("valid_to", N_("The last day comes before the first.")),))
    return Post(
        id=name, response_id=response.id, phone_index=keys.ring.blind_index("phone", phone),
        phone_sealed=keys.seal(phone, "post|phone", name, form.region_code), name=form.name, given=spelled.given,
        pinyin=spelled.pinyin, given_pinyin=spelled.given_pinyin, initials=spelled.initials, role=form.role,
        region_code=form.region_code, group_id=group.id if group else None, lead=form.lead, department=form.department,
        valid_from=starts, valid_to=form.valid_to, created_by=by, created_at=now, invited_at=now,
    )  # fmt: skip


async def _keep(db: AsyncSession, post: Post) -> None:
    try:
        async with db.begin_nested():
            db.add(post)
            await db.flush()
    except Exception as error:
        if constraint_of(error) == "uq_post_duty":
            raise AlreadyAppointed from None
        raise


async def invite(db: AsyncSession, me: Viewer, form: PostCreate) -> Post:
    """Invite somebody to a post at or below one's own level; they take it up by signing in.

    Raises NotFound outside one's region, Invalid for a role that does not exist there, AlreadyAppointed.
    """
    by = granting(me, form.region_code)
    await regions.named(db, form.region_code)
    fits(form.role, form.region_code)
    begins_soon(form)
    await separate(db, me, form)
    response = await active(db)
    post = await _post(db, response, form, me.account_id)
    await _keep(db, post)
    await messages.tell(db, To(phone=accounts.phone_of(form.phone)), "staff_invitation", {"response": response.name})
    await _wrote(db, me, (Act.INVITED, post), by)
    return post


async def invite_again(db: AsyncSession, me: Viewer, post_id: UUID) -> Post:
    """Send an invitation once more: it may be taken up for another fortnight."""
    post, by = await reached(db, me, post_id, Right.APPOINT)
    if post.account_id is not None:
        raise Refusal(N_("This post has been taken up already."))
    post.invited_at = clock.now()
    response = await active(db)
    phone = vault.of(db).open(post.phone_sealed, "post|phone", post.id)
    await messages.tell(db, To(phone=phone), "staff_invitation", {"response": response.name})
    await _wrote(db, me, (Act.INVITED, post), by)
    return post


async def change(db: AsyncSession, me: Viewer, post_id: UUID, form: PostChange) -> Post:
    """Change what may change without ending a post; a substitute must serve in the same county."""
    post, by = await reached(db, me, post_id, Right.APPOINT)
    words = form.model_dump(exclude_unset=True)
    if (other := words.get("substitute_id")) is not None:
        await duty.stand_in(db, post, other)
    if (until := words.get("valid_to")) is not None:
        if until < max(post.valid_from, clock.today()):
            raise Invalid(faults=(Fault("valid_to", N_("This day has passed, or comes before the first.")),))
        if post.role == Role.ADMINISTRATOR:
            await not_the_last(db, post, until)
    if name := words.get("name"):
        spelled = typed(name)
        post.given, post.pinyin, post.given_pinyin = spelled.given, spelled.pinyin, spelled.given_pinyin
        post.initials = spelled.initials
    for field, value in words.items():
        if value is not None or field in {"valid_to", "substitute_id"}:
            setattr(post, field, value)
    db.add(post)
    await _wrote(db, me, (Act.CHANGED_POST, post), by)
    return post


async def dismiss(db: AsyncSession, me: Viewer, post_id: UUID, form: Dismissal) -> PostEnding:
    """End a post now: the next request of its holder is refused, and its open work goes to the successor.

    Raises LastAdministrator; NotFound for a post or a successor outside one's region.
    """
    post, by = await reached(db, me, post_id, Right.APPOINT)
    ending = await _end(db, me, (post, Ending.DISMISSED), form)
    await _wrote(db, me, (Act.DISMISSED, post), by)
    return ending


async def transfer(db: AsyncSession, me: Viewer, post_id: UUID, form: Transfer) -> Post:
    """Move somebody to another post: the old one ends in the same moment. Both places must be the viewer's."""
    post, by = await reached(db, me, post_id, Right.APPOINT)
    if post.account_id == me.account_id:
        raise Refusal(N_("Nobody appoints themselves: please ask another administrator."))
    granting(me, form.region_code)
    await regions.named(db, form.region_code)
    fits(form.role, form.region_code)
    phone = vault.of(db).open(post.phone_sealed, "post|phone", post.id)
    wanted = PostCreate(
        phone=phone, name=post.name, role=form.role, region_code=form.region_code, group=form.group, lead=form.lead,
        department=post.department,
    )  # fmt: skip
    fresh = await _post(db, await active(db), wanted, me.account_id)
    fresh.account_id, fresh.activated_at = post.account_id, post.activated_at
    # The new post first, so that the account holds one at every moment and its sessions go on.
    await _keep(db, fresh)
    leaving = Dismissal(successor_id=form.successor_id, reason=form.reason)
    await _end(db, me, (post, Ending.TRANSFERRED), leaving)
    await _wrote(db, me, (Act.TRANSFERRED, fresh), by)
    return fresh


async def reset_factors(db: AsyncSession, me: Viewer, post_id: UUID) -> Post:
    """Phone and passkey lost: who appoints there lets a colleague begin anew, never oneself. Raises NotFound."""
    post, _ = await reached(db, me, post_id, Right.APPOINT)
    if post.account_id is None or post.account_id == me.account_id:
        raise Refusal(N_("A second factor is reset for a colleague who has taken up the post, never for oneself."))
    # Factors belong to the person, not to one post: whoever resets them must be above all that the person holds.
    if not all(me.post_over(held.region_code, Right.APPOINT) for held in await posts_of(db, post.account_id)):
        raise NotFound
    await accounts.reset_factors(db, me, post.account_id)
    return post


async def _end(db: AsyncSession, me: Viewer, what: tuple[Post, Ending], form: Dismissal) -> PostEnding:
    post, kind = what
    if post.role == Role.ADMINISTRATOR:
        await not_the_last(db, post)
    if form.successor_id is not None:
        await duty.stand_in(db, post, form.successor_id, "successor_id")
    await _off_the_plan(db, post)
    successor = form.successor_id or await duty.heir_of(db, post)
    moved = await handing.over(db, post.id, successor)
    post.ended_at = clock.now()
    db.add(post)
    ending = PostEnding(
        post_id=post.id, kind=kind, by_account=me.account_id, at=post.ended_at, successor_id=successor, moved=moved,
        reason=form.reason,
    )  # fmt: skip
    db.add(ending)
    await db.flush()
    await released(db, post.account_id)
    return ending


async def _off_the_plan(db: AsyncSession, post: Post) -> None:
    """The shifts of somebody who leaves are no plan any more: whoever else holds the duty answers."""
    ahead = (col(Shift.post_id) == post.id, col(Shift.ends_at) > clock.now(), col(Shift.cancelled_at).is_(None))
    await db.exec(update(Shift).where(*ahead).values(cancelled_at=clock.now()))


async def released(db: AsyncSession, account_id: UUID | None) -> None:
    """After a post ended: an account without any other is no longer staff, and its staff sessions end."""
    if account_id is None:
        return
    if not await posts_of(db, account_id):
        await accounts.end_sittings(db, account_id)
    await accounts.refresh(db, account_id)


async def _wrote(db: AsyncSession, me: Viewer, what: tuple[Act, Post], by: Held) -> None:
    act, post = what
    facts = {"role": post.role}
    deed = Deed(act, Purpose.APPOINT, subject=post.id, place_code=post.region_code, facts=facts)
    await audit.record(db, me, deed, by)


async def appoint(db: AsyncSession, phone: str, name: str, role: Role, region_code: int) -> Post:
    """The operator's way in, for the first administrators: a post with its account. The same post twice is one post."""
    region = await regions.named(db, region_code)
    fits(role, region.code)
    account = await accounts.account_for(db, accounts.phone_of(phone))
    same = select(Post).where(
        Post.phone_index == account.phone_index, Post.role == role, Post.region_code == region_code,
        col(Post.ended_at).is_(None),
    )  # fmt: skip
    post = (await db.exec(same)).first()
    if post is None:
        wanted = PostCreate(phone=phone, name=name, role=role, region_code=region_code)
        post = await _post(db, await active(db), wanted, OPERATOR)
    if post.account_id is None:
        post.account_id, post.activated_at = account.id, clock.now()
        db.add(post)
        await accounts.refresh(db, account.id)
        deed = Deed(Act.APPOINTED, Purpose.OPERATOR, subject=post.id, place_code=region_code, facts={"role": role})
        await audit.record(db, audit.operator(), deed)
    return post


async def run_out(db: AsyncSession, today: date) -> int:
    """Posts whose last day has passed hand their work over; the worker calls it. Returns how many."""
    rows = await db.exec(
        select(Post).where(col(Post.valid_to) < today, col(Post.ended_at).is_(None)).limit(500).with_for_update()
    )
    ended = rows.all()
    for post in ended:
        await _off_the_plan(db, post)
        successor = await duty.heir_of(db, post)
        moved = await handing.over(db, post.id, successor)
        post.ended_at = clock.now()
        db.add(post)
        db.add(PostEnding(
            post_id=post.id, kind=Ending.RUN_OUT, by_account=OPERATOR, at=post.ended_at, successor_id=successor,
            moved=moved, reason="",
        ))  # fmt: skip
        await db.flush()
        await released(db, post.account_id)
    return len(ended)
