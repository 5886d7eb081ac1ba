"""Puts spans in order that several finders found."""

from __future__ import annotations

from collections.abc import Iterable

from repartee.ports import PiiSpan


def drop_overlapping(length: int, spans: Iterable[PiiSpan]) -> tuple[PiiSpan, ...]:
    """Of the spans in a text of that length those that overlap none before them, in the order of the text."""
    kept, taken = [], bytearray(length)
    for span in spans:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))
