"""Measurements against real limits; they live in tests/bench of the checkout."""

import os
import sys

import typer

from app.commands.kit import Stop
from app.kit.settings import ROOT

bench_app = typer.Typer(no_args_is_help=True, help="Measurements against real limits.")

# Command -> what it measures; each takes --json and --strict, and its own arguments with --help.
MEASURED = {
    "checkins": "Check-ins over HTTP against pgbench and a naive handler, in one run.",
    "pages": "Time and weight of the resident's pages.",
    "roll-call": "Roll call of a grid of 1,000 with 10 million check-ins stored, with the plan.",
    "directory": "Directory search over 1.23 million posts, with the plans.",
    "import": "1.23 million posts from one sheet: seconds, memory, the same sheet again.",
    "audit": "The sealing of the ledger against 5,000 acts a second.",
    "ladder": "The ticks of an evening on which 300,000 people have not reported.",
    "scope": "What the scope predicate adds to a list query.",
    "messages": "Messages: 100,000 written at once, 20,000 delivered, the wait behind one that kills its worker.",
}


def _measuring(what: str, words: str) -> None:
    @bench_app.command(what, help=words, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
    def measure(context: typer.Context) -> None:
        script = ROOT / "tests" / "bench" / f"bench_{what.replace('-', '_')}.py"
        if not script.exists():
            raise Stop("the measurements live in tests/bench of the checkout, which is not here")
        os.execv(sys.executable, [sys.executable, str(script), *context.args])  # noqa: S606


for _what, _words in MEASURED.items():
    _measuring(_what, _words)
