"""Several messages of one response as one text."""

from __future__ import annotations

import pytest

from repartee.services.openai.paragraphs import Paragraphs


def joined(*messages: tuple[str, ...], index: bool = True) -> list[str]:
    """What is shown, piece by piece."""
    paragraphs = Paragraphs()
    shown = []
    for number, message in enumerate(messages):
        shown += [paragraphs.add(piece, number if index else None) for piece in message]
        paragraphs.end_item()
    return [piece for piece in [*shown, paragraphs.finish()] if piece]


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize(
    "messages,text",
    [
        ((("Let me", " check."), ("It is", " Monday.")), "Let me check.\n\nIt is Monday."),
        ((("One.",), ("Two.",), ("Three.",)), "One.\n\nTwo.\n\nThree."),
        ((("Done.",), ("\n\nDo", "ne and dusted.")), "Done.\n\nDone and dusted."),
        ((("It is Monday.",), ("It is", " Tuesday.")), "It is Monday.\n\nIt is Tuesday."),
        ((("It is Monday.",), ("It is", " Monday.")), "It is Monday."),
        ((("It is Monday.",), ("It is",)), "It is Monday.\n\nIt is"),
        ((("A.",), ("A.",), ("B.",)), "A.\n\nB."),
        ((("A.",), (), ("B.",)), "A.\n\nB."),
        ((("", ""), ("B.",)), "B."),
        ((("\n", "\n\n", "A."), ("\n", "B.")), "A.\n\nB."),
        ((("\n\nA.\n",), ("  \n",)), "A.\n"),
        ((("\n", " ", "\r\n"),), ""),
        ((), ""),
    ],
)
def test_messages_are_paragraphs_and_none_is_said_twice(
    messages: tuple[tuple[str, ...], ...], text: str, index: bool
) -> None:
    """A comment before the answer, and an answer that repeats it word for word."""
    assert "".join(joined(*messages, index=index)) == text


def test_a_message_is_shown_as_it_is_written() -> None:
    """Only what may repeat the one before is held back."""
    assert joined(("Let me", " check."), ("It", " is"), ("It", " was")) == [
        "Let me",
        " check.",
        "\n\nIt",
        " is",
        "\n\nIt was",
    ]


def test_another_index_is_another_message_before_the_first_is_called_complete() -> None:
    """Not every server says when an item ends."""
    paragraphs = Paragraphs()

    assert paragraphs.add("One.", 0) + paragraphs.add("Two.", 2) == "One.\n\nTwo."
