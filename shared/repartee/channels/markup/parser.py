"""The parser of Markdown: pulldown-cmark (CommonMark with tables and strikethrough), compiled.

It takes a microsecond for ten marks, in proportion to the text, whatever it is made of, and keeps to the test
suites of CommonMark and GitHub. What people mean otherwise is marked in the text before (`people`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from pyromark import Markdown, Options

Event = Any
"""A string, or a mapping with one key: the start or the end of a block or a mark, a text, code."""

ORDERED_ITEM = re.compile(r"(?<!\d)(\d{1,9})[.)](?=\s|\Z)")

ITEM = {"Start": "Item"}

WEIGHTS = {"Emphasis": 2, "Strong": 2, "Strikethrough": 2, "Link": 2, "Image": 2, "Item": 1}
"""How many events more a mark and an item cost than their own."""

NUMBER = re.compile(rb"[\s>]*(\d*)")


@cache
def parser() -> Markdown:
    """The parser, made on first use."""
    return Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)


def read_events(marked: str) -> tuple[list[Event], Iterator[str] | None]:
    """Returns what a text consists of in its order, and the numbers of its lists' items as they are written;
    None if each item's follows from the one before it, or all are alike.

    The text is one that `people.mark_as_meant` returned.
    """
    if _counts_on(ORDERED_ITEM.findall(marked)):
        return list(parser().events(marked)), None
    source = marked.encode("utf-8", "surrogatepass")
    events, numbers = list[Event](), list[str]()
    for event, where in parser().events_with_range(marked, merge_text=True):
        events.append(event)
        if event == ITEM:
            number = NUMBER.match(source, where["start"])
            numbers.append(number[1].decode() if number else "")
    return events, iter(numbers)


def _counts_on(written: list[str]) -> bool:
    first = int(written[0]) if written else 0
    counted = list(map(str, range(first, first + len(written))))
    return written in ([str(first)] * len(written), counted)


def block_ranges(marked: str) -> Iterator[tuple[int, int, int]]:
    """Yields where each outermost block begins and ends in a text's UTF-8, and what its events cost."""
    depth = count = start = 0
    events: Iterable[tuple[Event, Any]] = parser().events_with_range(marked, merge_text=True)
    for event, where in events:
        count += 1
        if not depth:
            start = where["start"]
        if type(event) is not str:
            if "Start" in event:
                depth += 1
                continue
            if "End" in event:
                depth -= 1
                tag = event["End"]
                count += WEIGHTS.get(tag, 0) if type(tag) is str else 0
        if not depth:
            yield start, where["end"], count
            count = 0
