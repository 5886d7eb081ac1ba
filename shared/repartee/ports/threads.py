"""The posts of a thread before the assistant was called into it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from repartee.domain.message import ContextPart, Message


class ThreadPosts(msgspec.Struct, frozen=True):
    """The posts of a thread, oldest first. `problem` is why some or all are missing, in words that go on
    after "because"; `is_complete` says that none is."""

    parts: tuple[ContextPart, ...] = ()
    problem: str = ""

    @property
    def is_complete(self) -> bool:
        return not self.problem


class ThreadReader(Protocol):
    """Reads threads at the platform."""

    def read_thread(self, message: Message) -> ThreadPosts:
        """Returns what was posted in the message's thread before it, by people, other apps and the
        assistant, with files. Bounded: the first post and the newest. Nothing where the channel has no
        threads. Raises `BackendError`."""
