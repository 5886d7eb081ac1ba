"""The 24 hours after a person's message, in which they may be answered freely.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. Afterwards
nothing may be said but a template that Meta has approved, such as one that asks the person to write again.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.conversation.message import Message
from repartee.conversation.reply import Crowd, Keep, Shown

OPEN_FOR = 24 * 3600.0 - 60.0
"""Seconds that it is open, less a little for the way."""


def is_open(message: Message, now: float) -> bool:
    """Whether the message may be answered freely."""
    return now - message.sent < OPEN_FOR


class TooLate:
    """`reply.Reply` to somebody who has not written for a day. Nothing of it is seen; when it is finished
    they are asked to write again, once: `ask` gives the id of the message that did, if there was one."""

    begun = False

    def __init__(self, ask: Callable[[], str], shown: Shown, keep: Keep) -> None:
        self._ask, self._keep = ask, keep
        self._asked = "template" in shown.ids
        self.text = ""

    def add(self, text: str, *, send: bool = True) -> None:
        self.text += text

    def among(self, crowd: Crowd) -> None:
        """Nothing: nobody is in the way."""

    def finish(self) -> None:
        if not self._asked and (id := self._ask()):
            self._keep({"template": id}, "")
        self._asked = True

    def cut(self, note: str) -> None:
        """Nothing: nothing is seen that would have to end."""
