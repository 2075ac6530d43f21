"""Starts, shares and stops the PostgreSQL that ships with the house, for any number of processes at once."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.kit.postgres_site import WAIT, PostgresUnavailable, Site, bindir, digest, run_as, site_of, version_of

__all__ = ["PostgresUnavailable", "Server", "bindir", "serving", "start", "stop"]

ROLE = "shouwang"
SOCKET = ".s.PGSQL.5432"
NOBODY_HAS_THIS_PID = "2147483647"
CREATE_DATABASE = (
    "SELECT format('CREATE DATABASE %I', :'name')"
    " WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n"
)
CONF = """\
listen_addresses = ''
port = 5432
unix_socket_directories = '{run}'
max_connections = 100
shared_buffers = {buffers}
# A reminder to 300,000 people writes 200 MB of log at once.
wal_buffers = 16MB
fsync = on
synchronous_commit = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# One file a weekday, overwritten a week later: the log never grows without end.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
"""


@dataclass(frozen=True)
class Server:
    """A running server and the address of one database on it."""

    dsn: str
    postmaster_pid: int
    bindir: Path
    data: Path


def start(data_dir: Path, *, database: str = ROLE) -> Server:
    """Make the cluster, start the server and create the database, each only where it is missing."""
    data_dir = data_dir.expanduser().resolve()
    with _turn(data_dir):
        return _started(site_of(data_dir), database)


@contextmanager
def serving(data_dir: Path, *, database: str = ROLE) -> Iterator[Server]:
    """Hold the server up while the block runs; the last holder to leave, of any process, stops it."""
    data_dir = data_dir.expanduser().resolve()
    with _turn(data_dir):
        site = site_of(data_dir)
        server = _started(site, database)
        holder = _opened(data_dir / "postgres.holders")
        fcntl.flock(holder, fcntl.LOCK_SH)
    try:
        yield server
    finally:
        try:
            with _turn(data_dir), suppress(BlockingIOError):
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stopped(site)
        finally:
            fcntl.flock(holder, fcntl.LOCK_UN)  # closing is not enough while a forked child has a copy
            os.close(holder)


def stop(data_dir: Path) -> bool:
    """Stop the server whoever holds it; False when none was running."""
    data_dir = data_dir.expanduser().resolve()
    if not os.path.lexists(data_dir / "postgres"):
        return False
    with _turn(data_dir):
        return _stopped(site_of(data_dir))


@contextmanager
def _turn(data_dir: Path) -> Iterator[None]:
    """One process at a time may start or stop; what the system refuses becomes a sentence."""
    try:
        if not data_dir.exists():
            _make(data_dir)
        lock = _opened(data_dir / "postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PostgresUnavailable(f"PostgreSQL in {data_dir}: {error}. Check disk space and ownership.") from error


def _make(data_dir: Path) -> None:
    """Let the directory appear with its mode already set: another process may be waiting for it."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{data_dir.name}-", dir=data_dir.parent))
    # Root's is passable but not readable, so that the unprivileged account can reach its cluster inside.
    draft.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        draft.rename(data_dir)
    except OSError:
        draft.rmdir()
        if not data_dir.is_dir():
            raise


