"""Examples of notices and of messages between posts."""

from typing import Any

from routers.kit.examples.staff import GRID, GRID_CHAIN, OTHER_ID, POST_ID, VILLAGE, VILLAGE_CHAIN

NOTICE_ID, MESSAGE_ID = "0193a1b2-c3d4-7000-8000-000000000021", "0193a1b2-c3d4-7000-8000-000000000022"

CREATED = {
    "id": NOTICE_ID, "region_code": VILLAGE, "roles": ["grid_worker"], "title": "今晚清点口罩",
    "words": "今晚 20:00 前清点口罩，缺多少报多少。", "must_confirm": True, "numbers_confirmed": False,
}  # fmt: skip
LISTED: dict[str, Any] = {
    "id": NOTICE_ID, "title": "今晚清点口罩", "region_code": VILLAGE, "chain": VILLAGE_CHAIN, "roles": ["grid_worker"],
    "must_confirm": True, "sender": "陈国平", "sender_role": "village_cadre", "sent_at": "2020-02-05T08:00:00Z",
    "withdrawn_at": None, "read_at": "2020-02-05T08:03:00Z", "confirmed_at": None, "progress": None,
}  # fmt: skip
SENT = LISTED | {"read_at": None, "progress": {"addressed": 62, "read": 37, "confirmed": 30}}
SHOWN = {"words": CREATED["words"], "for_me": True, "may_withdraw": False}
READER = {
    "post_id": POST_ID, "name": "李桂芳", "role": "grid_worker", "region_code": GRID, "chain": GRID_CHAIN,
    "phone": "138****0010", "activated": True, "read_at": None, "confirmed_at": None,
}  # fmt: skip
PARTY = {
    "post_id": POST_ID, "name": "李桂芳", "role": "grid_worker", "region_code": GRID, "chain": GRID_CHAIN,
    "in_force": True,
}  # fmt: skip
MESSAGE = {
    "id": MESSAGE_ID, "mine": False, "from_post_id": POST_ID, "writer": "李桂芳", "to": "陈国平",
    "words": "口罩到了吗？", "sent_at": "2020-02-05T08:10:00Z", "read_at": None,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "NoticeCreate": {"To the grid workers of a village": CREATED},
    "NoticePublic": {
        "As a grid worker sees it": LISTED | SHOWN,
        "As the sender sees it": SENT | SHOWN | {"for_me": False, "may_withdraw": True},
    },
    "NoticesFound": {
        "One notice, still to be confirmed": {"unread": 1, "items": [LISTED], "next": None},
        "Sent by my unit": {"unread": 0, "items": [SENT], "next": None},
    },
    "ReadersFound": {
        "Who has not read it": {
            "people": 62, "unread": 25, "read": 7, "done": 30, "not_activated": 4, "addressed": 62,
            "items": [READER], "next": POST_ID,
        }
    },
    "DirectCreate": {"A question": {
        "id": MESSAGE_ID, "from_post_id": OTHER_ID, "words": MESSAGE["words"], "numbers_confirmed": False,
    }},
    "ConversationFound": {"One message": {"party": PARTY, "items": [MESSAGE], "next": None}},
    "ThreadsFound": {
        "One conversation": {"unread": 1, "items": [{"party": PARTY, "last": MESSAGE, "unread": 1}]}
    },
}  # fmt: skip
PARAMETERS = {"notice_id": NOTICE_ID, "last": NOTICE_ID, "box": "sent", "state": "unread"}
