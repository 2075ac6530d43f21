"""The load: keep-alive connections that send prepared bytes, wait for each answer and time it. A process of its own.

Says "ready" once connected, starts at a line on stdin, and ends with one JSON line. The ids of all answers 201 go to
a file, so that every acknowledgement can be looked up as a row.
"""

import asyncio
import json
import mmap
import sys
from array import array
from collections import Counter
from pathlib import Path
from time import perf_counter

import uvloop

LATEST_ANSWER_S = 10
_LENGTH = b"content-length: "
_ID = b'"id":"'


class Load:
    """What all connections share: the next request to send, and what came back."""

    def __init__(self, requests: Path, lengths: Path) -> None:
        with requests.open("rb") as file:
            self._bytes = memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
        self._lengths = array("I", lengths.read_bytes())
        self._next = self._at = 0
        self.deadline = 0.0
        self.good = b"201"
        self.answered = 0
        self.ids: list[bytes] = []
        self.times = array("d")
        self.statuses: Counter[str] = Counter()

    def request(self) -> memoryview | None:
        """The next bytes to send, or None when the time or the requests have run out."""
        if self._next == len(self._lengths) or perf_counter() >= self.deadline:
            return None
        start = self._at
        self._at += self._lengths[self._next]
        self._next += 1
        return self._bytes[start : self._at]


class Line(asyncio.Protocol):
    """One connection with one request on its way at a time, as a phone has it."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._held = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def send(self) -> None:
        """Send the next request, or be done."""
        request = self._load.request()
        if request is None:
            self.done.set_result(None)
            return
        self._sent = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        data = self._held + data if self._held else data
        head = data.find(b"\r\n\r\n")
        if head < 0:
            self._held = data
            return
        at = data.find(_LENGTH, 0, head) + len(_LENGTH)
        if len(data) - head - 4 < int(data[at : data.find(b"\r", at)]):
            self._held = data
            return
        self._held = b""
        load, status = self._load, data[9:12]
        load.times.append(perf_counter() - self._sent)
        if status == load.good:
            load.answered += 1
            at = data.find(_ID, head)
            if at > 0:
                load.ids.append(data[at + len(_ID) : at + len(_ID) + 36])
        else:
            load.statuses[status.decode()] += 1
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.statuses["connection lost"] += 1
        if not self.done.done():
            self.done.set_result(None)


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


async def _drive(spec: dict[str, str], load: Load) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(int(spec["connections"])):
        _, line = await loop.create_connection(lambda: Line(load), "127.0.0.1", int(spec["port"]))
        lines.append(line)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    began = perf_counter()
    load.deadline = began + float(spec["seconds"])
    for line in lines:
        line.send()
    await asyncio.wait([line.done for line in lines], timeout=float(spec["seconds"]) + LATEST_ANSWER_S)
    elapsed = perf_counter() - began
    ordered = sorted(load.times)
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    return {
        "answered": load.answered, "elapsed_s": elapsed, "others": dict(load.statuses),
        **{name: _percentile(ordered, share) for name, share in shares.items()},
    }  # fmt: skip


def main() -> None:
    """The one argument is JSON: port, connections, seconds, status, and the files requests, lengths and ids."""
    spec = json.loads(sys.argv[1])
    load = Load(Path(spec["requests"]), Path(spec["lengths"]))
    load.good = str(spec["status"]).encode()
    result = uvloop.run(_drive(spec, load))
    Path(spec["ids"]).write_bytes(b"\n".join(load.ids))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
