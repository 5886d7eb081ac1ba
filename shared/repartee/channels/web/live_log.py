"""A conversation's log on the web: what a member of the team writes, which answers no message of its own.

One turn of a chat writes at a time, wherever it runs. Ids are times, and clocks differ: each event is later
than the last one that is kept, so that who has read that one finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from repartee.channels.pacer import Pacer
from repartee.channels.web.event_hub import EventHub
from repartee.channels.web.ids import live_log_id
from repartee.channels.web.payloads import WebLiveMessage
from repartee.domain.relayed import Relayer
from repartee.ports import WebEventKind, WebEventLog
from repartee.ports.web import LIVE_EVENTS_SECONDS

MAX_LIVE_MESSAGE_CHARS = 16_000
"""Characters of one message. As JSON each may be two, and an event has at most 50,000."""


class LiveLog:
    """Writes what is said in conversations. `hub` wakes those who wait for it in this process."""

    def __init__(self, events: WebEventLog, hub: EventHub) -> None:
        self._events, self._hub = events, hub

    def append(self, chat: str, kind: WebEventKind, texts: Iterable[str]) -> None:
        """Keeps these as the newest events of the chat. Raises `BackendError`."""
        log = live_log_id(chat)
        newest = self._events.find_newest_id(log)
        made = [self._hub.make_event(kind, text, after=newest) for text in texts]
        self._events.append(log, made, LIVE_EVENTS_SECONDS)
        self._hub.notify_listeners(log)


class LiveSurface:
    """`delivery.Surface` in a conversation's log: each message is whole at once. Its id is made of the
    turn's, so that one that is written again after a crash is the same for its readers."""

    max_chars = MAX_LIVE_MESSAGE_CHARS
    can_extend = False

    def __init__(
        self,
        live: LiveLog,
        clock: Callable[[], float],
        chat: str,
        turn: str,
        by: Relayer,
        message_count: int,
    ) -> None:
        self._live, self._chat, self._turn, self._by = live, chat, turn, by
        self._message_count = message_count
        self.pacer = Pacer(0.0, clock)

    def begin_message(self, text: str) -> str:
        id = f"{self._turn}.{self._message_count}"
        self._append_message(id, text)
        self._message_count += 1
        return id

    def post_whole_message(self, text: str, is_last: bool) -> str:
        return self.begin_message(text)

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        """Nothing: no message grows."""

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        self._append_message(id, text)

    def _append_message(self, id: str, text: str) -> None:
        message = WebLiveMessage(id, self._by, text)
        self._live.append(self._chat, "message", [msgspec.json.encode(message).decode()])
