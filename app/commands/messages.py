"""Messages by the operator's hand: the addresses that providers are to call."""

import typer

from app.commands.kit import Stop, said, settings
from app.kit import crypto
from app.messages import receiving

messages_app = typer.Typer(no_args_is_help=True, help="Messages that leave the house.")


@messages_app.command("callbacks")
def messages_callbacks() -> None:
    """Print the address at which each connected provider reports what became of a text message. They are secrets."""
    made = settings()
    connected = {"aliyun": bool(made.aliyun_sms_id), "tencent": bool(made.tencent_sms_id)}
    if not any(connected.values()):
        raise Stop("no provider of text messages is connected: set SHOUWANG_ALIYUN_SMS_ID or SHOUWANG_TENCENT_SMS_ID")
    ring = crypto.keyring(made.keys, development=made.development)
    for provider in receiving.PROVIDERS:
        if connected[provider]:
            said(f"{provider:8} {made.address}/api/v1/receipts/{provider}/{receiving.token(ring, provider)}")
