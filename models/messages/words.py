"""The vocabulary of a message: ways out of the house, and the states of a delivery."""

from enum import StrEnum


class Channel(StrEnum):
    """Ways out of the house, beside the inbox, in which every message to an account lies from the first moment on."""

    PUSH = "push"
    SMS = "sms"
    WORK = "work"  # work notice of DingTalk, for staff
    ROBOT = "robot"  # a group's robot: counts and links, never people
    CALL = "call"  # the list of people a grid worker telephones: the last resort


class State(StrEnum):
    """Of one delivery. Only ever forward (`FORWARD`); what stands behind the colon is true of the message outside."""

    CREATED = "created"  # waits: nothing has left the house
    SENDING = "sending"  # a worker is at it
    PENDING = "pending"  # a gateway has taken it (or it stands on the call list); nobody has said that it arrived
    TEMPORARY_FAILURE = "temporary_failure"  # will be tried again
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent_failure"  # this recipient cannot receive this way
    TECHNICAL_FAILURE = "technical_failure"  # our side: wrong secret, given up, set aside
    CANCELLED = "cancelled"  # the reason has gone before anything was sent


_S = State
OVER = frozenset({_S.DELIVERED, _S.PERMANENT_FAILURE, _S.TECHNICAL_FAILURE, _S.CANCELLED})
# From -> to. A receipt may overtake the gateway's answer, so a delivery that is being sent may be over already.
FORWARD: dict[State, frozenset[State]] = {
    _S.CREATED: frozenset({_S.SENDING, _S.PENDING, _S.PERMANENT_FAILURE, _S.TECHNICAL_FAILURE, _S.CANCELLED}),
    _S.SENDING: OVER - {_S.CANCELLED} | {_S.PENDING, _S.TEMPORARY_FAILURE},
    _S.TEMPORARY_FAILURE: OVER | {_S.SENDING},
    _S.PENDING: OVER | {_S.TEMPORARY_FAILURE},
    **dict.fromkeys(OVER, frozenset()),
}
