"""Scope mutations: one guard at one place of the code is taken away, as a careless edit would.

A site is a guard and the function that asks it: `ranges` (the predicate of a query becomes TRUE), `covered` (a region
is taken for one's own), `with_right` (any post is good for any right), `post_over` (any post covers any region).
"""

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import true

from app import regions
from app.kit.errors import NotFound
from app.kit.viewer import Held, Viewer

ROOT = Path(__file__).resolve().parents[2]
# Through these a guard is asked for somebody else: the site is whoever called them.
THROUGH = {("app/regions.py", None), ("app/kit/viewer.py", None), ("app/residents/people.py", "seen_by")}
GUARDS = ("ranges", "covered", "with_right", "post_over")
# How a guard is spelled where it is asked: `regions.within` and `seen_by` ask `ranges`.
SPELLED = {"within": "ranges", "ranges": "ranges", "seen_by": "ranges", "covered": "covered",
           "with_right": "with_right", "post_over": "post_over"}  # fmt: skip


@dataclass(frozen=True, order=True)
class Site:
    """Where a guard is asked."""

    guard: str
    file: str
    function: str

    @property
    def room(self) -> str:
        """The name that a room bears on every floor."""
        floor, *names = self.file.removesuffix(".py").split("/")
        return names[0] if floor == "app" else names[-1]

    def __str__(self) -> str:
        return f"{self.guard} in {self.file}:{self.function}"


def _asker() -> tuple[str, str] | None:
    """The nearest function of the house on the stack that does not merely pass a guard on."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith((str(ROOT / "app"), str(ROOT / "routers"))):
            file, name = path[len(str(ROOT)) + 1 :], frame.f_code.co_name
            if not {(file, None), (file, name)} & THROUGH and not name.startswith("<"):
                return file, name
        frame = frame.f_back
    return None


@dataclass
class Guards:
    """The guards, wrapped: who asks them is written down, and some sites may be without."""

    without: frozenset[Site] = frozenset()
    during: str = ""  # the row that is being asked
    asked: dict[Site, set[str]] = field(default_factory=dict)

    def _gone(self, guard: str) -> bool:
        asker = _asker()
        if asker is None:
            return False
        site = Site(guard, *asker)
        self.asked.setdefault(site, set()).add(self.during)
        return site in self.without

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put the wrappers on."""
        patch.setattr(regions, "ranges", self._ranges(regions.ranges))
        patch.setattr(regions, "covered", self._covered(regions.covered))
        patch.setattr(Viewer, "with_right", self._held(Viewer.with_right, "with_right"))
        patch.setattr(Viewer, "post_over", self._over(Viewer.post_over))

    def _ranges(self, real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda viewer, *columns, right: true() if self._gone("ranges") else real(viewer, *columns, right=right)

    def _covered(self, real: Callable[..., Held]) -> Callable[..., Held]:
        def covered(viewer: Viewer, *args: Any, **named: Any) -> Held:
            if not self._gone("covered"):
                return real(viewer, *args, **named)
            if not viewer.posts:
                raise NotFound
            return viewer.posts[0]

        return covered

    def _held(self, real: Callable[..., Any], guard: str) -> Callable[..., Any]:
        return lambda viewer, right: viewer.posts if self._gone(guard) else real(viewer, right)

    def _over(self, real: Callable[..., Held | None]) -> Callable[..., Held | None]:
        def post_over(viewer: Viewer, *args: Any, **named: Any) -> Held | None:
            return next(iter(viewer.posts), None) if self._gone("post_over") else real(viewer, *args, **named)

        return post_over


def written() -> Iterator[Site]:
    """Every place in the source where a guard is asked."""
    for path in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "routers").rglob("*.py")]):
        file = path.relative_to(ROOT).as_posix()
        if (file, None) in THROUGH:
            continue
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and (file, function.name) not in THROUGH:
                yield from (Site(guard, file, function.name) for guard in _asks(function))


def _asks(function: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name in SPELLED and (name not in {"covered", "within", "ranges"} or owner == "regions"):
                found.add(SPELLED[name])
    return found
