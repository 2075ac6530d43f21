"""Who may do what: one row for every route. Kept by people; deny is the default; a file for each room.

A row says what every actor of a village gets (`statuses`) and what everybody of the whole organisation gets (`org`).

The village: the person in the path is Mei's father, of grid 1, without a phone; the region is grid 1.
  none    nobody signed in            mei   his daughter, who reports for him
  qian    a resident of grid 2        li    the grid worker of grid 1
  wu      the grid worker of grid 2   chen  the cadre of their village
Statuses are of correct requests: 201, 303 and 200 let pass, 422 judges what was sent (a code that was never asked
for), 401 and 303 to sign-in want a sign-in, 403 is for staff only, 404 hides.

The organisation: the person in the path is a child of the own grid (see tests/organisation.py); `org` says who is let
in, in the words of tests/routers/matrix/verdicts.py:
  all             everybody                       me          whoever is signed in
  registered      whoever is a resident           family      the child's family; who is no resident is sent on
  kin             the child's family, and nobody else
  reach RIGHT     the family, and who holds the right over the child's grid
  seated          staff with a session            staff       and with the second factor where the post asks for it
  any RIGHT       a post that gives the right, wherever
  over RIGHT PLACE   a post that gives one of the rights (a|b) over grid, village, county ... of the child
  ... or NAME     and this actor as well          staff nothing   staff are let in, and find nothing that is theirs
  grave ...       only with a fresh proof         judged ...  what is sent is well-formed and wrong: 422 is let in
"""

from tests.routers.matrix import (
    rows_accounts,
    rows_appointments,
    rows_calls,
    rows_core,
    rows_directory,
    rows_exports,
    rows_messages,
    rows_my_data,
    rows_notices,
    rows_staff,
    rows_tasks,
)
from tests.routers.matrix.row import ACTORS, SIGN_IN, Row, row

ROOMS = {
    "core": rows_core, "staff": rows_staff, "directory": rows_directory, "notices": rows_notices,
    "appointments": rows_appointments, "exports": rows_exports, "my_data": rows_my_data, "accounts": rows_accounts,
    "messages": rows_messages, "tasks": rows_tasks, "calls": rows_calls,
}  # fmt: skip
API: tuple[Row, ...] = tuple(each for room in ROOMS.values() for each in room.API)
PAGES: tuple[Row, ...] = tuple(each for room in ROOMS.values() for each in room.PAGES)
EVERYTHING = (*API, *PAGES)

__all__ = ["ACTORS", "API", "EVERYTHING", "PAGES", "ROOMS", "SIGN_IN", "Row", "row"]
