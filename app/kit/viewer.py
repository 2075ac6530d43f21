"""Who is asking: what a sign-in token says, and for staff the posts they hold and how they proved themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kit.tokens import Token
from models.regions import Level, level_of
from models.staff import Right, Role, may


@dataclass(frozen=True, slots=True)
class Held:
    """One post in force: its role, and the range of region codes it covers."""

    id: UUID
    role: Role
    region_code: int
    last_code: int
    name: str
    lead: bool = False

    @property
    def level(self) -> Level:
        return level_of(self.region_code)

    def covers(self, code: int) -> bool:
        """Does a region begin inside this post's?"""
        return self.region_code <= code <= self.last_code


@dataclass(frozen=True, slots=True)
class Sitting:
    """A staff session as the server keeps it: since when, and when each proof was last given."""

    id: UUID
    second_at: datetime | None = None  # the second factor of this session; None = not given yet
    step_up_at: datetime | None = None  # the last proof given for a grave act


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request. `posts` is filled only where a door asked for staff."""

    token: Token
    posts: tuple[Held, ...] = ()
    sitting: Sitting | None = None
    glass: frozenset[UUID] = frozenset()  # persons outside one's region with a break-glass access in force

    @property
    def account_id(self) -> UUID:
        return self.token.account

    @property
    def person_id(self) -> UUID | None:
        return self.token.person

    @property
    def is_staff(self) -> bool:
        return self.token.staff or bool(self.posts)

    def with_right(self, right: Right) -> tuple[Held, ...]:
        """The posts that give a right, wherever they give it."""
        return tuple(post for post in self.posts if may(post.role, right, post.level))

    def post_over(self, code: int, right: Right = Right.PEOPLE) -> Held | None:
        """The post that gives a right over a region, the narrowest first; None when none does."""
        covering = [post for post in self.with_right(right) if post.covers(code)]
        return min(covering, key=lambda post: post.last_code - post.region_code, default=None)
