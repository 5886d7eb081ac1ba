"""Cutting a text short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.domain.truncation import truncate_redactable

IBAN = "DE89 3704 0044 0532 0130 00"
DETAILS = [IBAN, "+49 30 1234567", "ada.lovelace@example.com", "4111 1111 1111 1111", "DNI 12345678-Z"]


def test_a_text_that_fits_is_whole() -> None:
    """Not a character is lost."""
    assert truncate_redactable("four words and more", 19) == "four words and more"


def test_a_text_that_does_not_fit_ends_with_a_whole_word() -> None:
    """Without what comes after."""
    assert truncate_redactable("four words and more", 12) == "four words"


@pytest.mark.parametrize("detail", DETAILS)
def test_half_a_detail_is_none(detail: str) -> None:
    """Wherever it is cut: nothing of it is left that could not be recognised."""
    text = f"Please write it down for me: {detail} and thank you"
    start = text.index(detail)

    for longest in range(start, start + len(detail) + 1):
        cut = truncate_redactable(text, longest)
        assert not any(character.isdecimal() or character == "@" for character in cut)


@given(st.text(max_size=300), st.integers(1, 200))
def test_it_is_the_beginning(text: str, longest: int) -> None:
    """Never longer than it may be, and never anything else."""
    cut = truncate_redactable(text, longest)

    assert len(cut) <= longest
    assert text.startswith(cut)
