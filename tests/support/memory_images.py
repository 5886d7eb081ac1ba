"""Pictures in memory, held to the same contract as the real ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from repartee.ports import EarlierImage

RETENTION_SECONDS = 30 * 24 * 3600


class MemoryPictures:
    """`ports.Pictures` in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.kept: defaultdict[str, dict[str, EarlierImage]] = defaultdict(dict)

    def put(self, room: str, images: Sequence[EarlierImage]) -> None:
        self.kept[room].update((one.id, one) for one in images)

    def remove(self, room: str, images: Sequence[EarlierImage]) -> None:
        for one in images:
            self.kept[room].pop(one.id, None)

    def list_newest(self, room: str, limit: int) -> Sequence[EarlierImage]:
        alive = (one for one in self.kept[room].values() if one.sent + RETENTION_SECONDS > self._clock())
        return sorted(alive, key=lambda one: (one.sent, one.id), reverse=True)[:limit]
