"""Where messages wait for their answer, who may give it, and the queue that says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from repartee.domain.feedback import Feedback
from repartee.domain.message import Exchange, Incoming, Message
from repartee.ports.leases import JoinedWake, LeaseRecord

if TYPE_CHECKING:
    from repartee.domain.desk_event import EventBatch
    from repartee.domain.turn_record import TurnRecord

LEASE_SECONDS = 20.0
"""Seconds a lease is held if nobody renews it."""

WAKE_MARGIN_SECONDS = 0.5
"""Seconds after the end of a lease at which the wake comes that looks at the chat then."""

WAITING_WAKE_SECONDS = 20.0
"""Seconds for which a wake that no worker has received counts as being on its way."""

EARLY_WAKE_SECONDS = 1.0
"""Seconds for which a worker waits for the message that its wake names: it may be written only now."""


class PutResult(msgspec.Struct, frozen=True):
    """The result of `Inbox.put`: `is_new` if the message was not there, `is_open` while it awaits its
    answer. `supplement` is what a later delivery knows more of a message whose answer is given or under
    way."""

    is_new: bool
    is_open: bool
    supplement: Message | None = None


Revised = Literal["unknown", "waiting", "answered"]
"""The state of a message when its author changed it: not there, waiting for its answer, or too late for
that."""


class OpenItems(msgspec.Struct, frozen=True):
    """The open items of a chat: messages without an answer, and exchanges that are not yet persisted."""

    messages: tuple[Incoming, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


class AnswerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far the answer to a message has come: whether it is open, which messages it is answered together
    with (by their ids, oldest first, none before that is fixed), the reply, why it failed, and people's
    feedback on the reply."""

    is_open: bool
    message_ids: tuple[str, ...] = ()
    reply: str = ""
    failure_reason: str = ""
    feedback: tuple[Feedback, ...] = ()


class Inbox(Protocol):
    """Where messages wait for their answer, and who may give it. All reads are consistent."""

    def put(self, message: Incoming) -> PutResult:
        """Keeps the message, open, if its id is not yet in its chat. Otherwise what this one knows more is
        added to the message that waits; of one that no longer waits nothing changes. Of a message too large
        to be kept the longest texts are cut (`domain.stored_size`)."""

    def revise(self, revision: Message) -> Revised:
        """Replaces the message that it revises by what it says, or deletes it. The answer to a message
        that waits is then the answer to the new words, and a deleted one gets none. The exchange in which it
        was answered has the new words too. Repeating it changes nothing."""

    def list_latest(self, chat: str, limit: int) -> Sequence[Message]:
        """The newest messages of the chat, answered or not, oldest first, without revisions."""

    def find_exchange_of(self, chat: str, id: str) -> Exchange | None:
        """Returns the exchange in which a message was answered. None if it was in none."""

    def erase_messages(self, chat: str, ids: Collection[str]) -> None:
        """Takes out what answered messages said and brought, also of their exchanges, and a reply that
        answered nothing else. Repeating it changes nothing, and unknown ones are no error."""

    def participates(self, chat: str) -> bool:
        """Returns whether anything was ever said to the assistant in the chat: it takes part in it. What it
        has only overheard there does not count."""

    def read_answer_status(self, chat: str, id: str) -> AnswerStatus | None:
        """Returns how far the answer to a message has come. None for an unknown message."""

    def list_open(self, chat: str) -> OpenItems:
        """Returns the chat's open items, oldest first. Empty for an unknown chat."""

    def find_said(self, chat: str, ids: Collection[str]) -> Mapping[str, Message | Exchange]:
        """Finds what was said in the chat under these ids, as far as it is still there: a person's
        message, or the exchange of which the assistant's message is the reply."""

    def acquire_lease(
        self,
        chat: str,
        turn: str,
        now: float,
        until: float,
        *,
        message_id: str = "",
        successor_due: float = 0.0,
    ) -> LeaseRecord:
        """Takes the chat's lease, with a fence greater than any before. An unfinished turn is handed on
        as it was left (its id, messages, phase, what is shown), with one more attempt; otherwise `turn`
        begins, and has the message with this id for its own, if one is named: whether it is open is for
        `list_open` to say. Notes when the wake is due that looks at the chat after this lease: at
        `successor_due` where one is on its way, and otherwise at `until`, unless one is due before.
        `wake_due` says when; if it is `until`, the caller sends it. Raises `LeaseHeld` while the lease is
        held."""

    def write_lease(self, record: LeaseRecord) -> None:
        """Writes how far the turn has come, and until when the lease is held. Raises `LeaseLost` if the
        fence is not the chat's any more."""

    def release_lease(self, record: LeaseRecord) -> None:
        """Ends the lease now. With messages fixed the turn stays unfinished, for the next to take up;
        without, nothing is left of it. Without `wake_due`, no wake counts as being due any more. With
        `woken_at`, a wake is on its way (`join_wake`). Raises `LeaseLost` like `write_lease`."""

    def close_turn(
        self,
        record: LeaseRecord,
        exchange: Exchange,
        *,
        failed: str = "",
        turn_record: TurnRecord | None = None,
        events: Sequence[EventBatch] = (),
    ) -> bool:
        """Ends the turn, all or nothing: its messages are no longer open (and marked with the reason if
        they `failed`), the exchange is kept, open until remembered, the turn's record is kept if there is
        one, its events wait in the outbox, after those of earlier turns (`ports.EventOutbox`), the lease
        ends. Raises `LeaseLost`. Of an exchange too large to be kept the longest texts are
        cut.

        Returns whether there may be more to answer: another worker may have found the chat held since the
        lease was taken. False is certain."""

    def knock(self, chat: str, now: float) -> bool:
        """Lets the worker that holds the chat know that there is more to answer. False if nobody holds it any
        more."""

    def join_wake(self, chat: str, now: float, *, is_kept: bool = True) -> JoinedWake:
        """Lets the next worker of the chat, or the one that holds it, know that there is more to answer, and
        says whether that needs no wake: a worker holds the chat, and looks again before it goes, or a wake
        that was noted at most `WAITING_WAKE_SECONDS` ago has reached no worker yet. Otherwise notes that the
        caller sends one now. Before its message `is_kept` nobody is told of it: the caller asks again then,
        if it sends none now."""

    def forget_wake(self, chat: str) -> None:
        """Takes back the note that a wake was sent, as it was not, or may not have been. Does nothing where
        there is none."""

    def reopen(self, chat: str, ids: Iterable[str]) -> Sequence[str]:
        """Messages whose answer failed wait for one again. Gives the ids of those that do; others, which were
        answered or are not there any more, stay as they are."""

    def schedule_wake(self, chat: str, due: float, now: float) -> bool:
        """Notes that a wake of the chat is due then, and returns True: the caller sends it. Returns False,
        and changes nothing, if one is due already between now and then."""

    def save_feedback(self, feedback: Feedback) -> bool:
        """Keeps what a person thinks of a turn's reply, with the turn; the latest of a person stands. False
        where the turn is not there, or something later of that person is."""

    def mark_persisted(self, exchange: Exchange) -> None:
        """The exchange is in the messages store: it is no longer open. Repeating it changes nothing."""

    def list_stale_chats(self, before: float, now: float) -> Iterator[str]:
        """The chats in which something has been open since before then while nobody holds the lease, and no
        turn waits for the end of an outage. Of those that are found together, unfinished turns come first."""


