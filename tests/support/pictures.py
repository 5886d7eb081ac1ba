"""Pictures in memory, held to the same contract as the real ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from repartee.ports import EarlierPicture

KEPT_FOR = 30 * 24 * 3600


class MemoryPictures:
    """`ports.Pictures` in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.kept: defaultdict[str, dict[str, EarlierPicture]] = defaultdict(dict)

    def keep(self, room: str, pictures: Sequence[EarlierPicture]) -> None:
        self.kept[room].update((one.id, one) for one in pictures)

    def newest(self, room: str, limit: int) -> Sequence[EarlierPicture]:
        alive = (one for one in self.kept[room].values() if one.sent + KEPT_FOR > self._clock())
        return sorted(alive, key=lambda one: (one.sent, one.id), reverse=True)[:limit]
