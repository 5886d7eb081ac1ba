"""The contents that a message of Telegram can have: https://core.telegram.org/bots/api#message.

A message, the message that it replies to and a reply from another chat (`external_reply`) name them alike.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

NonNegativeInt = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Degrees = Annotated[float, msgspec.Meta(ge=-360, le=360)]


class TelegramPhotoSize(msgspec.Struct):
    """A photo in one of its sizes."""

    file_id: str
    file_unique_id: str
    width: NonNegativeInt = 0
    height: NonNegativeInt = 0
    file_size: NonNegativeInt | None = None


class TelegramFile(msgspec.Struct):
    """A voice message, a piece of music or a document."""

    file_id: str
    file_unique_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: NonNegativeInt | None = None


class TelegramVideo(msgspec.Struct):
    """A film, an animation or a video note. `duration` is in seconds."""

    duration: NonNegativeInt = 0
    file_name: str | None = None


class TelegramSticker(msgspec.Struct):
    """A sticker, with the emoji that it stands for."""

    emoji: str | None = None


class TelegramLocation(msgspec.Struct):
    """A place on the earth."""

    latitude: Degrees
    longitude: Degrees


class TelegramVenue(msgspec.Struct):
    """A place with its name and its address."""

    location: TelegramLocation
    title: str = ""
    address: str = ""


class TelegramContact(msgspec.Struct):
    """A contact that is passed on."""

    phone_number: str = ""
    first_name: str = ""
    last_name: str | None = None


class TelegramPollOption(msgspec.Struct):
    """One answer that a poll offers."""

    text: str = ""


class TelegramPoll(msgspec.Struct):
    """A poll. `type`: regular or quiz."""

    question: str = ""
    options: list[TelegramPollOption] = []
    type: str = "regular"


class TelegramDice(msgspec.Struct):
    """A thrown die, dart or ball, and what it shows."""

    emoji: str = ""
    value: NonNegativeInt = 0


class TelegramChecklistTask(msgspec.Struct):
    """One task of a checklist."""

    text: str = ""
    completion_date: NonNegativeInt | None = None


class TelegramChecklist(msgspec.Struct):
    """A checklist."""

    title: str = ""
    tasks: list[TelegramChecklistTask] = []


class TelegramContent(msgspec.Struct):
    """All that a message can hold besides its ids. A venue also comes as a `location`, an animation also as a
    `document`."""

    text: str | None = None
    caption: str | None = None
    rich_message: dict[str, Any] | None = None
    photo: list[TelegramPhotoSize] | None = None
    voice: TelegramFile | None = None
    audio: TelegramFile | None = None
    document: TelegramFile | None = None
    video: TelegramVideo | None = None
    video_note: TelegramVideo | None = None
    animation: TelegramVideo | None = None
    sticker: TelegramSticker | None = None
    location: TelegramLocation | None = None
    venue: TelegramVenue | None = None
    contact: TelegramContact | None = None
    poll: TelegramPoll | None = None
    dice: TelegramDice | None = None
    checklist: TelegramChecklist | None = None

    @property
    def text_or_caption(self) -> str:
        return self.text or self.caption or rich_text(self.rich_message)


MAX_NESTED_BLOCKS = 20
"""Blocks within blocks of a rich message that are read: Telegram allows fewer."""

RICH_TEXT_FIELDS = ("summary", "text", "items", "cells", "blocks", "caption", "credit")
"""The fields of rich blocks that hold words or other blocks."""


def rich_text(node: Any, depth: int = 0) -> str:
    """The words of a rich message, whose blocks hold texts, parts of texts and other blocks."""
    if isinstance(node, str):
        return node
    if depth > MAX_NESTED_BLOCKS:
        return ""
    if isinstance(node, list):
        blocks = all(isinstance(part, dict) and "type" in part for part in node)
        return ("\n" if blocks else "").join(filter(None, (rich_text(part, depth + 1) for part in node)))
    if isinstance(node, dict):
        inner = [rich_text(node[name], depth + 1) for name in RICH_TEXT_FIELDS if name in node]
        return "\n".join(filter(None, inner))
    return ""
