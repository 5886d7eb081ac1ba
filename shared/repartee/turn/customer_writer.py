"""The customer's side of a turn that passes on: what it says to them, once, while their platform lets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from repartee.domain.message import Message
from repartee.domain.reply import KEPT_BACK, TEMPLATE, VisibleState
from repartee.ports.channels import ReplySender
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease


class CustomerWriter:
    """Writes to the customer of one chat in one turn. `begun_at` is when what the turn passes on came in;
    `try_to_show` shows a sign, and raises nothing."""

    def __init__(
        self,
        lease: Lease,
        heartbeat: Heartbeat,
        senders: Mapping[str, ReplySender],
        begun_at: float,
        try_to_show: Callable[[Callable[[], None]], None],
    ) -> None:
        self._lease, self._heartbeat, self._senders = lease, heartbeat, senders
        self._begun_at, self._try_to_show = begun_at, try_to_show

    def can_write_to(self, address: Message) -> bool:
        """Returns whether their platform lets the customer be written to freely now."""
        return self._senders[address.channel].can_write_to(address)

    @property
    def has_sent_template(self) -> bool:
        """Whether this turn, or an earlier attempt at it, sent the template."""
        return TEMPLATE in self._lease.visible.message_ids

    def send_template(self, address: Message) -> bool:
        """Sends what may be sent to a customer who cannot be written to freely. Returns whether there was
        something."""
        self._open_and_finish(address, "")
        if not self.has_sent_template:
            self.note_kept_back()
        self._lease.flush()  # it is paid for: the next attempt must know
        return self.has_sent_template

    def note_kept_back(self) -> None:
        """Notes that the customer gets nothing of this turn."""
        self._lease.record_visible({KEPT_BACK: self._lease.turn}, "")

    def say(self, address: Message, text: str, *, is_by_member: bool = False) -> None:
        """Says it as a reply to the customer's latest message; what a member says is preceded by a sign that
        a person types."""
        if is_by_member:
            self.show_member_typing(address)
        self._open_and_finish(address, text)

    def show_member_typing(self, address: Message) -> None:
        """Shows the customer that a person writes, just before it is seen what."""
        if self._lease.is_held:
            self._try_to_show(partial(self._senders[address.channel].show_member_typing, address))

    def _open_and_finish(self, address: Message, text: str) -> None:
        sender = self._senders[address.channel]
        may_wait, visible = sender.finds_lost_messages, self._visible(sender)
        reply = sender.open_reply(
            address,
            self._lease.turn,
            visible,
            partial(self._lease.record_visible, may_wait=may_wait),
            self._heartbeat.ensure_held,
        )
        self._lease.mark_replying(may_wait, visible.intent_at)
        self._lease.flush()
        reply.append(text)
        reply.finish()

    def _visible(self, sender: ReplySender) -> VisibleState:
        visible = self._lease.visible
        if not (sender.finds_lost_messages and self._lease.attempts > 1):
            return visible
        since = visible.intent_at or self._begun_at
        return msgspec.structs.replace(visible, intent_at=since, may_have_more=True)
