"""The three things measured in turn, each for some seconds, and what each cost: the limit, ours, the naive handler."""

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.kit.postgres import bindir
from tests.bench import phones
from tests.bench.accounting import ROOT, cpu_s, pss_mb
from tests.bench.grounds import Grounds
from tests.bench.phones import Sheaf

SETTLE_S = 0.5

# The bare row: values straight into columns. Only the three names are made up by the server, as cheaply as it can.
BARE = """\
\\set person random(1152921504606846976, 9223372036854775806)
\\set name random(1152921504606846976, 9223372036854775806)
\\set grid random(0, 199)
\\set degrees random(360, 369) / 10.0
INSERT INTO checkin (person_id, day, slot, id, region_code, filled_at, received_at, reporter_id, symptoms, \
rule_version, via, exposed, place, needs, verdict, flags, temperature, note_sealed) VALUES \
(rpad(to_hex(:person::bigint), 32, '0')::uuid, '{day}', 0, rpad(to_hex(:name::bigint), 32, '0')::uuid, \
{grid} + :grid::bigint, now(), now(), rpad(to_hex(:name::bigint), 32, '0')::uuid, 1, 1, 0, 0, 0, 0, 0, 0, :degrees, NULL);
"""


@dataclass(frozen=True)
class Taken:
    """One phase: how many were stored, in how long, and the processor time of server and database."""

    count: int
    seconds: float
    server_s: float
    database_s: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    pss_mb: float = 0.0
    rows: int = 0
    others: tuple[tuple[str, int], ...] = ()

    @property
    def per_s(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Processor time of server and database for one stored check-in, in milliseconds."""
        return (self.server_s + self.database_s) * 1000 / max(1, self.count)


class Limit:
    """pgbench: what one bare single-row INSERT costs the database. pgbench's own processor time is not counted."""

    def __init__(self, ground: Grounds, work: Path, grid: int, connections: int) -> None:
        self._ground, self._connections = ground, connections
        own = bindir() / "pgbench"
        self._program = str(own) if own.exists() else shutil.which("pgbench") or sys.exit("pgbench was not found")
        self._script = work / "bare.sql"
        from app.kit import clock

        self._script.write_text(BARE.format(day=clock.today(), grid=grid))
        # Opening the connections costs more than a thousand rows: measured apart, and taken off.
        self._run("-t", "1")
        self._opening, _, _ = self._run("-t", "1")

    def _run(self, *how: str) -> tuple[float, int, str]:
        command = [self._program, "-n", "-M", "prepared", "-c", str(self._connections), "-j", "2", *how,
                   "-f", str(self._script), self._ground.dsn]  # fmt: skip
        before = cpu_s(self._ground.postmaster)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        time.sleep(SETTLE_S)
        spent = cpu_s(self._ground.postmaster) - before
        found = re.search(r"transactions actually processed: (\d+)", done.stdout)
        if done.returncode or not found:
            raise SystemExit(f"pgbench failed:\n{done.stderr}{done.stdout}")
        return spent, int(found[1]), done.stdout

    def take(self, seconds: float) -> Taken:
        """Run for some whole seconds."""
        spent, count, said = self._run("-T", str(max(1, round(seconds))))
        rate = re.search(r"tps = ([\d.]+)", said)
        assert rate is not None
        return Taken(count - self._connections, count / float(rate[1]), 0.0, spent - self._opening, rows=count)


class Load:
    """A web server under keep-alive connections that always have one request on its way."""

    def __init__(self, ground: Grounds, work: Path, server: tuple[int, int], grids: list[int]) -> None:
        self._ground, self._work, self._grids = ground, work, grids
        self.pid, self._port = server
        self.like, self.connections = "api", 64
        self.expected_per_s = 6_000.0

    async def take(self, seconds: float) -> Taken:
        """Prepare requests of people who have not reported, send them, and look every acknowledgement up as a row."""
        work, count = self._work, int(self.expected_per_s * seconds * 1.4) + 1000
        head = phones.LIKE[self.like].replace("{host}", f"127.0.0.1:{self._port}")
        sheaf = Sheaf(work / "requests", work / "lengths", count)
        await phones.prepare(self._ground, self._grids, sheaf, head)
        spec = {
            "port": self._port, "connections": self.connections, "seconds": seconds,
            "requests": str(sheaf.requests), "lengths": str(sheaf.lengths), "ids": str(work / "ids"),
        }  # fmt: skip
        result, server_s, database_s = self._drive(json.dumps(spec))
        self.expected_per_s = result["acknowledged"] / result["elapsed_s"]
        return Taken(
            result["acknowledged"], result["elapsed_s"], server_s, database_s, result["p50_ms"], result["p99_ms"],
            pss_mb(self.pid), await self._found(work / "ids"), tuple(result["others"].items()),
        )  # fmt: skip

    def _drive(self, spec: str) -> tuple[dict[str, float], float, float]:
        command = [sys.executable, "-m", "tests.bench.client", spec]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as client:
            assert client.stdin is not None and client.stdout is not None
            if client.stdout.readline() != "ready\n":
                raise SystemExit("the load could not connect")
            server, database = cpu_s(self.pid), cpu_s(self._ground.postmaster)
            client.stdin.write("go\n")
            client.stdin.flush()
            result = json.loads(client.stdout.readline())
        time.sleep(SETTLE_S)
        return result, cpu_s(self.pid) - server, cpu_s(self._ground.postmaster) - database

    async def _found(self, ids: Path) -> int:
        """How many of the acknowledged ids are rows."""
        acknowledged = ids.read_text().split()
        connection = await asyncpg.connect(self._ground.dsn)
        try:
            await connection.execute("CREATE TEMP TABLE acknowledged (id uuid)")
            await connection.copy_records_to_table("acknowledged", records=((name,) for name in acknowledged))
            found: int = await connection.fetchval(
                "SELECT count(DISTINCT id) FROM acknowledged JOIN checkin USING (id)"
            )
            return found
        finally:
            await connection.close()
