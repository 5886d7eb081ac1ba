"""People's names in what is asked and embedded."""

from __future__ import annotations

import pytest

from repartee.language.person_names import find_named, remove_names

NAMES = ["Caroline", "Ben Löw", "Will Smith", "王芳", "Ayşe", "Jean-Luc"]


@pytest.mark.parametrize(
    "text, left",
    [
        ("What did Caroline's sister say?", "What did sister say?"),
        ("where did ben go", "where did go"),
        ("Ben Löw parks here", "parks here"),
        ("Was hat Carolines Hund gefressen?", "Was hat Hund gefressen?"),
        ("Ayşe'nin kedisi nerede?", "kedisi nerede?"),
        ("王芳的新住处多少钱？", "的新住处多少钱？"),
        ("Thanks, Jean-Luc!", "Thanks!"),
        ("@Caroline lunch?", "lunch?"),
    ],
)
def test_names_are_taken_out(text: str, left: str) -> None:
    """Whole names and parts of them go, with what languages hang on them."""
    assert remove_names(text, NAMES) == left


@pytest.mark.parametrize("text", ["Caroline", "Caroline?", "will it rain", "the benefit", "no name here", ""])
def test_other_words_stay(text: str) -> None:
    """A text that is nothing but a name stays, as do words that are like one."""
    assert remove_names(text, NAMES) == text


def test_who_is_named_is_told() -> None:
    """The names are those that the room knows, whatever part of them is said."""
    assert find_named("did Will and 王芳 meet Löw?", NAMES) == {"Will Smith", "王芳", "Ben Löw"}
    assert find_named("will the bank open", NAMES) == frozenset()
