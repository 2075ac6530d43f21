"""Who may do what: receipts of providers. See tests/routers/matrix/__init__.py for how to read a row."""

from tests.routers.matrix.row import Row, row

API: tuple[Row, ...] = (
    # Whoever does not know the secret in the address finds nothing there, signed in or not.
    row("POST", "/api/v1/receipts/{provider}/{token}", "404", "nothing", org="all nothing"),
)
PAGES: tuple[Row, ...] = ()
