"""Processes: web workers under uvicorn, and the whole house under one Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from app import demo, upkeep, web
from app.house import House
from app.keeper import Pauses, die_with_parent
from app.kit import crypto, postgres
from app.kit.settings import ROOT, Settings

GRACE_S = 15
LOOK_S = 0.2

out = Console()

Children = dict[str, subprocess.Popen[bytes]]


@contextmanager
def database(settings: Settings) -> Iterator[None]:
    """DATABASE_URL for this process and its children while the block runs: the one given, or the embedded server."""
    if settings.database_url is not None:
        yield
        return
    with ExitStack() as held:
        with _signals_wait():
            os.environ["DATABASE_URL"] = held.enter_context(postgres.serving(settings.data_dir)).dsn
        try:
            yield
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Signals take effect after the block: a server that is half started has nobody yet who would stop it."""
    came: list[int] = []
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    for name in before:
        signal.signal(name, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    for number in came:
        signal.raise_signal(number)


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    web.heed_sigterm()
    crypto.keyring(settings.keys, development=settings.development)  # what is wrong with it is said here, in a line
    if settings.database_url is not None and settings.workers == 1:
        # Nothing is held up here: this process becomes one that knows no commands, and is 4 MB smaller.
        os.execv(sys.executable, [sys.executable, "-m", "app.web"])  # noqa: S606  (no shell is what is wanted)
    with database(settings):
        web.serve(settings)


def _alone_but_not_orphaned() -> None:
    """In the child: Ctrl-C reaches the parent alone, and with the parent the child ends."""
    die_with_parent()
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
    web.heed_sigterm()
    _must_be_free(settings)
    if settings.database_url is None:
        out.print("starting PostgreSQL ...")
    with database(settings):
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


def _started(part: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "app", part]
    return subprocess.Popen(command, cwd=ROOT, preexec_fn=_alone_but_not_orphaned)  # noqa: S603, PLW1509


class Revival:
    """A worker that was killed comes back: soon, and after ever longer pauses when it is killed again and again."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._pauses, self._due = now, Pauses(now), 0.0

    def look(self, children: Children, start: Callable[[str], "subprocess.Popen[bytes]"] = _started) -> None:
        """Start the worker again when it is dead and its pause is over."""
        child, now = children["worker"], self._now()
        if child.poll() is None or child.returncode >= 0:
            return
        if not self._due:
            self._due = now + self._pauses.after_death()
            name = signal.Signals(-child.returncode).name
            out.print(f"`shouwang worker` was ended by {name}; it is started again", soft_wrap=True)
        elif now >= self._due:
            children["worker"], self._due = start("worker"), 0.0
            self._pauses.born()


def over(children: Children) -> bool:
    """Has a process ended that does not come back? Nobody waits at the worker's door: one that is killed does."""
    dead = {part: child.returncode for part, child in children.items() if child.poll() is not None}
    return any(part != "worker" or code >= 0 for part, code in dead.items())


def _look_after(settings: Settings) -> None:
    """Start the two processes and wait; when one ends for good or we are told to stop, stop both."""
    told: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda number, _: told.append(number))
    children: Children = {part: _started(part) for part in ("serve", "worker")}
    greeted, revival = False, Revival()
    while not told and not over(children):
        if not greeted and (greeted := _answers(settings)):
            _greet(settings)
        revival.look(children)
        time.sleep(LOOK_S)
    ended = {part: child.returncode for part, child in children.items() if child.poll() is not None}
    _stop(children)
    if told:
        out.print("stopped")
        return
    for part, code in ended.items():
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        out.print(f"`shouwang {part}` {how}; what it said stands above. Everything was stopped.", soft_wrap=True)
    raise SystemExit(1)


def _stop(children: Children) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE_S
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _near(settings: Settings) -> str:
    """The bound address as this machine itself reaches it."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104


def _answers(settings: Settings) -> bool:
    """Is the house ready? Under TLS only whether the port is open: the certificate is made for another name."""
    if settings.tls_cert is not None:
        try:
            socket.create_connection((_near(settings), settings.port), timeout=1).close()
        except OSError:
            return False
        return True
    asking = HTTPConnection(_near(settings), settings.port, timeout=2)
    try:
        # The one name that is answered in every configuration, whatever the bind address.
        asking.request("GET", "/health/ready", headers={"Host": f"127.0.0.1:{settings.port}"})
        return asking.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def _greet(settings: Settings) -> None:
    host = _near(settings)
    scheme = "http" if settings.tls_cert is None else "https"
    base = settings.origin or f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"
    lines = ["", f"守望 Shouwang is at {base}   (Ctrl-C stops everything)", ""]
    if settings.development:
        lines += _aligned([("sign in as", "phone", "start at"), *demo.hints(base)])
        lines += [
            "",
            "any other mobile number registers a new resident;",
            f"codes appear here and at {base}/dev/outbox",
            "",
        ]
    # Plain lines: an address that is cut off at the edge of the terminal is no address.
    out.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    """Columns of equal width on a terminal, where a Chinese character is two cells wide."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
