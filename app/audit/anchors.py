"""The anchored heads as verification uses them: every line checked, and the points that the chains must pass."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from app.audit.breaks import Finding, Kind
from app.audit.chain import Head
from app.audit.heads import NOTHING, Anchor, Heads, Unreadable, digest_of, fold, lines, read
from app.audit.notary import Notary

# Older points only narrow down where a chain was rewritten: when there are more, every second one is let go, and never
# the newest, which alone proves everything before it. So memory does not grow with the age of the file.
MOST_POINTS = 200_000


@dataclass
class Anchors:
    """Points by chain, and what is wrong with the files themselves: the first wrong line of each."""

    points: dict[int, list[Head]] = field(default_factory=dict)
    newest: datetime | None = None
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    _kept: int = 0

    def take(self, path: Path, notary: Notary, *, copy: bool = False) -> None:
        """Read a file of this machine; or a copy, which may begin anywhere and hold single lines."""
        previous, known, wrong = NOTHING, Heads(), False
        for number, line in lines(path):
            words = None
            try:
                anchor = read(line, notary)
            except Unreadable as error:
                words = str(error)
            else:
                if not copy and anchor.previous != previous:
                    words = "lines before it are missing, moved or altered"
                known = fold(known, anchor)
                if anchor.whole and digest_of(known) != anchor.digest:
                    words = "its digest is not that of its heads"
                self._add(anchor)
            previous = sha256(line).hexdigest()
            if words is not None and not wrong:
                wrong = True
                self.findings.append(Finding(Kind.ANCHOR, None, number, number, f"{path}, line {number}: {words}"))

    def missing(self, path: Path) -> None:
        """There is a ledger, but nothing outside the database that it could be compared with."""
        words = f"{path} holds no anchored heads: a cut tail cannot be seen. Give a copy with --heads"
        self.findings.append(Finding(Kind.ANCHOR, None, 0, 0, words))

    def _add(self, anchor: Anchor) -> None:
        self.count += 1
        self.newest = max(self.newest or anchor.at, anchor.at)
        for chain, head in anchor.heads.items():
            points = self.points.setdefault(chain, [])
            if not points or points[-1] != head:
                points.append(head)
                self._kept += 1
        if self._kept > MOST_POINTS:
            self.points = {chain: _thinned(points) for chain, points in self.points.items()}
            self._kept = sum(map(len, self.points.values()))

    def of(self, chain: int) -> list[Head]:
        """The points of a chain in the order of their numbers; two at one number when heads contradict each other."""
        return sorted(set(self.points.get(chain, ())))


def _thinned(points: list[Head]) -> list[Head]:
    newest, furthest = points[-1], max(points)
    kept = points[:-1:2]
    return [*kept, *({furthest} - {newest, *kept}), newest]
