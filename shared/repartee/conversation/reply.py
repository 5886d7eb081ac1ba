"""The reply as it becomes visible: what a channel must be able to do, and what is kept of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a reply is visible. `since` is when the intent to send was written, 0 if it was not.

    `ids` are the platform's ids of what was sent (Slack: `ts`), empty as long as no answer came back.
    """

    since: float = 0.0
    ids: dict[str, str] = {}
    text: str = ""


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a reply while it grows: of which `kind` (a stream, a post), since when, and until when at
    the latest. Times are seconds since the epoch."""

    key: str
    kind: str
    since: float
    until: float


class Crowd(msgspec.Struct, frozen=True):
    """What all workers show in one workspace, whose limits they share: what grows now, and what began within
    the last minute. Until `no_streams_until` the workspace lets nothing stream."""

    showing: tuple[Showing, ...] = ()
    no_streams_until: float = 0.0

    def growing(self, kind: str, now: float) -> int:
        """How many messages of the kind grow now; of all kinds, if it is empty."""
        return sum(kind in ("", one.kind) and one.until > now for one in self.showing)

    def began(self, kind: str, after: float) -> int:
        """How many messages of the kind began after then."""
        return sum(one.kind == kind and one.since > after for one in self.showing)


class Picture(msgspec.Struct, frozen=True):
    """An image that goes with a reply. `type` is a MIME type, `alt` says what is to be seen."""

    name: str
    type: str
    content: bytes
    alt: str


Keep = Callable[[dict[str, str], str], None]
"""Notes the platform's ids and the text that is visible, so that another worker can go on with it."""


class Reply(Protocol):
    """One reply on its way into a chat. Raises `BackendError` when the platform does not take it."""

    text: str
    """All that was added so far, visible or not."""

    @property
    def begun(self) -> bool:
        """Whether anything of it may be visible."""

    def add(self, text: str, *, send: bool = True) -> None:
        """Adds to the reply, and shows it as soon as the platform's pace allows, or later if not `send`.
        Raises `Halted` when the platform says that somebody stopped it."""

    def among(self, crowd: Crowd) -> None:
        """Tells who else shows something in the workspace now: its limits are shared."""

    def finish(self) -> None:
        """Shows the whole text, and that it is complete."""

    def cut(self, note: str) -> None:
        """Ends the reply early: with what is visible, and the note."""


class Replies(Protocol):
    """A channel's sending side."""

    def sign(self, message: Message, status: str = "") -> None:
        """Shows that the assistant is at work on it, until the reply begins; with a `status`, at what."""

    def unsign(self, message: Message) -> None:
        """Takes the sign back: there will be no reply."""

    def welcome(self, message: Message) -> None:
        """Says what one may ask, to somebody who has opened a conversation, where the platform has a place
        for it. Nothing is lost if that fails: raises nothing."""

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        """Sends an image that belongs to the turn's reply. Raises `BackendError`; after a crash it may be
        sent again, and is seen once where the platform allows that."""

    def propose(self, message: Message, proposal: Proposal) -> None:
        """Shows a proposal, to be approved or declined. Raises `BackendError`; after a crash it may be seen
        twice, which does no harm: the first decision stands."""

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        """Shows what was decided in the place of the buttons that the message is the press of. Raises
        `BackendError`."""

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Reply:
        """A reply to the message. With something `shown` already by an earlier attempt of the turn, it is
        that reply which goes on, and its text is replaced."""
