"""How documents are cut into passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repartee.knowledge.passages import (
    MAX_PASSAGE_CHARS,
    DocumentSection,
    parse_markdown_sections,
    split_sections,
)

GUIDE = """---
author: somebody
---
Before all.

# Squats

Stand up.

Sit down.

## Depth
As deep as you can.

```
# not a heading

reps = 5
```

# Rest ##
Sleep.
"""


def test_headings_begin_passages_and_say_where_they_are() -> None:
    """A passage begins at a heading and carries the path to it; code and front matter are no headings."""
    assert list(split_sections(parse_markdown_sections(GUIDE))) == [
        DocumentSection("", "Before all."),
        DocumentSection("Squats", "Stand up.\n\nSit down."),
        DocumentSection("Squats: Depth", "As deep as you can.\n\n```\n# not a heading\n\nreps = 5\n```"),
        DocumentSection("Rest", "Sleep."),
    ]


def test_a_heading_that_skips_levels_has_its_place() -> None:
    """Headings that skip levels keep those above them."""
    found = [
        section.heading for section in parse_markdown_sections("# A\n#### B\nb\n## C\nc") if section.text
    ]

    assert found == ["A: B", "A: C"]


def test_paragraphs_stay_together_while_they_fit() -> None:
    """Paragraphs are put together as far as they fit, and not torn."""
    long = "word " * 200
    found = list(split_sections([DocumentSection("", f"{long}\n\nshort\n\n{long}")]))

    assert [one.text for one in found] == [f"{long.strip()}\n\nshort", long.strip()]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=400), max_size=30).map("\n".join))
def test_nothing_is_lost_and_nothing_is_too_long(text: str) -> None:
    """Whatever the text, its passages have all that is not blank, in order, and none is too long."""
    found = [one.text for one in split_sections([DocumentSection("", text)])]

    assert "".join("".join(one.split()) for one in found) == "".join(text.split())
    assert all(0 < len(one) <= MAX_PASSAGE_CHARS for one in found)


@given(st.integers(1, 5 * MAX_PASSAGE_CHARS))
def test_a_word_of_any_length_is_cut(length: int) -> None:
    """A word that is longer than a passage is cut, and whole when put together."""
    found = [one.text for one in split_sections([DocumentSection("", "x" * length)])]

    assert "".join(found).replace("\n", "") == "x" * length
