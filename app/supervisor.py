"""Processes: web workers under uvicorn, and the whole house under one Ctrl-C."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import uvicorn
from rich.console import Console
from rich.table import Table

from app import demo, upkeep
from app.house import House
from app.kit import crypto, postgres
from app.kit.settings import ROOT, Settings

GRACE_S = 15
_PR_SET_PDEATHSIG = 1

out = Console()


def serve(settings: Settings) -> None:
    """Serve until told to stop. With several workers, uvicorn restarts one that dies."""
    crypto.keyring(settings.keys, development=settings.development)
    with ExitStack() as held:
        if settings.database_url is None:
            os.environ["DATABASE_URL"] = held.enter_context(postgres.serving(settings.data_dir)).dsn
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = held.enter_context(tempfile.TemporaryDirectory(prefix="shouwang-"))
        uvicorn.run(
            "app.main:create",
            factory=True,
            app_dir=str(ROOT),
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop="uvloop",
            http="routers.kit.deadlines:PatientProtocol",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            backlog=4096,
            proxy_headers=not settings.development,
            forwarded_allow_ips="*" if settings.behind_proxy else "127.0.0.1",
            timeout_keep_alive=30,
            timeout_graceful_shutdown=10,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )


def _die_with_parent() -> None:
    """In the child: when the parent is killed with -9, end as well (Linux; elsewhere the next start takes over)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.setpgrp()


def _must_be_free(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise postgres.PostgresUnavailable(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}): stop what runs there, "
                "or choose another port with SHOUWANG_PORT"
            ) from None


def run(settings: Settings, with_house: Callable[[Callable[[House], Awaitable[Any]]], Any]) -> None:
    """Prepare everything once, start web and worker, and stop all of it together."""
    _must_be_free(settings)
    with ExitStack() as held:
        if settings.database_url is None:
            out.print("starting PostgreSQL ...")
            os.environ["DATABASE_URL"] = held.enter_context(postgres.serving(settings.data_dir)).dsn
        began = time.monotonic()
        with_house(_prepare)
        out.print(f"database ready in {time.monotonic() - began:.1f} s")
        _look_after(settings)


async def _prepare(house: House) -> None:
    await upkeep.migrate(house)
    rows, new = await upkeep.load_regions(house)
    out.print(f"{rows:,} regions ({new:,} new)")
    if house.settings.development and await demo.load(house):
        out.print("demo village loaded")


def _look_after(settings: Settings) -> None:
    """Start the two processes and wait; when one ends or we are told to stop, stop both."""
    told: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: told.append(number))
    command = [sys.executable, "-m", "app"]
    children = [
        subprocess.Popen([*command, part], cwd=ROOT, preexec_fn=_die_with_parent)  # noqa: S603, PLW1509
        for part in ("serve", "worker")
    ]
    _greet(settings)
    while not told and all(child.poll() is None for child in children):
        time.sleep(0.2)
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if not told:
        raise SystemExit(1)
    out.print("stopped")


def _greet(settings: Settings) -> None:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    base = settings.origin or f"http://{host}:{settings.port}"
    out.print(f"\n守望 Shouwang is at [bold]{base}[/bold]   (Ctrl-C stops everything)\n")
    if not settings.development:
        return
    table = Table("sign in as", "phone", "start at", box=None, padding=(0, 2))
    for row in demo.hints(base):
        table.add_row(*row)
    out.print(table)
    out.print(f"\nany other mobile number registers a new resident; codes appear here and at {base}/dev/outbox\n")
