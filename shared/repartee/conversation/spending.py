"""What calls of models take, counted for whoever wants to know: a turn, with all that runs in its threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from repartee.conversation.prompt import Usage

_collected_usage: ContextVar[list[Usage] | None] = ContextVar("counted", default=None)


@contextmanager
def collect() -> Iterator[list[Usage]]:
    """The usage of every call that is made within, in this thread and in the steps that it starts. It fills
    up as calls end, and late ones count too."""
    spent: list[Usage] = []
    token = _collected_usage.set(spent)
    try:
        yield spent
    finally:
        _collected_usage.reset(token)


def record(usage: Usage) -> None:
    """Counts a call that has ended. Nothing happens where nobody counts."""
    spent = _collected_usage.get()
    if spent is not None:
        spent.append(usage)
