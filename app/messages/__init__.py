"""Messages: written in the transaction of the fact they tell of. The table is the truth; gateways carry copies."""

from app.messages.broadcasting import cancel_about, tell_each
from app.messages.outbox import KEPT, connected, outbox, purge
from app.messages.telling import About, Telling, To, cancel, facts_of, tell, tell_many
from app.messages.wording import Unfit

__all__ = [
    "KEPT", "About", "Telling", "To", "Unfit", "cancel", "cancel_about", "connected", "facts_of", "outbox", "purge",
    "tell", "tell_each", "tell_many",
]  # fmt: skip
