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

from repartee.channels.telegram.attached import attached
from repartee.channels.telegram.commands import carried_out
from repartee.channels.telegram.pressed import answer, decision
from repartee.channels.telegram.updates import Callback, Chat, Entity, Sent, Stopped, Under, User
from repartee.conversation.control import Given, Order
from repartee.conversation.message import Message
from repartee.conversation.proposal import Pressed
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed, Unverified

EDITED_WITHIN = 3600
"""Seconds after which an edit says nothing new: Telegram tells of edits that nobody sees, too."""

QUOTED = 1000
"""Characters of a message that is replied to."""

IGNORED = {
    "channel_post": "a channel's post",
    "edited_channel_post": "a channel's post was edited",
    "business_message": "a business account's message",
    "edited_business_message": "a business account's message was edited",
    "my_chat_member": "the bot was added, removed or blocked",
}
"""Updates that are known and bring nothing to answer."""


class TelegramUpdates:
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

    def verify(self, request: Request) -> None:
        given = request.headers.get("x-telegram-bot-api-secret-token", "").encode("utf-8", "replace")
        if not given:
            raise Unverified("the secret token is missing")
        if not (self._known(given) or (self._refresh() and self._known(given))):
            raise Unverified("the secret token is wrong")

    def parse(self, request: Request) -> Arrived:
        update = decoded(request.body, dict[str, msgspec.Raw])
        if "update_id" not in update:
            raise Malformed("an update without update_id")
        if "message" in update:
            return self._said(decoded(bytes(update["message"]), Sent), request)
        if "edited_message" in update:
            return self._edited(decoded(bytes(update["edited_message"]), Sent), request)
        if "stopped_message_generation" in update:
            stopped = decoded(bytes(update["stopped_message_generation"]), Stopped)
            return Arrived(orders=(_stop(stopped, request),))
        if "callback_query" in update:
            return _pressed(decoded(bytes(update["callback_query"]), Callback), request)
        return Arrived(
            ignored=next((why for kind, why in IGNORED.items() if kind in update), "of another type")
        )

    def _known(self, given: bytes) -> bool:
        return any(hmac.compare_digest(secret.encode(), given) for secret in self._secrets())

    def _said(self, sent: Sent, request: Request) -> Arrived:
        if why := _unspoken(sent):
            return Arrived(ignored=why)
        command, whose, arguments = _command(sent)
        if command and whose and not self._own_name(whose):
            return Arrived(ignored="another bot's command")
        if command and (arrived := carried_out(command, arguments, sent, _given(sent))):
            return arrived
        message = self._message(sent, request)
        to_others = sent.chat.type != "private" and not (message.mentioned or (command and whose))
        if not (message.text or message.attachments):
            return Arrived(ignored="said to others" if to_others else "nothing that can be answered")
        if to_others:
            message = msgspec.structs.replace(message, addressed=False, overheard=True)
        return Arrived(messages=(message,))

    def _edited(self, sent: Sent, request: Request) -> Arrived:
        """What a message says since it was edited. It has the id that it had, so it is kept once."""
        if (sent.edit_date or sent.date) - sent.date > EDITED_WITHIN:
            return Arrived(ignored="a message was edited long after it was sent")
        if _command(sent)[0]:
            return Arrived(ignored="a command was edited")
        return self._said(sent, request)

    def _addressed(self, sent: Sent) -> bool:
        """Whether a group's message replies to the bot or mentions it."""
        if sent.replied and self._own(sent.replied.from_):
            return True
        return any(self._mentioned(sent, mark) for mark in sent.marks)

    def _mentioned(self, sent: Sent, mark: Entity) -> bool:
        if mark.type == "text_mention":
            return self._own(mark.user)
        return mark.type == "mention" and self._own_name(sent.marked(mark).removeprefix("@"))

    def _own_name(self, name: str) -> bool:
        name = name.lower()
        return name == self._username if self._username else name.endswith("bot")

    def _own(self, user: User | None) -> bool:
        own = self._token().partition(":")[0]
        return bool(user and user.is_bot and own in ("", str(user.id)))

    def _words(self, sent: Sent) -> str:
        """What a message says to the assistant: not its own name, but what others said that is replied to,
        which it may never have seen."""
        text = sent.words
        if sent.chat.type == "private":
            return text
        for mark in sent.marks:
            if mark.type == "mention" and self._mentioned(sent, mark):
                text = text.replace(sent.marked(mark), "", 1)
        if sent.replied and not self._own(sent.replied.from_):
            return f"{_quoted(sent)}\n\n{text.strip()}"
        return text

    def _message(self, sent: Sent, request: Request) -> Message:
        return Message(
            id=_id(sent.message_id),
            chat=_chat(sent.chat, sent.topic),
            room=_chat(sent.chat),
            channel="telegram",
            sender=f"telegram:{_sender(sent)}",
            text=self._words(sent).strip(),
            sent=float(sent.date),
            received=request.at,
            mentioned=self._addressed(sent),
            threaded=bool(sent.topic),
            correlation=request.correlation,
            reply_to=_id(sent.replied.message_id) if sent.replied else "",
            mentions=tuple(
                str(mark.user.id) for mark in sent.marks if mark.type == "text_mention" and mark.user
            ),
            attachments=tuple(attached(sent)),
            platform=_place(sent),
        )


