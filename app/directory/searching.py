"""Finding colleagues: every meaning of the words is walked, best first, until a page is full."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.directory import colleagues, walks, words
from app.directory.walks import PAGE, Walk
from app.directory.words import Meaning
from app.kit.errors import N_, Fault, Invalid, NotFound
from app.kit.viewer import Held, Viewer
from models.directory import DirectoryFound, DirectorySearch
from models.staff import Post, Right

_CURSOR = re.compile(r"(\d)\.(few|same|along)\.(\d{1,2})\.([0-9a-f]{32})")


def not_the_next() -> Invalid:
    """The refusal of a cursor that is none of ours, or of another search."""
    return Invalid(faults=(Fault("after", N_("This is not the next page of a search.")),))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended: which meaning, which walk of it, behind whom."""

    meaning: int
    kind: str
    walk: int
    post: UUID

    @classmethod
    def read(cls, cursor: str) -> "_Place":
        """Raises Invalid for what is no cursor of ours."""
        found = _CURSOR.fullmatch(cursor)
        if found is None:
            raise not_the_next()
        return cls(int(found[1]), found[2], int(found[3]), UUID(found[4]))

    def __str__(self) -> str:
        return f"{self.meaning}.{self.kind}.{self.walk}.{self.post.hex}"


def standing_at(me: Viewer) -> Held:
    """The post from which the viewer looks: the smallest unit is the nearest. Raises NotFound without the right."""
    posts = me.with_right(Right.DIRECTORY)
    if not posts:
        raise NotFound
    return min(posts, key=lambda post: (post.last_code - post.region_code, post.region_code))


async def find(db: AsyncSession, me: Viewer, wanted: DirectorySearch) -> DirectoryFound:
    """Colleagues of the whole response by name, pinyin, initials, duty, department, group and place.

    Exact names first, then the nearest to the viewer's own unit, the larger unit before its parts. Departments and
    groups are looked for where nobody answers to the words otherwise: with a name that few bear, in a county at most,
    without a place in the viewer's own. Raises Invalid, and NotFound without the right.
    """
    home = standing_at(me).region_code
    begun = _Place.read(wanted.after) if wanted.after else None
    meanings = await words.understood(db, wanted)
    if begun is not None and begun.meaning >= len(meanings):
        raise not_the_next()
    found: list[tuple[Post, str]] = []
    before: tuple[Meaning, ...] = ()
    for place, meaning in enumerate(meanings):
        plain = begun is not None and place > begun.meaning and not meanings[begun.meaning].offices
        if meaning.offices and (found or plain):
            break  # somebody answers to the words as they stand: nobody is looked for in departments
        here = begun if begun is not None and place == begun.meaning else None
        ways = await walks.walks(db, meaning, home)
        if begun is None or place >= begun.meaning:
            await _walk(db, (place, [replace(walk, before=before) for walk in ways], here), home, found)
        before = (*before, *(walk.meaning for walk in ways[:1]))
        if len(found) > PAGE:
            break
    shown = found[:PAGE]
    items = await colleagues.shown(db, me, [post for post, _ in shown])
    return DirectoryFound(items=items, next=shown[-1][1] if len(found) > PAGE else None)


async def _walk(
    db: AsyncSession, way: tuple[int, list[Walk], _Place | None], home: int, found: list[tuple[Post, str]]
) -> None:
    """Walk one meaning until the page is full, noting beside each colleague where a next page would begin."""
    meaning, ways, here = way
    for nth, walk in enumerate(ways):
        if here is not None and nth < here.walk:
            continue
        after = here.post if here is not None and nth == here.walk else None
        posts = await walks.step(db, walk, home, after)
        found += [(post, str(_Place(meaning, walk.kind, nth, post.id))) for post in posts]
        if len(found) > PAGE:
            return
