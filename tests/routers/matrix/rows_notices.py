"""Who may do what: notices and messages between staff. See tests/routers/matrix/__init__.py for how to read a row.

The notice in the path is the village cadre's, to the party members of grid 1, and asks for a confirmation.
"""

from tests.routers.matrix.row import row

SEEN_BY = "over appoint grid or party_member@grid village_cadre@village supervisor@village"
CONFIRMED_BY = "over nobody grid or party_member@grid"
FOLLOWED_BY = "over nobody grid or village_cadre@village supervisor@village administrator@village"
WITHDRAWN_BY = "over appoint grid or village_cadre@village"

API = (
    row("GET", "/api/v1/notices", "401 403 403 200 200 200", org="staff"),
    row("POST", "/api/v1/notices", "", "notice", org="over notice village"),
    row("GET", "/api/v1/notices/{notice_id}", org=SEEN_BY),
    row("GET", "/api/v1/notices/{notice_id}/readers", org=FOLLOWED_BY),
    row("POST", "/api/v1/notices/{notice_id}/confirmation", "", "nothing", org=CONFIRMED_BY),
    row("POST", "/api/v1/notices/{notice_id}/withdrawal", "", "nothing", org=WITHDRAWN_BY),
    row("GET", "/api/v1/messages", "401 403 403 200 200 200", org="staff"),
    row("GET", "/api/v1/messages/unit", "401 403 403 200 200 200", org="staff"),
    row("GET", "/api/v1/messages/{post_id}", org="staff"),
    row("POST", "/api/v1/messages/{post_id}", "", "message", org="staff"),
)
PAGES = (
    row("GET", "/notices", "sign-in 403 403 200 200 200", org="staff"),
    row("GET", "/notices/new", "sign-in 403 403 404 404 200", org="any notice"),
    row("POST", "/notices", "", "notice", org="over notice village"),
    row("GET", "/notices/{notice_id}", org=SEEN_BY),
    row("GET", "/notices/{notice_id}/readers", org=FOLLOWED_BY),
    row("POST", "/notices/{notice_id}/confirmation", "", "nothing", org=CONFIRMED_BY),
    row("POST", "/notices/{notice_id}/withdrawal", "", "nothing", org=WITHDRAWN_BY),
    row("GET", "/messages/new", "sign-in 403 403 303 303 303", org="staff"),
    row("GET", "/messages/unit", "sign-in 403 403 200 200 200", org="staff"),
    row("GET", "/messages/{post_id}", org="staff"),
    row("POST", "/messages/{post_id}", "", "message", org="staff"),
)
