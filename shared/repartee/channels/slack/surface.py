"""The messages of a reply in a Slack thread: streamed where Slack lets us, else posted and updated. What is
said unasked may have no thread (`thread` is empty): it is posted at the top of its channel.

https://docs.slack.dev/reference/methods/chat.startStream and its neighbours. A stream cannot carry metadata
before it ends, so a stub whose id was lost in a crash is found as our own newest message in the thread.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any

from repartee.channels.slack import buttons
from repartee.channels.slack.agent_sessions import SlackAgentSession
from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.cards import StreamChunk, TaskCards, text_chunks
from repartee.channels.slack.lost_messages import list_own_messages, turn_metadata
from repartee.channels.slack.mentions import MentionLinker
from repartee.channels.slack.workspace_limits import (
    POST_KIND,
    STREAM_KIND,
    STREAMING_DISABLED_ERRORS,
    STREAMING_DISABLED_SECONDS,
    WHOLE_KIND,
    SlackWorkspaceLimits,
)
from repartee.channels.stream_slots import StreamSlot
from repartee.domain.control import ReplyStopped
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
    Unavailable,
)

MAX_MESSAGE_CHARS = 11_500
"""Characters of one message: 12,000 of text in a call, less what `harmless` adds."""

MAX_NOTIFICATION_CHARS = 200
"""Characters of a posted message that its notification shows."""

MAX_STATUS_WAIT_SECONDS = 2.0
"""Seconds that what goes on may wait to be shown: later it may be over."""


class SlackSurface:
    """`delivery.Surface` in a thread. Each message is a stream until it ends or dies, then it is updated.

    `_streams` and `_posts` are the messages of this attempt; of all others nobody knows what they show, and
    those in `_may_stream` may still be streaming.
    """

    max_chars = MAX_MESSAGE_CHARS

    def __init__(
        self,
        api: SlackApi,
        address: dict[str, str],
        turn: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        make_slot: Callable[[str], StreamSlot],
        session: SlackAgentSession,
        language: str = "",
        linker: MentionLinker | None = None,
        note_new_message: Callable[[], None] = lambda: None,
    ) -> None:
        self._linker, self._note_new_message = linker or MentionLinker({}), note_new_message
        self._api, self._address, self._turn = api, address, turn
        self._clock, self._sleep = clock, sleep
        self._make_slot, self._session, self._language = make_slot, session, language
        self._api_lock = RLock()
        self._cards = TaskCards()
        self._slot: StreamSlot | None = None
        self._own_ids: set[str] = set()
        self._streaming_ids: set[str] = set()
        self._posted_ids: set[str] = set()
        self._possibly_streaming_ids: set[str] = set()
        self._lost_since = 0.0
        self._may_grow: bool | None = None
        self._limits = SlackWorkspaceLimits(clock, bool(address["thread"]))
        self.pacer = self._limits.make_pacer(STREAM_KIND)

    def acquire_slot(self, kind: str = "") -> StreamSlot:
        """Takes the seat of the next message, beside what else goes on."""
        if self._slot is None:
            self._slot = self._make_slot(f"{self._turn}.{len(self._own_ids)}")
        self._slot.acquire(kind or self._limits.first_kind)
        return self._slot

    @property
    def can_extend(self) -> bool:
        """Whether the next message may be shown before it is whole; of one that shows, its pace decides."""
        if self._own_ids or self._slot is None:
            return True
        if self._may_grow is None:
            self._may_grow = self._limits.may_grow(self._slot.active_messages)
        return self._may_grow

    def adopt_message(self, id: str) -> None:
        """Goes on with a message of which nobody knows what it shows, and whether it streams."""
        self._own_ids.add(id)
        self._streaming_ids.discard(id)
        self._possibly_streaming_ids.add(id)
        self.pacer = self._limits.make_pacer(POST_KIND)
        self.acquire_slot(POST_KIND)

    def find_lost_messages(self, since: float) -> list[str]:
        """The ids of messages of this turn whose ids never reached us, oldest first."""
        found = list_own_messages(self._api, self._address, self._turn, since)
        return [id for id in found if id not in self._own_ids]

    def show_status(self, status: str) -> bool:
        """Shows what goes on beside the text, if the reply is visible by now. Other threads that add
        to the reply meanwhile wait; what cannot be shown soon is not shown."""
        if not self._own_ids:
            return False
        if self.pacer.wait_seconds <= MAX_STATUS_WAIT_SECONDS:
            self._sleep(self.pacer.wait_seconds)
            with self._api_lock, suppress(BackendError):
                for id in self._streaming_ids:
                    self._call_api("chat.appendStream", ts=id, chunks=self._cards.begin_card(status))
                    self.pacer.record_call()
        return True

    def begin_message(self, text: str) -> str:
        with self._api_lock:
            return self._begin_or_adopt_message(text)

    def post_whole_message(self, text: str, is_last: bool) -> str | None:
        with self._api_lock:
            slot = self._slot or self.acquire_slot()
            if self._lost_since or self._limits.may_stream(slot.active_messages):
                return None
            blocks = [buttons.feedback_block(self._turn, self._language)] if is_last else []
            id = self._show_new_message(lambda: self._post_message(text, *blocks))
            slot.release(WHOLE_KIND)
            self._slot = None
            return id

    def _begin_or_adopt_message(self, text: str) -> str:
        if self._lost_since and (found := self.find_lost_messages(self._lost_since)):
            self.adopt_message(found[0])
            return found[0]
        return self._show_new_message(lambda: self._stream_or_post(text, self._slot or self.acquire_slot()))

    def _show_new_message(self, show: Callable[[], str]) -> str:
        """Shows a message, and returns its id. One whose answer was lost is looked for before the next."""
        began = self._clock()
        try:
            id = show()
        except (DeadlineExceeded, Unavailable):
            self._lost_since = self._lost_since or began
            raise
        self._own_ids.add(id)
        self._note_new_message()
        return id

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        if self._slot:
            self._slot.renew()
        if id not in self._streaming_ids:
            self._update_message(id, text, buttons.stop_block(self._language))
            return
        with self._api_lock:
            try:
                self._append_to_stream(id, self._linker.show_added(text, added_text, growing=True))
            except (InvalidArgument, DeadlineExceeded, Unavailable) as broken:
                self._handle_dead_stream(id, broken)

    def _append_to_stream(self, id: str, shown: str) -> None:
        if shown:
            self._call_api("chat.appendStream", ts=id, chunks=self._stream_chunks(shown))
            self._cards.mark_delivered()

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        self._complete_message(id, text, added_text)

    def complete_last_message(self, id: str, text: str, added_text: str) -> None:
        """Ends the reply's last message, and the session with it: people may say what they think of it."""
        self._complete_message(id, text, added_text, buttons.feedback_block(self._turn, self._language))

    def _complete_message(self, id: str, text: str, added_text: str, *blocks: dict[str, Any]) -> None:
        with self._api_lock:
            if id in self._streaming_ids:
                try:
                    self._stop_stream(id, self._linker.show_added(text, added_text), list(blocks))
                except (InvalidArgument, DeadlineExceeded, Unavailable) as broken:
                    self._handle_dead_stream(id, broken)
            if id not in self._streaming_ids:
                self._update_message(id, text, *blocks)
            self._streaming_ids.discard(id)
        if self._slot:
            self._slot.release()
            self._slot = None

    def _stream_or_post(self, text: str, slot: StreamSlot) -> str:
        crowd = slot.active_messages
        self.pacer.share_with(crowd)
        if self._limits.may_stream(crowd):
            try:
                return self._start_stream(text)
            except (Throttled, InvalidArgument, NotFound, PermissionDenied) as refusal:
                self._handle_stream_refusal(refusal, slot)
        self.pacer = self._limits.make_pacer(POST_KIND)
        self.pacer.share_with(crowd)
        id = self._post_message(text, buttons.stop_block(self._language))
        slot.acquire(POST_KIND)
        return id

    def _handle_stream_refusal(self, refusal: BackendError, slot: StreamSlot) -> None:
        """Handles a stream that may not begin. Without our credentials nothing else may either."""
        if refusal.problem in STREAMING_DISABLED_ERRORS:
            slot.disable_streaming(STREAMING_DISABLED_SECONDS)
        elif isinstance(refusal, PermissionDenied):
            raise refusal

    def _handle_dead_stream(self, id: str, broken: BackendError) -> None:
        """The stream is over, or nobody knows whether it took this piece: the end says the whole text."""
        self.adopt_message(id)
        if broken.problem == "stopped_by_user":
            self._possibly_streaming_ids.discard(id)
            raise ReplyStopped("stopped") from broken

    def _start_stream(self, text: str) -> str:
        started = self._call_api(
            "chat.startStream",
            thread_ts=self._address["thread"],
            recipient_user_id=self._address["user"],
            recipient_team_id=self._address["team"],
            chunks=self._stream_chunks(self._linker.show_first(text)),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._streaming_ids.add(str(started["ts"]))
        return str(started["ts"])

    def _stop_stream(self, id: str, added_text: str, blocks: list[dict[str, Any]]) -> None:
        self._call_api(
            "chat.stopStream",
            ts=id,
            chunks=self._stream_chunks(added_text) or None,
            blocks=blocks or None,
            metadata=turn_metadata(self._turn),
            session_status="active" if blocks and self._session.is_open else None,
        )
        self._cards.mark_delivered()
        if blocks:
            self._session.mark_ended()

    def _post_message(self, text: str, *blocks: dict[str, Any]) -> str:
        posted = self._call_api(
            "chat.postMessage",
            thread_ts=self._address["thread"] or None,
            **self._message_content(text, *blocks),
            unfurl_links=False,
            unfurl_media=False,
        )
        self._posted_ids.add(str(posted["ts"]))
        return str(posted["ts"])

    def _update_message(self, id: str, text: str, *blocks: dict[str, Any]) -> None:
        """Replaces the text. A message cannot be updated while it streams; one that has streamed takes no
        blocks in the place of its text (`block_mismatch`)."""
        if id in self._possibly_streaming_ids:
            with suppress(InvalidArgument):  # it had ended already, or was never a stream
                self._call_api("chat.stopStream", ts=id)
            self._possibly_streaming_ids.discard(id)
        if id in self._posted_ids:
            self._call_api("chat.update", ts=id, **self._message_content(text, *blocks))
        else:
            self._call_api(
                "chat.update",
                ts=id,
                markdown_text=self._linker.show(text),
                metadata=turn_metadata(self._turn),
            )

    def _stream_chunks(self, text: str) -> list[StreamChunk]:
        """Returns the chunks of a stream's call: the text, before which all that went on has come to its
        end."""
        return [*self._cards.completed_cards(), *text_chunks(text)]

    def _message_content(self, text: str, *extra_blocks: dict[str, Any]) -> dict[str, Any]:
        """A text with buttons under it."""
        text = self._linker.show(text)
        blocks = [{"type": "markdown", "text": text}, *extra_blocks]
        return {
            "text": text[:MAX_NOTIFICATION_CHARS],
            "blocks": blocks,
            "metadata": turn_metadata(self._turn),
        }

    def _call_api(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._api.call_json(method, channel=self._address["channel"], **arguments)
