"""Who may do what: exports, responses, what was erased. See tests/routers/matrix/__init__.py for how to read a row."""

from tests.routers.matrix.row import row

# The export in a path is nobody's, as the stand-down and the response are: who is let in finds nothing there.
API = (
    row("POST", "/api/v1/exports", "401 403 403 403 403 403", "export", org="grave over export grid"),
    row("GET", "/api/v1/exports", "401 403 403 200 200 200", org="staff"),
    row(
        "GET", "/api/v1/exports/{export_id}", "401 403 403 404 404 404", org="over approve village or list_clerk@county"
    ),
    row(
        "POST",
        "/api/v1/exports/{export_id}/approval",
        "401 403 403 403 403 403",
        "nothing",
        org="grave over approve village",
    ),
    row(
        "POST",
        "/api/v1/exports/{export_id}/refusal",
        "401 403 403 404 404 404",
        "nothing",
        org="judged over approve village",
    ),
    row(
        "POST",
        "/api/v1/exports/{export_id}/file",
        "401 403 403 403 403 403",
        "format",
        org="grave over nobody village or list_clerk@county",
    ),
)
PAGES = (
    row("GET", "/exports", "sign-in 403 403 200 200 200", org="staff"),
    row("GET", "/exports/new", "sign-in 403 403 303 303 303", org="grave any export"),
    row("POST", "/exports/new", "401 403 403 403 403 403", "export", org="grave over export grid"),
    row("GET", "/exports/trace", "sign-in 403 403 404 404 404", org="any audit"),
    row("POST", "/exports/trace", "401 403 403 404 404 404", "passage", org="any audit"),
    row("GET", "/exports/{export_id}", "sign-in 403 403 404 404 404", org="over approve village or list_clerk@county"),
    row(
        "POST",
        "/exports/{export_id}/approval",
        "401 403 403 403 403 403",
        "nothing",
        org="judged grave over approve village",
    ),
    row(
        "POST", "/exports/{export_id}/refusal", "401 403 403 404 404 404", "nothing", org="judged over approve village"
    ),
    row(
        "POST",
        "/exports/{export_id}/file",
        "401 403 403 403 403 403",
        "format",
        org="judged grave over nobody village or list_clerk@county",
    ),
    row("GET", "/responses", "sign-in 403 403 200 200 200", org="staff"),
    row(
        "POST",
        "/responses/stand-down",
        "401 403 403 403 403 403",
        "wrong name",
        org="judged grave over response province",
    ),
    row(
        "POST",
        "/responses/stand-down/{stand_down_id}/approval",
        "401 403 403 403 403 403",
        "nothing",
        org="grave staff nothing",
    ),
    row("GET", "/responses/{response_id}/certificate", "404", org="all"),
    row("GET", "/responses/{response_id}/certificate.json", "404", org="all"),
    row("GET", "/retention", "sign-in 403 403 404 404 404", org="any audit|appoint"),
)
