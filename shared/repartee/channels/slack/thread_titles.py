"""The titles of threads in which people talk to the assistant, where it is no agent whose sessions have some.

https://docs.slack.dev/reference/methods/assistant.threads.setTitle. By its title a thread is found again: it
is what was asked first in it.
"""

from __future__ import annotations

from contextlib import suppress

from repartee.channels.slack.api import SlackApi
from repartee.channels.stream_slots import RunInBackground
from repartee.domain.message import Incoming, Message
from repartee.errors import BackendError

MAX_TITLE_CHARS = 60
"""Characters of a title."""

MAX_TRACKED_THREADS = 1000
"""Threads that a process remembers to have a title."""


class SlackThreadTitles:
    """Gives threads their titles, beside the reply. Nobody misses one: nothing raises."""

    def __init__(self, api: SlackApi, run_in_background: RunInBackground) -> None:
        self._api, self._background = api, run_in_background
        self._given: set[tuple[str, str]] = set()

    def set_title_in_background(self, message: Incoming) -> None:
        """Gives the message's thread its title, if it is one with the assistant and has none from here."""
        place = message.platform["channel"], message.platform["thread"]
        if not (message.threaded and place[0].startswith("D")) or place in self._given:
            return
        if len(self._given) >= MAX_TRACKED_THREADS:
            self._given.clear()
        self._given.add(place)
        self._background(lambda: self._set_title(message))

    def _set_title(self, message: Incoming) -> None:
        with suppress(BackendError):  # it is a thread of another kind, or the scope is missing
            if isinstance(message, Message) and message.text and self._is_first_question(message):
                self._api.call_json(
                    "assistant.threads.setTitle",
                    channel_id=message.platform["channel"],
                    thread_ts=message.platform["thread"],
                    title=message.text[:MAX_TITLE_CHARS],
                )

    def _is_first_question(self, message: Incoming) -> bool:
        thread = self._api.call_json(
            "conversations.replies",
            channel=message.platform["channel"],
            ts=message.platform["thread"],
            limit=10,
        )
        asker, thread_ts = message.platform["user"], message.platform["thread"]
        own = [said["ts"] for said in thread["messages"] if said.get("user") == asker]
        return all(ts == thread_ts or float(ts) >= message.sent for ts in own)
