"""What was said: the values that travel from the webhook to the prompt and into the stores."""

from __future__ import annotations

from typing import Literal

import msgspec

Side = Literal["user", "assistant"]


class Attachment(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"download_ref": "source"}
):
    """Something that came with a message. `size` is in bytes, 0 where the platform does not say.

    `source` is what the platform needs to hand it out: ids, or a link that opens it. It is never logged.
    """

    kind: Literal["image", "audio", "file"]
    id: str
    name: str = ""
    mime: str = ""
    size: int = 0
    download_ref: dict[str, str] = {}


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person as a platform knows them: our id (`slack:T1:U0BEN`), and the name people see, if known."""

    id: str = ""
    name: str = ""


class ContextPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words and files that came along with a message and are not its sender's own.

    `kind` says how they came: the message replies to them, quotes a part of them, forwards or shares them, or
    stands below them in a thread. `by_assistant` says that they are the assistant's. `sent` is in seconds
    since the epoch, 0 where the platform does not say. `message_id` is the id under which the inbox and the
    messages store may know them, empty where there is none. Nothing of it is ever recorded as the sender's.
    """

    kind: Literal["replied_to", "quoted", "forwarded", "shared", "thread"]
    author: Person = Person()
    by_assistant: bool = False
    sent: float = 0.0
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""


class Message(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"is_opening": "opens", "sender_name": "name", "proposal_id": "decides"},
):
    """What a person sent, whatever the platform.

    `id` is what the person did, not what the platform sent: two events of one mention have one id.
    `sent` and `received` are seconds since the epoch: the platform's clock, and ours.
    `addressed`: it is said to the assistant, and `mentioned`: it calls it by its name; `overheard`: it is
    said to others, and filed at the most; `threaded`: it is said in a thread that was there before; `opens`:
    a conversation was opened, and nothing is said yet.
    `name` is what the sender goes by, where the platform says so.
    `reply_to` is the id of the message that it answers, `mentions` the platform's ids of people named in it.
    `decides` is what is decided by it, where it is the press of a button: the id of a proposal.
    `context` is what came along and is not the sender's own.
    `platform` holds the platform's own ids that are needed to answer (Slack: channel, thread_ts, …).
    """

    id: str
    chat: str
    room: str
    channel: str
    sender: str
    text: str
    sent: float
    received: float
    addressed: bool = True
    mentioned: bool = False
    overheard: bool = False
    threaded: bool = False
    is_opening: bool = False
    correlation: str = ""
    sender_name: str = ""
    reply_to: str = ""
    mentions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    proposal_id: str = ""
    context: tuple[ContextPart, ...] = ()
    platform: dict[str, str] = {}

    @property
    def command_scope(self) -> str:
        """What an order in this message is about: the thread in which it is said, otherwise the room."""
        return self.chat if self.threaded else self.room

    @property
    def thread_is_new(self) -> bool:
        """Whether the thread in which it is said has begun within the hour, where the platform tells (Slack
        calls a thread by the time of its first message)."""
        began = self.chat.removeprefix(self.room).lstrip(":")
        return self.threaded and began.replace(".", "", 1).isdigit() and self.sent - float(began) < 3600

    @property
    def has_content(self) -> bool:
        """Whether somebody said something in it."""
        return not (self.is_opening or self.proposal_id)

    def to_stored(self) -> StoredMessage:
        """The message as the messages store keeps it."""
        return StoredMessage(
            id=f"{self.chat}#{self.id}",
            side="user",
            chat=self.chat,
            room=self.room,
            sender=self.sender,
            text=self.text,
            sent=self.sent,
        )


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side's words as the messages store keeps them. `id` is unique, and a repeated write is one."""

    id: str
    side: Side
    chat: str
    room: str
    sender: str
    text: str
    sent: float


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"answered_at": "at"}):
    """Both sides of one turn. `reply` is empty when the assistant stayed silent."""

    turn: str
    chat: str
    room: str
    assistant: str
    messages: tuple[Message, ...]
    reply: str
    answered_at: float

    def to_stored(self) -> tuple[StoredMessage, ...]:
        """Both sides as the messages store keeps them, in the order they were said."""
        asked = tuple(message.to_stored() for message in self.messages if message.has_content)
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


def workspace_of(scope: str) -> str:
    """The workspace of a chat or room: `slack:T1:C1:171…` is in `slack:T1`, `telegram:42` in `telegram`, and
    `whatsapp:106:US.1349` in `whatsapp:106`, which is one of the business's numbers."""
    channel, _, rest = scope.partition(":")
    return f"{channel}:{rest.partition(':')[0]}" if channel in ("slack", "whatsapp") else channel
