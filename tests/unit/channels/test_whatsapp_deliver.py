"""A reply in WhatsApp, through the real client to its stand-in, which may refuse it and fail."""

from __future__ import annotations

import threading

import pytest

from local.whatsapp_arguments import TEXT_LIMIT
from local.whatsapp_standin import AT_ONCE, TEMPLATE
from repartee.channels.typing import in_a_thread
from repartee.channels.whatsapp.codes import CODES, failure
from repartee.channels.whatsapp.pairs import PairPace
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Picture, Shown
from repartee.errors import Denied, NotFound, Rejected, Throttled, Unreachable
from tests.support.whatsapp import PERSON, Chat

LINE = "The office opens at nine, and Ada has the keys. "
LONG = "\n\n".join(f"Paragraph {number}. {LINE * 6}".strip() for number in range(30))
DAY = 24 * 3600.0
PROPOSAL = Proposal(
    subject="p1", chat="c", person="x", summary="Book **desk 7**.", act="book", order="{}", until=0.0
)


@pytest.fixture
def chat() -> Chat:
    return Chat()


def words(chat: Chat) -> list[str]:
    return " ".join(chat.visible()).split()


def test_a_short_reply_is_one_message(chat: Chat) -> None:
    """In WhatsApp's dialect, to the person's number, without a preview of its links."""
    chat.say("It is **open**: https://example.com/lisbon")

    assert chat.visible() == ["It is *open*: https://example.com/lisbon"]
    (call,) = chat.calls("send")
    assert call["arguments"]["text"]["preview_url"] is False
    assert call["arguments"]["to"] == "16505551234"
    assert not call["ignored"]


def test_somebody_without_a_number_is_answered_by_their_id(chat: Chat) -> None:
    """In the field for such ids: in the place of a number it would be taken, and go nowhere."""
    reply = chat.replies.open(chat.message(recipient=PERSON), "turn-1", Shown(), lambda ids, text: None)

    reply.add("Hello.")
    reply.finish()

    assert chat.visible() == ["Hello."]


def test_the_sign_is_that_somebody_types_and_the_message_is_read(chat: Chat) -> None:
    """Until the reply comes."""
    chat.replies.sign(chat.message())
    assert chat.typing()
    assert chat.calls("type")[0]["arguments"]["status"] == "read"

    chat.say("Hello.")
    chat.wait(60)

    assert not chat.typing()
    assert len(chat.calls("type")) == 1


def test_the_sign_is_kept_up_while_the_turn_goes_on(chat: Chat) -> None:
    """By itself it goes out after 25 seconds; a turn has four minutes, and no longer."""
    chat.replies.sign(chat.message())

    for _ in range(23):
        chat.wait(10)
        assert chat.typing()

    chat.wait(60)
    assert not chat.typing()


def test_a_status_shows_nothing_but_that_somebody_types(chat: Chat) -> None:
    """And several in a row are one call."""
    chat.replies.sign(chat.message())
    chat.replies.sign(chat.message(), "is looking at the calendar…")
    assert len(chat.calls("type")) == 1

    chat.wait(6)
    chat.replies.sign(chat.message(), "is looking at the desks…")
    assert len(chat.calls("type")) == 2


def test_a_sign_that_comes_too_late_shows_nothing(chat: Chat) -> None:
    """The reply is there."""
    chat.say("Hello.")

    chat.replies.sign(chat.message(), "is looking…")

    assert not chat.calls("type")


def test_no_reply_takes_the_sign_back(chat: Chat) -> None:
    """It is not renewed, and goes out by itself."""
    chat.replies.sign(chat.message())

    chat.replies.unsign(chat.message())
    chat.wait(30)

    assert not chat.typing()


def test_a_sign_that_fails_is_tried_again_in_time(chat: Chat) -> None:
    """Whoever asked for it is told."""
    chat.fail("type", "down")
    with pytest.raises(Unreachable):
        chat.replies.sign(chat.message())

    chat.wait(21)

    assert chat.typing()


def test_a_long_reply_comes_by_its_paragraphs_while_it_is_written(chat: Chat) -> None:
    """The first soon; between two of them somebody types; no call is one too many; no text is lost."""
    reply = chat.open()
    chat.write(reply, LONG, size=10, seconds=0.02)
    early = chat.visible()
    assert early
    assert chat.typing()
    reply.finish()

    assert words(chat) == LONG.split()
    assert chat.visible()[: len(early)] == early
    assert all(len(said) <= TEXT_LIMIT for said in chat.visible())
    assert all(said.endswith(LINE.strip()) for said in chat.visible())
    assert not [call for call in chat.calls() if not call["ok"]]


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.05, 0.4])
def test_however_fast_a_model_writes_one_person_gets_no_message_too_many(chat: Chat, seconds: float) -> None:
    """One in six seconds while it is written, and the rest on credit: the end waits for nothing."""
    reply = chat.open()

    chat.write(reply, LONG * 3, size=50, seconds=seconds)
    written = chat.now
    reply.finish()

    assert chat.now == written

    assert words(chat) == (LONG * 3).split()
    assert not [call for call in chat.calls() if not call["ok"]]


