"""The payloads that Telegram posts, as far as they are read: https://core.telegram.org/bots/api#update."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from repartee.channels.telegram.content_payloads import NonNegativeInt, TelegramContent

TelegramId = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""Telegram's ids have at most 52 significant bits."""

MessageNumber = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
"""The number of a message in its chat. Ephemeral messages all have 0."""

UnixSeconds = Annotated[int, msgspec.Meta(ge=0, le=2**40)]

MAX_NAME_CHARS = 60
"""Characters of a name: no instruction to a model fits into one."""


class TelegramUser(msgspec.Struct):
    """A person or a bot. Telegram uses id 0 for nobody. `language_code` is the language of their app."""

    id: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str = ""

    @property
    def display_name(self) -> str:
        """The name that people see, in one line."""
        return clean_name(f"{self.first_name} {self.last_name or ''}") or self.username or ""


class TelegramChat(msgspec.Struct):
    """A chat. `type`: private, group, supergroup, channel."""

    id: TelegramId
    type: str
    title: str | None = None


class TelegramEntity(msgspec.Struct):
    """A part of the text that means something. Offset and length count UTF-16 code units."""

    type: str
    offset: NonNegativeInt
    length: NonNegativeInt
    user: TelegramUser | None = None


class TelegramOrigin(msgspec.Struct):
    """Where a forwarded message comes from: https://core.telegram.org/bots/api#messageorigin.

    `type`: user (`sender_user`), hidden_user (a name alone), chat (`sender_chat`), channel (`chat`).
    """

    type: str
    date: UnixSeconds = 0
    sender_user: TelegramUser | None = None
    sender_user_name: str | None = None
    sender_chat: TelegramChat | None = None
    chat: TelegramChat | None = None
    author_signature: str | None = None
    message_id: MessageNumber = 0


class TelegramRepliedMessage(TelegramContent):
    """The message that is replied to."""

    message_id: NonNegativeInt = 0
    date: UnixSeconds = 0
    from_: TelegramUser | None = msgspec.field(default=None, name="from")
    sender_chat: TelegramChat | None = None
    forward_origin: TelegramOrigin | None = None
    ephemeral_message_id: MessageNumber | None = None


class TelegramExternalReply(TelegramContent):
    """A message of another chat or topic that is replied to. It comes without its text, which `quote` has."""

    origin: TelegramOrigin | None = None
    chat: TelegramChat | None = None
    message_id: MessageNumber = 0


class TelegramQuote(msgspec.Struct):
    """The part of the replied message that is meant."""

    text: str


class TelegramStory(msgspec.Struct):
    """A story that is replied to. Bots cannot see it."""

    chat: TelegramChat | None = None


class TelegramMessage(TelegramContent, kw_only=True):
    """A message. In a topic, `message_thread_id` names it, and every message replies to the topic's first.

    An ephemeral message is seen by its sender and the bot alone. Its `message_id` is 0, and
    `ephemeral_message_id` identifies it: https://core.telegram.org/bots/api#ephemeral-messages-and-commands
    """

    message_id: MessageNumber
    chat: TelegramChat
    date: UnixSeconds
    edit_date: UnixSeconds | None = None
    ephemeral_message_id: MessageNumber | None = None
    from_: TelegramUser | None = msgspec.field(default=None, name="from")
    sender_chat: TelegramChat | None = None
    message_thread_id: MessageNumber | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    media_group_id: str | None = None
    forward_origin: TelegramOrigin | None = None
    reply_to_message: TelegramRepliedMessage | None = None
    external_reply: TelegramExternalReply | None = None
    reply_to_story: TelegramStory | None = None
    quote: TelegramQuote | None = None
    migrate_to_chat_id: TelegramId | None = None
    migrate_from_chat_id: TelegramId | None = None
    entities: list[TelegramEntity] | None = None
    caption_entities: list[TelegramEntity] | None = None

    @property
    def text_entities(self) -> list[TelegramEntity]:
        return (self.entities if self.text else self.caption_entities) or []

    @property
    def topic_id(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""

    @property
    def number(self) -> int:
        """The number that identifies the message in its chat."""
        return self.message_id or self.ephemeral_message_id or 0

    @property
    def replied_message(self) -> TelegramRepliedMessage | None:
        """Returns the message replied to, if it is more than the topic's beginning."""
        earlier = self.reply_to_message
        return None if earlier and self.topic_id == str(earlier.message_id) else earlier

    def entity_text(self, entity: TelegramEntity) -> str:
        """The part of the text that is marked."""
        return cut_utf16(self.text_or_caption, entity.offset, entity.offset + entity.length)


class TelegramButtonMessage(msgspec.Struct):
    """The message that a button is under."""

    message_id: MessageNumber
    chat: TelegramChat
    ephemeral_message_id: MessageNumber | None = None
    message_thread_id: MessageNumber | None = None
    is_topic_message: bool | None = None

    @property
    def topic_id(self) -> str:
        return str(self.message_thread_id) if self.is_topic_message and self.message_thread_id else ""

    @property
    def number(self) -> int:
        """The number that identifies the message in its chat."""
        return self.message_id or self.ephemeral_message_id or 0


class TelegramCallbackQuery(msgspec.Struct):
    """A press of a button under one of our messages: https://core.telegram.org/bots/api#callbackquery."""

    id: str
    from_: TelegramUser = msgspec.field(name="from")
    message: TelegramButtonMessage | None = None
    data: str | None = None


class TelegramReaction(msgspec.Struct):
    """The reactions of a person to a message have changed: `new_reaction` are those that are there now."""

    chat: TelegramChat
    user: TelegramUser | None = None
    new_reaction: list[Any] = []


class TelegramStoppedGeneration(msgspec.Struct):
    """A press of the button that stops a draft."""

    chat: TelegramChat
    message_thread_id: MessageNumber | None = None


def clean_name(name: str) -> str:
    """A name in one line, of bounded length."""
    return " ".join(name.split())[:MAX_NAME_CHARS]


def cut_utf16(text: str, start: int, end: int) -> str:
    """The part of a text between two offsets in UTF-16 code units."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-le", "replace")
