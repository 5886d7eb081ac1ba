"""The scripted reply shows what the model was given."""

from __future__ import annotations

from standins.openai import reply_script

CONTEXT = """Who is asking: Ada.

Said earlier about this, best first:
- 2026-11-12 user U0BEN: Lunch was good. The pricing page ships on Thursday.
- 2026-11-13 assistant: Noted: Thursday."""
ITEMS = [
    ("user", "Hello"),
    ("assistant", "Hello Ada"),
    ("developer", CONTEXT),
    ("user", "When does the pricing page ship?"),
]


def test_reads_the_request() -> None:
    """Who asks, what was said before, what is relevant and what waits are told apart."""
    given = reply_script.given(ITEMS)

    assert (given.asker, given.history, given.asked) == ("Ada", 2, "When does the pricing page ship?")
    assert [line.who for line in given.earlier] == ["Ben", "I"]


def test_answers_from_what_is_relevant() -> None:
    """The reply greets, answers with the most fitting sentence, quotes, and says what it had."""
    reply = reply_script.reply(reply_script.given(ITEMS))

    assert reply.startswith("Hi Ada! Yes, that came up on 12 November.")
    assert "**The pricing page ships on Thursday.**" in reply
    assert "> Ben, 12 November: Lunch was good." in reply
    assert "2 messages of this conversation and 2 relevant ones" in reply


def test_knows_nothing() -> None:
    """Without anything relevant the reply says so."""
    reply = reply_script.reply(reply_script.given([("user", "Where is the key?")]))

    assert "nothing was said here about that yet" in reply
    assert "0 messages" in reply
