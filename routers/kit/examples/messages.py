"""Examples of one's own messages, of reminders, robots and looking after messages."""

from typing import Any

MESSAGE_ID, BROWSER_ID = "0193a1b2-c3d4-7000-8000-000000000031", "0193a1b2-c3d4-8000-8000-000000000032"
ROBOT_ID, DELIVERY_ID = "0193a1b2-c3d4-7000-8000-000000000033", "0193a1b2-c3d4-7000-8000-000000000034"
PERSON_ID = "0193a1b2-c3d4-7000-8000-000000000002"
NIGHT = "2020-02-05T12:00:00Z"

LISTED: dict[str, Any] = {
    "id": MESSAGE_ID, "template": "report_missing", "title": "今天还没有收到您的打卡",
    "text": "2月5日周三的健康打卡还没有收到。如果已经填好，联网后会自动上传；没有填的话，现在补上也可以。",
    "path": "/today", "person_id": PERSON_ID, "urgent": False, "erased": False, "sent_at": NIGHT, "read_at": None,
    "cancelled_at": None,
}  # fmt: skip
TRY = {"at": NIGHT, "provider": "aliyun", "state": "pending", "code": "OK",
       "said": "已交给服务商，还没有回报是否送达。"}  # fmt: skip
WHY: dict[str, Any] = {
    "id": MESSAGE_ID, "template": "report_missing", "version": 1, "title": "今天还没有收到您的打卡",
    "reason": {"rule": "missing_report", "version": "1", "step": 1},
    "because": "写这条消息时（2月5日 周三 20:00）还没有收到打卡：按未打卡处理步骤第 1 版第 1 步。", "to": "self",
    "data": {"day": "2月5日周三", "slot": "", "number": "0205-7B04E1"}, "written_at": NIGHT,
    "ways": [
        {"channel": "sms", "state": "pending", "since": NIGHT, "next_at": None, "code": "OK",
         "said": "已交给服务商，还没有回报是否送达。", "tries": [TRY]},
        {"channel": "push", "state": None, "since": None, "next_at": None, "code": "no-browser",
         "said": "这个账号没有接收提醒的浏览器。", "tries": []},
    ],
    "left": ["call"], "waits_until": None, "quiet": False, "expires_at": "2020-02-06T12:00:00Z", "read_at": None,
    "cancelled_at": None, "following": "如果没有送达，接着用：电话联系。",
}  # fmt: skip
BROWSER = {"id": BROWSER_ID, "agent": "Chrome on Android", "created_at": NIGHT, "seen_at": NIGHT}
PREFERENCE = {"lang": "zh", "quiet_from": "22:00", "quiet_until": "07:00", "push": True, "sms": True}
POINT = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
STEP = {
    "number": 1, "act": "tell", "to": "self", "due_at": NIGHT, "taken_at": NIGHT, "outcome": "told",
    "said": "已通知。", "messages": [WHY],
}  # fmt: skip
REMINDERS = {
    "person_id": PERSON_ID, "day": "2020-02-05",
    "slots": [{"slot": "day", "due_at": NIGHT, "asked": True, "reported_at": None, "version": 1,
               "said": "应在 2月5日 周三 20:00 前打卡，还没有收到。", "steps": [STEP]}],
}  # fmt: skip
WORDING = {
    "lang": "zh", "title": "测试消息", "text": "这是一条测试消息，不用处理。2月5日周三 编号0205-7B04E1",
    "sms": "测试消息，不用处理。2月5日周三 编号0205-7B04E1", "parts": 1, "push": "", "robot": "",
    "spelled": {"aliyun": "测试消息，不用处理。${day} 编号${number}", "tencent": "测试消息，不用处理。{1} 编号{2}"},
    "codes": {"aliyun": "SMS_154950909"},
}  # fmt: skip
TEMPLATE = {
    "name": "trial", "version": 1, "urgent": False, "inbox": True, "channels": [], "params": ["day", "number"],
    "personal": [], "wordings": [WORDING],
}  # fmt: skip
ROBOT = {
    "id": ROBOT_ID, "name": "常山县指挥部工作群", "lang": "zh", "created_at": NIGHT, "ended_at": None,
    "blocked_until": None, "code": "", "said": "",
}  # fmt: skip
ASIDE = {
    "id": DELIVERY_ID, "template": "report_missing", "channel": "sms", "attempts": 3, "provider": "aliyun",
    "code": "worker-died", "said": "发送的程序中途停了。", "set_aside_at": NIGHT, "over": False,
}  # fmt: skip

