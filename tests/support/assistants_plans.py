"""The plans of all assistants, found by their folders, so that a new one is checked like the others."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from repartee import assistants
from repartee.plan import Graph


def builders() -> list[Callable[[], Graph]]:
    """Return the function ``build_graph`` of each ``assistants/<name>/plan.py``."""
    folder = Path(str(assistants.__file__)).parent
    names = sorted(file.parent.name for file in folder.glob("*/plan.py"))
    return [import_module(f"{assistants.__name__}.{name}.plan").build_graph for name in names]


def name_of(build: Callable[[], Graph]) -> str:
    """Return the assistant's name."""
    return build.__module__.split(".")[-2]
