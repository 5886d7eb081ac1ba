"""The messages of a reply in a Slack thread: streamed where Slack lets us, else posted and updated.

https://docs.slack.dev/reference/methods/chat.startStream and its neighbours. A stream cannot carry metadata
before it ends, so a stub whose id was lost in a crash is found as our own newest message in the thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any

from repartee.channels.pacing import Pace
from repartee.channels.seat import Seat
from repartee.channels.slack import buttons
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.cards import Cards, Chunk, text_chunks
from repartee.channels.slack.sessions import Session
from repartee.channels.slack.text import addition, harmless
from repartee.conversation.watch import Halted
from repartee.errors import BackendError, Denied, Late, NotFound, Rejected, Throttled, Unreachable

STREAM, POST = "stream", "post"

STREAM_EVERY = 0.65
"""Seconds between two appends: 100 a minute and workspace, less what the clocks differ."""

UPDATE_EVERY = 1.3
"""Seconds between two updates of a posted message: 50 a minute and workspace."""

EVERY = {STREAM: STREAM_EVERY, POST: UPDATE_EVERY}

STARTS_A_MINUTE = 20
"""Streams that may begin in a workspace. Who comes after them posts."""

FORBIDDEN = {
    "access_denied",
    "enterprise_is_restricted",
    "method_deprecated",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "streaming_not_allowed",
    "team_access_not_granted",
    "unknown_method",
}
"""Errors that the next stream in the workspace would meet too."""

FORBIDDEN_FOR = 6 * 3600.0
"""Seconds until a workspace that forbids streams is asked again."""

LIMIT = 11_500
"""Characters of one message: 12,000 of text in a call, less what `harmless` adds."""

NOTICE = 200
"""Characters of a posted message that its notification shows."""

SOON = 2.0
"""Seconds that what goes on may wait to be shown: later it may be over."""

CLOCKS_DIFFER = 5.0
"""Seconds that Slack's clock may be behind ours when a lost stub is looked for."""

EVENT = "repartee_turn"


