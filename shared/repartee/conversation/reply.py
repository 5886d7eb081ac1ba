"""The reply as it becomes visible: what a channel must be able to do, and what is kept of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal


class VisibleState(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"intent_at": "since", "message_ids": "ids"},
):
    """How far a reply is visible. `since` is when the intent to send was written, 0 if it was not.

    `ids` are the platform's ids of what was sent (Slack: `ts`), empty as long as no answer came back.
    """

    intent_at: float = 0.0
    message_ids: dict[str, str] = {}
    text: str = ""


class ActiveMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a reply while it grows: of which `kind` (a stream, a post), since when, and until when at
    the latest. Times are seconds since the epoch."""

    key: str
    kind: str
    started_at: float
    ends_at: float


class ActiveMessages(msgspec.Struct, frozen=True):
    """What all workers show in one workspace, whose limits they share: what grows now, and what began within
    the last minute. Until `no_streams_until` the workspace lets nothing stream."""

    messages: tuple[ActiveMessage, ...] = ()
    streaming_disabled_until: float = 0.0

    def active_count(self, kind: str, now: float) -> int:
        """How many messages of the kind grow now; of all kinds, if it is empty."""
        return sum(kind in ("", one.kind) and one.ends_at > now for one in self.messages)

    def started_since(self, kind: str, after: float) -> int:
        """How many messages of the kind began after then."""
        return sum(one.kind == kind and one.started_at > after for one in self.messages)


class Image(msgspec.Struct, frozen=True):
    """An image that goes with a reply. `type` is a MIME type, `alt` says what is to be seen."""

    name: str
    content_type: str
    content: bytes
    alt_text: str


RecordVisible = Callable[[dict[str, str], str], None]
"""Notes the platform's ids and the text that is visible, so that another worker can go on with it."""


class Reply(Protocol):
    """One reply on its way into a chat. Raises `BackendError` when the platform does not take it."""

    text: str
    """All that was added so far, visible or not."""

    @property
    def is_started(self) -> bool:
        """Whether anything of it may be visible."""

    def append(self, text: str, *, send: bool = True) -> None:
        """Adds to the reply, and shows it as soon as the platform's pace allows, or later if not `send`.
        Raises `Halted` when the platform says that somebody stopped it."""

    def share_limits(self, active_messages: ActiveMessages) -> None:
        """Tells who else shows something in the workspace now: its limits are shared."""

    def finish(self) -> None:
        """Shows the whole text, and that it is complete."""

    def cut_short(self, note: str) -> None:
        """Ends the reply early: with what is visible, and the note."""


class ReplySender(Protocol):
    """A channel's sending side."""

    def show_typing(self, message: Message, status: str = "") -> None:
        """Shows that the assistant is at work on it, until the reply begins; with a `status`, at what."""

    def clear_typing(self, message: Message) -> None:
        """Takes the sign back: there will be no reply."""

    def greet(self, message: Message) -> None:
        """Says what one may ask, to somebody who has opened a conversation, where the platform has a place
        for it. Nothing is lost if that fails: raises nothing."""

    def send_image(self, message: Message, turn: str, image: Image) -> None:
        """Sends an image that belongs to the turn's reply. Raises `BackendError`; after a crash it may be
        sent again, and is seen once where the platform allows that."""

    def send_proposal(self, message: Message, proposal: Proposal) -> None:
        """Shows a proposal, to be approved or declined. Raises `BackendError`; after a crash it may be seen
        twice, which does no harm: the first decision stands."""

    def show_decision(self, message: Message, proposal: Proposal, label: str) -> None:
        """Shows what was decided in the place of the buttons that the message is the press of. Raises
        `BackendError`."""

    def open_reply(
        self, message: Message, turn: str, visible: VisibleState, record_visible: RecordVisible
    ) -> Reply:
        """A reply to the message. With something `shown` already by an earlier attempt of the turn, it is
        that reply which goes on, and its text is replaced."""
