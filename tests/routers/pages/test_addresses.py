"""Addresses that were mended by hand, or cut off on their way: said, and the page stays of use."""

import pytest

from tests.cast import Village
from tests.routers.pages.conftest import SignedIn

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("who", "path", "names", "shows"),
    [
        ("chen", "/staff/tasks?only=foo&region=zzz&after=zzz", ("only", "region", "after"), "每个人手上有多少"),
        ("chen", "/staff/tasks?only=closed&after=-1", ("after",), "每个人手上有多少"),
        ("chen", "/staff/tasks/new?region=zzz&person=zzz", ("region", "person"), "新建任务"),
        ("mei", "/me/reminders?day=zzz&for=zzz", ("day", "for"), "哪一天"),
        ("mei", "/me/reminders?day=2020-02-05", ("day",), "哪一天"),
        ("mei", "/inbox?last=zzz", ("last",), "消息"),
    ],
)
async def test_what_does_not_fit_in_an_address_is_said_above_what_is_usually_shown(
    at: SignedIn, village: Village, who: str, path: str, names: tuple[str, ...], shows: str
) -> None:
    answer = await at(getattr(village, who)).get(path)
    assert answer.status_code == 200
    assert [name for name in names if f"地址里的“{name}”有误" not in answer.text] == []
    assert shows in answer.text
    good = await at(getattr(village, who)).get(path.partition("?")[0])
    assert (good.status_code, "地址里的" in good.text) == (200, False)
