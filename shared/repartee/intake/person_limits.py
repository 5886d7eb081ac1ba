"""How much one person may have answered in a minute, on every channel.

A process takes the first message of a person in a minute without asking: most people send no second one, and
then it costs nothing. From the second on all processes count together, so that a person may have at most as
many more as there are processes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

import msgspec

from repartee.domain.message import Message
from repartee.errors import BackendError
from repartee.ports import RateLimiter

LIMIT_WINDOW_SECONDS = 60.0
"""Seconds for which a person's messages are counted together."""

MAX_COUNTED_PERSONS = 2_000
"""People whose messages a process counts; of more it forgets those who wrote the longest ago."""

BYTES_PER_KILOBYTE = 1024

FREE_SHARE = 0.125
"""The share of a minute's bytes that a process takes without asking."""

LIKELY_SHARE = 0.5
"""The share of a minute's messages and bytes up to which a process takes the next message for admitted."""

LimitVerdict = Literal["within", "first_over", "over"]
"""Whether a message is answered, is the one at which its sender is told that it is not, or comes after it."""


class PersonLimits:
    """The limits of each person. Has state: what this process has taken from whom in this minute."""

    def __init__(
        self, rates: RateLimiter, max_messages: int, max_kilobytes: int, clock: Callable[[], float]
    ) -> None:
        self._rates, self._clock = rates, clock
        self._max_messages, self._max_kilobytes = max_messages, max_kilobytes
        self._taken: OrderedDict[str, tuple[float, int, int]] = OrderedDict()
        self._judged: OrderedDict[str, LimitVerdict] = OrderedDict()

    def judge(self, message: Message) -> LimitVerdict:
        """Counts the message, once however often its platform delivers it, and to whichever process. While
        nobody can count, everybody is within the limits."""
        key = f"{message.chat} {message.id}"
        if (known := self._judged.get(key)) is not None:
            return known
        verdict = self._judged[key] = self._judge_new(message)
        while len(self._judged) > MAX_COUNTED_PERSONS:
            self._judged.popitem(last=False)
        return verdict

    def is_likely_within(self, sender: str) -> bool:
        """Returns whether another message of theirs is probably answered, as far as this process knows."""
        begun, number, size = self._taken.get(sender, (0.0, 0, 0))
        if begun + LIMIT_WINDOW_SECONDS <= self._clock():
            return True
        share = max(number / self._max_messages, size / (self._max_kilobytes * BYTES_PER_KILOBYTE))
        return share < LIKELY_SHARE

    def _judge_new(self, message: Message) -> LimitVerdict:
        number, size = self._count_here(message)
        try:
            if self._is_within(message, number, size):
                return "within"
            is_told = self._count(f"{message.sender}#told", 1, message) > 0
        except BackendError:
            return "within"
        return "over" if is_told else "first_over"

    def _count_here(self, message: Message) -> tuple[int, int]:
        """Returns which one of its sender's messages it is here in this minute, and the bytes of them all."""
        now = self._clock()
        window = now - now % LIMIT_WINDOW_SECONDS
        begun, number, size = self._taken.pop(message.sender, (window, 0, 0))
        if begun != window:
            number, size = 0, 0
        number, size = number + 1, size + len(msgspec.json.encode(message))
        self._taken[message.sender] = (window, number, size)
        while len(self._taken) > MAX_COUNTED_PERSONS:
            self._taken.popitem(last=False)
        return number, size

    def _is_within(self, message: Message, number: int, size: int) -> bool:
        is_free = number == 1
        if not is_free and self._count(message.sender, self._max_messages, message) > 0:
            return False
        if size <= self._max_kilobytes * BYTES_PER_KILOBYTE * FREE_SHARE:
            return True
        kilobytes = -(-len(msgspec.json.encode(message)) // BYTES_PER_KILOBYTE)
        return not self._count(f"{message.sender}#kilobytes", self._max_kilobytes, message, kilobytes)

    def _count(self, key: str, limit: int, message: Message, amount: int = 1) -> float:
        event = f"{message.chat} {message.id}"
        return self._rates.admit(key, limit, LIMIT_WINDOW_SECONDS, amount, event)
