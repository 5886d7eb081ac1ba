"""How often one person may be sent messages: one in six seconds, and more at once on credit.

https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput. Up to 45 messages may go
out within six seconds; after such a burst nothing may, for as long as they would have taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.pacer import Pacer
from repartee.channels.whatsapp.error_codes import PAIR_INTERVAL_SECONDS

MAX_BURST_MESSAGES = 45
"""Messages of one burst."""


class PairPacer(Pacer):
    """The pace of one reply. Owns what it has sent in its last burst."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(PAIR_INTERVAL_SECONDS, clock)
        self._began, self._sent = float("-inf"), 0

    @property
    def wait_seconds(self) -> float:
        """Seconds until the reply may grow by messages that nobody is in a hurry for."""
        return max(0.0, self._debt_seconds, self._not_before - self._clock())

    @property
    def next_send_wait_seconds(self) -> float:
        """Seconds until the next message is taken at all."""
        within = self._clock() < self._began + PAIR_INTERVAL_SECONDS and self._sent < MAX_BURST_MESSAGES
        return 0.0 if within else max(0.0, self._debt_seconds)

    @property
    def _debt_seconds(self) -> float:
        return self._began + PAIR_INTERVAL_SECONDS * self._sent - self._clock()

    def record_sent(self) -> None:
        """A message was taken."""
        if self._clock() < self._began + PAIR_INTERVAL_SECONDS:
            self._sent += 1
        else:
            self._began, self._sent = self._clock(), 1
