"""How often one person may be sent messages: one in six seconds, and more at once on credit.

https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput. Up to 45 messages may go
out within six seconds; after such a burst nothing may, for as long as they would have taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.pacing import Pace
from repartee.channels.whatsapp.codes import SPACING

AT_ONCE = 45
"""Messages of one burst."""


class PairPace(Pace):
    """The pace of one reply. Owns what it has sent in its last burst."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(SPACING, clock)
        self._began, self._sent = float("-inf"), 0

    @property
    def wait(self) -> float:
        """Seconds until the reply may grow by messages that nobody is in a hurry for."""
        return max(0.0, self._paid, self._not_before - self._clock())

    @property
    def held_up(self) -> float:
        """Seconds until the next message is taken at all."""
        within = self._clock() < self._began + SPACING and self._sent < AT_ONCE
        return 0.0 if within else max(0.0, self._paid)

    @property
    def _paid(self) -> float:
        return self._began + SPACING * self._sent - self._clock()

    def sent(self) -> None:
        """A message was taken."""
        if self._clock() < self._began + SPACING:
            self._sent += 1
        else:
            self._began, self._sent = self._clock(), 1
