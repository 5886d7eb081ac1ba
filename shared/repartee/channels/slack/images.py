"""Images that go with a reply, uploaded into its thread.

https://docs.slack.dev/messaging/working-with-files#uploading_files. A file has no metadata, so that its name
says of which turn it is: by that it is found again after a crash. Slack shares a file some moments after it
took it; if the next attempt looks before that, the image is seen twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.slack.api import SlackApi
from repartee.channels.throttle_retry import retry_throttled
from repartee.domain.message import Incoming
from repartee.domain.reply import Image
from repartee.errors import BackendError

MAX_ALT_TEXT_CHARS = 1000
"""Characters of what is said about an image."""

MAX_CLOCK_SKEW_SECONDS = 5.0
"""Seconds that Slack's clock may be behind ours."""

Sleep = Callable[[float], None]


def attach_image(api: SlackApi, message: Incoming, turn: str, image: Image, sleep: Sleep) -> None:
    """Uploads it, unless it is there."""
    name = file_name_for_turn(turn, image)
    if not _is_already_uploaded(api, message, name, sleep):
        _upload_image(api, message.platform, name, image, sleep)


def file_name_for_turn(turn: str, image: Image) -> str:
    """The file's name: the picture's, made this turn's own."""
    stem, dot, ending = image.name.rpartition(".")
    own = hashlib.sha256(turn.encode() + b"\0" + image.content).hexdigest()[:12]
    return f"{stem}-{own}.{ending}" if dot else f"{image.name}-{own}"


def _is_already_uploaded(api: SlackApi, message: Incoming, name: str, sleep: Sleep) -> bool:
    """Whether it is known to be there. Better twice than never, where nobody can tell."""
    place = message.platform
    with suppress(BackendError):
        thread = retry_throttled(
            lambda: api.call_json(
                "conversations.replies",
                channel=place["channel"],
                ts=place["thread"],
                oldest=f"{message.sent - MAX_CLOCK_SKEW_SECONDS:.6f}",
                limit=200,
            ),
            sleep,
        )
        files = [file for said in thread["messages"] for file in said.get("files") or ()]
        return any(file.get("name") == name for file in files)
    return False


def _upload_image(api: SlackApi, address: dict[str, str], name: str, image: Image, sleep: Sleep) -> None:
    size, alt = len(image.content), image.alt_text[:MAX_ALT_TEXT_CHARS] or None
    begun: dict[str, Any] = retry_throttled(
        lambda: api.call_form("files.getUploadURLExternal", filename=name, length=size, alt_txt=alt), sleep
    )
    api.upload_file(begun["upload_url"], image.content, image.content_type)
    retry_throttled(
        lambda: api.call_form(
            "files.completeUploadExternal",
            files=[{"id": begun["file_id"], "title": image.name}],
            channel_id=address["channel"],
            thread_ts=address["thread"] or None,
        ),
        sleep,
    )
