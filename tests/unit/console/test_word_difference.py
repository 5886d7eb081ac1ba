"""The difference of two replies, as the console shows it."""

from __future__ import annotations

import time

from repartee.console.word_difference import MAX_COMPARED_WORDS, compare_words


def test_removed_words_stand_before_those_in_their_place() -> None:
    """All words of both texts are there, each told as what it is."""
    changes = compare_words("It opens on 14 December at nine.", "It opens on 15 December")

    assert changes == [
        ("same", "It opens on"),
        ("removed", "14"),
        ("added", "15"),
        ("same", "December"),
        ("removed", "at nine."),
    ]


def test_an_empty_reply_is_all_added_or_all_removed() -> None:
    """A turn that failed said nothing."""
    assert compare_words("", "a b") == [("added", "a b")]
    assert compare_words("a b", "") == [("removed", "a b")]
    assert compare_words("", "") == []


def test_a_long_reply_takes_no_long_time() -> None:
    """Of texts beyond the limit the beginnings are compared, within a second."""
    began = time.perf_counter()
    changes = compare_words("word " * 100_000, "other " * 100_000)

    assert [len(words.split()) for _, words in changes] == [MAX_COMPARED_WORDS] * 2
    assert time.perf_counter() - began < 1
