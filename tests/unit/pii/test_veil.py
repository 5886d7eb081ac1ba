"""What a model reads instead of personal details, and what a person reads of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from repartee.domain.redactor import NO_REDACTION
from repartee.privacy.placeholders import PLACEHOLDER_PATTERN
from repartee.privacy.redaction import (
    MAX_REDACTED_CHARS,
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


MANGLED = (
    str.lower,
    str.upper,
    lambda text: text[:-1],
    lambda text: text[1:],
    lambda text: text[1:-1],
    lambda text: text.replace("_", r"\_"),
    lambda text: text.replace("_", r"\_").replace("[", r"\[").replace("]", r"\]"),
    lambda text: text[1:-1].replace("_", r"\_").lower(),
)


@pytest.mark.parametrize("mangle", MANGLED)
@pytest.mark.parametrize("frame", ["{}", "Write to {} today.", "**{}**, or `{}`", "({})", "[see {} there]"])
def test_what_a_model_mangles_is_put_back(mangle: Callable[[str], str], frame: str) -> None:
    """The person reads the value, however the model wrote its placeholder."""
    turn = make_redactor()
    mangled = mangle(turn.redact(MAIL))

    assert turn.restore(frame.replace("{}", mangled)) == frame.replace("{}", MAIL)


@pytest.mark.parametrize("mangle", MANGLED)
def test_what_is_mangled_is_put_back_from_a_stream(mangle: Callable[[str], str]) -> None:
    """Cut anywhere."""
    turn = make_redactor()
    answer = f"Write to {mangle(turn.redact(MAIL))} today, Edmund"

    for cut in range(len(answer)):
        assert "".join(turn.restore_stream([answer[:cut], answer[cut:]])) == f"Write to {MAIL} today, Edmund"
    assert "".join(turn.restore_stream(answer)) == f"Write to {MAIL} today, Edmund"


def test_a_part_of_a_placeholder_is_nobodys() -> None:
    """Better something odd to read than somebody else's address."""
    turn = make_redactor()
    hidden = turn.redact(MAIL)

    for odd in (hidden[:-2], hidden.replace("EMAIL", "PHONE"), hidden.replace("_", "_x"), f"a{hidden[1:-1]}"):
        assert turn.restore(odd) == odd


def test_a_number_has_one_placeholder_in_all_texts_of_a_prompt() -> None:
    """Where words say what it is as where none do, and however it is grouped."""
    turn = make_redactor()

    hidden = turn.redact_all(
        [
            "Is 608208396 right?",
            "social security number 608 20 8396",
            "my mobile is +44 (0)7437 396401",
            "+447437396401, 0044 7437 396401",
            "order 608208396",
        ]
    )

    ssn, phone = hidden[1].rpartition(" ")[2], hidden[2].rpartition(" ")[2]
    assert hidden[0] == f"Is {ssn} right?"
    assert hidden[3] == f"{phone}, {phone}"
    assert hidden[4] == f"order {ssn}"
    assert ssn.startswith("[ID_")
    assert phone.startswith("[PHONE_")


def test_a_longer_number_is_not_the_known_one() -> None:
    """A known number is not hidden in the middle of another."""
    turn = make_redactor()
    turn.redact("phone 0301234567")

    assert turn.redact("order 4503012345678") == "order 4503012345678"
    assert turn.redact("order x0301234567") == "order x0301234567"


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
    """A placeholder that lacks letters is no placeholder."""
    turn = make_redactor()
    hidden = turn.redact(MAIL)

    assert "".join(turn.restore_stream(["Mail ", hidden[:-2]])) == f"Mail {hidden[:-2]}"
    assert "".join(turn.restore_stream(["Mail ", hidden[:-1]])) == f"Mail {MAIL}"


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
