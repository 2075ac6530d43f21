"""Who may do what: tasks. See tests/routers/matrix/__init__.py for how to read a row.

The task in the path is a visit to the child, of the grid worker of grid 1. Who looks after people there is let in; what
they may not order or comes too late is answered with a 409, which is being let in.
"""

from tests.routers.matrix.row import row

THERE = "over people grid"

API = (
    row("GET", "/api/v1/tasks", "401 403 403 200 200 200", org="staff"),
    row("POST", "/api/v1/tasks", "", "task", org=THERE),
    row("GET", "/api/v1/tasks/{task_id}", "401 403 403 404 404 404", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/acceptance", "", "task act", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/start", "", "task act", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/notes", "", "task note", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/calls", "", "task act", org="over call grid"),
    row("POST", "/api/v1/tasks/{task_id}/outcome", "", "task outcome", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/hindrance", "", "task hindrance", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/hand-over", "", "task act", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/cancellation", "", "task note", org=THERE),
    row("POST", "/api/v1/tasks/{task_id}/reopening", "", "task act", org=f"judged {THERE}"),
    row("PUT", "/api/v1/tasks/{task_id}/photos/{photo_id}", "", "nothing", org=f"judged {THERE}"),
    row("GET", "/api/v1/tasks/{task_id}/photos/{photo_id}", "401 403 403 404 404 404", org=THERE),
    row("GET", "/api/v1/regions/{code}/tasks", "401 403 403 200 404 200", org="over people village"),
    row("GET", "/api/v1/regions/{code}/task-board", "401 403 403 200 404 200", org="over people village"),
)
PAGES = (
    row("GET", "/staff/day", "sign-in 403 403 200 200 200", org="staff"),
    row("POST", "/staff/day/acceptance", "401 403 403 303 303 303", "task act", org="staff"),
    row("GET", "/staff/tasks", "sign-in 403 403 200 200 200", org="any people"),
    row("POST", "/staff/tasks", "", "task", org=THERE),
    row("GET", "/staff/ladders", "sign-in 403 403 200 200 200", org="any people"),
    row("GET", "/staff/tasks/new", "sign-in 403 403 200 200 200", org="any people"),
    row("GET", "/staff/tasks/{task_id}", "sign-in 403 403 404 404 404", org=THERE),
    row("POST", "/staff/tasks/{task_id}/acceptance", "", "task act", org=THERE),
    row("POST", "/staff/tasks/{task_id}/start", "", "task act", org=THERE),
    row("POST", "/staff/tasks/{task_id}/notes", "", "task note", org=THERE),
    row("POST", "/staff/tasks/{task_id}/calls", "", "task act", org="over call grid"),
    row("POST", "/staff/tasks/{task_id}/outcome", "", "task outcome", org=THERE),
    row("POST", "/staff/tasks/{task_id}/hindrance", "", "task hindrance", org=THERE),
    row("POST", "/staff/tasks/{task_id}/hand-over", "", "task act", org=THERE),
    row("POST", "/staff/tasks/{task_id}/cancellation", "", "task note", org=THERE),
    row("POST", "/staff/tasks/{task_id}/reopening", "", "task act", org=f"judged {THERE}"),
    row("GET", "/staff/tasks/{task_id}/photos/{photo_id}", "sign-in 403 403 404 404 404", org=THERE),
)
