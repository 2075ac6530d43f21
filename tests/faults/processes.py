"""Real processes on a port and a data directory of their own: started, killed, and never left behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from app.kit.settings import ROOT

READY_S = 40.0


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """`python -m app <command>` in a session of its own."""

    def __init__(self, command: str, data_dir: Path, port: int, dsn: str | None = None) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.port = port
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOUWANG_", "DATABASE_"))}
        self._env = kept | {"SHOUWANG_DATA_DIR": str(data_dir), "SHOUWANG_PORT": str(port)}
        if dsn is not None:
            self._env["DATABASE_URL"] = dsn
        self._command = [sys.executable, "-m", "app", command]
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `clean`)
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Start, wait until it says it is ready; how many seconds that took."""
        began = time.monotonic()
        self._process = subprocess.Popen(  # noqa: ASYNC220  (must outlive this call)
            self._command, cwd=ROOT, env=self._env, stdout=self._words, stderr=subprocess.STDOUT, start_new_session=True
        )
        async with httpx.AsyncClient(timeout=2) as client:
            while time.monotonic() - began < READY_S and self._process.poll() is None:
                try:
                    if (await client.get(f"{self.base}/health/ready")).status_code == 200:
                        return time.monotonic() - began
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"{self._command} did not get ready:\n{self.said()[-3000:]}")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def said(self) -> str:
        """What it printed so far."""
        self._words.seek(0)
        return self._words.read().decode(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """A signal to this process alone, as Ctrl-C or a service manager would send it."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self, within: float) -> float:
        """Wait for its end; how many seconds that took."""
        assert self._process is not None
        began = time.monotonic()
        while self._process.poll() is None:
            assert time.monotonic() - began < within, f"still running after {within} s:\n{self.said()[-3000:]}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)
        await self.ended(5)

    def clean(self) -> None:
        """Leave nothing running, whatever the test did."""
        if self._process is not None and self._process.poll() is None:
            for pid in (*descendants(self._process.pid), self._process.pid):
                end(pid)
            self._process.wait(10)
        self._words.close()


def descendants(pid: int) -> list[int]:
    """All processes below one, grandchildren included."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def postmaster_of(data_dir: Path) -> int | None:
    """The postmaster of a data directory, if it lives."""
    try:
        pid = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if alive(pid) else None


def alive(pid: int) -> bool:
    """Does a process run (a zombie does not)?"""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def end(pid: int) -> None:
    """kill -9 of one process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
