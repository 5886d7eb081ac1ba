"""What Telegram posts, as far as it is read: https://core.telegram.org/bots/api#update."""

from __future__ import annotations

from typing import Annotated

import msgspec

TelegramId = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""Telegram's ids have at most 52 significant bits."""

MessageNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
UnixSeconds = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
NonNegativeInt = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class TelegramUser(msgspec.Struct):
    """Somebody who writes, a person or a bot. `language_code` is the language of their app."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    is_bot: bool = False
    language_code: str = ""


class TelegramChat(msgspec.Struct):
    """Where it is written. `type`: private, group, supergroup, channel."""

    id: TelegramId
    type: str


class TelegramEntity(msgspec.Struct):
    """A part of the text that means something. Offset and length count UTF-16 code units."""

    type: str
    offset: NonNegativeInt
    length: NonNegativeInt
    user: TelegramUser | None = None


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


class TelegramRepliedMessage(msgspec.Struct):
    """The message that is replied to."""

    message_id: NonNegativeInt
    from_: TelegramUser | None = msgspec.field(default=None, name="from")
    text: str | None = None
    caption: str | None = None


class TelegramQuote(msgspec.Struct):
    """The part of it that is replied to, where somebody chose one."""

    text: str


class TelegramMessage(msgspec.Struct):
    """A message. In a topic, `message_thread_id` names it, and every message replies to the topic's first."""

    message_id: MessageNumber
    chat: TelegramChat
    date: UnixSeconds
    edit_date: UnixSeconds | None = None
    from_: TelegramUser | None = msgspec.field(default=None, name="from")
    sender_chat: TelegramChat | None = None
    message_thread_id: MessageNumber | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    reply_to_message: TelegramRepliedMessage | None = None
    quote: TelegramQuote | None = None
    text: str | None = None
    caption: str | None = None
    entities: list[TelegramEntity] | None = None
    caption_entities: list[TelegramEntity] | None = None
    photo: list[TelegramPhotoSize] | None = None
    voice: TelegramFile | None = None
    audio: TelegramFile | None = None
    document: TelegramFile | None = None

    @property
    def text_or_caption(self) -> str:
        return self.text or self.caption or ""

    @property
    def text_entities(self) -> list[TelegramEntity]:
        return (self.entities if self.text else self.caption_entities) or []

    @property
    def topic_id(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""

    @property
    def replied_message(self) -> TelegramRepliedMessage | None:
        """What is replied to, if it is more than the topic's beginning."""
        earlier = self.reply_to_message
        return None if earlier and self.topic_id == str(earlier.message_id) else earlier

    def entity_text(self, entity: TelegramEntity) -> str:
        """The part of the text that is marked."""
        units = self.text_or_caption.encode("utf-16-le", "surrogatepass")
        return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le", "replace")


class TelegramButtonMessage(msgspec.Struct):
    """The message that a button is under."""

    message_id: MessageNumber
    chat: TelegramChat
    message_thread_id: MessageNumber | None = None
    is_topic_message: bool | None = None

    @property
    def topic_id(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""


class TelegramCallbackQuery(msgspec.Struct):
    """Somebody pressed a button under one of our messages: https://core.telegram.org/bots/api#callbackquery."""

    id: str
    from_: TelegramUser = msgspec.field(name="from")
    message: TelegramButtonMessage | None = None
    data: str | None = None


class TelegramStoppedGeneration(msgspec.Struct):
    """Somebody pressed the button that stops a draft."""

    chat: TelegramChat
    message_thread_id: MessageNumber | None = None
