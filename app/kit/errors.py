"""Refusals: the small catalogue of sentences with which a room says no. Doors render them, once."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


def N_(message: str) -> str:  # noqa: N802  (the name every gettext extractor knows)
    """Mark an English sentence for translation where it is written; the door translates it where it is read."""
    return message


@dataclass(frozen=True)
class Fault:
    """One wrong field: where (JSON pointer without the leading slash), what, and the words that help."""

    field: str
    message: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    """A room's no. `keep` = True means that what was written before the refusal stays (counters of tries)."""

    status = 409
    type = "state-conflict"
    title = N_("This cannot be done now")
    detail = N_("Please go back and try another way.")
    keep = False

    def __init__(
        self,
        detail: str | None = None,
        *,
        faults: tuple[Fault, ...] = (),
        retry_after: int | None = None,
        extra: Mapping[str, object] | None = None,
        **params: object,
    ) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.faults = faults
        self.retry_after = retry_after
        self.extra = dict(extra or {})
        self.params = params


class Invalid(Refusal):
    """One or more fields are wrong; every one of them is named at once."""

    status, type = 422, "invalid"
    title = N_("Please check what you filled in")
    detail = N_("Some answers need another look. Nothing has been lost.")


class Confirm(Refusal):
    """Odd but possible: carries the reading we propose."""

    status, type = 422, "confirm"
    title = N_("Please confirm")
    detail = N_("Is this what you meant?")


class KeyReused(Refusal):
    """The same id came with other content."""

    status, type = 422, "key-reused"
    title = N_("This report number was already used")
    detail = N_("The same report was sent before with other answers. Please fill in the form once more.")


class NotFound(Refusal):
    """Not there, or not yours to see: the same words for both."""

    status, type = 404, "not-found"
    title = N_("Not found")
    detail = N_("There is nothing at this address that you may see.")


class NotSignedIn(Refusal):
    """No valid sign-in came with the request."""

    status, type = 401, "not-signed-in"
    title = N_("Please sign in")
    detail = N_("Sign in with your phone number, then fill in the form once more: nothing of it was stored.")


class PostMissing(Refusal):
    """A staff act by somebody who holds no post."""

    status, type = 403, "post-missing"
    title = N_("This page is for staff")
    detail = N_("Your account holds no post. Your village office can add one.")


class QuotaSpent(Refusal):
    """Too many, too fast."""

    status, type = 429, "quota-spent"
    title = N_("Too many requests")
    detail = N_("Please wait a little and try again.")


class Overloaded(Refusal):
    """The house cannot write now. The phone keeps its queue."""

    status, type = 503, "overloaded"
    title = N_("Very busy just now")
    detail = N_("Your report is not lost: keep this page and try again in a moment.")
