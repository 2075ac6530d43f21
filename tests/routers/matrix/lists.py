"""Lists: who is let in must find what is theirs in them, and nothing else."""

from tests.organisation import Actor
from tests.routers.matrix.row import Row
from tests.routers.matrix.things import Things
from tests.routers.matrix.verdicts import LET_IN, expected
from tests.routers.wire import Answer

# What a list shows: the thing that must stand in it for whom the verdict lets in, and for nobody else.
SHOWS = {
    "GET /api/v1/exports": ("export_id", "over approve village or list_clerk@county"),
    "GET /api/v1/sheets": ("sheet_id", "over appoint township"),
    "GET /appointments": ("sheet_id", "over appoint township"),
    "GET /api/v1/appeals": ("appeal_id", "over appeals village"),
    "GET /appeals": ("appeal_id", "over appeals village"),
    "GET /api/v1/me/appeals": ("appeal_id", "kin"),
    "GET /me/appeals": ("appeal_id", "kin"),
    "GET /api/v1/glass/openings": ("glass_id", "over audit|appeals village"),
    "GET /api/v1/notices": ("notice_id", "over nobody grid or party_member@grid"),
    "GET /api/v1/tasks": ("task_id", "over nobody grid or grid_worker@grid"),
    "GET /api/v1/regions/{code}/tasks": ("task_id", "over people village"),
    "GET /staff/tasks": ("task_id", "over people grid"),
    "GET /api/v1/calls": ("call_id", "over people grid"),
    "GET /staff/calls": ("call_id", "over people grid"),
    "GET /api/v1/staff/shifts": ("shift_id", "over staff village"),
    "GET /api/v1/staff/absences": ("absence_id", "over staff village"),
}  # fmt: skip


def misshown(things: Things, row: Row, actor: Actor, answer: Answer) -> str | None:
    """What stands in a list and should not, or the other way round."""
    if row.name not in SHOWS:
        return None
    thing, verdict = SHOWS[row.name]
    wanted = expected(things.org, verdict, actor) == LET_IN
    there = str(things.ids[thing]).encode() in answer.body
    return None if wanted == there else f"{thing} {'stands' if there else 'is missing'} in the list"
