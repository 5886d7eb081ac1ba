"""A reply in Slack: streamed where Slack lets us, else posted and updated.

https://docs.slack.dev/reference/methods/chat.startStream and its neighbours. A stream cannot carry metadata
before it ends, so a stub whose id was lost in a crash is found as our own newest message in the thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from repartee.channels.pacing import Pace
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.text import harmless, parts, whole
from repartee.conversation.message import Message
from repartee.conversation.reply import Keep, Shown
from repartee.errors import BackendError, Late, Rejected, Throttled, Unreachable

STREAM_EVERY = 0.6
"""Seconds between two appends: 100 a minute and workspace."""

UPDATE_EVERY = 1.5
"""Seconds between two updates of a posted message."""

CLOCKS_DIFFER = 5.0
"""Seconds that Slack's clock may be behind ours when a lost stub is looked for."""

ENDINGS = 5
"""How often the end of a reply is sent before it counts as failed."""

EVENT = "repartee_turn"


class SlackReplies:
    """`reply.Replies` for Slack."""

    def __init__(self, api: SlackApi, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._api, self._clock, self._sleep = api, clock, sleep

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> SlackReply:
        reply = SlackReply(self._api, message.platform, turn, keep, self._clock, self._sleep)
        if shown.since and (ids := shown.ids or self._find(message.platform, turn, shown.since)):
            reply.resume(ids)
        return reply

    def _find(self, place: dict[str, str], turn: str, since: float) -> dict[str, str]:
        """The id of what an earlier attempt has begun to show, if it got that far."""
        try:
            thread = self._api.call(
                "conversations.replies",
                channel=place["channel"],
                ts=place["thread"],
                oldest=f"{since - CLOCKS_DIFFER:.6f}",
                include_all_metadata=True,
                limit=50,
            )
        except BackendError:
            return {}  # an empty stub may stay behind: the price of a crash at this point
        own = [said["ts"] for said in thread["messages"] if _may_be_ours(said, place["self"], turn, since)]
        return {"ts": max(own)} if own else {}


class SlackReply:
    """`reply.Reply` in a Slack thread. Owns what is visible: `_sent` characters of `text`."""

    def __init__(
        self,
        api: SlackApi,
        place: dict[str, str],
        turn: str,
        keep: Keep,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._api, self._place, self._turn, self._keep = api, place, turn, keep
        self._clock, self._sleep = clock, sleep
        self._pace = Pace(STREAM_EVERY, clock)
        self._streaming = True
        self._ids: dict[str, str] = {}
        self._sent = 0
        self.text = ""

    @property
    def begun(self) -> bool:
        return bool(self._ids)

    def resume(self, ids: dict[str, str]) -> None:
        """Goes on with what an earlier attempt has shown: its stream is ended, then its text is replaced."""
        self._ids = ids
        self._close_stream()
        self._post_instead()

    def add(self, text: str, *, send: bool = True) -> None:
        self.text += text
        if send and self._pace.due and whole(self.text) > self._sent:
            self._grow()

    def finish(self) -> None:
        self._end(len(self.text))

    def cut(self, note: str) -> None:
        self.text = self.text[: self._sent] + note
        self._end(len(self.text))

    def _grow(self) -> None:
        """Shows what there is to show. What does not get through is shown later."""
        until = whole(self.text)
        try:
            if not self.begun:
                self._begin(until)
            elif self._streaming:
                self._append(until)
            else:
                self._update(until)
        except Throttled as throttled:
            self._pace.refused(throttled.retry_after)
        else:
            self._pace.made()
            self._keep(self._ids, self.text[: self._sent])

    def _begin(self, until: int) -> None:
        first = next(parts(self.text[:until]))
        try:
            answer = self._call(
                "chat.startStream",
                thread_ts=self._place["thread"],
                recipient_user_id=self._place["user"],
                recipient_team_id=self._place["team"],
                markdown_text=harmless(first),
            )
        except (Throttled, Rejected):
            self._post_instead()
            answer = self._post(first)
        self._ids = {"ts": answer["ts"]}
        self._sent = len(first)

    def _append(self, until: int) -> None:
        try:
            for part in parts(self.text[self._sent : until]):
                self._call("chat.appendStream", ts=self._ids["ts"], markdown_text=harmless(part))
                self._sent += len(part)
        except (Rejected, Late, Unreachable):
            # The stream has died, or nobody knows whether it took this part: the end says the whole text.
            self._post_instead()

    def _update(self, until: int) -> None:
        for number, part in enumerate(parts(self.text[:until])):
            name = f"ts{number}" if number else "ts"
            if name in self._ids:
                self._call(
                    "chat.update", ts=self._ids[name], markdown_text=harmless(part), metadata=self._metadata()
                )
            else:
                self._ids = {**self._ids, name: self._post(part)["ts"]}
        self._sent = until

    def _end(self, until: int) -> None:
        """Makes sure that the whole text is shown, and shown as complete."""
        for _ in range(ENDINGS - 1):
            try:
                self._try_to_end(until)
                return
            except Throttled as throttled:
                self._pace.refused(throttled.retry_after)
                self._sleep(self._pace.wait)
            except (Late, Unreachable):
                self._sleep(STREAM_EVERY)
        self._try_to_end(until)

    def _try_to_end(self, until: int) -> None:
        if not self.begun:
            self._begin(until)
        if self._streaming:
            self._stop(until)
        if not self._streaming:
            self._close_stream()
            self._update(until)
        self._keep(self._ids, self.text)

    def _stop(self, until: int) -> None:
        *before, last = parts(self.text[self._sent : until])
        try:
            for part in before:
                self._call("chat.appendStream", ts=self._ids["ts"], markdown_text=harmless(part))
                self._sent += len(part)
            self._call(
                "chat.stopStream",
                ts=self._ids["ts"],
                markdown_text=harmless(last) or None,
                metadata=self._metadata(),
            )
            self._sent = until
        except (Rejected, Late, Unreachable):
            self._post_instead()

    def _close_stream(self) -> None:
        """A message cannot be updated while it streams."""
        with suppress(Rejected):  # it had ended already, or was never a stream
            self._call("chat.stopStream", ts=self._ids["ts"])

    def _post_instead(self) -> None:
        self._streaming = False
        self._pace = Pace(UPDATE_EVERY, self._clock)

    def _post(self, text: str) -> dict[str, Any]:
        return self._call(
            "chat.postMessage",
            thread_ts=self._place["thread"],
            markdown_text=harmless(text),
            metadata=self._metadata(),
            unfurl_links=False,
            unfurl_media=False,
        )

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._api.call(method, channel=self._place["channel"], **arguments)

    def _metadata(self) -> dict[str, Any]:
        return {"event_type": EVENT, "event_payload": {"turn": self._turn}}


def _may_be_ours(said: dict[str, Any], own_id: str, turn: str, since: float) -> bool:
    """Whether a message can be what the turn has begun: our own, since then, and no other turn's."""
    known = said.get("metadata", {}).get("event_payload", {}).get("turn", turn)
    return said.get("user") == own_id and float(said["ts"]) >= since - CLOCKS_DIFFER and known == turn
