"""How many marks a text may have, and the blocks with far more, which are shown as they are written.

Each mark costs a microsecond or two, mostly for writing it in a dialect. A reply has one in ten or twenty
characters. Where almost each character is one, a block becomes a block of code, in which every character is
there and none is a mark. What surrounds it is read as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from repartee.channels.markup.parser import WEIGHTS, Event, block_ranges
from repartee.channels.markup.people import restore

MAX_EVENTS_PER_CHAR = 0.7
"""Events of the parser that a text may have for each of its characters: a cell has three, a mark two and
its weight."""

MAX_COST_WITH_WORDS = 0.95
"""Cost for each character of a text that may hold a block of words. With more, all of it is marks."""

MARKED_BY = {"Emphasis": "*_", "Strong": "*_", "Strikethrough": "~", "Link": "[<", "Image": "!"}
ENDS: Sequence[tuple[Event, int, str]] = [
    ({"End": name}, weight, MARKED_BY.get(name, "")) for name, weight in WEIGHTS.items()
]
"""The ends that weigh more than their own event, and the characters without which there are none."""

MARK_CHARS, MAX_MARKS_PER_CHAR = "*_~<`", 0.6
"""Characters that are marks mostly, and how many of them a text may have before it is looked at otherwise."""

ALWAYS_ALLOWED_EVENTS = 400
"""Events that a text may have however short it is."""

MIN_FENCE = 3
"""Backticks of the line that begins a block of code."""

BACKTICKS = re.compile(r"`+")


def is_made_of_marks(text: str) -> bool:
    """Whether most of a text's characters are marks."""
    return len(text) > ALWAYS_ALLOWED_EVENTS and (
        sum(map(text.count, MARK_CHARS)) > len(text) * MAX_MARKS_PER_CHAR
    )


def cost_per_char(events: Sequence[Event], text: str) -> float:
    """Returns what a text's events cost for each of its characters, zero if that is within the budget."""
    chars = len(text)
    allowed = max(ALWAYS_ALLOWED_EVENTS, chars * MAX_EVENTS_PER_CHAR)
    if 2 * len(events) <= allowed:
        return 0.0
    ends = [(end, weight) for end, weight, by in ENDS if not by or any(one in text for one in by)]
    cost = len(events) + sum(events.count(end) * weight for end, weight in ends)
    return cost / chars if cost > allowed else 0.0


def as_code(marked: str, cost: float) -> str:
    """Returns a text that costs too much, or the blocks of it that do, as code."""
    if cost > MAX_COST_WITH_WORDS:
        fence = _fence(marked)
        return "\n".join((fence, marked.strip("\n"), fence))
    return with_noise_as_code(marked)


def with_noise_as_code(text: str, change: Callable[[str], str] = str) -> str:
    """Returns the text with the outermost blocks that have too many events as blocks of code. What stands
    around them is changed by the function."""
    source, at = text.encode("utf-8", "replace"), 0
    shown: list[str] = []
    for start, end in _noise(text, source):
        code = source[start:end].decode()
        fence = _fence(code)
        shown += [change(source[at:start].decode()), f"\n\n{fence}\n{code.rstrip()}\n{fence}\n\n"]
        at = end
    return "".join([*shown, change(source[at:].decode())])


def _fence(code: str) -> str:
    """Returns the line that begins and ends a block of this code."""
    return "`" * max(MIN_FENCE, 1 + max(map(len, BACKTICKS.findall(code)), default=0))


def _noise(marked: str, source: bytes) -> Iterator[tuple[int, int]]:
    """Yields where blocks with too many events begin and end in the text's UTF-8, neighbours as one."""
    begin = last = -1
    for start, end, events in block_ranges(marked):
        # a text has no more characters than bytes, so most noise is known without reading it
        if events <= (end - start) * MAX_EVENTS_PER_CHAR and (
            events <= len(restore(source[start:end].decode())) * MAX_EVENTS_PER_CHAR
        ):
            if begin >= 0:
                yield begin, last
            begin = -1
        else:
            begin, last = start if begin < 0 else begin, end
    if begin >= 0:
        yield begin, last