def _id(number: int) -> str:
    """A message's id, such that ids sort as the messages were sent, within a second too."""
    return f"{number:010}"


def _chat(chat: Chat, topic: str = "") -> str:
    return f"telegram:{chat.id}:{topic}" if topic else f"telegram:{chat.id}"


def _place(sent: Sent | Under) -> dict[str, str]:
    place = {"chat": str(sent.chat.id), "type": sent.chat.type, "message": str(sent.message_id)}
    return {**place, "topic": sent.topic} if sent.topic else place


def _sender(sent: Sent) -> int:
    """A person; or the group in whose name an administrator writes."""
    sender = sent.sender_chat or sent.from_
    if sender is None or not sender.id:
        raise Malformed("a message from nobody")
    return sender.id


def _unspoken(sent: Sent) -> str:
    """Why a message is not something that a person said, empty if it is."""
    if sent.is_automatic_forward:
        return "a channel's post"
    if sent.from_ and sent.from_.is_bot and not sent.sender_chat:
        return "said by a bot"
    return ""


def _quoted(sent: Sent) -> str:
    """What is replied to, as a quotation."""
    earlier = sent.replied
    said = sent.quote.text if sent.quote else (earlier and (earlier.text or earlier.caption)) or ""
    return "\n".join(f"> {line}" for line in said[:QUOTED].splitlines())


def _command(sent: Sent) -> tuple[str, str, str]:
    """The command that a message begins with, whose it is (if that is said), and what follows it."""
    mark = next((mark for mark in sent.marks if mark.type == "bot_command" and mark.offset == 0), None)
    if mark is None:
        return "", "", ""
    marked = sent.marked(mark)
    command, _, whose = marked.removeprefix("/").partition("@")
    return command.lower(), whose, sent.words.removeprefix(marked).strip()


def _given(sent: Sent) -> Given:
    chat, room = _chat(sent.chat, sent.topic), _chat(sent.chat)
    place = chat if sent.topic else room
    by = f"telegram:{_sender(sent)}"
    return Given(order=Order("stop"), place=place, chat=chat, by=by, at=float(sent.date))


def _pressed(callback: Callback, request: Request) -> Arrived:
    """A decision; and the message that tells the turn of it, in answer to the message with the buttons."""
    press, under = decision(callback, request.at), callback.message
    if press is None or under is None:
        return Arrived(ignored="a button that is not ours")
    message = Message(
        id=press.id,
        chat=_chat(under.chat, under.topic),
        room=_chat(under.chat),
        channel="telegram",
        sender=press.by,
        text="",
        sent=request.at,
        received=request.at,
        decides=press.subject,
        threaded=bool(under.topic),
        correlation=request.correlation,
        platform=_place(under) | {"pressed": str(under.message_id)},
    )
    return Arrived(pressed=(Pressed(press, message, answer(callback, press)),))


def _stop(stopped: Stopped, request: Request) -> Given:
    chat = _chat(stopped.chat, str(stopped.message_thread_id or ""))
    return Given(order=Order("stop"), place=chat, chat=chat, by=_chat(stopped.chat), at=request.at)