def _opened(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:  # the owner of the directory must be able to use the lock after root has been here
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _started(site: Site, database: str) -> Server:
    version = version_of(site.bindir)
    if not (site.data / "PG_VERSION").exists():
        _initialise(site)
    made_by = (site.data / "PG_VERSION").read_text().strip()
    if made_by != version.partition(".")[0]:
        raise PostgresUnavailable(
            f"{site.data} was made by PostgreSQL {made_by}, but {site.bindir} is PostgreSQL {version}: set"
            f" SHOUWANG_PG_BINDIR to the programs of PostgreSQL {made_by}, or move the data with pg_upgrade."
        )
    postmaster = _ready(site) or _launch(site)
    host = quote(postmaster[4], safe="")
    made = site.run("psql", "-Xqwv", "ON_ERROR_STOP=1", "-v", f"name={database}", "-f", "-",
                    f"postgresql://{ROLE}@/postgres?host={host}&port=5432", script=CREATE_DATABASE)  # fmt: skip
    if made.returncode:
        raise _failure(site, f"PostgreSQL runs but database {database} cannot be opened", made)
    dsn = f"postgresql://{ROLE}@/{quote(database, safe='')}?host={host}"
    return Server(dsn, int(postmaster[0]), site.bindir, site.data)


def _initialise(site: Site) -> None:
    """Make the cluster beside its place and move it in whole: a start cut short leaves nothing half made."""
    if site.data.exists() and any(site.data.iterdir()):
        raise PostgresUnavailable(f"{site.data} is not empty and not a PostgreSQL cluster: move it away.")
    draft = site.data.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    _private(site, draft)
    made = site.run("initdb", "-D", draft, "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--data-checksums")  # fmt: skip
    if made.returncode == 0:
        made = run_as(["tee", "-a", f"{draft}/postgresql.conf"], site.account, "\ninclude_if_exists 'shouwang.conf'\n")
    if made.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise _failure(site, f"initdb could not make a cluster in {site.data}", made)
    draft.rename(site.data)
    directory = os.open(site.data.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def _private(site: Site, path: Path) -> Path:
    """A 0700 directory of the cluster's owner; one that belongs to somebody else is refused."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if site.account:
            os.chown(path, site.account.uid, site.account.gid, follow_symlinks=False)
    found = path.lstat()
    if found.st_uid != _uid(site) or found.st_mode & 0o170077 != 0o040000:
        raise PostgresUnavailable(f"{path} must be a directory of uid {_uid(site)} with mode 0700: remove it.")
    return path


def _uid(site: Site) -> int:
    return site.account.uid if site.account else os.geteuid()


def _socket_dir(site: Site) -> Path:
    near = site.home / "run"
    # 90 bytes stay under every system's limit; the other characters mean something to one of the clients.
    if len(os.fsencode(near / SOCKET)) < 90 and not set(str(near)) & set(",:;'% "):
        return _private(site, near)
    return _private(site, Path(f"/tmp/shouwang-{_uid(site)}-{digest(site.data)}"))  # noqa: S108


def _postmaster(site: Site) -> list[str]:
    """The lines of postmaster.pid while that very server lives; a stale file whose pid is somebody else's: []."""
    try:
        lines = (site.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    if not lines or not lines[0].strip().isdigit():
        return []
    process = Path("/proc", lines[0].strip())
    if not Path("/proc/self").exists():
        return lines if site.run("pg_ctl", "-D", site.data, "status").returncode == 0 else []
    with suppress(OSError):
        argv = (process / "cmdline").read_bytes().split(b"\0")  # empty for a zombie
        if os.fsencode(site.data) in argv or os.path.realpath(process / "cwd") == str(site.data):
            return lines
    return []


def _ready(site: Site) -> list[str]:
    """Wait out a server that is starting or stopping; [] when none is left."""
    deadline = time.monotonic() + WAIT
    while lines := _postmaster(site):
        if lines[7:] and lines[7].strip() == "ready":
            return lines
        if time.monotonic() > deadline:
            raise PostgresUnavailable(f"PostgreSQL in {site.data} is {' '.join(lines[7:])} too long: {_tail(site)}")
        time.sleep(0.05)
    return []


def _launch(site: Site) -> list[str]:
    run = _socket_dir(site)
    buffers = os.environ.get("SHOUWANG_PG_SHARED_BUFFERS") or "128MB"
    if not re.fullmatch(r"\d+(kB|MB|GB)", buffers):
        raise PostgresUnavailable(f"SHOUWANG_PG_SHARED_BUFFERS={buffers}: write it like 128MB.")
    written = run_as(["tee", f"{site.data}/shouwang.conf"], site.account, CONF.format(run=run, buffers=buffers))
    if written.returncode:
        raise _failure(site, f"{site.data} cannot be written", written)
    for stale in (run / SOCKET, run / f"{SOCKET}.lock", site.data / "start.log"):
        stale.unlink(missing_ok=True)
    _disown_stale_pid(site)
    for attempt in range(40):
        tried = site.run("pg_ctl", "-D", site.data, "-l", site.data / "start.log", "-wst", str(WAIT), "start")
        if tried.returncode == 0 and (lines := _ready(site)):
            return lines
        # Backends of a killed postmaster end by themselves, the busy ones a little later.
        if attempt == 39 or "shared memory block" not in _tail(site):
            break
        time.sleep(0.25)
    raise _failure(site, f"PostgreSQL did not start in {site.data}", tried)


def _disown_stale_pid(site: Site) -> None:
    """Let a crashed server's pid file not block the next one because its number now belongs to another process.

    The file stays: PostgreSQL reads from it whether orphaned backends still use the shared memory.
    """
    stale = site.data / "postmaster.pid"
    if not stale.exists():
        return
    lines = stale.read_text().splitlines()
    if len(lines) < 7:  # cut short by a full disk or a power failure; PostgreSQL would refuse it for ever
        stale.unlink()
    else:
        run_as(["tee", str(stale)], site.account, "\n".join([NOBODY_HAS_THIS_PID, *lines[1:], ""]))


def _stopped(site: Site) -> bool:
    lines = _postmaster(site)
    if not lines:
        return False
    tried = site.run("pg_ctl", "-D", site.data, "-wst", str(WAIT), "-m", "fast", "stop")
    if _postmaster(site):
        raise _failure(site, f"PostgreSQL did not stop in {site.data}", tried)
    with suppress(OSError, IndexError):
        Path(lines[4]).rmdir()  # the socket directory, made anew at the next start: /tmp stays clean
    return True


def _tail(site: Site) -> str:
    logs = [site.data / "start.log", *sorted((site.data / "log").glob("*.log"), key=os.path.getmtime)[-1:]]
    return run_as(["tail", "-qn", "12", *map(str, logs)], site.account).stdout.strip()


def _failure(site: Site, what: str, done: subprocess.CompletedProcess[str]) -> PostgresUnavailable:
    said = "\n".join(filter(None, (done.stderr.strip() or done.stdout.strip()[-2000:], _tail(site))))
    return PostgresUnavailable(f"{what}: check disk space, ownership and the lines below.\n{said}")
