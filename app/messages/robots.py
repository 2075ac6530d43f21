"""Robots of group chats: added by those who run a unit, sealed, never shown again, tried out, ended."""

import json
import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, regions, vault
from app.audit import Deed
from app.kit import clock
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.ids import uuid7
from app.kit.viewer import Held, Viewer
from app.messages.telling import To, tell
from app.messages.templates import counted, trial_facts
from app.messages.why import answers
from models.audit import Act, Purpose
from models.messages import Channel, Message, Robot
from models.messages.keeping import RobotCreate, RobotPublic, RobotsFound
from models.messages.schemas import WhyPublic
from models.staff import Right

PLACE = "robot|keys"
MOST = 10  # robots of one unit
HOST = "oapi.dingtalk.com"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SECRET = re.compile(r"SEC[A-Za-z0-9]{16,100}")


class RobotThere(Refusal):
    """The same address a second time would post everything twice."""

    detail = N_("This robot has been added already. To change its secret, end it and add it again.")


class TooManyRobots(Refusal):
    """Nobody reads eleven groups."""

    detail = N_("A unit has room for ten robots. Please end one first.")


class RobotEnded(Refusal):
    """It posts no more."""

    detail = N_("This robot was ended. Add it again to use it.")


def _over(me: Viewer, code: int) -> Held:
    post = me.post_over(code, Right.ROBOTS)
    if post is None:
        raise NotFound
    return post


async def robots(db: AsyncSession, me: Viewer, code: int) -> RobotsFound:
    """The robots of a unit, those at work first. Raises NotFound."""
    _over(me, code)
    rows = await db.exec(
        select(Robot)
        .where(Robot.region_code == code)
        .order_by(col(Robot.ended_at).is_not(None), col(Robot.created_at).desc())
        .limit(3 * MOST)
    )
    return RobotsFound(items=[_public(row) for row in rows])


def _public(row: Robot) -> RobotPublic:
    return RobotPublic(
        id=row.id, name=row.name, lang="en" if row.lang == "en" else "zh", created_at=row.created_at,
        ended_at=row.ended_at, blocked_until=row.blocked_until, code=row.code,
    )  # fmt: skip


def token_of(webhook: str) -> str | None:
    """The token in the address that DingTalk shows; None for any other address."""
    try:
        parts = urlsplit(webhook.strip())
        tokens = parse_qs(parts.query, max_num_fields=10).get("access_token", [])
        whole = parts.scheme == "https" and parts.hostname == HOST and parts.port in (None, 443)
        bare = "@" not in parts.netloc and "#" not in webhook  # a name, a password or a place within a page
    except ValueError:
        return None
    fits = whole and bare and parts.path == "/robot/send" and len(tokens) == 1 and _TOKEN.fullmatch(tokens[0])
    return tokens[0] if fits else None


async def add_robot(db: AsyncSession, me: Viewer, form: RobotCreate) -> RobotPublic:
    """Add a robot to a unit: address and secret are sealed. Raises NotFound, Invalid, RobotThere, TooManyRobots."""
    code = form.region_code
    post = _over(me, code)
    await regions.named(db, code)
    token, faults = token_of(form.webhook), []
    if token is None:
        faults.append(Fault("webhook", N_("Please paste the whole address of the robot, as DingTalk shows it.")))
    if not _SECRET.fullmatch(form.secret):
        faults.append(Fault("secret", N_("The secret begins with SEC. Choose signing in the robot's settings.")))
    if token is None or faults:
        raise Invalid(faults=tuple(faults))
    await _room_for(db, code, token)
    name, keys = uuid7(), vault.of(db)
    sealed = keys.seal(json.dumps({"token": token, "secret": form.secret}), PLACE, name, code)
    row = Robot(
        id=name, region_code=code, name=form.name, keys_sealed=sealed, lang=form.lang, by_account=me.account_id,
        created_at=clock.now(),
    )  # fmt: skip
    db.add(row)
    await db.flush()
    await audit.record(db, me, Deed(Act.ROBOT_ADDED, Purpose.ROBOTS, subject=name, place_code=code), post)
    return _public(row)


async def _room_for(db: AsyncSession, code: int, token: str) -> None:
    at_work = select(Robot).where(Robot.region_code == code, col(Robot.ended_at).is_(None)).with_for_update()
    rows = (await db.exec(at_work)).all()
    if len(rows) >= MOST:
        raise TooManyRobots
    keys = vault.of(db)
    if any(json.loads(keys.open(row.keys_sealed, PLACE, row.id))["token"] == token for row in rows):
        raise RobotThere


async def _mine(db: AsyncSession, me: Viewer, robot_id: UUID) -> tuple[Robot, Held]:
    row = await db.get(Robot, robot_id, with_for_update=True)
    if row is None:
        raise NotFound
    return row, _over(me, row.region_code)


async def end_robot(db: AsyncSession, me: Viewer, robot_id: UUID) -> int:
    """End a robot: it posts no more, and its secret is forgotten. Twice is once. Returns its unit. Raises NotFound."""
    row, post = await _mine(db, me, robot_id)
    if row.ended_at is None:
        row.ended_at = clock.now()
        nothing = json.dumps({"token": "", "secret": ""})
        row.keys_sealed = vault.of(db).seal(nothing, PLACE, row.id, row.region_code)
        db.add(row)
        deed = Deed(Act.ROBOT_ENDED, Purpose.ROBOTS, subject=row.id, place_code=row.region_code)
        await audit.record(db, me, deed, post)
    return row.region_code


async def try_robot(db: AsyncSession, me: Viewer, robot_id: UUID) -> tuple[int, UUID]:
    """Have a robot post a test. Returns its unit and the message. Raises NotFound, RobotEnded, TooManyTrials."""
    row, post = await _mine(db, me, robot_id)
    if row.ended_at is not None:
        raise RobotEnded
    await counted(db, me)
    message = await tell(db, To(robot=row.id, by=Channel.ROBOT, lang=row.lang), "trial", trial_facts())
    deed = Deed(Act.MESSAGE_TRIED, Purpose.ROBOTS, subject=message, place_code=row.region_code,
                facts={"channel": Channel.ROBOT.value})  # fmt: skip
    await audit.record(db, me, deed, post)
    return row.region_code, message


async def trial_of(db: AsyncSession, me: Viewer, message_id: UUID, lang: str) -> WhyPublic:
    """What became of a test by a robot of the viewer's. Raises NotFound."""
    message = await db.get(Message, message_id)
    robot = await db.get(Robot, message.robot_id) if message and message.robot_id else None
    if message is None or robot is None:
        raise NotFound
    _over(me, robot.region_code)
    return (await answers(db, [message], lang))[0]
