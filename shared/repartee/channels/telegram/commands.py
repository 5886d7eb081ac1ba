"""The bot's commands: carried out at once, and answered with the webhook's own answer.

https://core.telegram.org/bots/api#making-requests-when-getting-updates
"""

from __future__ import annotations

import msgspec

from repartee.channels.telegram.updates import Sent
from repartee.conversation.control import Given, order_in
from repartee.conversation.webhook import Arrived

HELP = """\
Write to me, or send a voice message, a photo or a document, and I answer.
In a group, mention me or reply to me.

/mute: I am quiet here; /mute 2h: for two hours (also 30m, 1d, 1w)
/unmute: I speak again
/stop: I end what I am writing
/help: this"""

GREETING = "Hello! " + HELP

MUTED = "I will be quiet here. /unmute when you want me back."
BACK = "I am back."


def carried_out(command: str, arguments: str, sent: Sent, given: Given) -> Arrived | None:
    """What a command brings: an order and what is said to it. None if there is no such command.

    `given` says by whom, where and when; its order is the command's.
    """
    if command in ("start", "help"):
        return Arrived(answer=said(GREETING if command == "start" else HELP, sent))
    if command not in ("mute", "unmute", "stop"):
        return None
    order = order_in(f"{command} {arguments}".strip())
    if order is None:
        return Arrived(answer=said(HELP, sent))
    answer = {"mute": said(MUTED, sent), "unmute": said(BACK, sent)}.get(order.act, "")
    return Arrived(orders=(msgspec.structs.replace(given, order=order),), answer=answer)


def said(text: str, sent: Sent) -> str:
    """A call of `sendMessage` as the answer to a webhook."""
    call = {"method": "sendMessage", "chat_id": sent.chat.id, "text": text}
    if sent.topic:
        call["message_thread_id"] = sent.message_thread_id
    return msgspec.json.encode(call).decode()
