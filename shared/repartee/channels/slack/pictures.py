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

from repartee.channels.insisting import insist
from repartee.channels.slack.api import SlackApi
from repartee.conversation.message import Message
from repartee.conversation.reply import Picture
from repartee.errors import BackendError

ALT = 1000
"""Characters of what is said about an image."""

CLOCKS_DIFFER = 5.0
"""Seconds that Slack's clock may be behind ours."""

Sleep = Callable[[float], None]


def attach(api: SlackApi, message: Message, turn: str, picture: Picture, sleep: Sleep) -> None:
    """Uploads it, unless it is there."""
    name = named(turn, picture)
    if not _is_there(api, message, name, sleep):
        _upload(api, message.platform, name, picture, sleep)


def named(turn: str, picture: Picture) -> str:
    """The file's name: the picture's, made this turn's own."""
    stem, dot, ending = picture.name.rpartition(".")
    own = hashlib.sha256(turn.encode() + b"\0" + picture.content).hexdigest()[:12]
    return f"{stem}-{own}.{ending}" if dot else f"{picture.name}-{own}"


def _is_there(api: SlackApi, message: Message, name: str, sleep: Sleep) -> bool:
    """Whether it is known to be there. Better twice than never, where nobody can tell."""
    place = message.platform
    with suppress(BackendError):
        thread = insist(
            lambda: api.call(
                "conversations.replies",
                channel=place["channel"],
                ts=place["thread"],
                oldest=f"{message.sent - CLOCKS_DIFFER:.6f}",
                limit=200,
            ),
            sleep,
        )
        files = [file for said in thread["messages"] for file in said.get("files") or ()]
        return any(file.get("name") == name for file in files)
    return False


def _upload(api: SlackApi, place: dict[str, str], name: str, picture: Picture, sleep: Sleep) -> None:
    size, alt = len(picture.content), picture.alt[:ALT] or None
    begun: dict[str, Any] = insist(
        lambda: api.call_form("files.getUploadURLExternal", filename=name, length=size, alt_txt=alt), sleep
    )
    api.upload(begun["upload_url"], picture.content, picture.type)
    insist(
        lambda: api.call_form(
            "files.completeUploadExternal",
            files=[{"id": begun["file_id"], "title": picture.name}],
            channel_id=place["channel"],
            thread_ts=place["thread"] or None,
        ),
        sleep,
    )