class TurnRecords(Protocol):
    """The records of turns that were closed."""

    def list_newest(self, until: float, since: float) -> Iterator[TurnRecord]:
        """Yields the records of turns that were closed between these times (epoch seconds), the newest
        first."""


class TurnStarter(Protocol):
    """Starts turns without the queue."""

    def start_turn(self, chat: str, correlation: str, successor_due: float, message_id: str) -> bool:
        """Has a worker look at the chat at once, like a wake with these that `Wakes.send` describes. Returns
        False if that is not known to work; never raises. What was started may still be lost."""


class Wakes(Protocol):
    """The queue that says "look at this chat". A wake may be lost, doubled, late or out of order."""

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = False,
    ) -> None:
        """Wakes the chat, after `delay` seconds (at most 900). The wake tells its worker when another is due
        that is on its way already (epoch seconds, 0 where none is known). `message_id` names the message that
        the wake is about, where there is one: its worker can then take the lease and claim it in one write. A
        wake that `is_safety_net` comes in case a worker died, and mostly finds nothing to do."""

    def send_with_successor(
        self,
        chat: str,
        delay: float,
        correlation: str,
        successor_delay: float,
        successor_due: float,
        *,
        message_id: str = "",
    ) -> None:
        """Wakes the chat like `send`, and once more after `successor_delay` seconds, as a safety net, in one
        call: a worker that dies before it has done anything is then replaced."""

    def send_all(self, chats: Sequence[str], correlation: str = "") -> None:
        """Wakes all these chats at once."""

    def count_waiting(self) -> int:
        """About how many wakes wait to be received."""

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        """Keeps a received wake invisible to others for so long from now."""

    def dead_letter(self, chat: str, messages: Iterable[str], reason: str) -> None:
        """Leaves a dead letter that names the chat and the messages that got no answer; or the route and the
        hash of an update that cannot be read."""
