"""However a model's answer is cut into pieces, people read the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from repartee.ports import PiiSpan
from repartee.privacy.placeholders import PLACEHOLDER_PATTERN
from repartee.privacy.redaction import PlaceholderRedactor

NAMES = ("Ada", "Ben", "Carla")
NOISE = (
    "[",
    "]",
    "_",
    "[EMAIL",
    "[NAME_",
    "[NAME_ab",
    "[NAME_abcde]",
    "[[",
    "a",
    "Z",
    "2",
    " ",
    "\n",
    "é",
    "🙂",
)

texts = st.lists(st.sampled_from((*NAMES, *NOISE)), max_size=30).map("".join)


class Names:
    """`ports.Masker` that knows three people."""

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        return [
            sorted(
                (
                    PiiSpan("NAME", at, at + len(name))
                    for name in NAMES
                    for at in range(len(text))
                    if text.startswith(name, at)
                ),
                key=lambda span: span.start,
            )
            for text in texts
        ]


def turn() -> PlaceholderRedactor:
    return PlaceholderRedactor(Names(), lambda kind, plain: f"{plain}xyz23456"[:16])


@given(texts)
def test_what_is_hidden_comes_back(text: str) -> None:
    """The model's echo of what it reads is what was said, and it has read no name."""
    veil = turn()

    hidden = veil.redact(text)

    assert not any(name in hidden for name in NAMES)
    assert veil.restore(hidden) == text


@given(texts, st.lists(st.integers(0, 400), max_size=12))
def test_every_cut_reads_the_same(text: str, cuts: list[int]) -> None:
    """Placeholders may be split over pieces anywhere; what is held back is never longer than one."""
    veil = turn()
    answer = veil.redact(text)
    ends = sorted({0, len(answer), *(cut % (len(answer) + 1) for cut in cuts)})
    pieces = [answer[start:end] for start, end in pairwise(ends)]

    shown = "".join(veil.restore_stream(pieces))

    assert shown == veil.restore(answer) == text


@given(texts)
def test_no_character_waits_longer_than_a_placeholder_takes(text: str) -> None:
    """After each character all is shown but the beginning of what may be a placeholder."""
    veil = turn()
    answer = veil.redact(text)
    given_, shown = 0, 0

    def characters():
        nonlocal given_
        for character in answer:
            given_ += 1
            yield character

    for piece in veil.restore_stream(characters()):
        shown += len(veil.redact(piece))
        assert given_ - shown <= 28


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_nothing_that_is_written_breaks_a_veil(text: str) -> None:
    """Any characters may be hidden and shown, and hiding what is hidden changes nothing."""
    veil = turn()

    hidden = veil.redact(text)

    assert veil.redact(hidden) == hidden
    assert veil.restore(hidden) == text
    assert len(PLACEHOLDER_PATTERN.findall(hidden)) >= sum(text.count(name) for name in NAMES)
