"""Checks the names of assistants before anything is started."""

from __future__ import annotations

from repartee.wiring.assistants import ASSISTANTS
from support.suggestions import describe_choices


def check_assistants(given: str) -> str:
    """Returns what was given, such as `office,web=coach`. Raises ValueError for an unknown name."""
    for named in filter(None, given.split(",")):
        name = named.rpartition("=")[2].strip()
        if name not in ASSISTANTS:
            raise ValueError(f"there is no assistant {name}. {describe_choices(name, ASSISTANTS)}")
    return given
