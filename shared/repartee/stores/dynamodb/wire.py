"""The JSON of messages and exchanges, as it is stored.

Its names are those of the first version and do not change with ours. Two versions of the functions run side
by side while a deployment goes on, so each must read what the other writes: a field may be added, with a
default, and a value of a field that is there may not become one that an earlier version refuses.
`FORMAT_VERSION` is kept beside each item; items without one are of version 1.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.domain.message import ContextKind

FORMAT_VERSION = 2
"""1: one struct with flags, its command in its text alone. 2: `command`, `approves`, `people`, `context`."""


class WireAttachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attachment. Version 1 knows no films: they are files to it, and `film` says what they are."""

    kind: Literal["image", "audio", "file"]
    id: str
    name: str = ""
    mime: str = ""
    size: int = 0
    source: dict[str, str] = {}
    film: bool = False


class WirePerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person with their name."""

    id: str = ""
    name: str = ""


class WireContextPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words and files of others that came along. Since version 2."""

    kind: ContextKind
    author: WirePerson = WirePerson()
    ours: bool = False
    sent: float = 0.0
    text: str = ""
    attachments: tuple[WireAttachment, ...] = ()
    message: str = ""


class WireCommand(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command as it was parsed. Since version 2."""

    action: str
    seconds: float = 0.0
    local: bool = False
    answers: str = "thread"


class WireMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, an opening or a press, with the flags by which version 1 tells them apart. `mentions`
    are ids alone, `people` the same with their names."""

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
    opens: bool = False
    correlation: str = ""
    name: str = ""
    reply_to: str = ""
    mentions: tuple[str, ...] = ()
    attachments: tuple[WireAttachment, ...] = ()
    decides: str = ""
    platform: dict[str, str] = {}
    v: int = 1
    command: WireCommand | None = None
    approves: bool = False
    people: tuple[WirePerson, ...] = ()
    context: tuple[WireContextPart, ...] = ()
    language: str = ""
    unread: bool = False
    revises: str = ""
    deletes: bool = False
    keeps_files: bool = False
    over_limit: bool = False
    team: str = ""


class WireExchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Both sides of one turn. `lanes` are the receivers of its events."""

    turn: str
    chat: str
    room: str
    assistant: str
    messages: tuple[WireMessage, ...]
    reply: str
    at: float
    v: int = 1
    sent_ids: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()


class WireStoredMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side's words in the messages table, or in a meeting there."""

    id: str
    side: Literal["user", "assistant"]
    chat: str
    room: str
    sender: str
    text: str
    sent: float
    name: str = ""
    v: int = 1
