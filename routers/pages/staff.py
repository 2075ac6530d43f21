"""The desk of a member of staff: what is mine to do, who can do what, how far a unit stands, who answers for it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app import messages, notices, regions, staff
from app.kit.errors import N_
from app.kit.viewer import Held
from models.base import RegionCode
from models.regions import last_of
from models.staff import RIGHTS, Right, Role
from routers.kit.deps import Db, Staff
from routers.kit.labels import LEVEL, RIGHT, ROLE
from routers.kit.render import page

router = APIRouter(prefix="/staff", include_in_schema=False)

# Right -> the page where it is used, below which word and sign: the desk shows what one's posts are good for.
DOORS = (
    (Right.PEOPLE, "/staff/day", "today"),
    (Right.PEOPLE, "/roll-call", "people"),
    (Right.PLAN_DUTY, "/staff/tasks", "history"),
    (Right.DIRECTORY, "/directory", "book"),
    (Right.MESSAGE, "/notices", "bell"),
    (Right.NOTICE, "/notices/new", "megaphone"),
    (Right.APPEALS, "/appeals", "scales"),
    (Right.APPOINT, "/appointments", "sheet"),
    (Right.EXPORT, "/exports", "export"),
    (Right.BREAK_GLASS, "/glass", "glass"),
    (Right.APPROVE, "/exports", "check"),
    (Right.AUDIT, "/audit", "eye"),
    (Right.AUDIT, "/retention", "history"),
    (Right.RESPONSE, "/responses", "out"),
    (Right.GATEWAYS, "/staff/gateways", "cloud"),
)


# Where one right opens two doors, or a door does only a part of it.
WORDS = {
    "/staff/day": (N_("My day"), N_("What is mine to do: urgent first, then overdue, then by building")),
    "/staff/tasks": (N_("Work of my places"), N_("How tasks stand, who has how much; hand over, open new ones")),
    "/retention": (N_("What was erased"), N_("What is kept how long")),
    "/appointments": (N_("Sheets of people"), N_("Paste or upload a list: plan, apply, undo; codes to print")),
}
# Doors that one right alone does not open: tasks are about people.
AS_WELL = {"/staff/tasks": Right.PEOPLE}


@router.get("")
async def desk(request: Request, db: Db, me: Staff) -> Response:
    """My posts, and the doors that they open."""
    mine = await staff.mine(db, me)
    doors = [
        {"href": href, "sign": sign, "words": words, "small": small}
        for right, href, sign in DOORS
        for words, small in [WORDS.get(href, RIGHT[right])]
        # Supervisors hold no right to ask for a stand-down, but are asked to confirm one.
        if any(_gives(post, right) and _gives(post, AS_WELL.get(href, right)) for post in me.posts)
        or (href == "/responses" and any(post.role is Role.SUPERVISOR for post in me.posts))
    ]
    return page(
        request, "staff/desk.html", store=False, posts=mine, roles=ROLE, doors=doors, boards=_boards(me.posts),
        unread=await notices.unread(db, me), inbox=await messages.unread(db, me),
    )  # fmt: skip


def _boards(posts: tuple[Held, ...]) -> set[int]:
    """The units whose page the viewer may open."""
    return {post.region_code for post in posts if any(_gives(post, right) for right in staff.SEEING)}


def _gives(post: Held, right: Right) -> bool:
    return post.level in RIGHTS[right].get(post.role, ())


@router.get("/rights")
async def rights(request: Request, me: Staff) -> Response:
    """Who can do what: the table that the house asks, as it stands in the code."""
    table = staff.rights_of(me.posts)
    return page(request, "staff/rights.html", rows=table.items, mine=table.mine, words=RIGHT, roles=ROLE, levels=LEVEL)


@router.get("/on-duty/{code}")
async def on_duty(request: Request, db: Db, me: Staff, code: RegionCode) -> Response:  # noqa: ARG001
    """Who answers for a region now."""
    found = await staff.on_duty(db, code)
    return page(request, "staff/on_duty.html", store=False, found=found, roles=ROLE)


@router.get("/units/{code}")
async def unit(request: Request, db: Db, me: Staff, code: RegionCode, after: str | None = None) -> Response:
    """A unit: who answers now, its people, how far its parts stand."""
    people = await staff.posts_in(db, me, code, after)
    region = await regions.named(db, code)
    (place,) = await regions.public(db, [region])
    over = me.post_over(code, Right.BOARD)
    board = await staff.board(db, me, code) if over and last_of(code) <= over.last_code else None
    return page(
        request, "staff/unit.html", store=False, region=place, people=people, board=board, roles=ROLE,
        duty=await staff.on_duty(db, code), groups=await staff.groups_of(db, code),
        may_appoint=me.post_over(code, Right.APPOINT) is not None,
        may_run_robots=me.post_over(code, Right.ROBOTS) is not None,
        may_plan=me.post_over(code, Right.PLAN_DUTY) is not None, bars=_bars(board.hours) if board else [],
    )  # fmt: skip


def _bars(hours: list[staff.Hour]) -> list[dict[str, int]]:
    """The activations of 48 hours as bars of a drawing 192 wide and 40 high."""
    most = max((hour.activated for hour in hours), default=0) or 1
    return [
        {"x": place * 4, "y": 40 - (tall := round(40 * hour.activated / most)), "tall": tall}
        for place, hour in enumerate(hours)
    ]


@router.get("/units/{code}/gaps")
async def gaps(request: Request, db: Db, me: Staff, code: RegionCode) -> Response:
    """The visible list of units that nobody of their own answers for."""
    found = await staff.gaps(db, me, code)
    (place,) = await regions.public(db, [await regions.named(db, code)])
    return page(request, "staff/gaps.html", store=False, region=place, found=found, levels=LEVEL)


def role_choices() -> list[tuple[str, str]]:
    """The duties as the options of a form."""
    return [(role.value, ROLE[role.value]) for role in Role]
