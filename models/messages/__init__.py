"""Messages to people: what they are told, by which ways, and what became of it."""

from models.messages.tables import (
    OPEN,
    Delivery,
    DeliveryAttempt,
    Message,
    Preference,
    Receipt,
    Robot,
    RobotPosting,
    Subscription,
    TemplateCode,
)
from models.messages.words import FORWARD, OVER, Channel, State

__all__ = [
    "FORWARD", "OPEN", "OVER", "Channel", "Delivery", "DeliveryAttempt", "Message", "Preference", "Receipt", "Robot",
    "RobotPosting", "State", "Subscription", "TemplateCode",
]  # fmt: skip
