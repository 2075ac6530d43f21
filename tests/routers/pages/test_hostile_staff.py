"""Every field of every form for staff with hostile words, typed by somebody whom every door lets in."""

import re

import pytest
from markupsafe import escape

from app.house import House
from app.main import Shouwang
from tests import cast
from tests.cast import Village
from tests.routers.cells import fresh_token, seated
from tests.routers.chief import appointed
from tests.routers.hostile import WORDS
from tests.routers.pages.hostile_forms import KEPT, STAFF_FORMS
from tests.routers.pages.test_hostile import SHOWN, calm, encoded
from tests.routers.wire import FORM, OURS, ask

pytestmark = pytest.mark.anyio


def address(path: str, village: Village) -> str:
    """The form of this village: its first grid, the post of its worker; every other id is nobody's."""
    known = path.replace("{code}", str(village.grid)).replace("{post_id}", str(village.post))
    return re.sub(r"{[^}]*}", "0190a0c0-0000-7000-8000-000000000009", known)


@pytest.mark.proves("T17")
@pytest.mark.parametrize("path", STAFF_FORMS)
async def test_every_field_for_staff_takes_hostile_words_calmly(
    shouwang: Shouwang, house: House, village: Village, path: str
) -> None:
    # A village of its own: a reason of nonsense dismisses all the same.
    chief = await appointed(house, village)
    await cast.sit(house, chief, step_up=True)
    headers = [FORM, OURS, *seated(fresh_token(house, chief), machine=False)]
    for field in STAFF_FORMS[path]:
        for kind, word in WORDS.items():
            answer = await ask(shouwang, "POST", address(path, village), headers, encoded({field: word}))
            calm(answer, (path, field, kind))
            assert answer.status not in {401, 403}, (path, field, kind)
            if field in KEPT and answer.status == 422 and kind in SHOWN:
                assert escape(word) in answer.body.decode(), (path, field, kind)


@pytest.mark.parametrize("path", STAFF_FORMS)
async def test_bodies_for_staff_that_are_no_form_are_refused(
    shouwang: Shouwang, house: House, village: Village, path: str
) -> None:
    chief = await appointed(house, village)
    await cast.sit(house, chief, step_up=True)
    signs = [OURS, *seated(fresh_token(house, chief), machine=False)]
    for kind in (b"application/json", b"", FORM[1], b"multipart/form-data; boundary=x; charset=nonsense"):
        for body in (b"", b"%ff%fe=%zz", b"\xff\xfe", b"&".join([b"a=1"] * 5_000), b"--x\r\n\r\n\xff\r\n--x--\r\n"):
            answer = await ask(shouwang, "POST", address(path, village), [(b"content-type", kind), *signs], body)
            calm(answer, (path, kind, body[:60]))
