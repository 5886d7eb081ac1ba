"""How a reply becomes visible, on any platform: as fast as the platform takes it, and whole at the end.

A reply is one message, or several where one cannot hold it. What a platform can do with a message is its
`Surface`; when to do it, in which pieces, and what to do when it fails, is said here once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from repartee.channels.markdown import Part, parts, settled
from repartee.channels.pacing import Pace
from repartee.conversation.reply import Crowd, Keep
from repartee.errors import Late, Throttled, Unreachable

ENDINGS = 5
"""How often the end of a reply is tried before it counts as failed."""

PATIENCE = 60.0
"""Seconds that a platform may make the end of a reply wait. If it asks for more, the turn is tried later."""

REST = 0.6
"""Seconds between two tries after the connection broke."""


class Surface(Protocol):
    """The messages of one reply on one platform. Raises `BackendError`; what has failed is tried again whole,
    with the same text or a longer one, so each call must be safe to repeat."""

    limit: int
    """Characters that one message holds."""

    grows: bool
    """Whether a message can be shown before it is complete."""

    pace: Pace
    """How often a message may grow. `Delivery` tells it of what it let grow; where other calls count as well,
    the surface does."""

    def begin(self, text: str) -> str:
        """Makes a message visible, and gives its id."""

    def grow(self, id: str, text: str, new: str) -> None:
        """Shows `text`, of which `new` was not there when this message was last shown."""

    def end(self, id: str, text: str, new: str) -> None:
        """Like `grow`, and the message is complete."""


class Split(Protocol):
    """How a text is parted into messages, as `markdown.parts` does it."""

    def __call__(self, text: str, limit: int, *, final: bool) -> Iterator[Part]: ...


class Delivery:
    """`reply.Reply` on a surface. Owns what is visible: each message's id, its text, whether it is complete.

    `ids` are the messages that an earlier attempt has shown: their text is replaced. `close` is how the last
    message of a whole reply ends, where that is not the surface's `end`; `over` is told when all is said;
    `split` parts the text where that is not a matter of length alone.
    """

    def __init__(
        self,
        surface: Surface,
        keep: Keep,
        sleep: Callable[[float], None],
        ids: dict[str, str] | None = None,
        close: Callable[[str, str, str], None] | None = None,
        over: Callable[[], None] = lambda: None,
        split: Split = parts,
    ) -> None:
        self._surface, self._keep, self._sleep, self._split = surface, keep, sleep, split
        self._close, self._over = close or surface.end, over
        self._last: Callable[[str, str, str], None] = surface.end
        self._ids = dict(ids or {})
        self._shown: dict[str, str] = {}
        self._complete: set[str] = set()
        self._visible = 0
        self.text = ""

    @property
    def begun(self) -> bool:
        return bool(self._ids)

    def add(self, text: str, *, send: bool = True) -> None:
        self.text += text
        if send and self._surface.pace.due:
            self._grow()

    def among(self, crowd: Crowd) -> None:
        self._surface.pace.among(crowd)

    def finish(self) -> None:
        self._last = self._close
        self._end()
        self._over()

    def cut(self, note: str) -> None:
        self._last = self._surface.end
        self.text = self.text[: self._visible] + note
        self._end()
        self._over()

    def _grow(self) -> None:
        """Shows what can be shown. What the platform does not take now is shown later."""
        text = self.text[: settled(self.text)]
        if len(text) <= self._visible:
            return
        try:
            self._show(text, final=False)
        except Throttled as throttled:
            self._surface.pace.refused(throttled.retry_after)
        except (Late, Unreachable):
            if not self.begun:
                raise
            self._surface.pace.refused(None)
        else:
            self._surface.pace.made()

    def _end(self) -> None:
        """Makes sure that the whole text is shown, and shown as complete."""
        for tried in range(ENDINGS - 1):
            try:
                self._show(self.text, final=True)
            except Throttled as throttled:
                wait = throttled.retry_after or REST * 2**tried
                if wait > PATIENCE:
                    raise
                self._sleep(wait)
            except (Late, Unreachable):
                self._sleep(REST)
            else:
                return
        self._show(self.text, final=True)

    def _show(self, text: str, *, final: bool) -> None:
        *full, last = self._split(text, self._surface.limit, final=final)
        for number, part in enumerate(full):
            self._show_message(str(number), part, self._surface.end)
        self._show_message(str(len(full)), last, self._last if final else None)

    def _show_message(self, name: str, part: Part, end: Callable[[str, str, str], None] | None) -> None:
        """Shows a message as far as it goes, if it may grow now; with an `end`, as complete."""
        if name in self._complete or not (end or (self._surface.grows and self._surface.pace.due)):
            return
        before = self._shown.get(name, "")
        if name not in self._ids:
            self._ids[name] = self._surface.begin(part.text)
            self._shown[name] = before = part.text
        if not (end or part.text.startswith(before)):
            return  # less than is visible: the text goes on soon
        new = part.text.removeprefix(before)
        if end:
            end(self._ids[name], part.text, new)
            self._complete.add(name)
        elif new:
            self._surface.grow(self._ids[name], part.text, new)
        self._shown[name] = part.text
        self._visible = part.end
        self._keep(dict(self._ids), self.text[: part.end])
