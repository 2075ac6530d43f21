"""Starts the load beside a server and reads what both processes and the database spent meanwhile."""

import json
import subprocess
import sys
import time
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.accounting import ROOT, cpu_s

# Answers leave after the commit, but the log writer and the like finish a moment later.
SETTLE_S = 0.5


@dataclass(frozen=True)
class Sheaf:
    """Requests as they go over the wire, one after the other in one file, with their lengths in another."""

    folder: Path

    @property
    def requests(self) -> Path:
        return self.folder / "requests"

    @property
    def lengths(self) -> Path:
        return self.folder / "lengths"

    @property
    def ids(self) -> Path:
        return self.folder / "ids"

    def write(self, requests: Iterable[bytes]) -> None:
        """Write the requests down, in order."""
        lengths = array("I")
        with self.requests.open("wb") as file:
            lengths.extend(file.write(request) for request in requests)
        self.lengths.write_bytes(lengths.tobytes())


@dataclass(frozen=True)
class Taken:
    """One phase: how many were answered well, in how long, and the processor time of server and database."""

    count: int
    seconds: float
    server_s: float
    database_s: float
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    pss_mb: float = 0.0
    rows: int = 0
    others: int = 0

    @property
    def per_s(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor time of server and database for one of them, in milliseconds."""
        return (self.server_s + self.database_s) * 1000 / max(1, self.count)


def drive(sheaf: Sheaf, server: tuple[int, int], postmaster: int, **how: float) -> Taken:
    """Send the sheaf to a server (root process, port). `how`: connections, seconds, and the status that is good."""
    pid, port = server
    spec = {"port": port, "requests": str(sheaf.requests), "lengths": str(sheaf.lengths), "ids": str(sheaf.ids), **how}
    command = [sys.executable, "-m", "tests.bench.client", json.dumps(spec)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        if client.stdout.readline() != "ready\n":
            raise SystemExit("the load could not connect")
        server_s, database_s = cpu_s(pid), cpu_s(postmaster)
        client.stdin.write("go\n")
        client.stdin.flush()
        result = json.loads(client.stdout.readline())
    time.sleep(SETTLE_S)
    return Taken(
        result["answered"], result["elapsed_s"], cpu_s(pid) - server_s, cpu_s(postmaster) - database_s,
        result["p50_ms"], result["p95_ms"], result["p99_ms"], others=sum(result["others"].values()),
    )  # fmt: skip
