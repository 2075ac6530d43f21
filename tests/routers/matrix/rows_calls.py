"""Who may do what: the call list. The call in the path is about the child, who has nobody to be told for them."""

from tests.routers.matrix.row import row

THERE = "over people grid"

API = (
    row("GET", "/api/v1/calls", "401 403 403 200 200 200", org="any people"),
    row("POST", "/api/v1/calls/{delivery_id}/number", "", "nothing", org="over call grid"),
    row("POST", "/api/v1/calls/{delivery_id}/outcome", "", "call outcome", org=THERE),
)
PAGES = (
    row("GET", "/staff/calls", "sign-in 403 403 200 200 200", org="any people"),
    row("POST", "/staff/calls/{delivery_id}/number", "", "nothing", org="over call grid"),
    row("POST", "/staff/calls/{delivery_id}/outcome", "", "call outcome", org=THERE),
)
