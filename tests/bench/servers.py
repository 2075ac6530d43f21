"""Web servers as processes of their own, as an operator would start them."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.bench.accounting import ROOT
from tests.bench.grounds import Grounds

READY_S = 30
STOP_S = 15


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], env: dict[str, str], ready: str) -> Iterator[int]:
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=words, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _await(process, ready, words)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _await(process: "subprocess.Popen[bytes]", ready: str, words: "tempfile._TemporaryFileWrapper[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(ready, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    words.seek(0)
    raise SystemExit(f"{ready} did not answer 200:\n{words.read().decode(errors='replace')[-4000:]}")


@contextmanager
def ours(ground: Grounds, workers: int = 1) -> Iterator[tuple[int, int]]:
    """`shouwang serve`. Yields (root process, port)."""
    port = free_port()
    command = [sys.executable, "-m", "app", "serve", "--port", str(port), "--workers", str(workers)]
    with _running(command, ground.environment, f"http://127.0.0.1:{port}/health/ready") as pid:
        yield pid, port


@contextmanager
def naive(ground: Grounds) -> Iterator[tuple[int, int]]:
    """The naive handler under plain uvicorn. Yields (root process, port)."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "tests.bench.naive:app", "--host", "127.0.0.1", "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    env = ground.environment | {"BENCH_KEY_FILE": str(ground.settings.keys)}
    with _running(command, env, f"http://127.0.0.1:{port}/health/ready") as pid:
        yield pid, port