def test_what_others_have_sent_on_credit_is_waited_for(chat: Chat) -> None:
    """131056 is a pause and no failure."""
    for number in range(6):
        chat.api.say(chat.message().platform, f"{number}")
    chat.wait(7)

    chat.say("Hello.")

    assert chat.visible()[-1] == "Hello."
    assert [call["error"] for call in chat.calls("send") if not call["ok"]]


def test_a_burst_has_an_end(chat: Chat) -> None:
    """The stand-in takes no more than 45 messages at once."""
    for number in range(AT_ONCE):
        chat.api.say(chat.message().platform, f"{number}")

    with pytest.raises(Throttled):
        chat.api.say(chat.message().platform, "one more")


def test_a_burst_is_paid_for_by_its_messages() -> None:
    """One is free in six seconds; three at once cost eighteen, and in the first six there may be more."""
    chat = Chat()
    pace = PairPace(lambda: chat.now)
    for _ in range(3):
        pace.sent()

    waits = []
    for _ in range(4):
        waits.append((pace.held_up, pace.wait))
        chat.wait(6)

    assert waits == [(0.0, 18.0), (12.0, 12.0), (6.0, 6.0), (0.0, 0.0)]


@pytest.mark.parametrize("trouble", ["down", 131000, 131016])
def test_a_passing_failure_loses_nothing(chat: Chat, trouble: str | int) -> None:
    """The end is tried again."""
    chat.fail("send", trouble)

    chat.say("Hello.")

    assert chat.visible() == ["Hello."]


@pytest.mark.parametrize("trouble", ["lost", "late"])
def test_an_answer_that_is_lost_may_cost_one_part_twice(chat: Chat, trouble: str) -> None:
    """Nothing tells whether it was sent."""
    chat.fail("send", trouble)

    chat.say("Hello.")

    assert chat.visible() == ["Hello.", "Hello."]


def test_an_earlier_attempts_parts_are_not_sent_again(chat: Chat) -> None:
    """Another worker goes on with the next part."""
    reply = chat.open()
    chat.write(reply, LONG, size=10, seconds=0.02)
    kept, before = chat.kept, chat.visible()
    assert kept.ids

    again = chat.open(kept)
    chat.write(again, LONG, size=10, seconds=0.02)
    again.finish()

    assert words(chat) == LONG.split()
    assert chat.visible()[: len(before)] == before


def test_an_answer_that_turns_out_otherwise_is_whole(chat: Chat) -> None:
    """What was sent cannot be changed: what is different now comes after it, and a third attempt knows it."""
    reply = chat.open()
    chat.write(reply, LONG, size=10, seconds=0.02)
    before = chat.visible()
    other = LONG.replace("Ada", "Ben")

    again = chat.open(chat.kept)
    chat.write(again, other, size=10, seconds=0.02)
    again.finish()
    third = chat.open(chat.kept)
    third.add(other)
    third.finish()

    assert " ".join(chat.visible()[len(before) :]).split() == other.split()


def test_a_reply_that_is_stopped_ends_with_a_word(chat: Chat) -> None:
    """After what was sent; what was not is not said."""
    reply = chat.open()
    chat.write(reply, LONG[:2000], size=10, seconds=0.02)
    before = chat.visible()

    reply.cut("\n\n_(Stopped.)_")

    assert chat.visible() == [*before, "_(Stopped.)_"]
    assert not chat.typing()


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_a_message_always_says_something(chat: Chat, text: str) -> None:
    """WhatsApp takes no empty one."""
    chat.say(text)

    assert chat.visible() == ["…"]


def test_a_table_that_grows_too_long_for_a_message_is_several() -> None:
    """As a list it is longer than as Markdown."""
    chat = Chat()
    head = "| " + " | ".join(f"a rather long heading {column}" for column in range(4)) + " |\n"
    rows = "".join(f"| {' | '.join(f'{row}.{column}' for column in range(4))} |\n" for row in range(150))

    chat.say(head + "|---|---|---|---|\n" + rows)

    assert all(len(said) <= TEXT_LIMIT for said in chat.visible())
    assert all(f"{row}.{column}" in " ".join(chat.visible()) for row in range(150) for column in range(4))


# The 24 hours


