"""Debounces messages: a person who writes one thing in three short messages is answered once.

Only in channels where people write so, and for seconds: a single complete message is not held at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repartee.domain.message import ButtonPress, Incoming, Message

MAX_HOLD_SECONDS = 10.0
"""Seconds after the first of several messages at which they are answered, whatever else comes."""

SENTENCE_ENDS = ".?!\N{HORIZONTAL ELLIPSIS}\u3002\uff1f\uff01\u061f\u0964"
"""How a sentence ends, in Chinese, Japanese, Arabic and Hindi too."""

CLOSING_MARKS = "\"'\u201d\u2019\u00bb)]"
"""Characters that may follow the end of a sentence."""


def is_complete(message: Incoming) -> bool:
    """Returns whether a message is complete by itself: a sentence with its end, a recording, a picture, a
    file, a command, the press of a button."""
    if not isinstance(message, Message) or message.attachments or message.command:
        return True
    return message.text.rstrip().rstrip(CLOSING_MARKS).endswith(tuple(SENTENCE_ENDS))


def wake_delay(message: Incoming, quiet_seconds: Mapping[str, float]) -> float:
    """Returns the seconds after which a message's chat is to be looked at. `quiet_seconds` are those that a
    channel's people are given to go on, by its name; elsewhere none."""
    return 0.0 if is_complete(message) else quiet_seconds.get(message.channel, 0.0)


def remaining_quiet(messages: Sequence[Incoming], now: float, quiet_seconds: Mapping[str, float]) -> float:
    """Seconds for which these, the oldest first, are not answered yet; 0 if they may be."""
    if not messages or (len(messages) == 1 and is_complete(messages[0])):
        return 0.0
    quiet = quiet_seconds.get(messages[-1].channel, 0.0)
    if isinstance(messages[-1], ButtonPress) or not quiet:
        return 0.0
    fallen_quiet = max(message.received for message in messages) + quiet
    return max(0.0, min(fallen_quiet, messages[0].received + MAX_HOLD_SECONDS) - now)
