"""Delivering: a batch of one channel is taken up, opened, handed to a gateway, and concluded."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from app.kit import clock
from app.kit.db import away
from app.messages.carriers import Carriers
from app.messages.desk import Desk, Taken
from app.messages.letters import Ended
from app.messages.opening import Concluded, Opened, opened
from app.messages.points import passing
from app.messages.relay import FEW, Batch
from app.messages.texting import Texting
from app.vault import Vault
from models.messages import Channel, State

log = logging.getLogger("shouwang.messages")

HANGS_S = 60.0  # a batch that takes longer is given up; it counts as a death, as if the worker had died at it
T = TypeVar("T")


class Deliverer:
    """What one worker does with the jobs it picks."""

    def __init__(self, desk: Desk, vault: Vault, carriers: Carriers) -> None:
        self._desk, self._vault = desk, vault
        self._ways: dict[Channel, Callable[[list[Opened]], Awaitable[Concluded]]] = {
            Channel.SMS: Texting(carriers),
            Channel.PUSH: carriers.push,
            Channel.WORK: carriers.work,
            Channel.ROBOT: carriers.robots,
        }

    async def deliver(self, batch: Batch) -> None:
        """Deliver what of it still waits. Whatever happens, each is concluded or freed later; none blocks others."""
        for ids in batch.portions:
            await self._deliver(batch.channel, ids, batch.queued_at)

    async def _deliver(self, channel: Channel, ids: Sequence[UUID], queued_at: datetime) -> None:
        passing("picked")
        taken = await _patiently(lambda: self._desk.claim(ids, queued_at))
        if not taken:
            return
        try:
            ended = await self._carried(channel, taken)
        except Exception as error:
            # Not with its words: nobody knows what stands in them.
            log.error("a batch of %s by %s was given up: %s", len(taken), channel, place_of(error))
            await self._given_up(taken)
            return
        await _patiently(lambda: self._desk.conclude(ended))

    async def _given_up(self, taken: Sequence[Taken]) -> None:
        """As if a worker had died at them; at once free for another try, in smaller company."""
        await _patiently(lambda: self._desk.drop(taken))
        await _patiently(self._desk.free)

    async def _carried(self, channel: Channel, taken: Sequence[Taken]) -> Concluded:
        now = clock.now()
        late = [one for one in taken if one.expires_at is not None and one.expires_at <= now]
        good, ended, odd = opened(self._vault, [one for one in taken if one not in late])
        ended += [(one, Ended(State.TECHNICAL_FAILURE, "expired", one.provider)) for one in late]
        if odd:
            log.error("%s messages by %s could not be opened: %s", len(odd), channel, place_of(odd[0][1]))
            await self._given_up([one for one, _ in odd])
        passing("opened")
        if good:
            async with asyncio.timeout(HANGS_S if len(good) > FEW else HANGS_S / 4):
                ended += await self._ways[channel](good)
        passing("answered")
        return ended


def place_of(error: BaseException) -> str:
    """The kind of an error and where it was raised, without its words."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
    """What has left the house must not be forgotten, and no job lost, because the database is away for a moment."""
    for wait in (0.2, 1.0, 3.0, 10.0):
        try:
            return await work()
        except Exception as error:
            if not away(error):
                raise
            await asyncio.sleep(wait)
    return await work()
