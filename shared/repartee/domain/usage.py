"""Counts the tokens of model calls in a context, with the threads that a turn starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

_collected_usage: ContextVar[list[Usage] | None] = ContextVar("counted", default=None)


@contextmanager
def collect() -> Iterator[list[Usage]]:
    """Yields a list that collects the usage of every call made within, in this thread and in the steps
    that it starts. It fills up as calls end, and late ones count too."""
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


class Usage(msgspec.Struct, frozen=True):
    """Tokens that a call of a model took. `cached` is what the provider had seen before of the `input`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    model: str = ""


class UsageTotal(msgspec.Struct, frozen=True):
    """The tokens used in a room or workspace today, and their price in US dollars."""

    tokens: int = 0
    cost_usd: float = 0.0


def total(calls: Iterable[Usage]) -> Usage:
    """Returns the tokens of all calls together, of whichever models."""
    counted = list(calls)
    parts = ("input_tokens", "output_tokens", "cached_tokens")
    return Usage(*(sum(getattr(one, part) for one in counted) for part in parts))


def sum_tokens(calls: Iterable[Usage]) -> UsageTotal:
    """Returns the total tokens of model calls, without a price."""
    return UsageTotal(sum(one.input_tokens + one.output_tokens for one in calls))
