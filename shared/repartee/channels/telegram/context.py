"""Words and files that come along with a message and are not its sender's own.

A reply brings the message that it answers (`reply_to_message`), or one of another chat (`external_reply`),
and perhaps the part that is meant (`quote`). A forwarded message is another's as a whole (`forward_origin`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from repartee.channels.telegram.attachments import parse_attachments
from repartee.channels.telegram.content_payloads import TelegramContent
from repartee.channels.telegram.content_text import describe_content
from repartee.channels.telegram.ids import message_id
from repartee.channels.telegram.payloads import (
    TelegramChat,
    TelegramExternalReply,
    TelegramMessage,
    TelegramOrigin,
    TelegramRepliedMessage,
    TelegramUser,
    clean_name,
)
from repartee.domain.message import ContextPart, Person

IsThisBot = Callable[[TelegramUser | None], bool]


def parse_context(message: TelegramMessage, is_this_bot: IsThisBot) -> Iterator[ContextPart]:
    """Yields the parts that came along, the whole before the part of it that is quoted."""
    if message.forward_origin:
        yield _forwarded_part(message, message.forward_origin, is_this_bot)
    if message.replied_message:
        yield _replied_part(message.replied_message, is_this_bot)
    if message.external_reply:
        yield _external_part(message.external_reply, message.chat, is_this_bot)
    if message.reply_to_story:
        story = message.reply_to_story.chat
        yield ContextPart(
            kind="replied_to",
            author=_chat_person(story) if story else Person(),
            text="[a story, which cannot be seen here]",
        )
    if message.quote:
        yield _quoted_part(message, message.quote.text, is_this_bot)


def content_text(content: TelegramContent) -> str:
    """The words of a message, and in words what else it holds."""
    return "\n".join(filter(None, (content.text_or_caption.strip(), describe_content(content))))


def _forwarded_part(message: TelegramMessage, origin: TelegramOrigin, is_this_bot: IsThisBot) -> ContextPart:
    return ContextPart(
        kind="forwarded",
        author=_origin_person(origin),
        by_assistant=is_this_bot(origin.sender_user),
        sent=float(origin.date),
        text=content_text(message),
        attachments=tuple(parse_attachments(message)),
    )


def _replied_part(replied: TelegramRepliedMessage, is_this_bot: IsThisBot) -> ContextPart:
    """The message that is replied to. If that was a forwarded one, it is its first author's."""
    origin = replied.forward_origin
    number = replied.message_id or replied.ephemeral_message_id or 0
    return ContextPart(
        kind="replied_to",
        author=_origin_person(origin) if origin else _sender_person(replied),
        by_assistant=is_this_bot(origin.sender_user if origin else replied.from_),
        sent=float(origin.date if origin else replied.date),
        text=content_text(replied),
        attachments=tuple(parse_attachments(replied)),
        message_id=message_id(number) if number else "",
    )


def _external_part(
    external: TelegramExternalReply, chat: TelegramChat, is_this_bot: IsThisBot
) -> ContextPart:
    origin = external.origin
    same_chat = external.chat is not None and external.chat.id == chat.id and external.message_id
    return ContextPart(
        kind="replied_to",
        author=_origin_person(origin) if origin else Person(),
        by_assistant=is_this_bot(origin.sender_user if origin else None),
        sent=float(origin.date if origin else 0),
        text=content_text(external),
        attachments=tuple(parse_attachments(external)),
        message_id=message_id(external.message_id) if same_chat else "",
    )


def _quoted_part(message: TelegramMessage, text: str, is_this_bot: IsThisBot) -> ContextPart:
    """The part that is meant, by the author of the whole."""
    if message.replied_message:
        whole = _replied_part(message.replied_message, is_this_bot)
    elif message.external_reply:
        whole = _external_part(message.external_reply, message.chat, is_this_bot)
    else:
        whole = ContextPart(kind="quoted")
    return ContextPart(
        kind="quoted",
        author=whole.author,
        by_assistant=whole.by_assistant,
        sent=whole.sent,
        text=text,
        message_id=whole.message_id,
    )


def _sender_person(replied: TelegramRepliedMessage) -> Person:
    if replied.sender_chat:
        return _chat_person(replied.sender_chat)
    return _user_person(replied.from_) if replied.from_ else Person()


def _user_person(user: TelegramUser) -> Person:
    return Person(id=f"telegram:{user.id}", name=user.display_name)


def _chat_person(chat: TelegramChat, signature: str | None = None) -> Person:
    """A group or a channel that speaks, with the name of the author who signed, if any."""
    title = clean_name(chat.title or "")
    signed = clean_name(signature or "")
    return Person(
        id=f"telegram:{chat.id}", name=f"{signed} ({title})" if signed and title else signed or title
    )


def _origin_person(origin: TelegramOrigin) -> Person:
    """The author of a forwarded message, as far as Telegram tells. Hidden users are a name alone."""
    if origin.sender_user:
        return _user_person(origin.sender_user)
    if chat := origin.sender_chat or origin.chat:
        return _chat_person(chat, origin.author_signature)
    return Person(name=clean_name(origin.sender_user_name or ""))
