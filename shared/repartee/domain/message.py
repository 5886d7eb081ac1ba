"""Messages and what comes with them, from the webhook to the prompt and into the stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Self, TypeGuard

import msgspec

from repartee.domain.command import Command, IssuedCommand

Side = Literal["user", "assistant"]
AttachmentKind = Literal["image", "audio", "video", "file"]
ContextKind = Literal["replied_to", "quoted", "forwarded", "shared", "thread"]

NEW_THREAD_SECONDS = 3600.0
"""Seconds after its first message for which a thread is new."""

ALBUM_ADDRESS_PARTS = ("album",)
"""The parts of `Arrival.platform` that say which messages belong together."""

WORKSPACE_ID_PARTS = {"slack": 2, "whatsapp": 2}
"""Parts of an id that name the workspace, by channel, where they are not the first part alone."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that came with a message. `size` is in bytes, 0 where the platform does not say.

    `download_ref` is what the platform needs to hand it out: ids, or a link that opens it. Never log it.
    """

    kind: AttachmentKind
    id: str
    name: str = ""
    mime: str = ""
    size: int = 0
    download_ref: dict[str, str] = {}


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as a platform knows them: our id (`slack:T1:U0BEN`), and the name people see, if known."""

    id: str = ""
    name: str = ""


class ContextPart(msgspec.Struct, frozen=True, kw_only=True):
    """Words and files that came along with a message and are not its sender's own.

    `kind` says how they came: the message replies to them, quotes a part of them, forwards or shares them, or
    stands below them in a thread. `by_assistant` says that they are the assistant's. `sent` is in seconds
    since the epoch, 0 where the platform does not say. `message_id` is the id under which the inbox and the
    messages store may know them, empty where there is none. Nothing of it is ever recorded as the sender's.
    """

    kind: ContextKind
    author: Person = Person()
    by_assistant: bool = False
    sent: float = 0.0
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""


EMAIL_DOMAIN_KEY = "email_domain"
"""Of `Arrival.platform`: the domain of the address by which the web's issuer calls the sender."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """The fields that everything that arrives has, whatever it is.

    `id` is what the person did, not what the platform sent: two events of one mention have one id.
    `chat` is answered in order, `room` is where people are. `sender` is our id of the person, `sender_name`
    the name that people see, where the platform says so. `sent` and `received` are seconds since the epoch:
    the platform's clock, and ours. `threaded`: it is in a thread that was there before. `language` is
    the language in which to speak to the sender, as the receiver finds it with the platform and the webhook
    then chooses it, empty where nothing tells. `platform` holds the platform's own ids that are needed to
    answer (Slack: channel, thread_ts, …).
    """

    id: str
    chat: str
    room: str
    channel: str
    sender: str
    sent: float
    received: float
    sender_name: str = ""
    threaded: bool = False
    correlation: str = ""
    language: str = ""
    platform: dict[str, str] = {}

    @property
    def stored_id(self) -> str:
        """The id under which the messages store keeps it."""
        return f"{self.chat}#{self.id}"

    def without_address(self) -> Self:
        """Returns it without the ids by which its platform reaches the sender: nothing is sent by an
        exchange."""
        kept = {name: self.platform[name] for name in ALBUM_ADDRESS_PARTS if name in self.platform}
        return msgspec.structs.replace(self, platform=kept)

    @property
    def command_scope(self) -> str:
        """Where a command given here holds: in the thread in which it is given, otherwise in the room."""
        return self.chat if self.threaded else self.room

    @property
    def thread_is_new(self) -> bool:
        """Whether its thread has begun within the hour: known where the chat's id ends with the time of the
        thread's first message, in seconds since the epoch."""
        began = self.chat.removeprefix(self.room).lstrip(":")
        return (
            self.threaded
            and began.replace(".", "", 1).isdigit()
            and self.sent - float(began) < NEW_THREAD_SECONDS
        )


