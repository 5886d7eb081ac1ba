"""How a reply becomes visible, on any platform: as fast as the platform takes it, and whole at the end.

A reply is one message, or several where one cannot hold it. What a platform can do with a message is its
`Surface`; when to do it, in which pieces, and what to do when it fails, is said here once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from repartee.channels.markdown import StablePrefix, TextPart, split_markdown
from repartee.channels.pacer import Pacer
from repartee.domain.control import ReplyStopped
from repartee.domain.message import Incoming
from repartee.domain.reply import ActiveMessages, VisibleState
from repartee.errors import BackendError, DeadlineExceeded, Throttled, Unavailable
from repartee.ports.channels import EnsureMaySend, RecordVisible, ReplySender

MAX_COMPLETION_ATTEMPTS = 5
"""How often the end of a message is tried before its reply counts as failed."""

MAX_COMPLETION_WAIT_SECONDS = 120.0
"""Seconds that the end of a reply may wait in all, however many messages it has. Then the turn is tried
later, and holds no worker meanwhile."""

MAX_THROTTLE_WAIT_SECONDS = 60.0
"""Seconds that a platform may make the end of a reply wait. If it asks for more, the turn is tried later."""

RETRY_DELAY_SECONDS = 0.6
"""Seconds between two tries after the connection broke."""


class Surface(Protocol):
    """The messages of one reply on one platform. Raises `BackendError`; what has failed is tried again whole,
    with the same text or a longer one, so each call must be safe to repeat."""

    max_chars: int
    """Characters that one message holds."""

    @property
    def can_extend(self) -> bool:
        """Whether a message may be shown before it is complete, now."""

    pacer: Pacer
    """How often a message may grow. `Delivery` tells it of what it let grow; where other calls count as well,
    the surface does."""

    def begin_message(self, text: str) -> str:
        """Makes a message visible, and gives its id."""

    def post_whole_message(self, text: str, is_last: bool) -> str | None:
        """Makes a message visible that is complete at once, and gives its id: one call where to begin and to
        complete it are two. `is_last`: the reply ends with it. None where there is no such way."""

    def extend_message(self, id: str, text: str, added_text: str) -> None:
        """Shows `text`, of which `new` was not there when this message was last shown."""

    def complete_message(self, id: str, text: str, added_text: str) -> None:
        """Like `grow`, and the message is complete."""


class SendGate:
    """Asks before each visible act of one reply whether it may still be. A reply that a person stopped may
    still say that it ended (`is_ending`), but only while the lease is held.

    `ReplyDelivery` asks before each call of its surface. A surface that waits by itself asks again when it
    has waited, with the same gate.
    """

    def __init__(self, ensure_may_send: EnsureMaySend) -> None:
        self._ensure_may_send = ensure_may_send
        self.is_ending = False

    def check(self) -> None:
        """Raises like `EnsureMaySend`."""
        try:
            self._ensure_may_send()
        except ReplyStopped:
            if not self.is_ending:
                raise


def send_notice(
    sender: ReplySender, message: Incoming, turn: str, text: str, sent_since: float = 0.0
) -> None:
    """Sends a message of its own beside the turn's reply. Where the platform can look up what was sent, it is
    looked up under a name of its own, from then on (epoch seconds)."""
    visible = VisibleState(intent_at=sent_since)
    reply = sender.open_reply(message, f"{turn}.notice", visible, lambda ids, visible: None)
    reply.append(text, send=False)
    reply.finish()


class SplitText(Protocol):
    """How a text is parted into messages, as `markdown.parts` does it."""

    def __call__(self, text: str, limit: int, *, final: bool) -> Iterator[TextPart]: ...


class ReplyDelivery:
    """`reply.Reply` on a surface. Owns what is visible: each message's id, its text, whether it is complete.

    `ids` are the messages that an earlier attempt has shown: their text is replaced. `close` is how the last
    message of a whole reply ends, where that is not the surface's `end`; `over` is told when all is said;
    `split` parts the text where that is not a matter of length alone; `gate` is asked before each call that
    shows something.
    """

    def __init__(
        self,
        surface: Surface,
        keep: RecordVisible,
        sleep: Callable[[float], None],
        ids: dict[str, str] | None = None,
        complete_last_message: Callable[[str, str, str], None] | None = None,
        on_finished: Callable[[], None] = lambda: None,
        split: SplitText = split_markdown,
        *,
        gate: SendGate,
    ) -> None:
        self._gate = gate
        self._surface, self._keep, self._sleep, self._split = surface, keep, sleep, split
        self._close, self._over = complete_last_message or surface.complete_message, on_finished
        self._last: Callable[[str, str, str], None] = surface.complete_message
        self._ids = dict(ids or {})
        self._shown: dict[str, str] = {}
        self._complete: set[str] = set()
        self._visible = 0
        self._stable_prefix = StablePrefix()
        self.text = ""

    @property
    def is_started(self) -> bool:
        return bool(self._ids)

    def append(self, text: str, *, send: bool = True) -> None:
        self.text += text
        if send and self._surface.pacer.is_due:
            self._extend_visible_text()

    def share_limits(self, active_messages: ActiveMessages) -> None:
        self._surface.pacer.share_with(active_messages)

    def finish(self) -> None:
        self._last = self._close
        self._complete_reply()
        self._over()

    def cut_short(self, note: str) -> None:
        self._gate.is_ending = True
        self._last = self._surface.complete_message
        self.text = self.text[: self._visible] + note
        self._complete_reply()
        self._over()

    def _extend_visible_text(self) -> None:
        """Shows what can be shown. What the platform does not take now is shown later."""
        text = self.text[: self._stable_prefix.length_of(self.text)]
        if len(text) <= self._visible:
            return
        try:
            self._show_parts(text, final=False)
        except Throttled as throttled:
            self._surface.pacer.record_throttled(throttled.retry_after)
        except (DeadlineExceeded, Unavailable):
            if not self.is_started:
                raise
            self._surface.pacer.record_throttled(None)
        else:
            self._surface.pacer.record_call()

    def _complete_reply(self) -> None:
        """Makes sure that the whole text is shown, and shown as complete. Each message has tries of its
        own."""
        tried, done, waited = 0, self._progress, 0.0
        while True:
            try:
                self._show_parts(self.text, final=True)
            except (Throttled, DeadlineExceeded, Unavailable) as failure:
                tried = tried + 1 if self._progress == done else 1
                wait = _completion_wait_seconds(failure, tried)
                done, waited = self._progress, waited + wait
                is_too_late = wait > MAX_THROTTLE_WAIT_SECONDS or waited > MAX_COMPLETION_WAIT_SECONDS
                if is_too_late or tried == MAX_COMPLETION_ATTEMPTS:
                    raise
                self._sleep(wait)
            else:
                return

    @property
    def _progress(self) -> int:
        """How many messages were begun and completed."""
        return len(self._ids) + len(self._complete)

    def _show_parts(self, text: str, *, final: bool) -> None:
        *full, last = self._split(text, self._surface.max_chars, final=final)
        for number, part in enumerate(full):
            self._show_message(str(number), part, self._surface.complete_message)
        self._show_message(str(len(full)), last, self._last if final else None)

    def _show_message(
        self, part_name: str, part: TextPart, complete: Callable[[str, str, str], None] | None
    ) -> None:
        """Shows a message as far as it goes, if it may grow now; with an `end`, as complete."""
        if part_name in self._complete or not (
            complete or (self._surface.can_extend and self._surface.pacer.is_due)
        ):
            return
        before = self._shown.get(part_name, "")
        if complete and part_name not in self._ids and self._post_whole(part_name, part, complete):
            return
        if part_name not in self._ids:
            self._gate.check()
            self._ids[part_name] = self._surface.begin_message(part.text)
            before = part.text
            self._record_shown(part_name, part)
        if not (complete or part.text.startswith(before)):
            return  # less than is visible: the text goes on soon
        new = part.text.removeprefix(before)
        if complete or new:
            self._gate.check()
        if complete:
            complete(self._ids[part_name], part.text, new)
            self._complete.add(part_name)
        elif new:
            self._surface.extend_message(self._ids[part_name], part.text, new)
        self._record_shown(part_name, part)

    def _post_whole(self, part_name: str, part: TextPart, complete: Callable[[str, str, str], None]) -> bool:
        """Shows a message that nobody has seen yet in one call, where the surface has one."""
        self._gate.check()
        id = self._surface.post_whole_message(part.text, is_last=complete == self._close)
        if id is None:
            return False
        self._ids[part_name] = id
        self._complete.add(part_name)
        self._record_shown(part_name, part)
        return True

    def _record_shown(self, part_name: str, part: TextPart) -> None:
        self._shown[part_name] = part.text
        self._visible = part.end
        self._keep(dict(self._ids), self.text[: part.end])


def _completion_wait_seconds(failure: BackendError, tried: int) -> float:
    """Returns the seconds after which a message is tried again that has failed so often."""
    if isinstance(failure, Throttled):
        return failure.retry_after or RETRY_DELAY_SECONDS * 2.0 ** (tried - 1)
    return RETRY_DELAY_SECONDS
