"""The forms that are read without markdown-it's rules: as markdown-it reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repartee.channels.markup import Node, WhatsAppRenderer, parse_markdown, parser, tree
from repartee.channels.markup.budget import ReadableSection, readable_parts

PIECES = [
    *(
        "*",
        "**",
        "*em*",
        "~~s~~",
        "~",
        "a",
        "B 1",
        "字",
        "。",
        "`",
        "`x`",
        "\n",
        "\n\n",
        " ",
        "2",
        "_",
        "a_b",
        "!",
        ".",
    ),
    *(
        "[x](https://a.b/c)",
        "**bold**",
        "://",
        "https://a.b",
        "<br>",
        "&amp;",
        "\\",
        "---\n",
        "👍",
        "(",
        ")",
        ":",
    ),
    *("- a\n", "- ", "* ", "  ", "    - c\n", "  - b\n", "1. b\n", "2. c\n", "- **N:** v\n", "- [ ] t\n"),
    *("|", "|a|b|\n", "|-|:-:|\n", "| **c** | |\n", "|`x`|d|\n"),
]


def said(node: Node) -> Iterator[object]:
    """Yields what a tree says, texts beside each other as one."""
    texts = ""
    for child in node.children:
        if child.type == "text":
            texts += child.content
            continue
        if texts:
            yield texts
        texts = ""
        number = child.info if child.type == "list_item" else ""
        content = child.content if child.type in ("code_inline", "fence", "code_block") else ""
        yield (
            child.type,
            number,
            content,
            dict(child.attrs).get("href"),
            dict(child.attrs).get("style"),
            [*said(child)],
        )
    if texts:
        yield texts


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("https://a.b*em*")
@example("https://a.b(`x`)")
@example("- b c\n  10) a\n")
@example("* a\n    - a\n   10) a\n")
@example("- milk\n-")
def test_simple_forms_are_read_as_markdown_it_reads_them(text: str) -> None:
    """Whatever stands around them."""
    fast = [*said(parse_markdown(text))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "simple_inline", lambda text: ([], 0))
        patch.setattr(parser, "simple_list", lambda *arguments: False)
        patch.setattr(parser, "simple_table", lambda *arguments: False)
        patch.setattr(tree, "readable_parts", lambda text: [ReadableSection(text, False)])
        parser.parser.cache_clear()
        slow = [*said(parse_markdown(text))]
    parser.parser.cache_clear()

    assert fast == slow


USUAL = {
    "list": "- milk\n- eggs\n- bread and butter\n- coffee\n" * 90,
    "table": "| Day | Sets | kg |\n|---|---|---|\n" + "| Mon | 5 | 100 |\n| Tue | 3 | 82.5 |\n" * 100,
    "bold items": "- **Name:** Ada Lovelace\n- **Role:** engineer\n" * 80,
    "headings": "# Day one\n\nSquat.\n\n## Day two\n\nRows.\n\n" * 100,
    "Chinese": "这是**重点**，请看**这里**。然后**继续**。" * 150,  # noqa: RUF001 - Chinese
    "code": "```py\nx = [1, 2]\nprint(**x)\n```\n" * 120,
    "formulas": "2 * 3 = 6, x_1 + x_2 < 5 & y > 3. " * 110,
}


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL)
def test_what_people_read_is_never_shown_as_code_for_its_cost(text: str) -> None:
    """Wherever a message of such a text ends."""
    for size in (300, 1000, 2000, 3333, 3800):
        assert not any(part.is_verbatim for part in readable_parts(text[:size]))


@pytest.mark.parametrize("unit", ["![[]()", "[a\\](", "*_", "**\n", "a\n\n", "# a\n=\n", "<*"])
def test_a_section_of_marks_is_shown_as_it_is(unit: str) -> None:
    """Nothing of it is lost, and what stands around it is read."""
    marks = (unit * 2000)[:4000].strip()

    shown = WhatsAppRenderer().render(f"**Before**\n\n{marks}\n\n**After**" + " and some more words" * 20)

    assert shown.startswith(("*Before*", "```\n**Before**"))
    assert marks in shown
    assert "*After* and" in shown
