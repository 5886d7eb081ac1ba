"""Telegram's webhook: who posted an update, and which message or order it brings.

https://core.telegram.org/bots/api#setwebhook. An edited message is the message that it was: what was kept of
it stands, as does the answer, and whoever wants another one writes again. But who mentions the assistant only
after they have posted has said it then. Posts of channels and messages of business accounts are known and
ignored: the assistant takes no part there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import msgspec

from repartee.channels.telegram.attachments import parse_attachments
from repartee.channels.telegram.buttons import callback_answerer, parse_decision
from repartee.channels.telegram.commands import handle_command, user_language
from repartee.channels.telegram.ids import chat_id, message_id, platform_address, sender_id
from repartee.channels.telegram.payloads import (
    TelegramCallbackQuery,
    TelegramEntity,
    TelegramMessage,
    TelegramStoppedGeneration,
    TelegramUser,
)
from repartee.domain.command import Command, IssuedCommand
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import ButtonPress, Message, Person
from repartee.domain.proposal import ReceivedPress
from repartee.errors import InvalidPayload, Unauthorized
from repartee.ports.channels import ParsedRequest

MAX_EDIT_AGE_SECONDS = 3600
"""Seconds after which an edit says nothing new: Telegram tells of edits that nobody sees, too."""

MAX_QUOTE_CHARS = 1000
"""Characters of a message that is replied to."""

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
    """

    def __init__(
        self,
        secrets: Callable[[], tuple[str, ...]],
        refresh: Callable[[], bool],
        token: Callable[[], str],
        username: str = "",
    ) -> None:
        self._secrets, self._refresh, self._token = secrets, refresh, token
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
            return self._parse_message(decode_json(bytes(update["message"]), TelegramMessage), request)
        if "edited_message" in update:
            return self._parse_edit(decode_json(bytes(update["edited_message"]), TelegramMessage), request)
        if "stopped_message_generation" in update:
            stopped = decode_json(bytes(update["stopped_message_generation"]), TelegramStoppedGeneration)
            return ParsedRequest(commands=(_parse_stop(stopped, request),))
        if "callback_query" in update:
            return _parse_button_press(
                decode_json(bytes(update["callback_query"]), TelegramCallbackQuery), request
            )
        return ParsedRequest(
            ignored_reason=next(
                (why for kind, why in IGNORED_UPDATES.items() if kind in update), "of another type"
            )
        )

    def _is_known_secret(self, given_secret: bytes) -> bool:
        return any(hmac.compare_digest(secret.encode(), given_secret) for secret in self._secrets())

    def _parse_message(self, payload: TelegramMessage, request: HttpRequest) -> ParsedRequest:
        if why := _ignore_reason(payload):
            return ParsedRequest(ignored_reason=why)
        command, whose, arguments = _parse_command(payload)
        if command and whose and not self._is_bot_username(whose):
            return ParsedRequest(ignored_reason="another bot's command")
        if command and (arrived := handle_command(command, arguments, payload, _issue_stop_command(payload))):
            return arrived
        message = self._build_message(payload, request)
        to_others = payload.chat.type != "private" and not (message.mentioned or (command and whose))
        if not (message.text or message.attachments):
            return ParsedRequest(
                ignored_reason="said to others" if to_others else "nothing that can be answered"
            )
        if to_others:
            message = msgspec.structs.replace(message, addressed=False, overheard=True)
        return ParsedRequest(messages=(message,))

    def _parse_edit(self, message: TelegramMessage, request: HttpRequest) -> ParsedRequest:
        """What a message says since it was edited. It has the id that it had, so it is kept once."""
        if (message.edit_date or message.date) - message.date > MAX_EDIT_AGE_SECONDS:
            return ParsedRequest(ignored_reason="a message was edited long after it was sent")
        if _parse_command(message)[0]:
            return ParsedRequest(ignored_reason="a command was edited")
        return self._parse_message(message, request)

    def _is_addressed(self, message: TelegramMessage) -> bool:
        """Whether a group's message replies to the bot or mentions it."""
        if message.replied_message and self._is_this_bot(message.replied_message.from_):
            return True
        return any(self._is_mention_of_bot(message, mark) for mark in message.text_entities)

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
        return bool(user and user.is_bot and own in ("", str(user.id)))

    def _message_text(self, message: TelegramMessage) -> str:
        """What a message says to the assistant: not its own name, but what others said that is replied to,
        which it may never have seen."""
        text = message.text_or_caption
        if message.chat.type == "private":
            return text
        for mark in message.text_entities:
            if mark.type == "mention" and self._is_mention_of_bot(message, mark):
                text = text.replace(message.entity_text(mark), "", 1)
        if message.replied_message and not self._is_this_bot(message.replied_message.from_):
            return f"{_quote_replied_message(message)}\n\n{text.strip()}"
        return text

    def _build_message(self, sent: TelegramMessage, request: HttpRequest) -> Message:
        return Message(
            id=message_id(sent.message_id),
            chat=chat_id(sent.chat, sent.topic_id),
            room=chat_id(sent.chat),
            channel="telegram",
            sender=f"telegram:{sender_id(sent)}",
            text=self._message_text(sent).strip(),
            sent=float(sent.date),
            received=request.received_at,
            mentioned=self._is_addressed(sent),
            threaded=bool(sent.topic_id),
            correlation=request.correlation,
            reply_to=message_id(sent.replied_message.message_id) if sent.replied_message else "",
            mentions=tuple(
                Person(f"telegram:{mark.user.id}")
                for mark in sent.text_entities
                if mark.type == "text_mention" and mark.user
            ),
            attachments=tuple(parse_attachments(sent)),
            language=user_language(sent),
            platform=platform_address(sent),
        )


