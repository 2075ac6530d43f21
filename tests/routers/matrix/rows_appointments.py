"""Who may do what: sheets and activation. See tests/routers/matrix/__init__.py for how to read a row."""

from tests.routers.matrix.row import row

# A sheet in a path is nobody's: whose a real one is, tests/routers/api/test_appointments.py asks.
API = (
    row("POST", "/api/v1/sheets", "", "paste", org="any appoint"),
    row("POST", "/api/v1/sheets/file", "", "nothing", org="any appoint"),
    row("GET", "/api/v1/sheets", org="any appoint"),
    row("GET", "/api/v1/sheets/{sheet_id}", org="over appoint township"),
    row("GET", "/api/v1/sheets/{sheet_id}/rows", org="over appoint township"),
    row("PUT", "/api/v1/sheets/{sheet_id}/columns", "", "columns", org="over appoint township"),
    row("POST", "/api/v1/sheets/{sheet_id}/plan", "", "nothing", org="over appoint township"),
    row("POST", "/api/v1/sheets/{sheet_id}/application", "", "nothing", org="grave over appoint township"),
    row("POST", "/api/v1/sheets/{sheet_id}/undoing", "", "nothing", org="grave over appoint township"),
    row("POST", "/api/v1/activation-sheets", "", "village", org="grave over appoint village"),
)
PAGES = (
    row("GET", "/appointments", org="any appoint"),
    row("POST", "/appointments", "", "paste", org="any appoint"),
    row("POST", "/appointments/codes", "", "village", org="grave over appoint village"),
    row("GET", "/appointments/{sheet_id}", org="over appoint township"),
    row("POST", "/appointments/{sheet_id}/columns", "", "columns", org="over appoint township"),
    row("POST", "/appointments/{sheet_id}/plan", "", "nothing", org="over appoint township"),
    row("POST", "/appointments/{sheet_id}/application", "", "nothing", org="grave over appoint township"),
    row("POST", "/appointments/{sheet_id}/undoing", "", "nothing", org="grave over appoint township"),
    row("GET", "/activate/{token}", "404", org="all nothing"),
    row("POST", "/activate/{token}", "404", "phone", org="all nothing"),
)
