"""Protocols of a channel: the receiving side and the sending side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from repartee.domain.command import IssuedCommand
from repartee.domain.engagement import EngagementSign
from repartee.domain.feedback import Feedback
from repartee.domain.handover import HandoverPress, TeamEcho
from repartee.domain.http import HttpRequest
from repartee.domain.message import Incoming, TeamAction
from repartee.domain.proposal import Proposal, ReceivedPress
from repartee.domain.reply import ActiveMessages, Image, VisibleState

RecordVisible = Callable[[dict[str, str], str], None]
"""Notes the platform's ids and the text that is visible, so that another worker can go on with it."""

EnsureMaySend = Callable[[], None]
"""Called before each visible act. Raises `LeaseLost` when the chat is another worker's, `ReplyStopped` when a
person's command forbids more, `BackendError` when that cannot be known."""


def always_may_send() -> None:
    """Allows every visible act: for messages that no turn's lease or command concerns."""


class Reply(Protocol):
    """One reply on its way into a chat. Raises `BackendError` when the platform does not take it."""

    text: str
    """All that was added so far, visible or not."""

    @property
    def is_started(self) -> bool:
        """Whether anything of it may be visible."""

    def append(self, text: str, *, send: bool = True) -> None:
        """Adds to the reply, and shows it as soon as the platform's pace allows, or later if not `send`.
        Raises `ReplyStopped` when a person stopped it on the platform."""

    def share_limits(self, active_messages: ActiveMessages) -> None:
        """Tells who else shows something in the workspace now: its limits are shared."""

    def finish(self) -> None:
        """Shows the whole text, and that it is complete. Raises `ReplyStopped` or `LeaseLost` when no more
        may be shown: what is visible then stays."""

    def cut_short(self, note: str) -> None:
        """Ends the reply early: with what is visible, and the note."""


class ReplySender(Protocol):
    """A channel's sending side."""

    finds_lost_messages: bool
    """Whether a reply's messages are found again at the platform, although a worker died before it wrote
    their ids."""

    def show_typing(self, message: Incoming, status: str = "") -> None:
        """Shows that the assistant is at work on it, until the reply begins; with a `status`, at what."""

    def clear_typing(self, message: Incoming) -> None:
        """Removes the typing indicator: there will be no reply."""

    def end_typing(self, message: Incoming) -> None:
        """Shows no more, from this process, that the assistant is at work on it. Makes no call."""

    def show_member_typing(self, message: Incoming) -> None:
        """Shows the sender of the message, with one call, that a member of the team writes, and that the
        message was read where the platform tells that. Nothing renews the sign. Raises `BackendError`."""

    def can_write_to(self, message: Incoming) -> bool:
        """Returns whether the sender of the message may be written to freely now. Where not, a reply is the
        approved template at most, which costs money, and nothing else reaches them."""

    def announce_delay(self, message: Incoming, turn: str, text: str) -> None:
        """Says that the answer takes longer, beside the reply: that is not begun by it. Raises
        `BackendError`."""

    def greet(self, message: Incoming) -> None:
        """Tells a person who opened a conversation what they may ask, where the platform has a place for it.
        Raises nothing."""

    def list_reply_ids(self, visible: VisibleState) -> tuple[str, ...]:
        """Returns the ids of a reply's messages, as the channel's receiver gives them to what people answer.
        Empty where people cannot answer a single message."""

    def send_image(self, message: Incoming, turn: str, image: Image) -> None:
        """Sends an image that belongs to the turn's reply. Raises `BackendError`; after a crash it may be
        sent again, and is seen once where the platform allows that."""

    def send_proposal(self, message: Incoming, proposal: Proposal) -> None:
        """Shows a proposal, to be approved or declined. Raises `BackendError`; after a crash it may be seen
        twice, which does no harm: the first decision stands."""

    def show_decision(self, message: Incoming, proposal: Proposal, label: str) -> None:
        """Shows what was decided in the place of the buttons that the message is the press of. Raises
        `BackendError`."""

    def open_reply(
        self,
        message: Incoming,
        turn: str,
        visible: VisibleState,
        record_visible: RecordVisible,
        ensure_may_send: EnsureMaySend = always_may_send,
    ) -> Reply:
        """Returns a reply to the message. With something `visible` already by an earlier attempt of the turn,
        it is that reply which goes on, and its text is replaced. Calls `ensure_may_send` before each visible
        act."""


class ParsedRequest(msgspec.Struct, frozen=True):
    """The contents of a request: messages, edits of earlier ones, commands, decisions, feedback, an answer to
    give at once, or nothing and why; presses on the team's cards, what the team wrote in the business's own
    app, and receipts of what members wrote; signs that people read what is said to them; why something that
    was sent did not get through, and why a part cannot be read."""

    messages: Sequence[Incoming] = ()
    commands: Sequence[IssuedCommand] = ()
    presses: Sequence[ReceivedPress] = ()
    feedback: Sequence[Feedback] = ()
    response_body: str = ""
    content_type: str = "application/json"
    ignored_reason: str = ""
    delivery_failures: Sequence[str] = ()
    unreadable_parts: Sequence[str] = ()
    handover_presses: Sequence[HandoverPress] = ()
    echoes: Sequence[TeamEcho] = ()
    receipts: Sequence[TeamAction] = ()
    signs: Sequence[EngagementSign] = ()


class Receiver(Protocol):
    """A channel's receiving side."""

    def verify(self, request: HttpRequest) -> None:
        """Raises `Unauthorized`, with what is wrong, unless the platform signed the request's raw bytes."""

    def parse(self, request: HttpRequest) -> ParsedRequest:
        """Reads a verified request. Raises `InvalidPayload`, with the reason, if it cannot be read."""
