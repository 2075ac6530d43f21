"""Who may do what: one row for every route, one status for every actor. Kept by people; deny is the default.

The person in the path is Mei's father, of grid 1, without a phone; the region is grid 1.
  none    nobody signed in            mei   his daughter, who reports for him
  qian    a resident of grid 2        li    the grid worker of grid 1
  wu      the grid worker of grid 2   chen  the cadre of their village
Statuses are of correct requests: 201, 303 and 200 let pass, 422 judges what was sent (a code that was never asked
for), 401 and 303 to sign-in want a sign-in, 403 is for staff only, 404 hides.
"""

from dataclasses import dataclass

ACTORS = ("none", "mei", "qian", "li", "wu", "chen")
SIGN_IN = 3  # 303 to the page for signing in: a page that wants to know who asks


@dataclass(frozen=True)
class Row:
    """One route, and what each actor gets."""

    method: str
    path: str
    statuses: tuple[int, ...]
    body: str = ""  # the name of a body in test_authorisation

    def of(self, actor: str) -> int:
        return self.statuses[ACTORS.index(actor)]


def row(method: str, path: str, statuses: str, body: str = "") -> Row:
    """`statuses` in the order of ACTORS; one alone holds for everybody."""
    each = tuple(SIGN_IN if status == "sign-in" else int(status) for status in statuses.split())
    return Row(method, path, each * len(ACTORS) if len(each) == 1 else each, body)


API = (
    row("POST", "/api/v1/sign-in/code", "202", "phone"),
    row("POST", "/api/v1/sign-in", "422", "code"),
    row("POST", "/api/v1/me/phone", "401 422 422 422 422 422", "code"),
    row("POST", "/api/v1/residents", "401 422 422 422 422 422", "wrong id"),
    row("POST", "/api/v1/me/household", "401 201 201 404 404 404", "member"),
    row("GET", "/api/v1/me", "401 200 200 200 200 200"),
    row("GET", "/api/v1/me/reads", "401 200 200 200 200 200"),
    row("POST", "/api/v1/checkins", "401 201 404 201 404 201", "report"),
    row("GET", "/api/v1/checkins", "401 200 404 200 404 200"),
    row("GET", "/api/v1/regions", "200"),
    row("GET", "/api/v1/regions/{code}", "200"),
    row("GET", "/api/v1/regions/{code}/roll-call", "401 403 403 200 404 200"),
    row("GET", "/health/live", "200"),
    row("GET", "/health/ready", "200"),
    row("GET", "/metrics", "200"),
    row("GET", "/api/openapi.json", "200"),
    row("POST", "/api/v1/sign-out", "401 204 204 204 204 204"),
    row("POST", "/api/v1/sign-out/everywhere", "401 204 204 204 204 204"),
)
PAGES = (
    row("GET", "/", "200"),
    row("GET", "/help", "200"),
    row("GET", "/privacy", "200"),
    row("GET", "/offline", "200"),
    row("GET", "/service-worker.js", "200"),
    row("GET", "/manifest.webmanifest", "200"),
    row("POST", "/settings/language", "303", "language"),
    row("POST", "/settings/text", "303", "size"),
    row("GET", "/sign-in", "200 303 303 303 303 303"),
    row("POST", "/sign-in", "200", "phone"),
    row("POST", "/sign-in/code", "422", "code"),
    row("POST", "/me/phone", "401 200 200 200 200 200", "phone"),
    row("POST", "/me/phone/code", "401 422 422 422 422 422", "code"),
    row("GET", "/register", "sign-in 303 303 200 200 200"),
    row("POST", "/register", "401 422 422 422 422 422", "nothing"),
    row("GET", "/me", "sign-in 200 200 200 200 200"),
    row("GET", "/me/household", "sign-in 200 200 200 200 200"),
    row("POST", "/me/household", "401 303 303 422 422 422", "member"),
    row("GET", "/today", "sign-in 200 404 303 303 303"),
    row("GET", "/checkins", "sign-in 200 404 303 303 303"),
    row("GET", "/checkins/new", "sign-in 200 404 200 404 200"),
    row("POST", "/checkins", "401 303 404 303 404 303", "report"),
    row("GET", "/checkins/{person_id}/{day}/{slot}", "sign-in 200 404 200 404 200"),
    row("GET", "/residents/{person_id}", "sign-in 403 403 200 404 200"),
    row("POST", "/residents/{person_id}/call", "401 403 403 200 404 200", "nothing"),
    row("POST", "/call/worker", "401 200 200 404 404 404", "nothing"),
    row("GET", "/roll-call", "sign-in 403 403 303 303 303"),
    row("GET", "/roll-call/{code}", "sign-in 403 403 200 404 200"),
    row("GET", "/regions", "200"),
    row("GET", "/regions/{code}", "200"),
    row("GET", "/dev/outbox", "200"),
    row("GET", "/dev/outbox.json", "200"),
    row("POST", "/sign-out", "303", "nothing"),
    row("POST", "/sign-out/everywhere", "303", "nothing"),
)
EVERYTHING = (*API, *PAGES)
