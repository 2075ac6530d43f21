"""The house rules, held by machines: sizes, who may call what, what may be imported where."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.kit import db
from routers import api, pages
from routers.kit import deps
from tests.statements import banned

ROOT = Path(__file__).resolve().parents[1]
CODE = ("app", "models", "routers")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

MOST_LINES = {".py": 300, ".html": 150, ".js": 120, ".css": 250}
MOST_IN_FUNCTION = 40
SKIPPED = {"node_modules", "versions"}

# Everything else asks who is there. Places and health are nobody's data; signing in comes before being somebody.
PUBLIC = {
    "GET /health/live", "GET /health/ready", "GET /metrics", "GET /api/v1/regions", "GET /api/v1/regions/{code}",
    "POST /api/v1/sign-in/code", "POST /api/v1/sign-in", "GET /dev/outbox.json", "GET /service-worker.js",
    "GET /manifest.webmanifest", "GET /offline", "POST /sign-in/code", "POST /sign-in", "POST /settings/language",
    "POST /settings/text", "POST /api/v1/sign-in/passkey/options", "POST /api/v1/sign-in/passkey",
    "POST /sign-in/passkey", "POST /api/v1/receipts/{provider}/{token}",
}  # fmt: skip
# A look of staff at a person is written down before the answer leaves, in a short transaction of its own.
WRITES_ON_READING = {
    "GET /api/v1/checkins", "GET /checkins/{person_id}/{day}/{slot}", "GET /residents/{person_id}",
    "GET /checkins/new", "GET /roll-call/{code}", "GET /api/v1/regions/{code}/roll-call", "GET /appeals/{appeal_id}",
    "GET /api/v1/appeals/{appeal_id}",
    "GET /api/v1/notices/{notice_id}", "GET /notices/{notice_id}", "GET /api/v1/messages/unit", "GET /messages/unit",
    "GET /api/v1/messages/{post_id}", "GET /messages/{post_id}",
    "GET /api/v1/tasks", "GET /api/v1/tasks/{task_id}", "GET /staff/day", "GET /staff/tasks/{task_id}",
    "GET /api/v1/tasks/{task_id}/photos/{photo_id}", "GET /staff/tasks/{task_id}/photos/{photo_id}",
    "GET /staff/tasks/new", "GET /api/v1/calls", "GET /staff/calls",
    "GET /api/v1/inbox/{message_id}",
    "GET /inbox/{message_id}", "GET /residents/{person_id}/reminders", "GET /api/v1/residents/{person_id}/reminders",
}  # fmt: skip

# The few modules that speak to PostgreSQL without the ORM, and so without the guard over tables about people.
BARE = {
    "app/kit/db.py", "app/accounts/endings.py", "app/checkins/writer.py", "app/regions.py", "app/audit/sealer.py",
    "app/audit/verifying.py", "app/appointments/staging.py", "app/messages/desk.py", "app/messages/office.py",
}  # fmt: skip
# The queue of deliveries is local whatever the cluster, and so are the tables that its library brings along.
ALLOWED = {
    "app/messages/relay.py": {"SKIP LOCKED"},
    "alembic/versions/20261123_messages.py": {"trigger", "identity column"},
}
_BARE = re.compile(r"asyncpg\.connect\(|create_pool|import .*\bconnect\b|driver_connection")
SCOPES = {"within", "own", "upkeep", "demo", "retention", "standdown", "tasks"}
# Doors name the type of the session they hand on; one place tells a database error from a bug of ours.
SQL_NAMES_IN_DOORS = {"AsyncSession", "DBAPIError"}
# Doors without a room: how the house is, what it looks like, what was just asked.
NO_ROOM = {
    "health", "lane", "home", "pwa", "dev", "roll", "me", "posts", "duty", "factors", "gateways", "robots", "receipts",
    "task_board", "task_ladders",
}  # fmt: skip


def files(*folders: str, suffix: str = ".py") -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if not SKIPPED & set(path.relative_to(ROOT).parts):
                yield path


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of everything a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_no_file_is_longer_than_a_few_screens() -> None:
    long = {
        short(path): lines
        for suffix, most in MOST_LINES.items()
        for path in files(*CODE, "tests", "frontend", "alembic", suffix=suffix)
        if (lines := len(path.read_text().splitlines())) >= most
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in files(*CODE, "tests", "alembic"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                if body and (node.end_lineno or 0) - body[0].lineno + 1 >= MOST_IN_FUNCTION:
                    long[f"{short(path)}:{node.name}"] = (node.end_lineno or 0) - body[0].lineno + 1
    assert long == {}


def test_a_package_named_alembic_would_hide_the_tool() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_every_package_is_installed_and_no_other() -> None:
    packages = {short(path.parent).replace("/", ".") for path in files(*CODE) if path.name == "__init__.py"}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages


# --- doors -----------------------------------------------------------------------------------------------------------


def routes() -> list[tuple[str, APIRoute]]:
    return [
        (f"{method} {route.path}", route)
        for router in (*api.routers(), *pages.routers(development=True))
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods - {"HEAD"})
    ]


def callers(dependant: Dependant) -> set[object]:
    """Everything that a route depends on, however deep."""
    found: set[object] = set()
    for each in dependant.dependencies:
        found |= {each.call} | callers(each)
    return found


def test_every_route_declares_who_may_call_it() -> None:
    open_to_all = {name for name, route in routes() if deps.visitor not in callers(route.dependant)}
    assert open_to_all == PUBLIC


def test_reading_routes_open_no_writing_session() -> None:
    writing = {
        name for name, route in routes() if name.startswith("GET") and "writing" in route.endpoint.__code__.co_names
    }
    assert writing == WRITES_ON_READING
    assert sorted(deps.SAFE) == ["GET", "HEAD", "OPTIONS"]


def test_the_session_commits_before_the_answer_leaves() -> None:
    scopes = {
        each.scope for _, route in routes() for each in route.dependant.dependencies if each.call is deps._transaction
    }
    assert scopes == {"function"}


def test_the_outbox_does_not_exist_in_production() -> None:
    paths = {route.path for router in pages.routers(development=False) for route in router.routes}  # type: ignore[attr-defined]
    assert paths
    assert not any("/dev" in path for path in paths)


def test_doors_speak_no_sql() -> None:
    named = {
        name
        for path in files("routers")
        for module, name in imported(path)
        if module.split(".")[0] in {"sqlalchemy", "sqlmodel", "asyncpg"}
    }
    assert named <= SQL_NAMES_IN_DOORS


def test_a_door_is_named_after_its_room() -> None:
    rooms = {path.stem for path in (ROOT / "app").iterdir()}
    doors = {path.stem for path in files("routers/api", "routers/pages") if path.stem != "__init__"}
    assert doors - rooms == NO_ROOM


def test_no_middleware_that_leaks_connections_of_cancelled_requests() -> None:
    assert not any(name == "BaseHTTPMiddleware" for path in files(*CODE) for _, name in imported(path))


# --- floors ----------------------------------------------------------------------------------------------------------


def layers() -> list[str]:
    (contract,) = [one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return contract["layers"]


def test_every_room_has_a_floor() -> None:
    floors = {name.strip() for layer in layers() for name in layer.split("|")}
    there = {f"app.{path.stem}" for path in (ROOT / "app").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert there - floors - {"app.__init__", "app.__main__", "app.__pycache__", "app.data"} == set()
    assert {name for name in floors if name.startswith("app.")} <= there


def test_modules_without_the_guard_are_few_and_known() -> None:
    bare = {short(path) for path in files(*CODE) if _BARE.search(path.read_text())}
    assert bare == BARE


@pytest.mark.proves("T03")
def test_every_statement_about_people_says_one_of_few_things() -> None:
    said: dict[str, set[str]] = {}
    for path in files(*CODE):
        for scope in re.findall(r"""scope["']?\s*[=:]\s*["']([a-z]+)["']""", path.read_text()):
            said.setdefault(scope, set()).add(short(path))
    said.pop("function", None)  # of a FastAPI dependency
    assert set(said) <= SCOPES
    assert said["within"] == {"app/regions.py", "app/checkins/roll.py"}
    assert said.get("demo", set()) <= {"app/demo.py"}
    assert said.get("retention", set()) <= {"app/retention/erasing.py", "app/standdown/certifying.py"}
    assert said.get("upkeep", set()) <= {"app/checkins/partitions.py", "app/residents/correcting.py"}
    assert said["tasks"] == {"app/tasks/tending.py", "app/checkins/chasing.py"}  # who is accountable for whom
    assert {path.split("/")[0] for path in said["own"]} == {"app"}
    assert db.SCOPED


def test_no_sql_in_the_source_would_fail_on_a_cluster() -> None:
    found = []
    for path in [*files("app", "models"), *(ROOT / "alembic" / "versions").glob("*.py")]:
        for node in ast.walk(tree(path)):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.match(r"\s*[A-Z]{3,} ", text):
                may_set = "alembic" in path.parts and text.startswith("SET LOCAL lock_timeout")
                kinds = banned(text) - ({"SET"} if may_set else set()) - ALLOWED.get(short(path), set())
                found += [f"{short(path)}:{node.lineno} {sorted(kinds)}"] if kinds else []
    assert found == []


def test_a_web_process_loads_nothing_that_only_others_need() -> None:
    """It has 120 MB. Pictures and sheets are opened by processes of their own, messages leave by the worker, and the
    library of passkeys comes with the first of them."""
    told = "import sys, app.main; app.main.create(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "app.tasks.photos" in loaded
    assert loaded & {"PIL", "app.worker", "httpx", "openpyxl", "pgqueuer", "typer", "webauthn"} == set()
