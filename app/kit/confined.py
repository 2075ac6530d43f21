"""Another process for what strangers bring: it reads one file from its standard input and can do nothing else."""

import resource
import sys
from pathlib import Path
from typing import Final

MEMORY: Final = 512 * 2**20
SECONDS: Final = 20  # of CPU

# By path, since -I (no environment, no working directory on the path) would not find a checkout.
_ROOT: Final = str(Path(__file__).resolve().parents[2])


def command(script: str, *words: str) -> list[str]:
    """How it is started: a fresh interpreter, deaf to environment and working directory. `script` finds the root of the
    checkout as its first argument."""
    return [sys.executable, "-I", "-B", "-c", script, _ROOT, *words]


def confine() -> None:
    """512 MiB, 20 s of CPU, not a byte to any file, and no new descriptor: neither a file nor a connection."""
    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NOFILE": 0, "RLIMIT_CPU": SECONDS}
    for name, limit in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (limit, limit))
        except (ValueError, OSError):
            # macOS, where the house is developed and not run, knows no limit of memory.
            if sys.platform != "darwin":
                raise
