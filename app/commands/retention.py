"""Retention by the operator's hand."""

from collections import Counter

import typer

from app import retention
from app.commands.kit import said, with_house
from app.house import House

retention_app = typer.Typer(no_args_is_help=True, help="How long things are kept.")


@retention_app.command("run")
def retention_run() -> None:
    """Erase now what has run out; the worker does it every hour."""

    async def erase(house: House) -> Counter[str]:
        return await retention.run(house.database, house.settings.retention_days)

    erased = with_house(erase)
    for kind, rows in sorted(erased.items()):
        said(f"{kind}: {rows:,} erased")
    if not erased:
        said("nothing had run out")


@retention_app.command("rules")
def retention_rules() -> None:
    """The rules: what is kept, and for how many days."""
    for rule in retention.RULES:
        after = "after the response" if rule.after == "response" else "days"
        said(f"{rule.kind:20} {rule.days:5} {after:20} {rule.what}")
