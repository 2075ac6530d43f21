"""Who may do what: one's own data, appeals, break-glass. See tests/routers/matrix/__init__.py for how to read a row."""

from tests.routers.matrix.row import row

API = (
    row("PATCH", "/api/v1/me", "401 200 200 404 404 404", "", org="registered"),
    row("PUT", "/api/v1/me/place", "401 200 200 404 404 404", "home", org="registered"),
    row("POST", "/api/v1/me/copy/code", "401 202 202 404 404 404", "nothing", org="registered"),
    row("POST", "/api/v1/me/copy", "401 422 422 404 404 404", "", org="judged registered"),
    row("POST", "/api/v1/me/appeals", "401 201 201 404 404 404", "appeal", org="registered"),
    row("GET", "/api/v1/me/appeals", "401 200 200 200 200 200", org="me"),
    row("GET", "/api/v1/me/appeals/{appeal_id}", "401 404 404 404 404 404", org="kin"),
    row("POST", "/api/v1/me/appeals/{appeal_id}/second-look", "401 404 404 404 404 404", org="judged kin"),
    row("POST", "/api/v1/me/appeals/{appeal_id}/closure", "401 404 404 404 404 404", org="kin"),
    row("GET", "/api/v1/appeals", "401 403 403 404 404 200", org="any appeals"),
    row("GET", "/api/v1/appeals/{appeal_id}", "401 403 403 404 404 404", org="over appeals village"),
    row("POST", "/api/v1/appeals/{appeal_id}/owner", "401 403 403 404 404 404", org="over appeals village"),
    row("POST", "/api/v1/appeals/{appeal_id}/answer", "401 403 403 404 404 404", "answer", org="over appeals village"),
    row("POST", "/api/v1/glass", "401 403 403 403 403 403", "glass", org="judged grave any break_glass"),
    row("GET", "/api/v1/glass", "401 403 403 404 404 404", org="any break_glass"),
    row("GET", "/api/v1/glass/openings", "401 403 403 404 404 200", org="any audit|appeals"),
    row(
        "POST",
        "/api/v1/glass/{glass_id}/ending",
        "401 403 403 404 404 404",
        org="over nobody grid or supervisor@elsewhere",
    ),
)
PAGES = (
    row("GET", "/me/edit", "sign-in 200 200 404 404 404", org="registered"),
    row("POST", "/me/edit", "401 303 303 404 404 404", "nothing", org="registered"),
    row("GET", "/me/place", "sign-in 200 200 404 404 404", org="registered"),
    row("POST", "/me/place", "401 303 303 404 404 404", "back", org="registered"),
    row("GET", "/me/copy", "sign-in 200 200 303 303 303", org="me"),
    # The other door has sent one a moment ago: one a minute, whichever door asks.
    row("POST", "/me/copy/code", "401 429 429 404 404 404", "nothing", org="judged registered"),
    row("POST", "/me/copy", "401 422 422 404 404 404", "nothing", org="judged registered"),
    row("GET", "/me/appeals", "sign-in 200 200 200 200 200", org="me"),
    row("GET", "/me/appeals/new", "sign-in 200 200 303 303 303", org="me"),
    row("POST", "/me/appeals", "401 303 303 404 404 404", "appeal", org="registered"),
    row("GET", "/me/appeals/{appeal_id}", "sign-in 404 404 404 404 404", org="kin"),
    row("POST", "/me/appeals/{appeal_id}/second-look", "401 404 404 404 404 404", org="judged kin"),
    row("POST", "/me/appeals/{appeal_id}/closure", "401 404 404 404 404 404", org="kin"),
    row("GET", "/appeals", "sign-in 403 403 404 404 200", org="any appeals"),
    row("GET", "/appeals/{appeal_id}", "sign-in 403 403 404 404 404", org="over appeals village"),
    row("POST", "/appeals/{appeal_id}/owner", "401 403 403 404 404 404", org="judged over appeals village"),
    row("POST", "/appeals/{appeal_id}/answer", "401 403 403 404 404 404", "answer", org="judged over appeals village"),
    row("GET", "/glass", "sign-in 403 403 404 404 200", org="any break_glass|audit|appeals"),
    row("POST", "/glass", "401 403 403 403 403 403", "glass", org="judged grave any break_glass"),
    row("POST", "/glass/{glass_id}/ending", "401 403 403 404 404 404", org="over nobody grid or supervisor@elsewhere"),
)
