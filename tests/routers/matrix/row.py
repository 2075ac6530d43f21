"""The shape of a row: one route, one status for every actor of the village, one verdict for the whole organisation."""

from dataclasses import dataclass

ACTORS = ("none", "mei", "qian", "li", "wu", "chen")
SIGN_IN = 3  # 303 to the page for signing in: a page that wants to know who asks


@dataclass(frozen=True)
class Row:
    """One route, and what each actor gets."""

    method: str
    path: str
    statuses: tuple[int, ...]
    body: str = ""  # the name of a body in tests/routers/cells.py
    org: str = ""  # the verdict for the whole organisation, in the words of tests/routers/matrix/verdicts.py

    @property
    def name(self) -> str:
        """As people call it: GET /me."""
        return f"{self.method} {self.path}"

    @property
    def page(self) -> bool:
        """Is it a page, for people?"""
        return not self.path.startswith(("/api/", "/health/", "/metrics")) and not self.path.endswith(".json")

    def of(self, actor: str) -> int:
        """The status for an actor of the village; a row without statuses is for staff only, and asks none of them."""
        if self.statuses:
            return self.statuses[ACTORS.index(actor)]
        if actor == "none":
            return SIGN_IN if self.page and self.method == "GET" else 401
        assert actor in {"mei", "qian"}, "staff of the organisation try this one"
        return 403

    @property
    def tried_by(self) -> tuple[str, ...]:
        """The actors of the village that try it."""
        return ACTORS if self.statuses else ACTORS[:3]


def row(method: str, path: str, statuses: str = "", body: str = "", org: str = "") -> Row:
    """`statuses` in the order of ACTORS; one alone holds for everybody; none: staff only, the organisation tries it."""
    each = tuple(SIGN_IN if status == "sign-in" else int(status) for status in statuses.split())
    return Row(method, path, each * len(ACTORS) if len(each) == 1 else each, body, org)
