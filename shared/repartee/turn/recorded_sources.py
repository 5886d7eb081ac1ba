"""Finds what a prompt would have been without each of the sources that were looked up for it.

Nothing is looked up for that: what a step has found is replaced by its fallback, and what is only computed
from it is computed again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from difflib import SequenceMatcher
from typing import Any

import msgspec

from repartee.domain.prompt import Prompt
from repartee.domain.recording import RecordedEdit
from repartee.plan import Graph, Outcome

PROMPT_STEP = "prompt"

PLAIN_TYPES = (type(None), str, bytes, int, float, date, Sequence, Mapping, Set, msgspec.Struct)
"""Types of values that lead to no store, no service and no person."""


def find_edits(
    graph: Graph, inputs: Mapping[str, Any], outcomes: Iterable[Outcome]
) -> dict[str, tuple[RecordedEdit, ...]]:
    """Returns by part of the prompt what is different in it without each source."""
    ended = {one.name: one for one in outcomes}
    values = {**inputs, **{name: one.value for name, one in ended.items()}}
    given = values.get(PROMPT_STEP)
    if not isinstance(given, Prompt) or given.ready_reply:
        return {}
    units, found = list_units(given), defaultdict[str, list[RecordedEdit]](list)
    for step in graph.steps:
        is_source = step.optional and not step.policy.writes and step.name in ended
        if not is_source or ended[step.name].status != "ok":
            continue
        prompt = _rebuild_prompt(graph, values, ended, step.name, step.stand_in)
        for part, changed in list_units(prompt).items() if prompt else ():
            found[part] += _compare_units(step.name, units[part], changed)
    return {part: tuple(edits) for part, edits in found.items()}


def list_units(prompt: Prompt) -> dict[str, list[str]]:
    """Returns the parts of a prompt after its instructions: messages, and the lines of the context."""
    return {
        "history": [f"{line.side}: {line.text}" for line in prompt.history],
        "context": prompt.context.split("\n"),
        "incoming": [line.text for line in prompt.incoming],
    }


def _rebuild_prompt(
    graph: Graph, values: Mapping[str, Any], ended: Mapping[str, Outcome], source: str, stand_in: Any
) -> Prompt | None:
    """Returns the prompt with something else in the place of a step's value. None if it does not depend on
    it, or cannot be made without it."""
    changed: dict[str, Any] = {source: stand_in}
    try:
        for step in graph.steps:
            if step.name == source or not changed.keys() & set(step.data):
                continue
            given = {name: changed[name] if name in changed else values[name] for name in step.data}
            is_again = step.name in ended and ended[step.name].status == "ok" and not step.policy.writes
            if step.name == PROMPT_STEP or (is_again and _is_computed(given.values())):
                changed[step.name] = step.function(**given)
    except Exception:  # noqa: BLE001 - a step may raise anything; then this source is not offered
        return None
    prompt = changed.get(PROMPT_STEP)
    return prompt if isinstance(prompt, Prompt) and not prompt.ready_reply else None


def _is_computed(given: Iterable[Any]) -> bool:
    return all(isinstance(value, PLAIN_TYPES) for value in given)


def _compare_units(source: str, units: Sequence[str], changed: Sequence[str]) -> Iterator[RecordedEdit]:
    matcher = SequenceMatcher(None, units, changed, autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind != "equal":
            yield RecordedEdit(source, first, last, tuple(changed[begin:end]))
