"""What CI draws: another part for every commit, the same part again for the same one."""

import subprocess
from functools import cache
from pathlib import Path
from zlib import crc32


@cache
def commit() -> str:
    """The commit at hand; the same word everywhere outside a repository."""
    here = Path(__file__).resolve().parents[1]
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "none"


def number(what: str, below: int) -> int:
    """A number below another, by what is drawn and the commit."""
    return crc32(f"{commit()} {what}".encode()) % below
