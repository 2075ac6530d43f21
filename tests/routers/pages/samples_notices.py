"""Sample contexts of the pages of notices and messages, for the tests of all templates."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

from routers.kit.forms import Wrong
from routers.kit.labels import ROLE

AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
CHAIN = ["浙江省", "衢州市", "常山县", "天马街道", "天马社区"]
ME = Thing(account_id="a2", person_id=None, is_staff=True, posts=[])
SHARED: dict[str, Any] = {"me": ME, "roles": ROLE, "header_place": "天马社区"}


def notice(**changes: object) -> Thing:
    """A notice that waits to be confirmed."""
    words: dict[str, Any] = {
        "id": "n1", "title": "今晚清点口罩", "region_code": 330822102205000, "chain": CHAIN, "roles": ["grid_worker"],
        "must_confirm": True, "sender": "陈国平", "sender_role": "village_cadre", "sent_at": AT, "withdrawn_at": None,
        "read_at": None, "confirmed_at": None, "progress": None, "words": "八点前报数。\n缺多少报多少。",
        "for_me": True, "may_withdraw": False,
    }  # fmt: skip
    return Thing(**words | changes)


PROGRESS = Thing(addressed=62, read=37, confirmed=30)
SENT = notice(progress=PROGRESS, for_me=False, may_withdraw=True, roles=[])
GONE = notice(withdrawn_at=AT, words="")
STATES = (notice(), notice(read_at=AT), notice(read_at=AT, confirmed_at=AT), GONE)
PARTY = Thing(post_id="p1", name="李桂芳", role="grid_worker", region_code=1, chain=CHAIN, in_force=True)
LEFT = Thing(**vars(PARTY) | {"in_force": False})
MINE = Thing(
    id="m1", mine=True, from_post_id="p2", writer="陈国平", to="李桂芳", words="到了吗？", sent_at=AT, read_at=AT
)
THEIRS = Thing(
    id="m2", mine=False, from_post_id="p1", writer="李桂芳", to="陈国平", words="到", sent_at=AT, read_at=None
)
HOUSE = Thing(
    id="m3", mine=False, from_post_id=None, writer=None, to=None, words="方敏看了您辖区的一位居民。", read_at=AT,
    sent_at=AT - timedelta(hours=3),
)  # fmt: skip
THREADS = {"unread": 2, "items": [Thing(party=PARTY, last=THEIRS, unread=1), Thing(party=LEFT, last=MINE, unread=0),
                                  Thing(party=None, last=HOUSE, unread=1)]}  # fmt: skip
NOTHING = {"unread": 0, "items": [], "next": None}
PLACE = Thing(code=330822102205000, name="天马社区", chain=CHAIN[:-1], level="village")
GRID = Thing(code=330822102205001, name="第一网格", chain=CHAIN, level="grid")
NEW = SHARED | {
    "area": Thing(region=PLACE, way=[PLACE], below=[GRID]), "roles": list(ROLE.items()), "chosen": ["doctor"],
    "asks_numbers": False, "id": "n2",
}  # fmt: skip
READER = Thing(
    post_id="p1", name="李桂芳", role="grid_worker", region_code=1, chain=CHAIN, phone="138****0010", activated=False,
    read_at=None, confirmed_at=None,
)  # fmt: skip
READERS = SHARED | {
    "notice": SENT, "state": "unread",
    "states": [("unread", "Not read yet", 25), ("read", "Read, not confirmed", 7), ("done", "Done", 30)],
}  # fmt: skip
COUNTED = {"people": 62, "unread": 25, "read": 7, "done": 30, "not_activated": 4, "addressed": 62}
POSTS = [("p2", ROLE["village_cadre"], CHAIN), ("p3", ROLE["doctor"], CHAIN[:-1])]
TALK = SHARED | {"mine": POSTS, "id": "m4", "paged": False}
FOUND = {"party": PARTY, "items": [THEIRS, MINE], "next": "m0"}

NOTICES: dict[str, list[dict[str, Any]]] = {
    "notices/index.html": [
        SHARED | {"box": "in", "found": {"unread": 2, "items": list(STATES), "next": "n0"}, "threads": THREADS,
                  "may_send": True, "paged": True},
        SHARED | {"box": "sent", "found": {"unread": 0, "items": [SENT], "next": None}, "threads": THREADS,
                  "may_send": True, "paged": False},
        SHARED | {"box": "in", "found": NOTHING, "threads": NOTHING, "may_send": False, "paged": False},
    ],
    "notices/show.html": [SHARED | {"notice": each} for each in (*STATES, SENT)],
    "notices/new.html": [
        NEW,
        NEW | {"asks_numbers": True, "values": {"asked": "yes", "browse": "1", "words": "13857001234"},
               "errors": [Wrong("words", "这里像是某人的手机号码。", "内容"), Wrong("roles", "请选择。")]},
    ],
    "notices/readers.html": [
        READERS | {"found": Thing(**COUNTED, items=[READER], next="p1")},
        READERS | {"found": Thing(**COUNTED, items=[], next=None), "state": "done"},
    ],
    "notices/conversation.html": [
        TALK | {"found": Thing(**FOUND), "values": {"from_post_id": "p3", "words": "<b>"}, "paged": True},
        TALK | {"found": Thing(party=PARTY, items=[], next=None), "errors": [Wrong("words", "请写几个字。", "内容")]},
        TALK | {"found": Thing(party=LEFT, items=[MINE], next=None)},
    ],
    "notices/unit.html": [
        SHARED | {"found": Thing(party=None, items=items, next="m0"), "paged": True} for items in ([HOUSE, THEIRS], [])
    ],
}  # fmt: skip
