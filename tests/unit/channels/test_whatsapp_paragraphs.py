"""A growing text is cut where its paragraphs end, and never otherwise afterwards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.channels.markdown import find_open_fence
from repartee.channels.whatsapp.paragraphs import MIN_FIRST_PART_CHARS, split_paragraphs

LIMIT = 3800

PIECES = st.sampled_from(
    [
        "A sentence of some words. " * 12,
        "A sentence of some words. " * 60,
        "word " * 900,
        "\n\n",
        "\n",
        "\n\n\n\n",
        "```python\nx = 1\n\ny = 2\n```\n\n",
        "```\n" + "code\n\n" * 300 + "```\n",
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 50,
    ]
)


@settings(max_examples=40)
@given(pieces=st.lists(PIECES, max_size=7), size=st.integers(700, 3000))
def test_what_was_cut_stays_cut_and_nothing_is_lost(pieces: list[str], size: int) -> None:
    """However the text grows, what was a whole message before still is; all of it fits; no words are lost."""
    text = "".join(pieces)
    before: list[str] = []
    for end in range(0, len(text), size):
        now = [part.text for part in split_paragraphs(text[:end], LIMIT, final=False)]
        assert now[: len(before)] == before
        before = now[:-1]

    whole = list(split_paragraphs(text, LIMIT))

    assert [part.text for part in whole][: len(before)] == before
    assert all(len(part.text) <= LIMIT for part in whole)
    assert whole[-1].end == len(text)
    assert all(part.text.strip() for part in whole) or not text.strip()


def test_a_paragraph_within_code_ends_nothing() -> None:
    """The block would be torn apart."""
    code = "```\n" + "line\n\n" * 300 + "```\n\n"
    text = code + "And then?"

    first, *_ = split_paragraphs(text, LIMIT)

    assert first.text == code
    assert not find_open_fence(first.text)


def test_a_short_text_is_one_message() -> None:
    """Whatever its paragraphs."""
    text = "One.\n\nTwo.\n\nThree."

    assert [part.text for part in split_paragraphs(text, LIMIT)] == [text]
    assert len(text) < MIN_FIRST_PART_CHARS
