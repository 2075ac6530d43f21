"""The examples of messages: what a provider is answered."""

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {}

AT: dict[str, dict[str, Any]] = {
    "/api/v1/receipts/{provider}/{token}": {
        "To Aliyun": {"code": 0, "msg": "OK"},
        "To Tencent": {"result": 0, "errmsg": "OK"},
    },
}

PARAMETERS: dict[str, str] = {"provider": "aliyun", "token": "mN0p9Qh3xYb2v7Lr5TgW8aZcKd1eFsJu"}
