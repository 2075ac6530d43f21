"""From the words of a row to what each actor of the organisation must get; and from an answer to the same words."""

from models.regions import Level
from tests.entitled import gives, inside
from tests.organisation import Actor, Organisation
from tests.routers.wire import Answer

LET_IN, SIGN_IN, STAFF_ONLY, SECOND, HIDDEN = "let in", "sign in", "staff only", "second factor", "hidden"
STEP_UP = "fresh proof"
FOR_STAFF = {"seated", "staff", "any", "over"}


def expected(org: Organisation, verdict: str, actor: Actor) -> str:  # noqa: PLR0911  (one line a rule)
    """What the table says of one actor."""
    rule, *rest = verdict.removeprefix("judged ").removeprefix("grave ").split()
    if rule == "all":
        return HIDDEN if rest == ["nothing"] else LET_IN
    if actor.person is None:
        return SIGN_IN
    if rule == "me":
        return HIDDEN if rest == ["nothing"] else LET_IN
    if rule == "registered":
        return LET_IN if actor.registered else HIDDEN
    if rule == "kin":
        return LET_IN if actor.kin else HIDDEN
    if rule == "family":
        return LET_IN if actor.kin or not actor.registered else HIDDEN
    if rule == "reach":
        return LET_IN if actor.kin or (_proved(actor) and _over(org, actor, (rest[0], "grid"))) else HIDDEN
    assert rule in FOR_STAFF, verdict
    return _for_staff(org, actor, rule, rest)


def _for_staff(org: Organisation, actor: Actor, rule: str, rest: list[str]) -> str:  # noqa: PLR0911
    if actor.role is None:
        return STAFF_ONLY
    if not actor.seated:
        return SIGN_IN
    if rule == "seated":
        return LET_IN
    if not actor.proved:
        return SECOND
    if rule == "staff":
        return HIDDEN if rest == ["nothing"] else LET_IN
    if rule == "any":
        return LET_IN if any(gives(actor.role, actor.code or 0, right) for right in rest[0].split("|")) else HIDDEN
    also = rest[rest.index("or") + 1 :] if "or" in rest else []
    return LET_IN if actor.name in also or _over(org, actor, (rest[0], rest[1])) else HIDDEN


def _proved(actor: Actor) -> bool:
    return actor.role is not None and actor.seated and actor.proved


def _over(org: Organisation, actor: Actor, what: tuple[str, str]) -> bool:
    rights, place = what
    target = org.places[Level(place)]
    if actor.role is None or actor.code is None:
        return False
    return inside(target, actor.code) and any(gives(actor.role, actor.code, right) for right in rights.split("|"))


_KINDS = {
    "not-signed-in": SIGN_IN, "session-over": SIGN_IN, "second-factor": SECOND, "post-missing": STAFF_ONLY,
    "step-up": STEP_UP,
}  # fmt: skip
_PLACES = {"/sign-in": SIGN_IN, "/second-factor": SECOND, "/step-up": STEP_UP}


def got(answer: Answer) -> str:
    """What an answer amounts to; a status that no verdict knows is told as it is."""
    where = (answer.header("location") or "").partition("?")[0]
    if answer.status == 303 and where in _PLACES and "next=" in (answer.header("location") or ""):
        return _PLACES[where]
    if answer.status in {200, 201, 202, 204, 303, 409, 422, 429}:
        return LET_IN
    if answer.status == 404:
        return HIDDEN
    if answer.status in {401, 403}:
        if (answer.header("content-type") or "").startswith("application/problem+json"):
            return _KINDS.get(answer.json()["type"], answer.json()["type"])
        return STAFF_ONLY if answer.status == 403 else SIGN_IN
    return str(answer.status)


def agree(expects: str, got_: str, answer: Answer, *, page: bool) -> bool:
    """Is this answer what the table says?"""
    if expects == got_:
        return True
    unread = page and answer.status in {401, 403}
    return unread and {expects, got_} in ({SIGN_IN, SECOND}, {STAFF_ONLY, STEP_UP})
