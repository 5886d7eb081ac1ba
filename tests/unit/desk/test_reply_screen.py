"""The part of a model's reply that a customer sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.assistants.desk.grounding import Evidence
from repartee.assistants.desk.prompt_builder import remove_fixed_texts
from repartee.assistants.desk.reply_screen import (
    ReplyScreen,
    ReplyTexts,
    promises_person,
    split_sentences,
)
from repartee.language import desk_texts as texts
from repartee.language.catalogue import LANGUAGES, translate

FIXED = ReplyTexts.in_language("en", has_team=True)
CALLED = "I am bringing in a colleague, who will answer you here."


class Screened:
    """A screen with a caller that counts."""

    def __init__(self, *evidence: str, can_call: bool = True) -> None:
        self.called = ""
        self.calls = 0
        self._can_call = can_call
        self.screen = ReplyScreen(Evidence(evidence), FIXED, self.call, lambda: self.called, ["Delivery"])

    def call(self) -> str:
        self.calls += 1
        self.called = CALLED if self._can_call else ""
        return self.called

    def show(self, *pieces: str) -> str:
        return "".join(self.screen.screen(iter(pieces)))


@given(st.text(alphabet="ab 1.!?\n。", max_size=200), st.integers(1, 9))
def test_sentences_are_the_whole_text(text: str, size: int) -> None:
    """Nothing is lost or doubled, in whichever pieces the text comes."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]

    assert "".join(split_sentences(iter(pieces))) == text


def test_a_sentence_is_seen_as_soon_as_it_ends() -> None:
    """The first sentence does not wait for the last."""
    read: list[str] = []

    def pieces() -> Iterator[str]:
        for piece in ("Hello there. ", "How are", " you?"):
            read.append(piece)
            yield piece

    screened = Screened().screen.screen(pieces())

    assert next(screened) == "Hello there. "
    assert read == ["Hello there. ", "How are"]


def test_an_unsupported_sentence_is_left_out_and_told() -> None:
    """The rest stands, and the reply says at its end that something is missing."""
    shown = Screened("It costs 5 euros.").show("It costs 5 eu", "ros. Wrapping is 3 euros. ", "Bye!")

    assert shown == f"It costs 5 euros. Bye!\n\n{FIXED.partly_unknown} {FIXED.offer}"


def test_a_reply_of_which_nothing_stands_says_that_it_does_not_know() -> None:
    """It is never empty."""
    assert Screened().show("It costs 5 euros.") == f"{FIXED.unknown} {FIXED.offer}"


def test_a_model_that_does_not_know_is_not_quoted() -> None:
    """The mark becomes the fixed sentence, once."""
    assert Screened().show("UNKN", "OWN") == f"{FIXED.unknown} {FIXED.offer}"


def test_sources_are_named_below() -> None:
    """Citations become one line; a number without a source is dropped."""
    shown = Screened().show("We deliver [1]. So we do [1]. And this [7].")

    assert shown == "We deliver. So we do. And this.\n\n_Source: Delivery_"


def test_a_promise_calls_a_person_once() -> None:
    """One call and one sentence, whatever the model goes on to say."""
    screened = Screened()

    shown = screened.show(
        "I am sorry. I will connect you with a colleague. They will transfer you to an agent."
    )

    assert shown == f"I am sorry. \n\n{CALLED}"
    assert screened.calls == 1


def test_what_is_said_after_the_tool_is_not_seen() -> None:
    """Closing words of tool and reply are not said twice."""
    screened = Screened()

    def pieces() -> Iterator[str]:
        yield "One moment. "
        screened.call()
        yield "A colleague will be with you. Goodbye!"

    assert "".join(screened.screen.screen(pieces())) == CALLED


def test_a_promise_that_nobody_can_keep_is_checked_as_any_sentence() -> None:
    """Where no person can be called the sentence is not hidden as if one had been."""
    screened = Screened(can_call=False)

    assert screened.show("Our team will answer you.") == "Our team will answer you."


@pytest.mark.parametrize(
    "sentence",
    [
        "I will transfer you to a human agent.",
        "A colleague will get back to you shortly.",
        "Ich verbinde Sie mit einer Kollegin.",
        "Ein Mitarbeiter meldet sich bei Ihnen.",
        "Le paso con un compañero.",
        "Un agente le contactará pronto.",
        "Vou transferir você para um atendente.",
        "Je vous mets en relation avec un conseiller.",
        "La metto in contatto con un operatore.",
        "Sizi bir temsilciye bağlıyorum.",
        "担当者におつなぎします。",
        "我为您转接人工客服。",
    ],
)
def test_promises_are_recognised(sentence: str) -> None:
    """In the languages that the product speaks."""
    assert promises_person(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Shall I connect you with a colleague?",
        "Soll ich Sie mit einer Kollegin verbinden?",
        "Connect the lamp to the socket.",
        "The team plays on Sunday.",
        "Ihr Paket wird morgen übergeben.",
    ],
)
def test_offers_and_others_are_no_promises(sentence: str) -> None:
    """A question is an offer, and a lamp is no person."""
    assert not promises_person(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_does_not_read_that_a_person_was_called(language: str) -> None:
    """The fixed sentence is taken out of the history, in every language, whatever the time in it."""
    for text in (texts.DESK_CALLED, texts.DESK_CALLED_WITHOUT_TIME, texts.DESK_CALLED_CLOSED):
        said = translate(text, language).replace("{when}", "2026-09-11, 09:00")

        assert remove_fixed_texts(f"Sorry.\n\n{said}") == "Sorry."