def test_after_a_day_the_template_asks_to_write_again(chat: Chat) -> None:
    """Once, however often the turn is tried; the reply itself is not seen, and not remembered as said."""
    chat.wait(DAY)
    reply = chat.open()
    reply.add("Hello.")
    reply.finish()
    again = chat.open(chat.kept)
    again.add("Hello.")
    again.finish()

    assert chat.visible() == [f"[{TEMPLATE[0]}]"]
    assert not reply.begun
    assert "more than 24 hours" in chat.log.getvalue()


def test_after_a_day_and_without_a_template_nothing_is_said() -> None:
    """No sign, no text, no picture, no buttons; the log says why."""
    chat = Chat(template=("", ""))
    chat.wait(DAY)

    chat.replies.sign(chat.message())
    chat.replies.propose(chat.message(), PROPOSAL)
    chat.replies.attach(chat.message(), "turn-1", Picture("p.png", "image/png", b"png", "A chart."))
    chat.say("Hello.")

    assert not chat.calls()
    assert "more than 24 hours" in chat.log.getvalue()


def test_within_the_day_no_template_is_needed(chat: Chat) -> None:
    """A minute before its end."""
    chat.wait(DAY - 120)

    chat.say("Hello.")

    assert chat.visible() == ["Hello."]


# Pictures and proposals


def test_a_picture_comes_with_what_is_on_it(chat: Chat) -> None:
    """Kept there first, then sent."""
    chat.replies.attach(
        chat.message(), "turn-1", Picture("sales.png", "image/png", b"png", "Sales by month.")
    )

    (sent,) = chat.messages()
    assert (sent["kind"], sent["text"]) == ("image", "Sales by month.")
    assert [call["method"] for call in chat.calls()] == ["upload", "send"]


def test_what_is_not_shown_as_a_picture_comes_as_a_document(chat: Chat) -> None:
    """With its name."""
    chat.replies.attach(chat.message(), "turn-1", Picture("sales.pdf", "application/pdf", b"pdf", "Sales."))

    assert chat.messages()[0]["kind"] == "document"
    assert chat.calls("send")[0]["arguments"]["document"]["filename"] == "sales.pdf"


def test_a_proposal_has_two_buttons(chat: Chat) -> None:
    """Which say what they decide on."""
    chat.replies.propose(chat.message(), PROPOSAL)

    (asked,) = chat.messages()
    assert asked["text"] == "Book *desk 7*."
    assert asked["buttons"] == ["approve:p1", "decline:p1"]


def test_nobody_approves_what_they_have_not_seen_whole(chat: Chat) -> None:
    """What does not fit above the buttons comes before them."""
    long = Proposal(subject="p1", chat="c", person="x", summary=LINE * 100, act="book", order="{}", until=0.0)

    chat.replies.propose(chat.message(), long)

    *before, asked = chat.messages()
    assert " ".join(said["text"] for said in before).split() == (LINE * 100).split()
    assert asked["buttons"]


# Errors


@pytest.mark.parametrize(
    "code,error",
    [
        (130429, Throttled),
        (131048, Throttled),
        (131056, Throttled),
        (80007, Throttled),
        (131047, Rejected),
        (131051, Rejected),
        (131053, Rejected),
        (100, Rejected),
        (131026, NotFound),
        (190, Denied),
        (131031, Denied),
        (368, Denied),
        (200, Denied),
        (131000, Unreachable),
        (131016, Unreachable),
        (99_999, Rejected),
    ],
)
def test_codes_are_those_of_our_errors(chat: Chat, code: int, error: type[Exception]) -> None:
    """And nothing that Meta says of them is in ours: it may name a number."""
    chat.fail("send", code)

    with pytest.raises(error) as raised:
        chat.api.say(chat.message().platform, "Hello.")

    assert str(code) in str(raised.value)
    assert "as ordered" not in str(raised.value)


def test_every_code_that_is_known_says_what_it_means() -> None:
    """By itself, and with what to wait where waiting helps."""
    for code, kind in CODES.items():
        error = failure(code)
        assert isinstance(error, kind.error)
        assert (error.retry_after is not None) == isinstance(error, Throttled)


@pytest.mark.parametrize("status,error", [(500, Unreachable), (503, Unreachable), (429, Throttled)])
def test_an_unknown_code_goes_by_its_status(status: int, error: type[Exception]) -> None:
    """Meta adds codes."""
    assert isinstance(failure(987_654, status=status), error)


def test_a_wrong_token_is_denied(chat: Chat) -> None:
    """So that it is read again."""
    chat.whatsapp._token = "another"

    with pytest.raises(Denied):
        chat.say("Hello.")


# On threads of its own


def test_what_is_due_later_is_done_beside_the_turn() -> None:
    """Unless it is called off."""
    done, never = threading.Event(), threading.Event()

    in_a_thread(60.0, never.set)()
    in_a_thread(0.0, done.set)

    assert done.wait(10)
    assert not never.is_set()
