"""Who is asking: what a sign-in token says, and for staff the regions their posts cover."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.tokens import Token


@dataclass(frozen=True, slots=True)
class Held:
    """One post in force: its role, and the range of region codes it covers."""

    role: str
    region_code: int
    last_code: int
    name: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person behind a request. `posts` is filled only where a door asked for staff."""

    token: Token
    posts: tuple[Held, ...] = ()

    @property
    def account_id(self) -> UUID:
        return self.token.account

    @property
    def person_id(self) -> UUID | None:
        return self.token.person

    @property
    def is_staff(self) -> bool:
        return self.token.staff or bool(self.posts)

    def post_over(self, code: int) -> Held | None:
        """The post that covers a region, the narrowest first; None when none does."""
        covering = [post for post in self.posts if post.region_code <= code <= post.last_code]
        return min(covering, key=lambda post: post.last_code - post.region_code, default=None)
