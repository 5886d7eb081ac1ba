"""Sample events in which something is not as it should be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st


def sample_events(folder: Path) -> list[Any]:
    """The events of a folder."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def json_values(words: Sequence[str]) -> st.SearchStrategy[Any]:
    """Any JSON, and these words more often."""
    scalars = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(words),
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )


@st.composite
def mutated_events(draw: st.DrawFn, samples: Sequence[Any], values: st.SearchStrategy[Any]) -> Any:
    """A sample event in which up to three places hold something else, or nothing."""
    event = json.loads(json.dumps(draw(st.sampled_from(samples))))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from([path for path in _value_paths(event) if path] or [("type",)]))
        holder = event
        for key in parents:
            holder = holder[key]
        if draw(st.booleans()):
            holder[last] = draw(values)
        elif isinstance(holder, dict):
            holder.pop(last, None)
    return event


def _value_paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of everything in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in _value_paths(one, (*path, key)))]
