"""How an account wants to be told: its language, its quiet hours, and by which ways."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.kit import clock
from app.kit.viewer import Viewer
from models.messages import Preference, Subscription
from models.messages.schemas import BrowserPublic, PreferenceChange, PreferencePublic


async def preferences(db: AsyncSession, me: Viewer) -> PreferencePublic:
    """One's preferences; without any, those that count for everybody."""
    row = await db.get(Preference, me.account_id) or Preference(account_id=me.account_id, changed_at=clock.now())
    own = select(Subscription).where(Subscription.account_id == me.account_id)
    browsers = (await db.exec(own.order_by(col(Subscription.seen_at).desc(), col(Subscription.id)))).all()
    return PreferencePublic(
        lang="en" if row.lang == "en" else "zh", quiet_from=_clock(row.quiet_from), quiet_until=_clock(row.quiet_until),
        push=row.push, sms=row.sms,
        browsers=[BrowserPublic.model_validate(each, from_attributes=True) for each in browsers],
    )  # fmt: skip


async def prefer(db: AsyncSession, me: Viewer, form: PreferenceChange) -> PreferencePublic:
    """Say how one wants to be told. What waits for the end of quiet hours is looked at again when they were to end."""
    words = {
        "lang": form.lang, "quiet_from": _minute(form.quiet_from), "quiet_until": _minute(form.quiet_until),
        "push": form.push, "sms": form.sms, "changed_at": clock.now(),
    }  # fmt: skip
    row = insert(Preference).values(account_id=me.account_id, **words)
    await db.exec(row.on_conflict_do_update(index_elements=["account_id"], set_=words))
    return await preferences(db, me)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