class Message(Arrival, frozen=True, kw_only=True):
    """A message that a person sent.

    `text` are the sender's own words and nothing else. `addressed`: it is said to the assistant, and
    `mentioned`: it calls it by its name; `overheard`: it is said to others, and filed at the most. `command`
    is the command that the text is, parsed once, at intake. `reply_to` is the id of the message that it
    answers, `mentions` are the people who are named in it. `context` is what came along and is not the
    sender's own. `is_thread_unread`: it calls the assistant into a thread in which it took no part before.
    `revises` is the id of the sender's earlier message that has these words now, or is deleted
    (`is_deletion`); `keeps_files`: the platform tells such a change without the files, which stay.
    `is_over_limit`: the sender writes more than is answered, and is told so with this one.
    """

    text: str
    addressed: bool = True
    mentioned: bool = False
    overheard: bool = False
    command: Command | None = None
    reply_to: str = ""
    mentions: tuple[Person, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    context: tuple[ContextPart, ...] = ()
    is_thread_unread: bool = False
    revises: str = ""
    is_deletion: bool = False
    keeps_files: bool = False
    is_over_limit: bool = False

    @property
    def has_content(self) -> bool:
        """Whether it says or brings anything. One that its author deleted does not."""
        return not self.is_deletion and bool(self.text or self.attachments or self.context)

    def issue_command(self) -> IssuedCommand | None:
        """Returns the command with its place, its issuer and its time. None where the message is no
        command."""
        if self.command is None:
            return None
        return IssuedCommand(
            command=self.command,
            scope=self.command_scope,
            chat=self.chat,
            issued_by=self.sender,
            issued_at=self.sent,
            text=self.text,
            room=self.room,
        )

    def to_press(self, proposal_id: str, *, approved: bool, id: str, sent: float) -> ButtonPress:
        """Returns the press of a button that the platform told as a message."""
        shared = {name: getattr(self, name) for name in Arrival.__struct_fields__} | {"id": id, "sent": sent}
        return ButtonPress(**shared, proposal_id=proposal_id, approved=approved)

    def to_stored(self) -> StoredMessage:
        """Returns the sender's own words as the messages store keeps them."""
        return StoredMessage(
            id=f"{self.chat}#{self.revises or self.id}",
            side="user",
            chat=self.chat,
            room=self.room,
            sender=self.sender,
            text=self.text if self.text.strip() else _silent_note(self.context),
            sent=self.sent,
            sender_name=self.sender_name,
        )


class Opening(Arrival, frozen=True, kw_only=True):
    """A conversation was opened, and nothing is said in it yet."""


class ButtonPress(Arrival, frozen=True, kw_only=True):
    """A person pressed a button of a proposal. `approved` says which one."""

    proposal_id: str
    approved: bool = False


HandoverEventKind = Literal["opened", "taken", "given_back", "resolved", "reminder"]
TeamActionKind = Literal["message", "echo", "request", "refused", "rated", "read"] | HandoverEventKind
"""A message of a member, here or in the business's own app; a request to the assistant; a press that came too
late; the customer's opinion; the receipt of the member's message whose mark is the text; or a change of the
hand-over, or a reminder."""


class TeamAction(Arrival, frozen=True, kw_only=True):
    """An act of the team in the customer's chat, or one that it is told of. `sender` is the member."""

    kind: TeamActionKind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    def to_stored(self) -> StoredMessage:
        """Returns a member's words as the messages store keeps them: the business's, with their author."""
        return StoredMessage(
            id=f"{self.chat}#{self.id}",
            side="assistant",
            chat=self.chat,
            room=self.room,
            sender=self.sender,
            text=self.text,
            sent=self.sent,
            sender_name=self.sender_name,
        )


Incoming = Message | Opening | ButtonPress | TeamAction
"""Everything that waits in the inbox for a turn."""


def _silent_note(context: tuple[ContextPart, ...]) -> str:
    """Returns the note that stands for the text of a message without own words: that something came along."""
    kinds = dict.fromkeys(part.kind.replace("_", " ") for part in context)
    return f"[{', '.join(kinds)}]" if kinds else ""


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side's words as the messages store keeps them. `id` is unique, and a repeated write is one.
    `sender_name` is the name that people see, empty where it is not known."""

    id: str
    side: Side
    chat: str
    room: str
    sender: str
    text: str
    sent: float
    sender_name: str = ""

    def rename_ids(self, rename: Callable[[str], str]) -> StoredMessage:
        """Returns it with its ids, and those of its chat and sender, renamed."""
        names = ("id", "chat", "room", "sender")
        return msgspec.structs.replace(self, **{name: rename(getattr(self, name)) for name in names})


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides of one turn. `reply` is empty when the assistant stayed silent. `reply_ids` are the ids of
    its messages, as the channel gives them to what people answer. `endpoints` are the receivers of events."""

    turn: str
    chat: str
    room: str
    assistant: str
    messages: tuple[Incoming, ...]
    reply: str
    answered_at: float
    reply_ids: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()

    @property
    def deleted_ids(self) -> frozenset[str]:
        """The ids of stored messages that their authors deleted."""
        said = (message for message in self.messages if isinstance(message, Message))
        return frozenset(message.to_stored().id for message in said if message.is_deletion)

    @property
    def has_deletion(self) -> bool:
        """Whether an author deleted a message: one of an earlier turn, or one of which nothing is left."""
        said = (message for message in self.messages if isinstance(message, Message))
        return any(not message.has_content for message in said)

    def to_stored(self) -> tuple[StoredMessage, ...]:
        """Both sides as the messages store keeps them, in the order they were said."""
        asked = tuple(one.to_stored() for one in self.messages if _is_said(one))
        if not self.reply:
            return asked
        answer = StoredMessage(
            id=f"{self.chat}#{self.turn}",
            side="assistant",
            chat=self.chat,
            room=self.room,
            sender=self.assistant,
            text=self.reply,
            sent=self.answered_at,
        )
        return (*asked, answer)


def _is_said(one: Incoming) -> TypeGuard[Message | TeamAction]:
    if isinstance(one, TeamAction):
        return one.kind in ("message", "echo")
    return isinstance(one, Message) and one.has_content


def is_shared_room(room: str) -> bool:
    """Returns whether others than one person read the room, or may: a room of an unknown kind counts as
    shared. What is known about a person from elsewhere is not told there."""
    channel, *parts = room.split(":")
    if channel in ("web", "whatsapp"):
        return False
    if channel == "telegram":
        is_ephemeral = len(parts) > 1 and parts[1].startswith("e")
        return not (parts and parts[0].isdigit()) and not is_ephemeral
    return not (channel == "slack" and len(parts) > 1 and parts[1].startswith("D"))


def scope_of(room: str) -> str:
    """Returns the room in which alone what is told there may be told again; empty where nobody else reads."""
    return room if is_shared_room(room) else ""


def workspace_of(scope: str) -> str:
    """Returns the workspace of a chat or room: what stands before the first colon of its id.

    `telegram:42` is in `telegram`, and a room `matrix.acme:!r1` would be in `matrix.acme`. Slack's and
    WhatsApp's ids have their workspace, or the business's number, between the first two colons.
    """
    parts = scope.split(":")
    return ":".join(parts[: WORKSPACE_ID_PARTS.get(parts[0], 1)])
