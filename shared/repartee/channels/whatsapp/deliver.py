"""Replies in WhatsApp: a sign that somebody types, and then the text in messages, as its paragraphs come.

https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators/
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from aws_lambda_powertools import Logger

from repartee.channels.delivery import Delivery
from repartee.channels.typing import After, Signs, Typing, in_a_thread
from repartee.channels.whatsapp import pictures, proposals
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.chat import WhatsAppChat
from repartee.channels.whatsapp.pairs import PairPace
from repartee.channels.whatsapp.window import TooLate, is_open
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Keep, Picture, Reply, Shown

SIGN_EVERY = 20.0
"""Seconds after which the sign is shown again: by itself it goes out after 25."""


class WhatsAppReplies:
    """`reply.Replies` for WhatsApp. Owns the signs that are up.

    `template` is the name and the language of what is said to people after 24 hours; without one, nothing is.
    """

    def __init__(
        self,
        api: WhatsAppApi,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        logger: Logger,
        template: tuple[str, str] = ("", ""),
        after: After = in_a_thread,
    ) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep
        self._logger, self._template = logger, template
        self._signs = Signs(SIGN_EVERY, clock, after)

    def sign(self, message: Message, status: str = "") -> None:
        """Whatever the status: WhatsApp has no place for one."""
        if is_open(message, self._clock()):
            self._typing(message).show()

    def unsign(self, message: Message) -> None:
        self._typing(message).end()

    def welcome(self, message: Message) -> None:
        """Nothing: nobody is written to before they write."""

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        if is_open(message, self._clock()):
            pictures.attach(self._api, message, picture, self._sleep)

    def propose(self, message: Message, proposal: Proposal) -> None:
        if is_open(message, self._clock()):
            proposals.propose(self._api, message, proposal, self._sleep)

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        """Nothing: buttons cannot be taken away, and those that were pressed decide nothing any more."""

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Reply:
        if not is_open(message, self._clock()):
            return TooLate(partial(self._ask_to_write, message), shown, keep)
        typing = self._typing(message)
        chat = WhatsAppChat(self._api, message.platform, shown, PairPace(self._clock), typing, self._sleep)
        return Delivery(
            chat,
            lambda ids, text: keep(chat.kept(ids), text),
            self._sleep,
            shown.ids,
            over=typing.end,
            split=chat.split,
        )

    def _ask_to_write(self, message: Message) -> str:
        """Sends the template, if there is one, and gives its id."""
        name, language = self._template
        reason = "the person wrote more than 24 hours ago"
        self._logger.warning("reply_not_sent", chat=message.chat, reason=reason, template=name)
        if not name:
            return ""
        template = {"name": name, "language": {"code": language}}
        return self._api.send(message.platform, type="template", template=template)

    def _typing(self, message: Message) -> Typing:
        return self._signs.on(message.platform["message"], partial(self._api.show_typing, message.platform))
