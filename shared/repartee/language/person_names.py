"""Finds people's names in what is asked, and takes them out of what is compared by meaning.

An embedding puts every text that says "Caroline" near every other that does: what is asked about her hardly
counts beside the name. So texts are embedded without the names of the people who are there, and who is named
is told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from repartee.language.folding import is_spaceless

MAX_NAMES = 200
"""Names that are looked for in one text."""

MIN_PART_CHARS = 2
"""Characters of a part of a name that is looked for by itself."""

ORDINARY_WORDS = frozenset(
    "will may mark grace art bill rose june april august an de la el der van von the no so".split()  # noqa: SIM905
)
"""Parts of names that are words too: they are names only where they begin with a capital letter."""

APOSTROPHES = "'\u2019"
POSSESSIVE = rf"(?:[{APOSTROPHES}]\w+|[{APOSTROPHES}]|(?<!s)s)?"
"""The endings that a name may have: Ben's, Bens, Ayşe'nin."""

NAME_PART = re.compile(rf"[^\W\d_]+(?:[-{APOSTROPHES}][^\W\d_]+)*")


def find_named(text: str, names: Iterable[str]) -> frozenset[str]:
    """Returns those of the names that the text says, whole or in part."""
    return frozenset(name for name in list(names)[:MAX_NAMES] if name and _name_pattern(name).search(text))


def remove_names(text: str, names: Iterable[str]) -> str:
    """Returns the text without the names. A text that says nothing else stays as it is."""
    left = text
    for name in sorted(find_named(text, names), key=len, reverse=True):
        left = _name_pattern(name).sub(" ", left)
    if left == text or not re.search(r"\w", left):
        return text
    spaced = re.sub(r" +(?=[,;:])", "", re.sub(r"[ \t]{2,}", " ", left))
    return re.sub(r"[ ,;:]+(?=[.!?]|$)", "", spaced).strip(" ,;:")


@lru_cache(maxsize=1000)
def _name_pattern(name: str) -> re.Pattern[str]:
    """Returns the pattern of a name: all of it, or one of its parts."""
    parts = [part for part in NAME_PART.findall(name) if len(part) >= MIN_PART_CHARS]
    forms = sorted({name.strip(), *parts}, key=len, reverse=True)
    return re.compile("|".join(map(_form_pattern, forms)))


def _form_pattern(form: str) -> str:
    if is_spaceless(form):
        return re.escape(form)
    exact = re.escape(form)
    if form.lower() not in ORDINARY_WORDS:
        exact = f"(?i:{exact})"
    return rf"@?(?<!\w){exact}{POSSESSIVE}(?!\w)"
