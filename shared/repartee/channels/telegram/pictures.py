"""Images that go with a reply: https://core.telegram.org/bots/api#sendphoto.

There is no way to ask whether a message was sent: after a crash between the sending and the end of the turn
an image is seen twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.insisting import insist
from repartee.channels.markup.addresses import harmless
from repartee.channels.telegram.api import TelegramApi
from repartee.conversation.message import Message
from repartee.conversation.reply import Picture
from repartee.errors import Rejected

CAPTION = 500
"""Characters below an image: Telegram takes 1,024, of which an emoji is two."""


def attach(api: TelegramApi, message: Message, picture: Picture, sleep: Callable[[float], None]) -> None:
    """Sends it as a photo; what Telegram takes for none (too large, too slim) as a file."""
    try:
        _send(api, "sendPhoto", "photo", message, picture, sleep)
    except Rejected:
        _send(api, "sendDocument", "document", message, picture, sleep)


def _send(
    api: TelegramApi,
    method: str,
    kind: str,
    message: Message,
    picture: Picture,
    sleep: Callable[[float], None],
) -> Any:
    place = message.platform
    return insist(
        lambda: api.upload(
            method,
            {kind: (picture.name, picture.content, picture.type)},
            chat_id=int(place["chat"]),
            message_thread_id=int(place.get("topic", 0)) or None,
            caption=harmless(picture.alt[:CAPTION]) or None,
        ),
        sleep,
    )
