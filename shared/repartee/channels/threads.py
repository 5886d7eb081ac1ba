"""Threads, whatever the channel: those of channels that hand them out."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.domain.message import Message
from repartee.ports.threads import ThreadPosts, ThreadReader


class ChannelThreads:
    """`ports.ThreadReader` over the channels' readers, by the channels' names."""

    def __init__(self, readers: Mapping[str, ThreadReader]) -> None:
        self._readers = readers

    def read_thread(self, message: Message) -> ThreadPosts:
        reader = self._readers.get(message.channel)
        return reader.read_thread(message) if reader else ThreadPosts()