class SlackThread:
    """`delivery.Surface` in a thread. Each message is a stream until it ends or dies, then it is updated.

    `_streams` and `_posts` are the messages of this attempt; of all others nobody knows what they show, and
    those in `_may_stream` may still be streaming.
    """

    limit = LIMIT
    grows = True

    def __init__(
        self,
        api: SlackApi,
        place: dict[str, str],
        turn: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        seats: Callable[[str], Seat],
        session: Session,
    ) -> None:
        self._api, self._place, self._turn = api, place, turn
        self._clock, self._sleep = clock, sleep
        self._seats, self._session = seats, session
        self._calling = RLock()
        self._cards = Cards()
        self._seat: Seat | None = None
        self._known: set[str] = set()
        self._streams: set[str] = set()
        self._posts: set[str] = set()
        self._may_stream: set[str] = set()
        self._lost = 0.0
        self.pace = self._paced(STREAM)

    def make_ready(self, kind: str = STREAM) -> Seat:
        """Takes the seat of the next message, beside what else goes on."""
        if self._seat is None:
            self._seat = self._seats(f"{self._turn}.{len(self._known)}")
        self._seat.take(kind)
        return self._seat

    def take_up(self, id: str) -> None:
        """Goes on with a message of which nobody knows what it shows, and whether it streams."""
        self._known.add(id)
        self._streams.discard(id)
        self._may_stream.add(id)
        self.pace = self._paced(POST)
        self.make_ready(POST)

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

    def tell(self, status: str) -> bool:
        """Shows what goes on beside the text, if the reply is visible by now. Whoever else adds to the reply
        meanwhile waits; what cannot be shown soon is not shown."""
        if not self._known:
            return False
        if self.pace.wait <= SOON:
            self._sleep(self.pace.wait)
            with self._calling, suppress(BackendError):
                for id in self._streams:
                    self._call("chat.appendStream", ts=id, chunks=self._cards.begun(status))
                    self.pace.made()
        return True

    def begin(self, text: str) -> str:
        with self._calling:
            return self._begun(text)

    def _begun(self, text: str) -> str:
        if self._lost and (found := self.unknown(self._lost)):
            self.take_up(found[0])
            return found[0]
        began = self._clock()
        try:
            id = self._begin(text, self._seat or self.make_ready())
        except (Late, Unreachable):
            self._lost = self._lost or began
            raise
        self._known.add(id)
        return id

    def grow(self, id: str, text: str, new: str) -> None:
        if self._seat:
            self._seat.hold()
        if id not in self._streams:
            self._update(id, text, buttons.stop())
            return
        with self._calling:
            try:
                self._call("chat.appendStream", ts=id, chunks=self._chunks(addition(text, new)))
                self._cards.seen()
            except (Rejected, Late, Unreachable) as broken:
                self._died(id, broken)

    def end(self, id: str, text: str, new: str) -> None:
        self._end(id, text, new)

    def close(self, id: str, text: str, new: str) -> None:
        """Ends the reply's last message, and the session with it: people may say what they think of it."""
        self._end(id, text, new, buttons.feedback(self._turn))

    def _end(self, id: str, text: str, new: str, *under: dict[str, Any]) -> None:
        with self._calling:
            if id in self._streams:
                try:
                    self._stop(id, addition(text, new), list(under))
                except (Rejected, Late, Unreachable) as broken:
                    self._died(id, broken)
            if id not in self._streams:
                self._update(id, text, *under)
            self._streams.discard(id)
        if self._seat:
            self._seat.leave()
            self._seat = None

    def _begin(self, text: str, seat: Seat) -> str:
        crowd, now = seat.crowd, self._clock()
        self.pace.among(crowd)
        if now >= crowd.no_streams_until and crowd.began(STREAM, now - 60) <= STARTS_A_MINUTE:
            try:
                return self._start(text)
            except (Throttled, Rejected, NotFound, Denied) as refusal:
                self._refused(refusal, seat)
        self.pace = self._paced(POST)
        self.pace.among(crowd)
        id = self._post(text)
        seat.take(POST)
        return id

    def _refused(self, refusal: BackendError, seat: Seat) -> None:
        """What is said to a stream that may not begin. Without our credentials nothing else may either."""
        if refusal.problem in FORBIDDEN:
            seat.forbid_streams(FORBIDDEN_FOR)
        elif isinstance(refusal, Denied):
            raise refusal

    def _died(self, id: str, broken: BackendError) -> None:
        """The stream is over, or nobody knows whether it took this piece: the end says the whole text."""
        self.take_up(id)
        if broken.problem == "stopped_by_user":
            self._may_stream.discard(id)
            raise Halted("stopped") from broken

    def _start(self, text: str) -> str:
        started = self._call(
            "chat.startStream",
            thread_ts=self._place["thread"],
            recipient_user_id=self._place["user"],
            recipient_team_id=self._place["team"],
            chunks=self._chunks(harmless(text)),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._streams.add(str(started["ts"]))
        return str(started["ts"])

    def _stop(self, id: str, new: str, under: list[dict[str, Any]]) -> None:
        self._call(
            "chat.stopStream",
            ts=id,
            chunks=self._chunks(new) or None,
            blocks=under or None,
            metadata=self._metadata(),
            session_status="active" if under and self._session.open else None,
        )
        self._cards.seen()
        if under:
            self._session.over()

    def _post(self, text: str) -> str:
        posted = self._call(
            "chat.postMessage",
            thread_ts=self._place["thread"],
            **self._written(text, buttons.stop()),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._posts.add(str(posted["ts"]))
        return str(posted["ts"])

    def _update(self, id: str, text: str, *under: dict[str, Any]) -> None:
        """Replaces the text. A message cannot be updated while it streams; one that has streamed takes no
        blocks in the place of its text (`block_mismatch`)."""
        if id in self._may_stream:
            with suppress(Rejected):  # it had ended already, or was never a stream
                self._call("chat.stopStream", ts=id)
            self._may_stream.discard(id)
        if id in self._posts:
            self._call("chat.update", ts=id, **self._written(text, *under))
        else:
            self._call("chat.update", ts=id, markdown_text=harmless(text), metadata=self._metadata())

    def _chunks(self, text: str) -> list[Chunk]:
        """What a stream's call says: the text, before which all that went on has come to its end."""
        return [*self._cards.over(), *text_chunks(text)]

    def _written(self, text: str, *under: dict[str, Any]) -> dict[str, Any]:
        """A text with buttons under it."""
        text = harmless(text)
        blocks = [{"type": "markdown", "text": text}, *under]
        return {"text": text[:NOTICE], "blocks": blocks, "metadata": self._metadata()}

    def _paced(self, kind: str) -> Pace:
        """The pace of a message of this kind: all of a workspace have the calls of one between them."""
        every = EVERY[kind]
        return Pace(every, self._clock, lambda crowd: every * crowd.growing(kind, self._clock()))

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._api.call(method, channel=self._place["channel"], **arguments)

    def _metadata(self) -> dict[str, Any]:
        return {"event_type": EVENT, "event_payload": {"turn": self._turn}}


def _may_be_ours(said: dict[str, Any], own_id: str, turn: str, since: float) -> bool:
    """Whether a message can be what the turn has begun: our own, since then, and no other turn's."""
    known = said.get("metadata", {}).get("event_payload", {}).get("turn", turn)
    return said.get("user") == own_id and float(said["ts"]) >= since - CLOCKS_DIFFER and known == turn
