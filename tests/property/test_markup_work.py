"""Rendering takes work in proportion to the text, whatever it is made of: calls are counted, not seconds."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from repartee.channels.markdown import split_markdown, stable_prefix_length
from repartee.channels.markup import TelegramHtmlRenderer, WhatsAppRenderer
from repartee.channels.slack.formatting import escape_mentions

UNITS = [
    *(
        "[",
        "![",
        "[a](",
        "[a][",
        "[[a](b)",
        "*",
        "**a** ",
        "a**b",
        "*a _b ",
        "_a_",
        "~a~ ",
        "字**字**",
        "**`a`**",
    ),
    *("`", "`a` ", "> ", "\n> ", "- ", "\n- ", "\n| a | b |", "```\n", "<", "&", "\\", "@a ", "https://x/("),
]

MAX_GROWTH = 2.4
"""How many times more calls twice the text may take; the square of it would take four times as many."""


def rendered(text: str) -> object:
    """What each message goes through."""
    return WhatsAppRenderer().render(text), TelegramHtmlRenderer().render(text), escape_mentions(text)


def cut(text: str) -> object:
    """What a growing reply goes through."""
    return stable_prefix_length(text), list(split_markdown(text, 300))


def calls(run: Callable[[str], object], text: str) -> int:
    """How many functions are called, without those that clear away what other tests have left."""
    gc.collect()
    count = 0

    def counted(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    gc.disable()
    sys.setprofile(counted)
    try:
        run(text)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize("run", [rendered, cut])
@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_takes_twice_the_work(unit: str, run: Callable[[str], object]) -> None:
    """Nested brackets, long runs of marks and deep quotes included."""
    run(unit)  # what is imported only now is no work of a text's length
    few, many = ((unit * size)[:size] for size in (800, 1600))

    assert calls(run, many) <= MAX_GROWTH * calls(run, few) + 200


@pytest.mark.parametrize("unit", ["> ", "- ", "1. ", "*a ", "**a ", "[", "![", "~~a ", "_a *b "])
def test_what_nests_deeper_than_python_is_shown_whole(unit: str) -> None:
    """The marks that are too deep go, no word does."""
    text = unit * 3000 + "deep" + "".join(reversed(unit.strip())) * 3000

    for dialect in (WhatsAppRenderer(), TelegramHtmlRenderer()):
        assert "deep" in dialect.render(text)
