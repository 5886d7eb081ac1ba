"""Who waits for whom: worked out when a plan is built, so that its runs only count down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repartee.plan.order import needed_by
from repartee.plan.step import Step


class Links:
    """The steps in their order; by their places in it, who is a target or required, and who needs whom."""

    def __init__(self, steps: tuple[Step, ...], targets: Sequence[str]) -> None:
        self.steps = steps
        place = {step.name: index for index, step in enumerate(steps)}
        self.targets = frozenset(place[target] for target in targets)
        below = {step.name: [name for name in step.data + step.gate if name in place] for step in steps}
        needed = needed_by(targets, below)
        self.required = tuple(step.name in needed and not step.optional for step in steps)
        self.waits = tuple(tuple(_count(names, place) for names in (s.data, s.gate, s.prior)) for s in steps)

        feeds: list[list[tuple[int, int]]] = [[] for _ in steps]
        announcers: list[list[int]] = [[] for _ in steps]
        for index, step in enumerate(steps):
            for role, names in enumerate((step.data, step.gate, step.prior)):
                for name in names:
                    if name in place:
                        feeds[place[name]].append((index, role))
            if isinstance(step.policy.status, str):
                announcers[place[step.policy.status]].append(index)
        self.feeds = tuple(map(tuple, feeds))
        self.announcers = tuple(map(tuple, announcers))


def _count(names: tuple[str, ...], place: Mapping[str, int]) -> int:
    return sum(name in place for name in names)
