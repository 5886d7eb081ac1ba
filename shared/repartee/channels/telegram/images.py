"""Images that go with a reply: https://core.telegram.org/bots/api#sendphoto.

There is no way to ask whether a message was sent: after a crash between the sending and the end of the turn
an image is seen twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.channels.markup.addresses import break_mentions
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.ids import ephemeral_arguments
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.message import Incoming
from repartee.domain.reply import Image
from repartee.errors import InvalidArgument

MAX_CAPTION_CHARS = 500
"""Characters below an image: Telegram takes 1,024, of which an emoji is two."""


def attach_image(api: TelegramApi, message: Incoming, image: Image, sleep: Callable[[float], None]) -> None:
    """Sends it as a photo; what Telegram takes for none (too large, too slim) as a file."""
    try:
        _send_image(api, "sendPhoto", "photo", message, image, sleep)
    except InvalidArgument:
        _send_image(api, "sendDocument", "document", message, image, sleep)


def _send_image(
    api: TelegramApi,
    method: str,
    argument_name: str,
    message: Incoming,
    image: Image,
    sleep: Callable[[float], None],
) -> Any:
    place = message.platform
    return retry_throttled(
        lambda: api.upload_file(
            method,
            {argument_name: (image.name, image.content, image.content_type)},
            chat_id=int(place["chat"]),
            message_thread_id=int(place.get("topic", 0)) or None,
            caption=break_mentions(image.alt_text[:MAX_CAPTION_CHARS]) or None,
            **ephemeral_arguments(place),
        ),
        sleep,
    )
