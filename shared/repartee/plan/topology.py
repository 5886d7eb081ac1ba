"""The order of the steps, and the edges between them: worked out once, when a plan is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

from repartee.plan.errors import PlanError
from repartee.plan.step import Step


class Topology:
    """The ordered steps, and by their index: the targets, the required steps, and the edges between them."""

    def __init__(self, steps: tuple[Step, ...], targets: Sequence[str]) -> None:
        self.steps = steps
        index_of = {step.name: index for index, step in enumerate(steps)}
        self.targets = frozenset(index_of[target] for target in targets)
        below = {step.name: [name for name in step.data + step.gate if name in index_of] for step in steps}
        needed = ancestors(targets, below)
        self.required = tuple(step.name in needed and not step.optional for step in steps)
        self.waits = tuple(tuple(_count(names, index_of) for names in step.roles) for step in steps)
        self.consumers = _consumers(steps, index_of)
        """For each step, the index of each step that waits for it, and the role in which it does."""
        self.announcers = _announcers(steps, index_of)
        """For each step, the indexes of the statuses that announce it."""


def topological_order(steps: Mapping[str, Step], targets: Sequence[str]) -> tuple[Step, ...]:
    """Return each step after all that it needs; otherwise what the targets need first, statuses last.

    ``PlanError`` when steps need each other in a cycle.
    """
    below = {name: _predecessors(step, steps) for name, step in steps.items()}
    wanted = ancestors(targets, below)
    priority = {name: (_rank(steps[name], wanted), place) for place, name in enumerate(steps)}
    above: dict[str, list[str]] = {name: [] for name in steps}
    for name, predecessors in below.items():
        for predecessor in predecessors:
            above[predecessor].append(name)

    missing = {name: len(predecessors) for name, predecessors in below.items()}
    free = [priority[name] + (name,) for name, count in missing.items() if not count]
    heapify(free)
    ordered: list[Step] = []
    while free:
        name = heappop(free)[-1]
        ordered.append(steps[name])
        for successor in above[name]:
            missing[successor] -= 1
            if not missing[successor]:
                heappush(free, priority[successor] + (successor,))
    if len(ordered) < len(steps):
        raise PlanError(_describe_cycle(steps, below, {step.name for step in ordered}))
    return tuple(ordered)


def ancestors(targets: Iterable[str], below: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the targets and everything that they need, directly or not."""
    found: set[str] = set()
    to_visit = list(targets)
    while to_visit:
        name = to_visit.pop()
        if name not in found:
            found.add(name)
            to_visit.extend(below[name])
    return found


def _consumers(
    steps: tuple[Step, ...], index_of: Mapping[str, int]
) -> tuple[tuple[tuple[int, int], ...], ...]:
    consumers: list[list[tuple[int, int]]] = [[] for _ in steps]
    for index, step in enumerate(steps):
        for role, names in enumerate(step.roles):
            for name in names:
                if name in index_of:
                    consumers[index_of[name]].append((index, role))
    return tuple(map(tuple, consumers))


def _announcers(steps: tuple[Step, ...], index_of: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
    announcers: list[list[int]] = [[] for _ in steps]
    for index, step in enumerate(steps):
        if isinstance(step.policy.status, str):
            announcers[index_of[step.policy.status]].append(index)
    return tuple(map(tuple, announcers))


def _count(names: tuple[str, ...], index_of: Mapping[str, int]) -> int:
    return sum(name in index_of for name in names)


def _predecessors(step: Step, steps: Mapping[str, Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in step.roles for name in names if name in steps))


def _rank(step: Step, wanted: set[str]) -> int:
    return 2 if step.policy.status else int(step.name not in wanted)


def _describe_cycle(steps: Mapping[str, Step], below: Mapping[str, Sequence[str]], ordered: set[str]) -> str:
    """Describe one cycle among the unordered steps: follow what each needs until a name repeats."""
    name = next(name for name in steps if name not in ordered)
    path: list[str] = []
    while name not in path:
        path.append(name)
        name = next(predecessor for predecessor in below[name] if predecessor not in ordered)
    cycle = [*path[path.index(name) :], name]
    way = " needs ".join(cycle)
    gated = next((a for a, b in pairwise(cycle) if b in steps[a].gate), None)
    if gated:
        return f"{gated}: its gate needs the step that it gates ({way}): ask something earlier"
    return f"{name}: it needs itself ({way}): break the circle"
