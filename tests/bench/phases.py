"""The three things measured in turn, each for some seconds, and what each cost: the limit, ours, the naive handler."""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import asyncpg

from app.kit import clock
from app.kit.postgres import bindir
from tests.bench import phones
from tests.bench.accounting import cpu_s, pss_mb
from tests.bench.driver import SETTLE_S, Sheaf, Taken, drive
from tests.bench.grounds import Grounds

# The bare row: values straight into columns. Only the three names are made up by the server, as cheaply as it can.
BARE = """\
\\set person random(1152921504606846976, 9223372036854775806)
\\set name random(1152921504606846976, 9223372036854775806)
\\set grid random(0, 199)
\\set degrees random(360, 369) / 10.0
INSERT INTO checkin (person_id, day, slot, id, region_code, filled_at, received_at, reporter_id, symptoms, \
rule_version, via, exposed, place, needs, verdict, flags, temperature, note_sealed) VALUES \
(rpad(to_hex(:person::bigint), 32, '0')::uuid, '{day}', 0, rpad(to_hex(:name::bigint), 32, '0')::uuid, \
{grid} + :grid::bigint, now(), now(), rpad(to_hex(:name::bigint), 32, '0')::uuid, 1, 1, 0, 0, 0, 0, 0, 0, \
:degrees, NULL);
"""


class Limit:
    """pgbench: what one bare single-row INSERT costs the database. pgbench's own processor time is not counted."""

    def __init__(self, ground: Grounds, work: Path, grid: int, connections: int) -> None:
        self._ground, self._connections = ground, connections
        own = bindir() / "pgbench"
        self._program = str(own) if own.exists() else shutil.which("pgbench") or sys.exit("pgbench was not found")
        self._script = work / "bare.sql"
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
        return Taken(count - self._connections, count / float(rate[1]), 0.0, spent - self._opening)


class Load:
    """A web server under keep-alive connections that always have one request on its way."""

    def __init__(self, ground: Grounds, work: Path, server: tuple[int, int], grids: list[int]) -> None:
        self._ground, self._work, self._grids = ground, work, grids
        self._server = server
        self.like, self.connections = "api", 64
        self.expected_per_s = 6_000.0

    async def take(self, seconds: float) -> Taken:
        """Prepare requests of people who have not reported, send them, and look every acknowledgement up as a row."""
        count = int(self.expected_per_s * seconds * 1.4) + 1000
        head = phones.LIKE[self.like].replace("{host}", f"127.0.0.1:{self._server[1]}")
        sheaf = Sheaf(self._work)
        sheaf.write(await phones.prepare(self._ground, self._grids, head, count))
        how = {"connections": self.connections, "seconds": seconds, "status": 201}
        taken = drive(sheaf, self._server, self._ground.postmaster, **how)
        self.expected_per_s = taken.per_s
        rows = await self._found(sheaf.ids.read_text().split())
        return replace(taken, rows=rows, pss_mb=pss_mb(self._server[0]))

    async def _found(self, acknowledged: list[str]) -> int:
        """How many of the acknowledged ids are rows."""
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
