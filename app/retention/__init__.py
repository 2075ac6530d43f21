"""Retention: how long each kind of record is kept, what happens then, and how much was erased when."""

from app.retention.counting import about_me, by_day, counted, erased
from app.retention.erasing import run
from app.retention.rules import CONFIGURABLE, LEDGER_DAYS, RULES, Rule, days_of
from app.retention.sealed import sealed_columns, sealed_through

__all__ = [
    "CONFIGURABLE", "LEDGER_DAYS", "RULES", "Rule", "about_me", "by_day", "counted", "days_of", "erased", "run",
    "sealed_columns", "sealed_through",
]  # fmt: skip
