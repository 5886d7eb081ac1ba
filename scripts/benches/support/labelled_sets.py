"""The labelled sets that the tests carry, and which part of them nobody looked at."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

LABELLED_SETS_FOLDER = Path(__file__).parents[3] / "tests" / "data"


def load_labelled_set(name: str) -> Any:
    """Returns the set of that name."""
    return yaml.safe_load((LABELLED_SETS_FOLDER / f"{name}.yaml").read_text())


def is_held_out(text: str) -> bool:
    """Returns whether the text is in the half that was not looked at while what is measured was made."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1
