"""Who may do what: the directory. See tests/routers/matrix/__init__.py for how to read a row."""

from tests.routers.matrix.row import row

API = (
    row("POST", "/api/v1/directory/searches", "401 403 403 200 200 200", "colleague", org="staff"),
    row("GET", "/api/v1/directory/looks", "401 403 403 200 200 200", org="staff"),
    row("GET", "/api/v1/directory/{post_id}", "401 403 403 200 200 200", org="staff"),
    row("POST", "/api/v1/directory/{post_id}/dialling", "401 403 403 201 201 201", "nothing", org="staff"),
)
PAGES = (
    row("GET", "/directory", "sign-in 403 403 200 200 200", org="staff"),
    row("POST", "/directory", "401 403 403 200 200 200", "colleague", org="staff"),
    row("GET", "/directory/looks", "sign-in 403 403 200 200 200", org="staff"),
    row("GET", "/directory/{post_id}", "sign-in 403 403 200 200 200", org="staff"),
    row("POST", "/directory/{post_id}/call", "401 403 403 200 200 200", "nothing", org="staff"),
)
