"""Scripted remarks of the model stand-in about attachments: that they came, and no more than that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

VOICE = re.compile(r"^\(voice message\) (?P<said>.+)$", re.MULTILINE)
QUOTED = re.compile(
    r"^\[(?P<kind>File|Recording): (?P<about>.+)\. What the lines with > say.*\]\n(?P<text>(?:> .*\n?)+)",
    re.MULTILINE,
)
PICTURE = re.compile(r"\[Picture(?P<when> that was shown earlier)?: (?P<name>[^\]]+)\]")
SEEN = re.compile(r"\[picture: (?P<what>[^\]]+)\]")
UNREAD = re.compile(
    r"^\[(?P<kind>File|Picture|Recording) (?P<name>.+) could not be read, because (?P<why>.+)\. Say so in",
    re.MULTILINE,
)

Best = Callable[[list[str]], str]
"""Chooses among sentences the one that is nearest to the question."""


def told(asked: str, best: Best) -> Iterator[str]:
    """Yields a paragraph for each thing that came along."""
    yield from (f"I heard: “{found['said']}”" for found in VOICE.finditer(asked))
    for found in QUOTED.finditer(asked):
        lines = [line.removeprefix("> ") for line in found["text"].splitlines() if len(line) > 2]
        yield f"In the {found['kind'].lower()} {found['about']}, this is nearest to it:\n> {best(lines)}"
    seen = [found["what"] for found in SEEN.finditer(asked)]
    for found in PICTURE.finditer(asked):
        what = f" ({seen.pop(0)})" if seen else ""
        yield f"I was shown the picture {found['name']}{what}{found['when'] or ''}, and see no more of it."
    for found in UNREAD.finditer(asked):
        yield f"I could not read the {found['kind'].lower()} {found['name']}: {found['why']}."
