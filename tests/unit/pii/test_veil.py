"""What a model reads instead of personal details, and what a person reads of its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from repartee.domain.redactor import NO_REDACTION
from repartee.privacy.redaction import (
    MAX_REDACTED_CHARS,
    PLACEHOLDER_PATTERN,
    PlaceholderRedactor,
    make_redactor_factory,
)
from tests.support.redactors import REDACTION_KEY, PatternMasker, make_redactor

MAIL = "ada@example.com"


def placeholder(text: str, **where: str) -> str:
    """What stands for the only detail in the text."""
    match = PLACEHOLDER_PATTERN.search(make_redactor(**where).redact(text))
    assert match
    return match[0]


def test_a_detail_is_hidden_and_put_back() -> None:
    """The model reads a placeholder that says what it is; the person reads the value in its answer."""
    turn = make_redactor()

    hidden = turn.redact(f"Write to {MAIL} today.")

    assert re.fullmatch(r"Write to \[EMAIL_[a-z2-7]{5}\] today\.", hidden)
    assert turn.restore(hidden.replace("Write", "I wrote")) == f"I wrote to {MAIL} today."


def test_the_same_value_has_the_same_placeholder_in_every_turn() -> None:
    """Turns of one workspace agree, so that a provider's cache of the prompt holds."""
    assert placeholder(MAIL, place="slack:T1:C1") == placeholder(f"Ask {MAIL}!", place="slack:T1:C2:171.5")


def test_however_it_is_written() -> None:
    """Spaces in an account number and capitals in an address make no other value."""
    assert placeholder("DE89 3704 0044 0532 0130 00") == placeholder("DE89370400440532013000")
    assert placeholder("Ada@Example.com") == placeholder(MAIL)
    assert placeholder("password: tulip-42") != placeholder("password: Tulip-42")


def test_nobody_else_can_tell_whose_it_is() -> None:
    """Another workspace, and another key, have other placeholders for the same value."""
    assert placeholder(MAIL, place="slack:T1:C1") != placeholder(MAIL, place="slack:T2:C1")
    assert placeholder(MAIL, key="one") != placeholder(MAIL, key="another")


def test_what_looks_like_a_placeholder_and_is_none_stays() -> None:
    """In what a person writes as in what a model writes."""
    turn = make_redactor()

    assert turn.redact("[EMAIL_abcde] or [TODO_later] [1]") == "[EMAIL_abcde] or [TODO_later] [1]"
    assert turn.restore("[EMAIL_abcde] [PHONE_zzzzz] [x] [[") == "[EMAIL_abcde] [PHONE_zzzzz] [x] [["


@pytest.mark.parametrize("mangled", [str.lower, str.upper, lambda text: text[:-1], lambda text: text[1:]])
def test_what_a_model_mangles_is_left(mangled) -> None:
    """Better something odd to read than somebody else's address."""
    turn = make_redactor()
    hidden = turn.redact(MAIL)

    assert turn.restore(mangled(hidden)) == mangled(hidden)


def test_hiding_twice_hides_once() -> None:
    """What is hidden has nothing left to hide, even for somebody who takes placeholders for names."""
    turn = PlaceholderRedactor(PatternMasker(r"\w*[aeiou]\w*"), lambda kind, plain: "abcdefghijklmnop")

    hidden = turn.redact("Ada")

    assert turn.redact(hidden) == hidden == "[NAME_abcde]"


def test_many_texts_are_looked_through_at_once() -> None:
    """One question to the masker for a whole prompt."""
    masker = PatternMasker("Ada|Ben")

    hidden = make_redactor_factory(masker, REDACTION_KEY)("telegram:42").redact_all(
        ["Ada", "nobody", "Ben and Ada"]
    )

    assert len(masker.asked) == 1
    assert hidden[1] == "nobody"
    assert hidden[2].endswith(hidden[0])


def test_two_values_never_share_a_placeholder() -> None:
    """Where the letters of two are the same at their beginning, one gets more of them."""
    codes = {"ada": "abcdefgh" * 2, "ben": "abcdezzz" * 2}
    turn = PlaceholderRedactor(PatternMasker("Ada|Ben"), lambda kind, plain: codes[plain])

    hidden = turn.redact("Ada, Ben")

    assert hidden == "[NAME_abcde], [NAME_abcdez]"
    assert turn.restore(hidden) == "Ada, Ben"


def test_what_nobody_looked_at_does_not_leave() -> None:
    """A text that is too long ends where the search for details ends."""
    assert len(make_redactor().redact("x" * (MAX_REDACTED_CHARS + 50))) == MAX_REDACTED_CHARS


def test_an_answer_comes_at_once_but_for_a_placeholder_that_has_begun() -> None:
    """Only what may become a placeholder is held back, and no longer than until it is one or none."""
    turn = make_redactor()
    hidden = turn.redact(MAIL)
    pieces = ["Mail ", hidden[:4], hidden[4:], " [a", "] [EM", "AIL?"]

    assert list(turn.restore_stream(pieces)) == ["Mail ", MAIL, " [a", "] ", "[EMAIL?"]


def test_an_answer_that_ends_in_the_middle_is_shown_as_far_as_it_came() -> None:
    """A placeholder without its end is no placeholder."""
    turn = make_redactor()
    hidden = turn.redact(MAIL)

    assert "".join(turn.restore_stream(["Mail ", hidden[:-1]])) == f"Mail {hidden[:-1]}"


def test_who_stops_reading_stops_the_writer() -> None:
    """Closing what is shown closes what it is made of, and with it the call of the model."""
    closed = []

    def model() -> Iterator[str]:
        try:
            yield from ("one ", "two ")
        finally:
            closed.append(True)

    shown = make_redactor().restore_stream(model())
    next(shown)
    shown.close()  # type: ignore[attr-defined]

    assert closed


def test_where_nothing_is_hidden_nothing_changes() -> None:
    """The clear veil gives every text back."""
    assert NO_REDACTION.redact(MAIL) == NO_REDACTION.restore(MAIL) == MAIL
    assert NO_REDACTION.redact_all([MAIL]) == list(NO_REDACTION.restore_stream([MAIL])) == [MAIL]
