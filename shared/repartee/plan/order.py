"""In which order steps come, and whether there is one."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

from repartee.plan.errors import PlanError
from repartee.plan.step import Step


def arrange(steps: Mapping[str, Step], targets: Sequence[str]) -> tuple[Step, ...]:
    """After all that it needs, each; else what the targets need first, statuses last, as declared.

    ``PlanError`` when steps need each other in a circle.
    """
    below = {name: _before(step, steps) for name, step in steps.items()}
    wanted = needed_by(targets, below)
    place = {name: (_rank(steps[name], wanted), place) for place, name in enumerate(steps)}
    after: dict[str, list[str]] = {name: [] for name in steps}
    for name, befores in below.items():
        for before in befores:
            after[before].append(name)

    missing = {name: len(befores) for name, befores in below.items()}
    free = [place[name] + (name,) for name, count in missing.items() if not count]
    heapify(free)
    ordered: list[Step] = []
    while free:
        name = heappop(free)[-1]
        ordered.append(steps[name])
        for follower in after[name]:
            missing[follower] -= 1
            if not missing[follower]:
                heappush(free, place[follower] + (follower,))
    if len(ordered) < len(steps):
        raise PlanError(_circle(steps, below, {step.name for step in ordered}))
    return tuple(ordered)


def needed_by(targets: Iterable[str], below: Mapping[str, Iterable[str]]) -> set[str]:
    """The targets and all that they need, however far below."""
    wanted: set[str] = set()
    look = list(targets)
    while look:
        name = look.pop()
        if name not in wanted:
            wanted.add(name)
            look.extend(below[name])
    return wanted


def _before(step: Step, steps: Mapping[str, Step]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (*step.data, *step.gate, *step.prior) if name in steps))


def _rank(step: Step, wanted: set[str]) -> int:
    return 2 if step.policy.status else int(step.name not in wanted)


def _circle(steps: Mapping[str, Step], below: Mapping[str, Sequence[str]], ordered: set[str]) -> str:
    """One circle among the steps that could not be ordered: follow what each needs until one comes again."""
    name = next(name for name in steps if name not in ordered)
    path: list[str] = []
    while name not in path:
        path.append(name)
        name = next(before for before in below[name] if before not in ordered)
    circle = [*path[path.index(name) :], name]
    way = " needs ".join(circle)
    gated = next((a for a, b in pairwise(circle) if b in steps[a].gate), None)
    if gated:
        return f"{gated}: its gate needs the step that it gates ({way}): ask something earlier"
    return f"{name}: it needs itself ({way}): break the circle"
