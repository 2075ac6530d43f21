"""More words than a field takes: the form comes back with all of them, and says which field and how many it takes."""

import httpx
import pytest

from app.house import House
from app.kit import clock
from app.kit.ids import uuid7
from models.tasks import Task
from tests.app.tasks.work import again, opened
from tests.cast import Village
from tests.routers.pages.conftest import SignedIn
from tests.routers.paper import read

pytestmark = pytest.mark.anyio
LONG = "长" * 10_000


def sent_by(kind: str, words: dict[str, str]) -> dict[str, object]:
    """As browsers send a form, in either way."""
    return {"data": words} if kind == "urlencoded" else {"files": {name: (None, said) for name, said in words.items()}}


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_ten_thousand_characters_come_back_with_the_field_and_its_limit(
    at: SignedIn, house: House, village: Village, kind: str
) -> None:
    task = await opened(house, village.grid)
    due = clock.local(clock.now()).strftime("%Y-%m-%dT23:59")
    for path, words, label in (
        (f"/staff/tasks/{task.id}/notes", {"id": str(uuid7()), "note": LONG}, "备注"),
        ("/staff/tasks", {"id": str(uuid7()), "kind": "visit", "words": LONG, "due_at": due}, "给办事同事的话"),
    ):
        answer = await at(village.li).post(path, **sent_by(kind, words))  # type: ignore[arg-type]
        assert answer.status_code == 422
        assert LONG in answer.text
        assert "太长了，最多 500 个字" in read(answer).text, read(answer).text[:300]
        assert label in read(answer).text
    assert (await again(house, task)).state == "offered"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
@pytest.mark.parametrize("length", [70_000, 100_000])
async def test_what_no_form_takes_is_refused_by_a_page_in_words(
    at: SignedIn, house: House, village: Village, kind: str, length: int
) -> None:
    task: Task = await opened(house, village.grid)
    answer: httpx.Response = await at(village.li).post(
        f"/staff/tasks/{task.id}/notes",
        **sent_by(kind, {"id": str(uuid7()), "note": "长" * length}),  # type: ignore[arg-type]
    )
    assert answer.status_code == 413
    assert "内容太大" in answer.text, read(answer).text[:300]
    assert answer.headers["content-type"].startswith("text/html")
