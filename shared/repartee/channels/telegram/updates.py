"""What Telegram posts, as far as it is read: https://core.telegram.org/bots/api#update."""

from __future__ import annotations

from typing import Annotated

import msgspec

Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""Telegram's ids have at most 52 significant bits."""

Number = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
Time = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class User(msgspec.Struct):
    """Somebody who writes, a person or a bot."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    is_bot: bool = False


class Chat(msgspec.Struct):
    """Where it is written. `type`: private, group, supergroup, channel."""

    id: Id
    type: str


class Entity(msgspec.Struct):
    """A part of the text that means something. Offset and length count UTF-16 code units."""

    type: str
    offset: Count
    length: Count
    user: User | None = None


class Size(msgspec.Struct):
    """A photo in one of its sizes."""

    file_id: str
    file_unique_id: str
    width: Count = 0
    height: Count = 0
    file_size: Count | None = None


class File(msgspec.Struct):
    """A voice message, a piece of music or a document."""

    file_id: str
    file_unique_id: str
    file_name: str | None = None
    mime_type: str | None = None
    file_size: Count | None = None


class Earlier(msgspec.Struct):
    """The message that is replied to."""

    message_id: Count
    from_: User | None = msgspec.field(default=None, name="from")
    text: str | None = None
    caption: str | None = None


class Quote(msgspec.Struct):
    """The part of it that is replied to, where somebody chose one."""

    text: str


class Sent(msgspec.Struct):
    """A message. In a topic, `message_thread_id` names it, and every message replies to the topic's first."""

    message_id: Number
    chat: Chat
    date: Time
    edit_date: Time | None = None
    from_: User | None = msgspec.field(default=None, name="from")
    sender_chat: Chat | None = None
    message_thread_id: Number | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    reply_to_message: Earlier | None = None
    quote: Quote | None = None
    text: str | None = None
    caption: str | None = None
    entities: list[Entity] | None = None
    caption_entities: list[Entity] | None = None
    photo: list[Size] | None = None
    voice: File | None = None
    audio: File | None = None
    document: File | None = None

    @property
    def words(self) -> str:
        return self.text or self.caption or ""

    @property
    def marks(self) -> list[Entity]:
        return (self.entities if self.text else self.caption_entities) or []

    @property
    def topic(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""

    @property
    def replied(self) -> Earlier | None:
        """What is replied to, if it is more than the topic's beginning."""
        earlier = self.reply_to_message
        return None if earlier and self.topic == str(earlier.message_id) else earlier

    def marked(self, mark: Entity) -> str:
        """The part of the text that is marked."""
        units = self.words.encode("utf-16-le", "surrogatepass")
        return units[2 * mark.offset : 2 * (mark.offset + mark.length)].decode("utf-16-le", "replace")


class Under(msgspec.Struct):
    """The message that a button is under."""

    message_id: Number
    chat: Chat
    message_thread_id: Number | None = None
    is_topic_message: bool | None = None

    @property
    def topic(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""


class Callback(msgspec.Struct):
    """Somebody pressed a button under one of our messages: https://core.telegram.org/bots/api#callbackquery."""

    id: str
    from_: User = msgspec.field(name="from")
    message: Under | None = None
    data: str | None = None


class Stopped(msgspec.Struct):
    """Somebody pressed the button that stops a draft."""

    chat: Chat
    message_thread_id: Number | None = None
