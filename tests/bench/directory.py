"""The directory over 1.23 million posts: what people type, through the room and over HTTP; times, and plans."""

import argparse
import asyncio
import random
import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from app import accounts, directory, staff
from app.kit import clock
from app.kit.ids import new_device
from app.kit.tokens import Token
from app.kit.viewer import Held, Viewer
from models.directory import DirectorySearch
from models.regions import last_of
from models.staff import Role
from tests.bench import report, servers
from tests.bench.accounting import load_now, where_and_when
from tests.bench.colleagues import ALL, DEPARTMENTS, GROUPS, SURNAMES, Names, appointed, away
from tests.bench.grounds import Grounds, grounds
from tests.statements import heard

LIMITS: dict[str, tuple[float, float]] = {"p95_ms": (50, 25), "http_p95_ms": (50, 30), "seq_scans": (0, 0)}
QUERIES, OVER_HTTP, WARM = 2_400, 300, 200  # caches are warm on any working day
AWAY = 80  # one in eighty is away while colleagues are looked for
WORKER = "13900000010"
_SEQ_SCAN = re.compile(r"Seq Scan on post\b")
_DUTIES = ("网格员", "医生", "村干部", "党员", "卡口", "审核员", "管理员", "doctor", "审计员")

err = Console(stderr=True, highlight=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="shouwang bench directory", description=__doc__)
    parser.add_argument("--rows", type=int, default=ALL, help="posts in the table (default 1,230,000)")
    parser.add_argument("--queries", type=int, default=QUERIES, help="searches through the room (default 2,400)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    return parser.parse_args()


class Typists:
    """What colleagues type, kind by kind; places and units are drawn from the real tree."""

    def __init__(self, regions: list[asyncpg.Record]) -> None:
        self.dice = random.Random(23)
        self._names = Names(29)
        self.by_level: dict[str, list[tuple[int, str]]] = {}
        for row in regions:
            self.by_level.setdefault(row["level"], []).append((row["code"], row["name"]))

    def _name(self) -> str:
        (name,) = self._names.some(1, self.dice.randrange(60))
        return name

    def _place(self, *levels: str) -> str:
        _, name = self.dice.choice(self.by_level[self.dice.choice(levels)])
        return re.sub("(村委会|居委会|街道|县|区|镇|乡|市)$", "", name) or name

    def kinds(self) -> dict[str, tuple[int, Callable[[], str]]]:
        """Kind -> (weight, what is typed)."""
        spelled = self._names.spelled
        return {
            "surname": (10, lambda: self.dice.choices(list(SURNAMES), list(SURNAMES.values()))[0]),
            "full name": (25, self._name),
            "given name": (6, lambda: spelled(self._name()).given),
            "pinyin": (12, lambda: spelled(self._name()).pinyin),
            "beginning of pinyin": (5, lambda: spelled(self._name()).pinyin[:5]),
            "initials": (10, lambda: spelled(self._name()).initials),
            "place and duty": (12, lambda: f"{self._place('county', 'township')} {self.dice.choice(_DUTIES)}"),
            "place and name": (8, lambda: f"{self._place('county', 'township', 'city')} {self._name()}"),
            "surname and place": (5, lambda: f"{self._name()[0]} {self._place('county', 'township')}"),
            "place": (4, lambda: self._place("county", "township", "village")),
            "duty": (6, lambda: self.dice.choice(_DUTIES)),
            "department or group": (4, lambda: self.dice.choice((*DEPARTMENTS, *GROUPS))),
            "department and place": (3, lambda: f"{self._place('county')} {self.dice.choice(DEPARTMENTS)}"),
            "surname and duty": (4, lambda: f"{self._name()[0]} {self.dice.choice(_DUTIES)}"),
            "glued": (2, lambda: self._place("county") + self._name()),
            "nobody": (4, lambda: "查无" + chr(self.dice.randrange(0x9000, 0x9FA0)) + "甲"),
        }

    def viewer(self) -> Viewer:
        """A colleague somewhere: most sit in grids and villages."""
        level = self.dice.choices(
            ["grid", "village", "township", "county", "city", "province"], [40, 30, 15, 10, 4, 1]
        )[0]
        code, _ = self.dice.choice(self.by_level[level])
        post = Held(uuid4(), Role.SUPERVISOR if level != "grid" else Role.GRID_WORKER, code, last_of(code), "试")
        return Viewer(Token(uuid4(), None, bytes(8), 0, 0, 0, 0), (post,))

    def mixed(self, count: int) -> list[tuple[str, str, Viewer]]:
        """(kind, words, viewer), in the proportions of the weights, shuffled."""
        kinds = self.kinds()
        drawn = self.dice.choices(list(kinds), [weight for weight, _ in kinds.values()], k=count)
        return [(kind, kinds[kind][1](), self.viewer()) for kind in drawn]


async def _through_the_room(ground: Grounds, asked: list[tuple[str, str, Viewer]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for kind, words, me in asked:
        began = time.perf_counter()
        async with ground.house.database.reading() as db:
            await directory.find(db, me, DirectorySearch(q=words))
        times.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
    return times


async def _plans(ground: Grounds, asked: list[tuple[str, str, Viewer]]) -> tuple[list[str], str]:
    """The kinds for which the table of posts is read from end to end, and the first such plan."""
    connection = await asyncpg.connect(ground.dsn)
    bad, first = list[str](), ""
    try:
        for kind, words, me in asked:
            with heard(ground.house.database) as statements:
                async with ground.house.database.reading() as db:
                    await directory.find(db, me, DirectorySearch(q=words))
            for text, values in statements:
                plan = "\n".join(
                    line[0] for line in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {text}", *values)
                )
                if _SEQ_SCAN.search(plan):
                    bad.append(f"{kind}: {words}")
                    first = first or plan
    finally:
        await connection.close()
    return bad, first


async def _signed_in(ground: Grounds, grid: int) -> dict[str, str]:
    """The headers of a grid worker with a staff session."""
    async with ground.house.database.writing() as db:
        await staff.appoint(db, WORKER, "李桂芳", Role.GRID_WORKER, grid)
    async with ground.house.database.writing() as db:
        account = await accounts.account_for(db, WORKER)
        token = await accounts.claims_of(db, account.id, new_device())
        begun = await accounts.begin(db, Viewer(token), accounts.device_of("bench", "127.0.0.1"), timedelta(hours=1))
        begun.row.second_at = clock.now()
        db.add(begun.row)
    return {"Authorization": f"Bearer {ground.house.signer.sign(token)}", "Staff-Session": begun.secret}


def _over_http(ground: Grounds, headers: dict[str, str], asked: list[tuple[str, str, Viewer]]) -> list[float]:
    """Whole requests of one grid worker through the JSON door, in ms."""
    times = []
    with servers.ours(ground) as (_, port), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for _, words, _ in asked:
            began = time.perf_counter()
            answer = client.post("/api/v1/directory/searches", json={"q": words}, headers=headers)
            times.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"the directory answered {answer.status_code}: {answer.text[:300]}")
    return times[WARM:]


async def _boards(ground: Grounds) -> dict[str, float]:
    """Board and list of gaps of a county, its city and the province: ms of a second look."""
    taken, province = {}, 330000000000000
    post = Held(uuid4(), Role.ADMINISTRATOR, province, last_of(province), "试")
    me = Viewer(Token(uuid4(), None, bytes(8), 0, 0, 0, 0), (post,))
    for level, code in (("county", 330822000000000), ("city", 330800000000000), ("province", province)):
        for _ in range(2):
            began = time.perf_counter()
            async with ground.house.database.reading() as db:
                await staff.board(db, me, code)
                await staff.gaps(db, me, code)
            taken[level] = round((time.perf_counter() - began) * 1000, 1)
    return taken


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    async with grounds() as ground:
        began = time.monotonic()
        with err.status("appointing") as status:
            rows = await appointed(ground, options.rows, lambda words: status.update(f"appointing: {words}"))
            await away(ground, rows // AWAY)
        made_in = time.monotonic() - began
        err.print(f"{rows:,} posts made in {made_in:.0f} s")
        connection = await asyncpg.connect(ground.dsn)
        tree = await connection.fetch("SELECT code, level, name FROM region")
        await connection.close()
        typists = Typists(tree)
        await _through_the_room(ground, typists.mixed(WARM))
        times = await _through_the_room(ground, typists.mixed(options.queries))
        bad, plan = await _plans(ground, typists.mixed(options.queries // 8))
        whole = [ms for kind in times.values() for ms in kind]
        boards = await _boards(ground)
        code, _ = typists.by_level["grid"][1]
        http = _over_http(ground, await _signed_in(ground, code), typists.mixed(WARM + OVER_HTTP))
        return {
            "p50_ms": round(statistics.median(whole), 1), "p95_ms": round(_p95(whole), 1),
            "max_ms": round(max(whole), 1),
            "kinds": {
                kind: {"count": len(some), "p50_ms": round(statistics.median(some), 1), "p95_ms": round(_p95(some), 1),
                       "max_ms": round(max(some), 1)}
                for kind, some in sorted(times.items())
            },
            "http_p50_ms": round(statistics.median(http), 1), "http_p95_ms": round(_p95(http), 1),
            "http_max_ms": round(max(http), 1), "boards_ms": boards,
            "seq_scans": len(bad), "scanned": bad[:20], "plan": plan, "rows": rows,
            "queries": len(whole), "made_in_s": round(made_in, 1), "load_average": options.load, **where_and_when(),
            "limits": LIMITS,
        }  # fmt: skip


def _show(figures: dict[str, Any]) -> None:
    if figures["plan"]:
        report.out.print(*figures["scanned"], figures["plan"], sep="\n", markup=False, soft_wrap=True)
    table = Table("directory", "searches", "p50 ms", "p95 ms", "max ms", "limit", "", box=None, padding=(0, 2))
    most = LIMITS["p95_ms"][0]
    for kind, some in figures["kinds"].items():
        table.add_row(kind, str(some["count"]), str(some["p50_ms"]), str(some["p95_ms"]), str(some["max_ms"]), "", "")
    for name, prefix, count in (
        ("all through the room", "", figures["queries"]),
        ("over HTTP, JSON", "http_", OVER_HTTP),
    ):
        p95 = figures[f"{prefix}p95_ms"]
        table.add_row(name, str(count), str(figures[f"{prefix}p50_ms"]), str(p95), str(figures[f"{prefix}max_ms"]),
                      f"{most:g}", report.verdict(p95 <= most))  # fmt: skip
    scans = figures["seq_scans"]
    table.add_row("sequential scans of posts", str(scans), "", "", "", "0", report.verdict(not scans))
    report.out.print("", table, "", sep="\n")
    boards = ", ".join(f"{level} {ms:,.0f} ms" for level, ms in figures["boards_ms"].items())
    report.out.print(f"Board and list of gaps together, in the room: {boards}.")
    report.out.print(f"{figures['rows']:,} posts, made in {figures['made_in_s']:g} s.\n{report.where(figures)}")


def main() -> int:
    """Measure and print. 1 when posts are scanned from end to end, or a limit is missed and --strict was given."""
    options = _arguments()
    options.load = load_now()
    figures = asyncio.run(_measure(options))
    report.tell(figures, _show, as_json=options.json)
    missed = report.missed(figures | {"acknowledged": figures["rows"]})
    return 1 if figures["seq_scans"] or (options.strict and missed) else 0
