"""One conversation as people saw it: what was said and shown, by whom, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from repartee.console.chat_list import SLOW_MILLISECONDS
from repartee.domain.handover import Handover
from repartee.domain.message import (
    Attachment,
    ButtonPress,
    ContextPart,
    Exchange,
    Incoming,
    Message,
    Opening,
    TeamAction,
)
from repartee.domain.turn_record import TurnRecord
from repartee.ports.operations import Conversation, OperatorNote

EntryKind = Literal["person", "assistant", "member", "event", "note"]

SERVICE_WINDOW_SECONDS = 24 * 3600.0
"""Seconds after a customer's message in which WhatsApp lets an answer through."""

FILE_TITLES = {"image": "picture", "audio": "voice message", "video": "video", "file": "file"}
CONTEXT_TITLES = {
    "replied_to": "replies to",
    "quoted": "quotes",
    "forwarded": "forwards",
    "shared": "shares",
    "thread": "below",
}

REASON_TITLES = {
    "asked": "they asked for a person",
    "no_help": "the answers did not help",
    "topic": "its topic is on the list",
    "mood": "they are angry",
    "money_back": "they want their money back",
    "legal": "a legal threat",
    "emergency": "an emergency",
    "budget": "the budget is used up",
    "unreadable_file": "a file cannot be read",
    "model": "the assistant decided so",
    "team": "taken by the team",
}
"""The reasons of `HandoverReason`, as operators read them."""


class ShownFile(msgspec.Struct, frozen=True):
    """A file that came along: `picture` is the id under which the picture can be looked at, else empty."""

    title: str
    name: str = ""
    picture: str = ""


class ShownEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a conversation. `turn` is that of a reply, with its record; `undelivered` says why people
    did not see it."""

    kind: EntryKind
    at: float
    author: str = ""
    text: str = ""
    mark: str = ""
    quoted: tuple[tuple[str, str, str], ...] = ()
    files: tuple[ShownFile, ...] = ()
    turn: str = ""
    record: TurnRecord | None = None
    wait_ms: float | None = None
    undelivered: str = ""

    @property
    def is_slow(self) -> bool:
        """Whether the first words came late."""
        return (self.wait_ms or 0) >= SLOW_MILLISECONDS

    @property
    def initial(self) -> str:
        """The letter that stands for the author."""
        return (self.author or "?")[:1].upper()


FindPicture = Callable[[Message, Attachment], str]
"""Returns the id of a picture that is kept; empty where it is not."""


def list_entries(
    conversation: Conversation, notes: Sequence[OperatorNote], find_picture: FindPicture
) -> list[ShownEntry]:
    """Returns the conversation, with what waits for an answer and the notes of operators."""
    entries = [
        entry
        for one in conversation.exchanges
        for entry in _exchange_entries(conversation, one, find_picture)
    ]
    entries += [
        entry for one in conversation.waiting for entry in _incoming_entries(one, find_picture, "waits")
    ]
    entries += [ShownEntry(kind="note", at=note.at, author=note.author, text=note.text) for note in notes]
    return mark_undelivered(sorted(entries, key=lambda entry: entry.at), conversation.chat)


def mark_undelivered(entries: Sequence[ShownEntry], chat: str) -> list[ShownEntry]:
    """Returns the entries, where each answer that came too late for WhatsApp says so."""
    if not chat.startswith("whatsapp:"):
        return list(entries)
    marked, wrote_at = list[ShownEntry](), 0.0
    for entry in entries:
        if entry.kind == "person":
            wrote_at = entry.at
        is_late = entry.kind == "member" and entry.at - wrote_at >= SERVICE_WINDOW_SECONDS
        late = "not delivered: WhatsApp lets nothing through a day after their last message"
        marked.append(msgspec.structs.replace(entry, undelivered=late) if is_late else entry)
    return marked


def describe_handover(found: Handover) -> str:
    """Returns who has the conversation, in words."""
    if found.state == "waiting":
        return f"waits for a person: {REASON_TITLES.get(found.reason, found.reason)}"
    return f"{found.member.name or found.member.id} has it" if found.state == "person" else ""


def _exchange_entries(
    conversation: Conversation, exchange: Exchange, find_picture: FindPicture
) -> Iterator[ShownEntry]:
    for one in exchange.messages:
        yield from _incoming_entries(one, find_picture)
    record = conversation.turns.get(exchange.turn)
    passed_on = any(isinstance(one, TeamAction) for one in exchange.messages)
    if exchange.reply or (record and not passed_on):
        yield _reply_entry(exchange, record)


def _reply_entry(exchange: Exchange, record: TurnRecord | None) -> ShownEntry:
    waited = None
    if record and record.first_text_at and record.received_at:
        waited = 1000 * (record.first_text_at - record.received_at)
    return ShownEntry(
        kind="assistant",
        at=exchange.answered_at,
        author=exchange.assistant,
        text=exchange.reply,
        turn=exchange.turn,
        record=record,
        wait_ms=waited,
    )


def _incoming_entries(one: Incoming, find_picture: FindPicture, mark: str = "") -> Iterator[ShownEntry]:
    if isinstance(one, Message):
        yield _message_entry(one, find_picture, mark)
    elif isinstance(one, ButtonPress):
        words = "approved the proposal" if one.approved else "declined the proposal"
        yield ShownEntry(kind="event", at=one.sent, author=_name_of(one), text=words)
    elif isinstance(one, Opening):
        yield ShownEntry(kind="event", at=one.sent, author=_name_of(one), text="opened the conversation")
    else:
        yield from _team_entries(one, mark)


def _message_entry(message: Message, find_picture: FindPicture, mark: str) -> ShownEntry:
    changed = "deleted a message" if message.is_deletion else "changed a message" if message.revises else ""
    said_to_others = "said to others" if message.overheard else ""
    return ShownEntry(
        kind="person",
        at=message.sent,
        author=_name_of(message),
        text=message.text,
        mark=changed or said_to_others or mark,
        quoted=tuple(map(_describe_context, message.context)),
        files=tuple(
            ShownFile(FILE_TITLES[file.kind], file.name, find_picture(message, file))
            for file in message.attachments
        ),
    )


def _describe_context(part: ContextPart) -> tuple[str, str, str]:
    author = "the assistant" if part.by_assistant else part.author.name or part.author.id.rpartition(":")[2]
    files = ", ".join(FILE_TITLES[file.kind] for file in part.attachments)
    return CONTEXT_TITLES[part.kind], author, part.text or files


def _team_entries(action: TeamAction, mark: str) -> Iterator[ShownEntry]:
    told = {
        "taken": "took the conversation over",
        "given_back": "gave it back to the assistant",
        "resolved": "said that it is done",
        "refused": "came too late to take it",
    }
    author = _name_of(action)
    if action.kind in ("message", "echo"):
        files = tuple(ShownFile(FILE_TITLES[file.kind], file.name) for file in action.attachments)
        yield ShownEntry(
            kind="member", at=action.sent, author=author, text=action.text, files=files, mark=mark
        )
    elif action.kind == "rated":
        yield ShownEntry(kind="event", at=action.sent, author=author, text=f"gave {action.text} of 5")
    elif action.kind == "opened":
        yield ShownEntry(kind="event", at=action.sent, text="A person was asked for")
    elif action.kind in told:
        yield ShownEntry(kind="event", at=action.sent, author=author, text=told[action.kind])


def _name_of(one: Incoming) -> str:
    return one.sender_name or one.sender.rpartition(":")[2]
