"""The parser of Markdown: pulldown-cmark (CommonMark with tables and strikethrough), compiled.

It takes a microsecond for ten marks, in proportion to the text, whatever it is made of, and keeps to the test
suites of CommonMark and GitHub. What people mean otherwise is marked in the text before (`people`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import repeat
from typing import Any

from pyromark import Markdown, Options

Event = Any
"""A string, or a mapping with one key: the start or the end of a block or a mark, a text, code."""

ORDERED_ITEM = re.compile(r"\d[.)](?=\s|\Z)")

ITEM = {"Start": "Item"}

NUMBER = re.compile(rb"[\s>]*(\d*)")


@cache
def parser() -> Markdown:
    """The parser, made on first use."""
    return Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)


def read_events(marked: str) -> tuple[list[Event], Iterator[str]]:
    """Returns what a text consists of in its order, and the numbers of its lists' items as they are written.

    The text is one that `people.mark_as_meant` returned.
    """
    if not ORDERED_ITEM.search(marked):
        return list(parser().events(marked)), repeat("")
    source = marked.encode("utf-8", "surrogatepass")
    events, numbers = list[Event](), list[str]()
    for event, where in parser().events_with_range(marked, merge_text=True):
        events.append(event)
        if event == ITEM:
            number = NUMBER.match(source, where["start"])
            numbers.append(number[1].decode() if number else "")
    return events, iter(numbers)


def block_ranges(marked: str) -> Iterator[tuple[int, int, int]]:
    """Yields where each outermost block begins and ends in a text's UTF-8, and of how many events it is."""
    depth = count = start = 0
    for event, where in parser().events_with_range(marked, merge_text=True):
        count += 1
        if type(event) is str:
            if not depth:
                yield where["start"], where["end"], count
                count = 0
            continue
        if "Start" in event:
            if not depth:
                start = where["start"]
            depth += 1
        elif "End" in event:
            depth -= 1
            if not depth:
                yield start, where["end"], count
                count = 0
