"""Telegram's webhook: who posted an update, and which message or command it brings.

https://core.telegram.org/bots/api#setwebhook. An edited message changes what is kept of it; the answer to it
stands. A message that mentions the assistant only since it was edited has said it then. Posts of channels and
messages of business accounts are known and ignored: the assistant takes no part there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec

from repartee.channels.telegram.attachments import parse_attachments
from repartee.channels.telegram.buttons import callback_answerer, parse_decision, parse_handover_press
from repartee.channels.telegram.commands import handle_command, user_language
from repartee.channels.telegram.content_text import (
    describe_content,
)
from repartee.channels.telegram.context import parse_context
from repartee.channels.telegram.ids import (
    ephemeral_chat,
    message_id,
    platform_address,
    press_address,
    sender_id,
)
from repartee.channels.telegram.mentions import find_command, text_without_mentions
from repartee.channels.telegram.moves import MovedChats
from repartee.channels.telegram.payloads import (
    TelegramCallbackQuery,
    TelegramChat,
    TelegramEntity,
    TelegramMessage,
    TelegramStoppedGeneration,
    TelegramUser,
)
from repartee.channels.telegram.reactions import parse_reaction
from repartee.channels.telegram.said import (
    describe_unread,
    empty_reason,
    ignore_reason,
    opening_or_message,
    sender_name,
)
from repartee.domain.command import Command, IssuedCommand
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.merging import as_revision
from repartee.domain.message import ButtonPress, Message, Person
from repartee.domain.proposal import ReceivedPress
from repartee.errors import InvalidPayload, Unauthorized
from repartee.ports.channels import ParsedRequest

IGNORED_UPDATES = {
    "channel_post": "a channel's post",
    "edited_channel_post": "a channel's post was edited",
    "business_message": "a business account's message",
    "edited_business_message": "a business account's message was edited",
    "my_chat_member": "the bot was added, removed or blocked",
}
"""Updates that are known and bring nothing to answer."""


class TelegramReceiver:
    """`webhook.Receiver` for Telegram.

    `secrets` gives the webhook's secrets that are accepted now, `refresh` asks for newer ones and says
    whether there may be some. `token` gives the bot's token, whose first half is the bot's own id; `username`
    is the name by which groups call it. Where these are not known, any bot that is addressed is taken to be
    this one: with privacy mode, as bots have it by default, a group's messages for others do not come at all.
    `moved_chats` knows the first id of groups that have become supergroups.
    """

    def __init__(
        self,
        secrets: Callable[[], tuple[str, ...]],
        refresh: Callable[[], bool],
        token: Callable[[], str],
        username: str = "",
        moved_chats: MovedChats | None = None,
    ) -> None:
        self._secrets, self._refresh, self._token = secrets, refresh, token
        self._moved_chats = moved_chats or MovedChats()
        self._username = username.removeprefix("@").lower()

    def verify(self, request: HttpRequest) -> None:
        given = request.headers.get("x-telegram-bot-api-secret-token", "").encode("utf-8", "replace")
        if not given:
            raise Unauthorized("the secret token is missing")
        if not (self._is_known_secret(given) or (self._refresh() and self._is_known_secret(given))):
            raise Unauthorized("the secret token is wrong")

    def parse(self, request: HttpRequest) -> ParsedRequest:
        update = decode_json(request.body, dict[str, msgspec.Raw])
        if "update_id" not in update:
            raise InvalidPayload("an update without update_id")
        if "message" in update:
            return self._parse_message(bytes(update["message"]), request)
        if "edited_message" in update:
            update_id = decode_json(bytes(update["update_id"]), int)
            return self._parse_edit(bytes(update["edited_message"]), update_id, request)
        if "stopped_message_generation" in update:
            stopped = decode_json(bytes(update["stopped_message_generation"]), TelegramStoppedGeneration)
            return ParsedRequest(commands=(self._parse_stop(stopped, request),))
        if "message_reaction" in update:
            return parse_reaction(bytes(update["message_reaction"]), request)
        if "callback_query" in update:
            pressed = decode_json(bytes(update["callback_query"]), TelegramCallbackQuery)
            return self._parse_button_press(pressed, request)
        return ParsedRequest(
            ignored_reason=next(
                (why for kind, why in IGNORED_UPDATES.items() if kind in update), "of another type"
            )
        )

    def _is_known_secret(self, given_secret: bytes) -> bool:
        return any(hmac.compare_digest(secret.encode(), given_secret) for secret in self._secrets())

    def _parse_message(self, body: bytes, request: HttpRequest) -> ParsedRequest:
        payload = decode_json(body, TelegramMessage)
        if payload.migrate_to_chat_id or payload.migrate_from_chat_id:
            self._moved_chats.record_migration(payload)
            return ParsedRequest(ignored_reason="a group became a supergroup")
        command = find_command(payload, self._is_mention_of_bot)
        why = ignore_reason(payload) or empty_reason(payload, body)
        if not why and command.bot_username and not self._is_bot_username(command.bot_username):
            why = "another bot's command"
        if why:
            return ParsedRequest(ignored_reason=why)
        if command.name and (arrived := handle_command(command, payload, self._issue_stop_command(payload))):
            return arrived
        message = self._build_message(payload, body, request)
        return ParsedRequest(messages=(opening_or_message(message),))

    def _parse_edit(self, body: bytes, update_id: int, request: HttpRequest) -> ParsedRequest:
        """Returns the words of a message since it was edited."""
        payload = decode_json(body, TelegramMessage)
        if why := ignore_reason(payload) or empty_reason(payload, body):
            return ParsedRequest(ignored_reason=why)
        if find_command(payload, self._is_mention_of_bot).name:
            return ParsedRequest(ignored_reason="a command was edited")
        message = self._build_message(payload, body, request)
        id = f"{message.id}-edited-{update_id}"
        revision = as_revision(message, id, keeps_files=not message.attachments)
        return ParsedRequest(messages=(revision,))

    def _calls_bot(self, message: TelegramMessage) -> bool:
        """Whether a message replies to the bot, mentions it, or is seen by it alone."""
        replied, external = message.replied_message, message.external_reply
        if replied and self._is_this_bot(replied.from_):
            return True
        if external and external.origin and self._is_this_bot(external.origin.sender_user):
            return True
        if any(self._is_mention_of_bot(message, mark) for mark in message.text_entities):
            return True
        return bool(message.ephemeral_message_id)

    def _is_addressed(self, message: TelegramMessage, mentioned: bool) -> bool:
        """Whether a message is said to the bot. In a group that is one that calls it, or a command of its."""
        command = find_command(message, self._is_mention_of_bot)
        return message.chat.type == "private" or mentioned or bool(command.bot_username)

    def _is_mention_of_bot(self, message: TelegramMessage, entity: TelegramEntity) -> bool:
        if entity.type == "text_mention":
            return self._is_this_bot(entity.user)
        return entity.type == "mention" and self._is_bot_username(
            message.entity_text(entity).removeprefix("@")
        )

    def _is_bot_username(self, name: str) -> bool:
        name = name.lower()
        return name == self._username if self._username else name.endswith("bot")

    def _is_this_bot(self, user: TelegramUser | None) -> bool:
        own = self._token().partition(":")[0]
        return bool(user and user.is_bot and user.id and own in ("", str(user.id)))

    def _message_text(self, message: TelegramMessage, body: bytes) -> str:
        """The sender's own words, without the bot's name; and in words what else the message holds."""
        if message.forward_origin:
            return ""
        words = text_without_mentions(message, self._is_mention_of_bot)
        if not words and message.chat.type == "private":
            words = message.text_or_caption.strip()
        return "\n".join(filter(None, (words, describe_content(message), describe_unread(message, body))))

    def _build_message(self, sent: TelegramMessage, body: bytes, request: HttpRequest) -> Message:
        """The message as it is taken in."""
        if not sent.number:
            raise InvalidPayload("a message without a number")
        room, chat = self._place_of(sent)
        mentioned, text = self._calls_bot(sent), self._message_text(sent, body)
        attachments = () if sent.forward_origin else tuple(parse_attachments(sent))
        context = tuple(parse_context(sent, self._is_this_bot))
        addressed = self._is_addressed(sent, mentioned)
        return Message(
            id=message_id(sent.number),
            chat=chat,
            room=room,
            channel="telegram",
            sender=f"telegram:{sender_id(sent)}",
            sender_name=sender_name(sent),
            text=text,
            sent=float(sent.date),
            received=request.received_at,
            addressed=addressed,
            overheard=not addressed,
            mentioned=mentioned,
            threaded=bool(sent.topic_id),
            correlation=request.correlation,
            reply_to=message_id(sent.replied_message.message_id) if sent.replied_message else "",
            mentions=tuple(
                Person(f"telegram:{mark.user.id}", mark.user.display_name)
                for mark in sent.text_entities
                if mark.type == "text_mention" and mark.user
            ),
            attachments=attachments,
            context=context,
            language=user_language(sent),
            platform=platform_address(sent),
        )

    def _place_of(self, message: TelegramMessage) -> tuple[str, str]:
        """The room and the chat of a message. An ephemeral one has a room that nobody else is in."""
        room, chat = self._group_place(message.chat, message.topic_id)
        if message.ephemeral_message_id:
            room = chat = ephemeral_chat(room, sender_id(message))
        return room, chat

    def _group_place(self, chat: TelegramChat, topic: str) -> tuple[str, str]:
        room = self._moved_chats.room_of(chat)
        return room, f"{room}:{topic}" if topic else room

    def _issue_stop_command(self, message: TelegramMessage) -> IssuedCommand:
        """A stop in the place of the message, to be replaced by the command that it is. An ephemeral command
        is about the group in which it is given."""
        _, place = self._group_place(message.chat, message.topic_id)
        return IssuedCommand(
            command=Command("stop"),
            scope=place,
            chat=self._place_of(message)[1],
            issued_by=f"telegram:{sender_id(message)}",
            issued_at=float(message.date),
        )

    def _parse_button_press(self, callback: TelegramCallbackQuery, request: HttpRequest) -> ParsedRequest:
        """A decision; and the message that tells the turn of it, in answer to the one with the buttons."""
        press, under = parse_decision(callback, request.received_at), callback.message
        if under and (card := parse_handover_press(callback, under, request.received_at)):
            return ParsedRequest(handover_presses=(card,))
        if press is None or under is None:
            return ParsedRequest(ignored_reason="a button that is not ours")
        room, chat = self._group_place(under.chat, under.topic_id)
        if under.ephemeral_message_id:
            room = chat = ephemeral_chat(room, callback.from_.id)
        message = ButtonPress(
            id=press.id,
            chat=chat,
            room=room,
            channel="telegram",
            sender=press.decided_by,
            sent=request.received_at,
            received=request.received_at,
            proposal_id=press.proposal_id,
            approved=press.approved,
            threaded=bool(under.topic_id),
            correlation=request.correlation,
            language=callback.from_.language_code,
            platform=press_address(callback, under),
        )
        return ParsedRequest(presses=(ReceivedPress(press, message, callback_answerer(callback, press)),))

    def _parse_stop(self, stopped: TelegramStoppedGeneration, request: HttpRequest) -> IssuedCommand:
        room, chat = self._group_place(stopped.chat, str(stopped.message_thread_id or ""))
        return IssuedCommand(
            command=Command("stop"),
            scope=chat,
            chat=chat,
            issued_by=room,
            issued_at=request.received_at,
        )