EXAMPLES: dict[str, dict[str, Any]] = {
    "MessagesFound": {"One reminder": {"unread": 1, "items": [LISTED], "next": None}},
    "MessageListed": {"A reminder, read": LISTED | {"read_at": "2020-02-05T12:03:00Z"}},
    "WhyPublic": {"A reminder that went by text message": WHY},
    "PreferenceChange": {"Quiet from ten to seven": PREFERENCE},
    "PreferencePublic": {"With one browser": PREFERENCE | {"browsers": [BROWSER]}},
    "PushKey": {"Connected": {"connected": True, "key": POINT}, "Not connected": {"connected": False, "key": None}},
    "SubscriptionCreate": {"As a browser gives it": {
        "endpoint": "https://push.example.org/send/abc", "p256dh": POINT, "auth": "AAAAAAAAAAAAAAAAAAAAAA",
    }},
    "BrowserPublic": {"A browser": BROWSER},
    "RemindersFound": {"One report, one reminder": REMINDERS},
    "StuckFound": {"One message set aside": {
        "counts": [{"channel": "sms", "provider": "aliyun", "state": "delivered", "count": 1204}],
        "refused": [{"channel": "sms", "provider": "aliyun", "code": "timeout", "count": 3,
                     "said": "没有按时得到回答。"}],
        "aside": [ASIDE],
        "since": "2020-02-04T12:00:00Z",
        "receipts": {
            "since": "2020-02-04T12:00:00Z",
            "items": [{"provider": "aliyun", "taken": 1204, "moved": 1190, "unchanged": 11, "unknown": 3,
                       "repeated": 2}],
            "turned_away": [{"provider": "aliyun", "refused": 1, "unreadable": 0}],
        },
        "providers": [{"provider": "aliyun", "sent": 1204, "delivered": 1190, "failed": 2, "unconfirmed": 12,
                       "slow": False, "shut_until": None, "code": "OK", "said": ""}],
        "again": [{"template": "notice", "channel": "sms", "code": "no-template-code", "count": 12,
                   "said": "服务商还没有批准这条文案，管理员可以填写编号。"}],
        "failing": 1, "oldest_at": None,
    }},
    "TrialCreate": {"By text message": {"channel": "sms"}},
    "TrialPublic": {"The message": {"id": MESSAGE_ID}},
    "TemplatesFound": {"One template, in Chinese alone": {"items": [TEMPLATE]}},
    "CodeKept": {"Twelve go out again": TEMPLATE | {"again": 12, "left": 0}},
    "AgainCreate": {"For want of a code": {"template": "notice", "channel": "sms", "code": "no-template-code"}},
    "AgainPublic": {"Twelve go out again": {"again": 12, "left": 0}},
    "CodeChange": {"Approved": {"provider": "aliyun", "lang": "zh", "code": "SMS_154950909"}},
    "RobotCreate": {"A group": {
        "region_code": "330822000000000", "name": "常山县指挥部工作群", "lang": "zh",
        "secret": "SEC000000000000000000000000000000000000000000",
        "webhook": "https://oapi.dingtalk.com/robot/send?access_token=1f3a0c9de2b84756a0b1c2d3e4f506172839",
    }},
    "RobotPublic": {"At work": ROBOT},
    "RobotsFound": {"One robot": {"items": [ROBOT]}},
}  # fmt: skip

AT: dict[str, dict[str, Any]] = {
    "/api/v1/receipts/{provider}/{token}": {
        "To Aliyun": {"code": 0, "msg": "OK"},
        "To Tencent": {"result": 0, "errmsg": "OK"},
    },
}

PARAMETERS = {"message_id": MESSAGE_ID, "browser_id": BROWSER_ID, "robot_id": ROBOT_ID, "delivery_id": DELIVERY_ID,
              "provider": "aliyun", "token": "mN0p9Qh3xYb2v7Lr5TgW8aZcKd1eFsJu"}  # fmt: skip
