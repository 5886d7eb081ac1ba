"""A reply in Slack: streamed where Slack lets us, else posted and updated.

https://docs.slack.dev/reference/methods/chat.startStream and its neighbours. A stream cannot carry metadata
before it ends, so a stub whose id was lost in a crash is found as our own newest message in the thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.delivery import Delivery
from repartee.channels.pacing import Pace
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.text import harmless
from repartee.conversation.message import Message
from repartee.conversation.reply import Keep, Shown
from repartee.errors import BackendError, Late, Rejected, Throttled, Unreachable

STREAM_EVERY = 0.6
"""Seconds between two appends: 100 a minute and workspace."""

UPDATE_EVERY = 1.5
"""Seconds between two updates of a posted message."""

LIMIT = 11_500
"""Characters of one message: 12,000 of `markdown_text` in a call, less what `harmless` adds."""

CLOCKS_DIFFER = 5.0
"""Seconds that Slack's clock may be behind ours when a lost stub is looked for."""

EVENT = "repartee_turn"


class SlackReplies:
    """`reply.Replies` for Slack."""

    def __init__(self, api: SlackApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep

    def sign(self, message: Message) -> None:
        self._api.call(
            "assistant.threads.setStatus",
            channel_id=message.platform["channel"],
            thread_ts=message.platform["thread"],
            status="is thinking…",
        )

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Delivery:
        thread = SlackThread(self._api, message.platform, turn, self._clock)
        ids = shown.ids or (self._left(thread, shown.since) if shown.since else {})
        for ts in ids.values():
            thread.take_up(ts)
        return Delivery(thread, keep, self._sleep, ids)

    def _left(self, thread: SlackThread, since: float) -> dict[str, str]:
        """The ids of what an earlier attempt has begun to show, if it got that far."""
        with suppress(BackendError):  # an empty stub may stay behind: the price of a crash at this point
            return {str(number): ts for number, ts in enumerate(thread.unknown(since))}
        return {}


class SlackThread:
    """`delivery.Surface` in a thread. Each message is a stream until it ends or dies, then it is updated.

    `_posted` are the messages that are no streams of this attempt, `_may_stream` those that may still be one.
    """

    limit = LIMIT
    grows = True

    def __init__(self, api: SlackApi, place: dict[str, str], turn: str, clock: Callable[[], float]) -> None:
        self._api, self._place, self._turn, self._clock = api, place, turn, clock
        self._known: set[str] = set()
        self._posted: set[str] = set()
        self._may_stream: set[str] = set()
        self._lost = 0.0
        self.pace = Pace(STREAM_EVERY, clock)

    def take_up(self, id: str) -> None:
        """Goes on with a message of which nobody knows what it shows, and whether it streams."""
        self._known.add(id)
        self._posted.add(id)
        self._may_stream.add(id)
        self.pace = Pace(UPDATE_EVERY, self._clock)

    def unknown(self, since: float) -> list[str]:
        """The ids of messages of this turn whose ids never reached us, oldest first."""
        thread = self._call(
            "conversations.replies",
            ts=self._place["thread"],
            oldest=f"{since - CLOCKS_DIFFER:.6f}",
            include_all_metadata=True,
            limit=50,
        )
        own = [
            said["ts"]
            for said in thread["messages"]
            if _may_be_ours(said, self._place["self"], self._turn, since)
        ]
        return sorted((ts for ts in own if ts not in self._known), key=float)

    def begin(self, text: str) -> str:
        if self._lost and (found := self.unknown(self._lost)):
            self.take_up(found[0])
            return found[0]
        began = self._clock()
        try:
            id = self._begin(text)
        except (Late, Unreachable):
            self._lost = self._lost or began
            raise
        self._known.add(id)
        return id

    def _begin(self, text: str) -> str:
        try:
            return self._start(text)
        except (Throttled, Rejected):
            return self._post(text)

    def grow(self, id: str, text: str, new: str) -> None:
        if id in self._posted:
            self._update(id, text)
            return
        try:
            self._call("chat.appendStream", ts=id, markdown_text=harmless(new))
        except (Rejected, Late, Unreachable):
            # The stream has died, or nobody knows whether it took this piece: the end says the whole text.
            self.take_up(id)

    def end(self, id: str, text: str, new: str) -> None:
        if id not in self._posted:
            try:
                self._call(
                    "chat.stopStream", ts=id, markdown_text=harmless(new) or None, metadata=self._metadata()
                )
                return
            except (Rejected, Late, Unreachable):
                self.take_up(id)
        self._update(id, text)

    def _start(self, text: str) -> str:
        started = self._call(
            "chat.startStream",
            thread_ts=self._place["thread"],
            recipient_user_id=self._place["user"],
            recipient_team_id=self._place["team"],
            markdown_text=harmless(text),
        )
        return str(started["ts"])

    def _post(self, text: str) -> str:
        posted = self._call(
            "chat.postMessage",
            thread_ts=self._place["thread"],
            markdown_text=harmless(text),
            metadata=self._metadata(),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._posted.add(str(posted["ts"]))
        self.pace = Pace(UPDATE_EVERY, self._clock)
        return str(posted["ts"])

    def _update(self, id: str, text: str) -> None:
        """Replaces the text. A message cannot be updated while it streams."""
        if id in self._may_stream:
            with suppress(Rejected):  # it had ended already, or was never a stream
                self._call("chat.stopStream", ts=id)
            self._may_stream.discard(id)
        self._call("chat.update", ts=id, markdown_text=harmless(text), metadata=self._metadata())

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._api.call(method, channel=self._place["channel"], **arguments)

    def _metadata(self) -> dict[str, Any]:
        return {"event_type": EVENT, "event_payload": {"turn": self._turn}}


def _may_be_ours(said: dict[str, Any], own_id: str, turn: str, since: float) -> bool:
    """Whether a message can be what the turn has begun: our own, since then, and no other turn's."""
    known = said.get("metadata", {}).get("event_payload", {}).get("turn", turn)
    return said.get("user") == own_id and float(said["ts"]) >= since - CLOCKS_DIFFER and known == turn
