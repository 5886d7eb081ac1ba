"""Where a reply is cut into messages: in no character, link or code, and what was bold stays bold."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repartee.channels.markdown import StablePrefix, TextPart, split_markdown, stable_prefix_length
from repartee.channels.markup.graphemes import boundary
from repartee.channels.slack import formatting as slack
from repartee.channels.telegram.formatting import HEAVY, MAX_CLASSIC_CHARS, format_candidates
from repartee.channels.whatsapp.formatting import MAX_TEXT_CHARS, render_texts
from tests.support.markdown_reference import letters

GRAPHEMES = ["👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "é", "नि", "क्ष", "각", "שָׁ", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "x", "語"]
"""What people see as one character, of one code point or several."""

LIMIT = 3800


@given(st.lists(st.sampled_from(GRAPHEMES), min_size=1, max_size=30), st.integers(0, 200))
def test_no_cut_within_a_grapheme(graphemes: list[str], at: int) -> None:
    """A place where a text may be cut is between two of what people see as one character."""
    text = "".join(unicodedata.normalize("NFD", one) if one == "é" else one for one in graphemes)
    ends = set(
        itertools.accumulate(
            map(len, [unicodedata.normalize("NFD", one) if one == "é" else one for one in graphemes])
        )
    )

    found = boundary(text, min(at, len(text)))

    assert found in ends | {0}
    assert found <= at


@pytest.mark.parametrize("limit", range(LIMIT - 9, LIMIT))
@pytest.mark.parametrize("grapheme", GRAPHEMES)
def test_a_text_without_spaces_is_cut_between_graphemes(grapheme: str, limit: int) -> None:
    """A reply of emoji families alone has whole ones in each message."""
    found = list(split_markdown(grapheme * 3000, limit))

    assert len(found) > 1 or len(grapheme) == 1
    assert all(part.text == grapheme * (len(part.text) // len(grapheme)) for part in found)


LINK = "[the field guide of this year](https://example.com/docs/a_(b)/~ada/field_guide_v2)"
CODE = "`int *next = list->head; // and so on`"
BOLD = "**some words that belong together, all of them bold**"


@given(
    st.lists(st.sampled_from([LINK, CODE, BOLD, "word " * 9, "語" * 30]), min_size=60, max_size=120),
    st.booleans(),
)
def test_no_cut_within_a_link_code_or_bold_words(pieces: list[str], spaced: bool) -> None:
    """Each of them is whole in one message."""
    text = (" " if spaced else "、").join(pieces)

    whole = [part.text for part in split_markdown(text, LIMIT)]

    for piece in (LINK, CODE, BOLD):
        assert sum(part.count(piece) for part in whole) == text.count(piece)


def test_bold_words_that_no_message_holds_are_bold_in_each() -> None:
    """They are closed in one message and opened again in the next."""
    found = [part.text for part in split_markdown("**" + "bold words " * 800 + "end**", LIMIT)]

    assert len(found) > 2
    assert all(re.fullmatch(r"\*\*\S.*\S\*\*", text, re.DOTALL) for text in found)


def test_a_block_of_code_goes_on_with_its_language() -> None:
    """It is closed in one message and opened again in the next."""
    found = [part.text for part in split_markdown("```py\n" + "x = 1\n" * 2000 + "```\nDone.", LIMIT)]

    assert len(found) > 2
    assert all(text.startswith("```py\n") for text in found)
    assert all(text.endswith("\n```") for text in found[:-1])


def test_an_address_that_is_defined_in_a_later_message_is_seen() -> None:
    """Its link cannot be followed any more; one that stands in the same message can."""
    text = (
        "See [the lease][1]. "
        + "words " * 700
        + "\n\nAnd [the plan][2].\n\n[1]: https://a.example\n\n[2]: https://b.example\n"
    )

    first, last = [one for part in split_markdown(text, LIMIT) for one in render_texts(part.text)]

    assert first.startswith("See [the lease][1].")
    assert last.endswith("And the plan (https://b.example).\n\n[1]: https://a.example")


PIECES = st.sampled_from(
    [
        LINK,
        CODE,
        BOLD,
        "word " * 30,
        "\n",
        "\n\n",
        "語。" * 40,
        "👨‍👩‍👧‍👦" * 20,
        "```py\n",
        "```\n",
        "- item ",
        "**",
        "`",
        "[",
        "@channel ",
        "<!here> ",
    ]
)


@given(st.lists(PIECES, max_size=120).map("".join), st.integers(3, 900))
@example("`" + LINK * 4 + "<!here> `" + LINK, 3)
@example("`" + LINK * 5 + "` <!here> `" + LINK * 2, 3)
@example("`<!here> `[" + "word " * 90, 3)
@example("``<!here> " + "word " * 76 + "``" + LINK, 1)
@example("`[a`](x) <!here> `" + LINK * 6, 1)
def test_what_was_a_message_stays_one_while_the_text_grows(text: str, step: int) -> None:
    """Whatever was shown of a reply is never taken back, and what is appended in Slack is the final text."""
    before: list[TextPart] = []
    shown = ""
    for end in range(0, len(text) + 1, step):
        growing = text[:end]
        now = list(
            split_markdown(growing[: stable_prefix_length(growing)], LIMIT, final=False, heavy=slack.HEAVY)
        )
        assert now[: len(before) - 1] == before[:-1]
        if before:
            assert now[len(before) - 1].text.startswith(before[-1].text)
            assert slack.escape_mentions(now[len(before) - 1].text).startswith(shown)
        before, shown = now, slack.escape_mentions(now[-1].text)

    whole = list(split_markdown(text, LIMIT, heavy=slack.HEAVY))
    assert whole[: len(before) - 1] == before[:-1]
    assert whole[max(0, len(before) - 1)].text.startswith(before[-1].text if before else "")
    assert all(len(part.text) <= LIMIT for part in whole)


@given(st.lists(PIECES, max_size=60).map("".join))
@example('\n``*<![s://``\\](xa "')
def test_what_can_be_shown_never_becomes_less(text: str) -> None:
    """While a reply grows character by character."""
    settled = StablePrefix()
    lengths = [settled.length_of(text[:end]) for end in range(0, len(text) + 1, 7)]

    assert lengths == sorted(lengths)


TABLE = "| Customer | Expected revenue (EUR) | Probability | Responsible |\n|---|---|---|---|\n" + "".join(
    f"| C{number} | {number}00 | {number % 100}% | [Ada](https://example.com/people/{number}) |\n"
    for number in range(400)
)
GROWING = [
    TABLE,
    TABLE.replace("[Ada](https://example.com/people/", "Ada (").replace("| C", "|C"),
    "|a|b|\n|-|-|\n" + "|x||\n" * 2000,
    "|a|\n|-|\n" + "|x|\n" * 3000,
    "👨‍👩‍👧‍👦" * 1200,
    "@ada " * 1500,
    "- a\n" * 2500,
    "[a]: https://example.com/" + "x" * 200 + "\n\n" + "[a] " * 1500,
    "[https://a.example](https://b.example) " * 300,
    "<!channel> " * 900,
]


@pytest.mark.parametrize("text", GROWING)
def test_no_message_outgrows_its_platform(text: str) -> None:
    """Whatever a text becomes, each message fits; nothing of a table is lost."""
    for part in split_markdown(text, LIMIT, heavy=HEAVY):
        html, plain = format_candidates(part.text, allow_rich=False)
        for form in (html, plain):
            assert len(
                re.sub("<[^>]*>", "", form.arguments["text"]).encode("utf-16-le")
            ) // 2 <= MAX_CLASSIC_CHARS + 4 * form.arguments["text"].count("&")
    for part in split_markdown(text, LIMIT):
        assert all(0 < len(one) <= MAX_TEXT_CHARS for one in render_texts(part.text))
    for part in split_markdown(text, 11_500, heavy=slack.HEAVY):
        assert len(slack.escape_mentions(part.text)) <= 12_000


def test_each_cell_of_a_wide_table_is_said_once() -> None:
    """The header as well: a table does not grow by being shown as lines."""
    table = "".join(TABLE.splitlines(keepends=True)[:50])

    (shown,) = (one for part in split_markdown(table, LIMIT) for one in render_texts(part.text))

    assert letters(shown).count("ExpectedrevenueEUR") == 1
    assert len(shown) <= len(table)
