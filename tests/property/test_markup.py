"""Whatever a model writes: markup that the platform takes, and that pings nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.markup import (
    PlainTextRenderer,
    TelegramHtmlRenderer,
    TelegramRichRenderer,
    WhatsAppRenderer,
    parse_markdown,
)
from repartee.channels.telegram.entities import plain
from standins.telegram.html import MarkupError, visible_classic_text, visible_rich_text
from standins.whatsapp.markup import BLOCK, INLINE

MARKS = [
    "**",
    "*",
    "_",
    "__",
    "~~",
    "`",
    "|",
    "[",
    "!",
    "@",
    "\\",
    "<",
    ">",
    "&",
    "~~~",
    "é",
    "🙂",
    '"',
    "'",
    "word",
    "@bob",
    "&lt;",
    "&#64;bob",
    "<b>",
    "</b>",
    "<br>",
    "[a]",
    "[^1]",
]
LINES = ["\n", "\n\n", "```\n", "```py\n", "---\n", "# ", "> ", "- ", "1. ", " ", "    ", "| c |\n"]
LINKS = [
    "](https://a.example/?x=1&y=2)",
    "](tg://user?id=5)",
    "](javascript:alert(1))",
    "https://a.example/b).",
    '<https://a.example/"onclick>',
    "mailto:a@b.example",
    '<a href="tg://user?id=5">x</a>',
    "[a]: tg://user?id=5\n",
]
TABLE = "| a | b |\n|---|:-:|\n"
PIECES = st.sampled_from([*MARKS, *LINES, *LINKS, TABLE])
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))

MENTION = re.compile(r"(?<!\w)@\w")
"""Where Telegram looks for a name: https://core.telegram.org/api/entities."""

CODE = re.compile(r"<(code|pre)\b.*?</\1>", re.DOTALL)


@given(TEXTS)
def test_any_markdown_is_html_that_telegram_takes(text: str) -> None:
    """Only the tags that it knows, each closed in its turn, everything else escaped."""
    visible_classic_text(TelegramHtmlRenderer().render(text))


@given(TEXTS)
def test_any_markdown_is_a_rich_message_that_telegram_takes(text: str) -> None:
    """Unless there is nothing in it, or it nests deeper than Telegram goes."""
    refused = ""
    try:
        visible_rich_text(TelegramRichRenderer().render(text))
    except MarkupError as error:
        refused = str(error)

    assert refused in ("", "RICH_MESSAGE_CONTENT_REQUIRED", "RICH_MESSAGE_NESTING_LEVEL_TOO_DEEP")


@given(TEXTS)
def test_nothing_mentions_anybody(text: str) -> None:
    """No name is left for Telegram to find, and no link leads to a person or runs anything."""
    html = TelegramHtmlRenderer().render(text)

    assert not MENTION.search(visible_classic_text(CODE.sub("", html)))
    for dialect in (html, TelegramRichRenderer().render(text)):
        assert not re.search(r"<a href=\"(?!https?:|mailto:|tel:)", dialect, re.IGNORECASE)
        assert "<img" not in dialect
    assert not MENTION.search(BLOCK.sub("·", INLINE.sub("·", WhatsAppRenderer().render(text))))
    assert not MENTION.search(outside_code(*plain(parse_markdown(text))))


def outside_code(text: str, entities: Sequence[Mapping[str, Any]]) -> str:
    """The text without what Telegram is told to be code, in which it looks for no names."""
    units = text.encode("utf-16-le")
    for one in reversed(entities):
        end = one["offset"] + one["length"]
        units = units[: 2 * one["offset"]] + units[2 * end :]
    return units.decode("utf-16-le")


@given(st.text(alphabet=st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=300))
def test_plain_words_stay_as_they_are(text: str) -> None:
    """Text without marks says the same in every dialect."""
    for dialect in (TelegramHtmlRenderer(), WhatsAppRenderer(), PlainTextRenderer()):
        assert dialect.render(text) == text


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma"]), min_size=1, max_size=30), TEXTS)
def test_no_word_is_lost(words: list[str], text: str) -> None:
    """A paragraph's words are all there, whatever comes before it."""
    paragraph = " ".join(words)

    for dialect in (TelegramHtmlRenderer(), WhatsAppRenderer(), PlainTextRenderer(), TelegramRichRenderer()):
        assert paragraph in dialect.render(f"> {paragraph}\n\n{paragraph}")


@pytest.mark.parametrize(
    "text,reason",
    [
        ("<b>x", "Can't find end tag"),
        ("<b>x</i>", "Unmatched end tag"),
        ("x</b>", "Unexpected end tag"),
        ("<p>x</p>", "Unsupported start tag"),
        ("1 < 2", "Unclosed start tag"),
        ('<b onclick="x">y</b>', "Unknown attribute"),
    ],
)
def test_the_judge_of_it_is_strict(text: str, reason: str) -> None:
    """The stand-in refuses what Telegram refuses."""
    with pytest.raises(MarkupError, match=reason):
        visible_classic_text(text)
