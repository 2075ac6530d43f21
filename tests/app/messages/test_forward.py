"""Whatever comes in whatever order, a delivery only ever goes forward."""

import json
import random
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from app import messages
from app.kit import clock
from app.messages.desk import Desk, Taken
from app.messages.letters import Ended
from models.messages import FORWARD, State
from tests.app.messages.posts import Clock, Post, receive
from tests.cast import fresh_phone

pytestmark = pytest.mark.anyio

# What may happen, as often as it stands here.
HAPPENS = ["claim", "answer", "receipt"] * 4 + ["death", "leave"] * 2 + ["cancel"]
ENDS = [State.PENDING, State.TEMPORARY_FAILURE, State.PERMANENT_FAILURE, State.TECHNICAL_FAILURE]


@dataclass
class Story:
    """One message between two workers, a provider with receipts, and a reason that may go."""

    post: Post
    dice: random.Random
    desks: list[Desk]
    message: UUID
    phone: str
    held: list[tuple[Desk, Taken]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # the provider's names for its letters

    async def claim(self) -> None:
        await self.post.office.relay.queue()
        row = await self.post.delivery(self.message)
        desk = self.dice.choice(self.desks)
        self.held += [(desk, each) for each in await desk.claim([row.id], row.queued_at or clock.now())]

    async def answer(self) -> None:
        if not self.held:
            return
        desk, taken = self.held.pop(self.dice.randrange(len(self.held)))
        self.given.append(f"biz{len(self.given)}")
        how = self.dice.choice(ENDS)
        again = clock.now() if how is State.TEMPORARY_FAILURE else None
        ended = Ended(how, how, "aliyun", self.given[-1], again, doubt=self.dice.random() < 0.3)
        await desk.conclude([(taken, replace(ended, counts=self.dice.random() < 0.8))])

    async def receipt(self) -> None:
        biz = self.dice.choice([*self.given * 3, "early", "unknown"])
        arrived = self.dice.random() < 0.3
        code = "DELIVERED" if arrived else self.dice.choice(["MK:0001", "SP_SEND_FAIL", "NO_ROUTE"])
        said = {"phone_number": self.phone, "success": arrived, "biz_id": biz, "err_code": code}
        said["out_id"] = str(self.message) if biz != "unknown" else ""
        body = json.dumps([said]).encode()
        await receive(self.post, body, *([body] if self.dice.random() < 0.3 else []))

    async def death(self) -> None:
        if self.held:
            desk, taken = self.held[-1]
            await desk.drop([taken])
            await self.dice.choice(self.desks).free()

    async def leave(self) -> None:
        await self.dice.choice(self.desks).leave()

    async def cancel(self) -> None:
        async with self.post.house.database.writing() as db:
            await messages.cancel(db, [self.message])


@pytest.mark.parametrize("seed", range(4))
async def test_answers_receipts_deaths_and_cancelling_in_any_order(one: Post, moved_clock: Clock, seed: int) -> None:
    dice, seen = random.Random(seed), set[tuple[State, State]]()
    desks = [Desk(one.house.database.dsn), Desk(one.house.database.dsn)]
    for _ in range(40):
        phone = fresh_phone()
        story = Story(one, dice, desks, await one.code(phone), phone)
        await one.office.relay.move()
        before = State(await one.state(story.message))
        for _ in range(dice.randrange(4, 20)):
            name = dice.choice(HAPPENS)
            await getattr(story, name)()
            moved_clock.on(seconds=1)
            after = State(await one.state(story.message))
            if after is not before:
                assert after in FORWARD[before], (name, before, after)
                seen.add((before, after))
                before = after
    for desk in desks:
        await desk.close()
    assert len(seen) >= 11, sorted(seen)
