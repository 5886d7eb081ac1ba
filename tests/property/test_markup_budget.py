"""Blocks with far too many marks are shown as they are, and none that people read is one of them."""

from __future__ import annotations

import pytest

from repartee.channels.markup import WhatsAppRenderer, parse_markdown

CODE = "x = [1, 2]\nprint(**x)\n"

USUAL = {
    "list": "- milk\n- eggs\n- bread and butter\n- coffee\n" * 90,
    "table": "| Day | Sets | kg |\n|---|---|---|\n" + "| Mon | 5 | 100 |\n| Tue | 3 | 82.5 |\n" * 100,
    "bold items": "- **Name:** Ada Lovelace\n- **Role:** engineer\n" * 80,
    "headings": "# Day one\n\nSquat.\n\n## Day two\n\nRows.\n\n" * 100,
    "Chinese": "这是**重点**，请看**这里**。然后**继续**。" * 150,  # noqa: RUF001 - Chinese
    "code": f"```py\n{CODE}```\n" * 120,
    "formulas": "2 * 3 = 6, x_1 + x_2 < 5 & y > 3. " * 110,
}


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL)
def test_what_people_read_is_never_shown_as_code_for_its_cost(text: str) -> None:
    """Wherever a message of such a text ends."""
    for size in (300, 1000, 2000, 3333, 3800):
        verbatim = [node for node in parse_markdown(text[:size]).children if node.type == "code_block"]
        assert all(CODE.startswith(node.content.rstrip("\n")) for node in verbatim)


@pytest.mark.parametrize("unit", ["*_", "**\n", "a\n\n", "# a\n=\n", "<*"])
def test_a_section_of_marks_is_shown_as_it_is(unit: str) -> None:
    """Nothing of it is lost, and what stands around it is read."""
    marks = (unit * 2000)[:4000].strip()

    shown = WhatsAppRenderer().render(f"**Before**\n\n{marks}\n\n**After**" + " and some more words" * 20)

    assert shown.startswith(("*Before*", "```\n**Before**"))
    assert marks in shown
    assert "*After* and" in shown
