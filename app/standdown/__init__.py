"""Stand-down: the end of a response. Posts and sessions end, its keys are destroyed, a signed certificate says so."""

from app.standdown.asking import (
    Alone,
    AlreadyAsked,
    RequestRunOut,
    WrongName,
    approve,
    ask,
    by_operator,
    may_approve,
    may_ask,
    pending,
)  # fmt: skip
from app.standdown.certifying import Checked, certificate_of, certificates, check, document_of
from app.standdown.concerned import County, concerned, people_in
from app.standdown.watch import Watch

__all__ = [
    "Alone", "AlreadyAsked", "Checked", "County", "RequestRunOut", "Watch", "WrongName", "approve", "ask",
    "by_operator", "certificate_of", "certificates", "check", "concerned", "document_of", "may_approve", "may_ask",
    "pending", "people_in",
]  # fmt: skip
