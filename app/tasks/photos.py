"""Photos of how a task went: a seal on a door, a parcel on a step. Few, small, sealed, and every look is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import audit, vault
from app.audit import Deed
from app.kit import pictures
from app.kit.errors import N_, Fault, Invalid, NotFound, Refusal
from app.kit.pictures import PictureRefused
from app.kit.viewer import Viewer
from app.tasks import history
from app.tasks.acting import begun, wrote
from app.tasks.history import Line
from app.tasks.reaching import reached
from models.audit import Act, Purpose
from models.tasks import MOST_PHOTOS, Happening, TaskAct, TaskPhoto, TaskPhotoPublic

PICTURE = "task_photo|picture"
AT_MOST = N_("At most three photos lie with one task. Please choose those that show most.")
WRONG = {
    "too_large": N_("Photo %(n)s is larger than 2 MB. Please choose a smaller size in the camera, and take it again."),
    "wrong_kind": N_("Photo %(n)s is no picture that can be opened here. JPEG, PNG and WebP can."),
    "too_many_pixels": N_("Photo %(n)s has too many pixels: 40 million at most. Please choose a smaller size."),
    "broken": N_("Photo %(n)s is damaged and cannot be opened. Please take it again."),
}


class EnoughPhotos(Refusal):
    """A task has as many photos as it may."""

    detail = N_("Three photos lie with this task already; there is no room for more.")


@dataclass(frozen=True)
class Drawn:
    """A photo as it is kept, under the id that the phone made for it."""

    id: UUID
    picture: bytes


@dataclass(frozen=True)
class Looked:
    """A photo as it is looked at, and the number of its task."""

    number: str
    picture: bytes


async def drawn(brought: Sequence[bytes]) -> list[bytes]:
    """Photos as they are kept: small, and nothing of camera, place and time left in them. Takes a moment and no
    database. Raises Invalid."""
    if len(brought) > MOST_PHOTOS:
        raise Invalid(faults=(Fault("photo", AT_MOST),))
    kept, faults = [], []
    for number, data in enumerate(brought, 1):
        try:
            kept.append(await pictures.redraw(data))
        except PictureRefused as refused:
            faults.append(Fault("photo", WRONG[refused.code], {"n": number}))
    if faults:
        raise Invalid(faults=tuple(faults))
    return kept


async def may_photograph(db: AsyncSession, me: Viewer, task_id: UUID) -> None:
    """Is it theirs to add to? Asked before a picture is opened. Raises NotFound."""
    await reached(db, me, task_id)


async def photograph(db: AsyncSession, me: Viewer, task_id: UUID, photo: Drawn) -> TaskPhotoPublic:
    """Lay a photo with a task, a closed one as well. The same id again is the same photo. Raises EnoughPhotos."""
    act = TaskAct(id=photo.id)
    task, by, before = await begun(db, me, task_id, act, Happening.PHOTOGRAPHED)
    there = await sizes(db, task_id)
    if before:
        return TaskPhotoPublic(id=photo.id, size=there[photo.id])
    if len(there) >= MOST_PHOTOS:
        raise EnoughPhotos
    await wrote(db, me, task, act, Line(task.id, Happening.PHOTOGRAPHED, to_post_id=by.id))
    sealed = vault.of(db).seal_bytes(photo.picture, PICTURE, photo.id, task.region_code)
    row = TaskPhoto(
        id=photo.id, task_id=task.id, place=len(there) + 1, size=len(photo.picture), picture_sealed=sealed
    )  # fmt: skip
    db.add(row)
    await db.flush()
    return TaskPhotoPublic(id=row.id, size=row.size)


async def look_at_photo(db: AsyncSession, me: Viewer, task_id: UUID, photo_id: UUID) -> Looked:
    """One photo. The look is a line of the ledger; whom the task is about reads of it. Raises NotFound."""
    task, by = await reached(db, me, task_id)
    found = await db.exec(select(TaskPhoto).where(TaskPhoto.id == photo_id, TaskPhoto.task_id == task_id))
    photo = found.one_or_none()
    if photo is None:
        raise NotFound
    picture = vault.of(db).open_bytes(photo.picture_sealed, PICTURE, photo.id)
    await audit.record(db, me, Deed(Act.SAW_PHOTO, Purpose.PEOPLE, task.person_id, task.id, task.region_code), by)
    return Looked(history.number(task), picture)


async def sizes(db: AsyncSession, task_id: UUID) -> dict[UUID, int]:
    """The photos of a task: id -> bytes."""
    rows = await db.exec(select(TaskPhoto.id, TaskPhoto.size).where(TaskPhoto.task_id == task_id))
    return dict(rows.all())
