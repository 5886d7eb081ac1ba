"""The 24 hours after a person's message, in which they may be answered freely.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages. Afterwards
nothing may be said but a template that Meta has approved, such as one that asks the person to write again.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.domain.message import Incoming
from repartee.domain.reply import TEMPLATE, ActiveMessages, VisibleState
from repartee.ports.channels import EnsureMaySend, RecordVisible

SERVICE_WINDOW_SECONDS = 24 * 3600.0 - 60.0
"""Seconds that it is open, less a little for the way."""


def is_window_open(message: Incoming, now: float) -> bool:
    """Whether the message may be answered freely."""
    return now - message.sent < SERVICE_WINDOW_SECONDS


class TemplateOnlyReply:
    """`reply.Reply` to a person who has not written for a day. Nothing of it is seen; when it is finished
    they are asked to write again, once: `ask` gives the id of the message that did, if there was one."""

    is_started = False

    def __init__(
        self,
        send_template: Callable[[], str],
        shown: VisibleState,
        keep: RecordVisible,
        ensure_may_send: EnsureMaySend,
    ) -> None:
        self._ask, self._keep, self._ensure_may_send = send_template, keep, ensure_may_send
        self._asked = TEMPLATE in shown.message_ids
        self.text = ""

    def append(self, text: str, *, send: bool = True) -> None:
        self.text += text

    def share_limits(self, crowd: ActiveMessages) -> None:
        """Nothing: nobody is in the way."""

    def finish(self) -> None:
        if not self._asked:
            self._ensure_may_send()
            if id := self._ask():
                self._keep({TEMPLATE: id}, "")
        self._asked = True

    def cut_short(self, note: str) -> None:
        """Nothing: nothing is seen that would have to end."""