def _ignore_reason(message: TelegramMessage) -> str:
    """Why a message is not something that a person said, empty if it is."""
    if message.is_automatic_forward:
        return "a channel's post"
    if message.from_ and message.from_.is_bot and not message.sender_chat:
        return "said by a bot"
    return ""


def _quote_replied_message(message: TelegramMessage) -> str:
    """What is replied to, as a quotation."""
    earlier = message.replied_message
    said = message.quote.text if message.quote else (earlier and (earlier.text or earlier.caption)) or ""
    return "\n".join(f"> {line}" for line in said[:MAX_QUOTE_CHARS].splitlines())


def _parse_command(message: TelegramMessage) -> tuple[str, str, str]:
    """The command that a message begins with, whose it is (if that is said), and what follows it."""
    mark = next(
        (mark for mark in message.text_entities if mark.type == "bot_command" and mark.offset == 0), None
    )
    if mark is None:
        return "", "", ""
    marked = message.entity_text(mark)
    command, _, whose = marked.removeprefix("/").partition("@")
    return command.lower(), whose, message.text_or_caption.removeprefix(marked).strip()


def _issue_stop_command(message: TelegramMessage) -> IssuedCommand:
    chat, room = chat_id(message.chat, message.topic_id), chat_id(message.chat)
    place = chat if message.topic_id else room
    by = f"telegram:{sender_id(message)}"
    return IssuedCommand(
        command=Command("stop"), scope=place, chat=chat, issued_by=by, issued_at=float(message.date)
    )


def _parse_button_press(callback: TelegramCallbackQuery, request: HttpRequest) -> ParsedRequest:
    """A decision; and the message that tells the turn of it, in answer to the message with the buttons."""
    press, under = parse_decision(callback, request.received_at), callback.message
    if press is None or under is None:
        return ParsedRequest(ignored_reason="a button that is not ours")
    message = ButtonPress(
        id=press.id,
        chat=chat_id(under.chat, under.topic_id),
        room=chat_id(under.chat),
        channel="telegram",
        sender=press.decided_by,
        sent=request.received_at,
        received=request.received_at,
        proposal_id=press.proposal_id,
        approved=press.approved,
        threaded=bool(under.topic_id),
        correlation=request.correlation,
        language=callback.from_.language_code,
        platform=platform_address(under) | {"pressed": str(under.message_id)},
    )
    return ParsedRequest(presses=(ReceivedPress(press, message, callback_answerer(callback, press)),))


def _parse_stop(stopped: TelegramStoppedGeneration, request: HttpRequest) -> IssuedCommand:
    chat = chat_id(stopped.chat, str(stopped.message_thread_id or ""))
    return IssuedCommand(
        command=Command("stop"),
        scope=chat,
        chat=chat,
        issued_by=chat_id(stopped.chat),
        issued_at=request.received_at,
    )
