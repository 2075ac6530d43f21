"""Messages: written in the transaction of the fact they tell of. The table is the truth; gateways carry copies."""

from app.messages.again import SentAgain, TimeOver, Unreadable, send_again, send_failed_again
from app.messages.broadcasting import cancel_about, tell_each, told_of
from app.messages.inbox import inbox, read, read_all, unread, words_of
from app.messages.outbox import KEPT, connected, outbox, purge, ways_open
from app.messages.preferences import prefer, preferences
from app.messages.robots import RobotEnded, RobotThere, TooManyRobots, add_robot, end_robot, robots, trial_of, try_robot
from app.messages.stuck import stuck
from app.messages.subscriptions import push_key, subscribe, unsubscribe
from app.messages.telling import About, Telling, To, cancel, facts_of, tell, tell_many
from app.messages.templates import TooManyTrials, set_code, template, templates, try_out
from app.messages.why import answers, why
from app.messages.wording import Unfit, language

__all__ = [
    "KEPT", "About", "RobotEnded", "RobotThere", "SentAgain", "Telling", "TimeOver", "To", "TooManyRobots",
    "TooManyTrials", "Unfit", "Unreadable", "add_robot", "answers", "cancel", "cancel_about", "connected",
    "end_robot", "facts_of", "inbox", "language", "outbox", "prefer", "preferences", "purge", "push_key", "read",
    "read_all", "robots", "send_again", "send_failed_again", "set_code", "stuck", "subscribe", "tell", "tell_each",
    "tell_many", "template", "templates", "told_of", "trial_of", "try_out", "try_robot", "unread", "unsubscribe",
    "ways_open", "why", "words_of",
]  # fmt: skip
