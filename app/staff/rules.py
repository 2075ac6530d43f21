"""What an appointment must keep to: level, region, two persons for two duties, and a last administrator who stays."""

from datetime import date, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import accounts, vault
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.viewer import Held, Viewer
from app.staff.posts import in_force
from models.regions import level_of
from models.staff import SERVES, Post, PostCreate, Right, Role


class LastAdministrator(Refusal):
    """A unit never loses its last administrator by accident."""

    detail = N_("This is the last administrator of the unit. Appoint another one first; then this post can end.")


def fits(role: Role, code: int) -> None:
    """Raise Invalid when a role cannot be held at the level of a region."""
    if level_of(code) not in SERVES[role]:
        words = N_("This duty does not exist at this level. Please choose another place or another duty.")
        raise Invalid(faults=(Fault("region_code", words),))


def granting(me: Viewer, code: int) -> Held:
    """The post by which the viewer may appoint in a region. Raises NotFound: outside is as if it did not exist."""
    post = me.post_over(code, Right.APPOINT)
    if post is None:
        raise NotFound
    return post


def begins_soon(form: PostCreate) -> None:
    """A post begins within a year and is not over already."""
    today = clock.today()
    if form.valid_to is not None and form.valid_to < today:
        raise Invalid(faults=(Fault("valid_to", N_("This day has passed.")),))
    if form.valid_from is not None and form.valid_from > today + timedelta(days=366):
        raise Invalid(faults=(Fault("valid_from", N_("A post begins within a year.")),))


async def separate(db: AsyncSession, me: Viewer, form: PostCreate) -> None:
    """Nobody appoints himself, and who appoints is not who audits: the ledger is about administrators as well."""
    index = vault.of(db).ring.blind_index("phone", accounts.phone_of(form.phone))
    found = await db.exec(select(Post.account_id, Post.role).where(Post.phone_index == index, in_force()))
    held_now = found.all()
    if me.account_id in {account for account, _ in held_now}:
        raise Refusal(N_("Nobody appoints themselves: please ask another administrator."))
    apart = {Role.ADMINISTRATOR, Role.AUDITOR}
    if form.role in apart and {role for _, role in held_now} & (apart - {form.role}):
        raise Refusal(N_("Administrator and auditor are two persons: the ledger is about administrators as well."))


async def not_the_last(db: AsyncSession, post: Post, until: date | None = None) -> None:
    """Raise LastAdministrator unless another one stays; with `until`, one who stays longer than that day."""
    same = select(Post).where(
        Post.region_code == post.region_code, Post.role == Role.ADMINISTRATOR, in_force(),
        col(Post.account_id).is_not(None),
    )  # fmt: skip
    rows = await db.exec(same)
    stay = [
        other
        for other in rows
        if other.id != post.id and (until is None or other.valid_to is None or other.valid_to > until)
    ]
    if post.account_id is not None and not stay:
        raise LastAdministrator
