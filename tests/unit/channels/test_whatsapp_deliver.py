"""A reply in WhatsApp, through the real client to its stand-in, which may refuse it and fail."""

from __future__ import annotations

import threading

import pytest

from repartee.channels.typing_indicators import schedule_in_thread
from repartee.channels.whatsapp.error_codes import ERROR_KINDS_BY_CODE, error_from_code
from repartee.channels.whatsapp.pair_rate_limit import PairPacer
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image, VisibleState
from repartee.errors import InvalidArgument, NotFound, PermissionDenied, Throttled, Unavailable
from standins.whatsapp.limits import MAX_BURST_MESSAGES, MAX_TEXT_CHARS
from standins.whatsapp.server import TEMPLATE
from tests.support.whatsapp_chat import PERSON_ID, WhatsAppTestChat

LINE = "The office opens at nine, and Ada has the keys. "
LONG = "\n\n".join(f"Paragraph {number}. {LINE * 6}".strip() for number in range(30))
DAY = 24 * 3600.0
PROPOSAL = Proposal(
    id="p1", chat="c", approver="x", summary="Book **desk 7**.", action="book", payload="{}", expires_at=0.0
)


@pytest.fixture
def chat() -> WhatsAppTestChat:
    return WhatsAppTestChat()


def words(chat: WhatsAppTestChat) -> list[str]:
    return " ".join(chat.visible_texts()).split()


def test_a_short_reply_is_one_message(chat: WhatsAppTestChat) -> None:
    """In WhatsApp's dialect, to the person's number, without a preview of its links."""
    chat.say_reply("It is **open**: https://example.com/lisbon")

    assert chat.visible_texts() == ["It is *open*: https://example.com/lisbon"]
    (call,) = chat.recorded_calls("send")
    assert call["arguments"]["text"]["preview_url"] is False
    assert call["arguments"]["to"] == "16505551234"
    assert not call["ignored"]


def test_somebody_without_a_number_is_answered_by_their_id(chat: WhatsAppTestChat) -> None:
    """In the field for such ids: in the place of a number it would be taken, and go nowhere."""
    reply = chat.replies.open_reply(
        chat.make_message(recipient=PERSON_ID), "turn-1", VisibleState(), lambda ids, text: None
    )

    reply.append("Hello.")
    reply.finish()

    assert chat.visible_texts() == ["Hello."]


def test_the_sign_is_that_somebody_types_and_the_message_is_read(chat: WhatsAppTestChat) -> None:
    """Until the reply comes."""
    chat.replies.show_typing(chat.make_message())
    assert chat.is_typing()
    assert chat.recorded_calls("type")[0]["arguments"]["status"] == "read"

    chat.say_reply("Hello.")
    chat.advance_time(60)

    assert not chat.is_typing()
    assert len(chat.recorded_calls("type")) == 1


def test_the_sign_is_kept_up_while_the_turn_goes_on(chat: WhatsAppTestChat) -> None:
    """By itself it goes out after 25 seconds; a turn has four minutes, and no longer."""
    chat.replies.show_typing(chat.make_message())

    for _ in range(23):
        chat.advance_time(10)
        assert chat.is_typing()

    chat.advance_time(60)
    assert not chat.is_typing()


def test_a_status_shows_nothing_but_that_somebody_types(chat: WhatsAppTestChat) -> None:
    """And several in a row are one call."""
    chat.replies.show_typing(chat.make_message())
    chat.replies.show_typing(chat.make_message(), "is looking at the calendar…")
    assert len(chat.recorded_calls("type")) == 1

    chat.advance_time(6)
    chat.replies.show_typing(chat.make_message(), "is looking at the desks…")
    assert len(chat.recorded_calls("type")) == 2


def test_a_sign_that_comes_too_late_shows_nothing(chat: WhatsAppTestChat) -> None:
    """The reply is there."""
    chat.say_reply("Hello.")

    chat.replies.show_typing(chat.make_message(), "is looking…")

    assert not chat.recorded_calls("type")


def test_no_reply_takes_the_sign_back(chat: WhatsAppTestChat) -> None:
    """It is not renewed, and goes out by itself."""
    chat.replies.show_typing(chat.make_message())

    chat.replies.clear_typing(chat.make_message())
    chat.advance_time(30)

    assert not chat.is_typing()


def test_a_sign_that_fails_is_tried_again_in_time(chat: WhatsAppTestChat) -> None:
    """Whoever asked for it is told."""
    chat.fail_next_calls("type", "down")
    with pytest.raises(Unavailable):
        chat.replies.show_typing(chat.make_message())

    chat.advance_time(21)

    assert chat.is_typing()


def test_a_long_reply_comes_by_its_paragraphs_while_it_is_written(chat: WhatsAppTestChat) -> None:
    """The first soon; between two of them somebody types; no call is one too many; no text is lost."""
    reply = chat.open_reply()
    chat.write_reply(reply, LONG, size=10, seconds=0.02)
    early = chat.visible_texts()
    assert early
    assert chat.is_typing()
    reply.finish()

    assert words(chat) == LONG.split()
    assert chat.visible_texts()[: len(early)] == early
    assert all(len(said) <= MAX_TEXT_CHARS for said in chat.visible_texts())
    assert all(said.endswith(LINE.strip()) for said in chat.visible_texts())
    assert not [call for call in chat.recorded_calls() if not call["ok"]]


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.05, 0.4])
def test_however_fast_a_model_writes_one_person_gets_no_message_too_many(
    chat: WhatsAppTestChat, seconds: float
) -> None:
    """One in six seconds while it is written, and the rest on credit: the end waits for nothing."""
    reply = chat.open_reply()

    chat.write_reply(reply, LONG * 3, size=50, seconds=seconds)
    written = chat.now
    reply.finish()

    assert chat.now == written

    assert words(chat) == (LONG * 3).split()
    assert not [call for call in chat.recorded_calls() if not call["ok"]]


def test_what_others_have_sent_on_credit_is_waited_for(chat: WhatsAppTestChat) -> None:
    """131056 is a pause and no failure."""
    for number in range(6):
        chat.api.send_text(chat.make_message().platform, f"{number}")
    chat.advance_time(7)

    chat.say_reply("Hello.")

    assert chat.visible_texts()[-1] == "Hello."
    assert [call["error"] for call in chat.recorded_calls("send") if not call["ok"]]


def test_a_burst_has_an_end(chat: WhatsAppTestChat) -> None:
    """The stand-in takes no more than 45 messages at once."""
    for number in range(MAX_BURST_MESSAGES):
        chat.api.send_text(chat.make_message().platform, f"{number}")

    with pytest.raises(Throttled):
        chat.api.send_text(chat.make_message().platform, "one more")


def test_a_burst_is_paid_for_by_its_messages() -> None:
    """One is free in six seconds; three at once cost eighteen, and in the first six there may be more."""
    chat = WhatsAppTestChat()
    pace = PairPacer(lambda: chat.now)
    for _ in range(3):
        pace.record_sent()

    waits = []
    for _ in range(4):
        waits.append((pace.next_send_wait_seconds, pace.wait_seconds))
        chat.advance_time(6)

    assert waits == [(0.0, 18.0), (12.0, 12.0), (6.0, 6.0), (0.0, 0.0)]


@pytest.mark.parametrize("trouble", ["down", 131000, 131016])
def test_a_passing_failure_loses_nothing(chat: WhatsAppTestChat, trouble: str | int) -> None:
    """The end is tried again."""
    chat.fail_next_calls("send", trouble)

    chat.say_reply("Hello.")

    assert chat.visible_texts() == ["Hello."]


@pytest.mark.parametrize("trouble", ["lost", "late"])
def test_an_answer_that_is_lost_may_cost_one_part_twice(chat: WhatsAppTestChat, trouble: str) -> None:
    """Nothing tells whether it was sent."""
    chat.fail_next_calls("send", trouble)

    chat.say_reply("Hello.")

    assert chat.visible_texts() == ["Hello.", "Hello."]


def test_an_earlier_attempts_parts_are_not_sent_again(chat: WhatsAppTestChat) -> None:
    """Another worker goes on with the next part."""
    reply = chat.open_reply()
    chat.write_reply(reply, LONG, size=10, seconds=0.02)
    kept, before = chat.kept, chat.visible_texts()
    assert kept.message_ids

    again = chat.open_reply(kept)
    chat.write_reply(again, LONG, size=10, seconds=0.02)
    again.finish()

    assert words(chat) == LONG.split()
    assert chat.visible_texts()[: len(before)] == before


def test_an_answer_that_turns_out_otherwise_is_whole(chat: WhatsAppTestChat) -> None:
    """What was sent cannot be changed: what is different now comes after it, and a third attempt knows it."""
    reply = chat.open_reply()
    chat.write_reply(reply, LONG, size=10, seconds=0.02)
    before = chat.visible_texts()
    other = LONG.replace("Ada", "Ben")

    again = chat.open_reply(chat.kept)
    chat.write_reply(again, other, size=10, seconds=0.02)
    again.finish()
    third = chat.open_reply(chat.kept)
    third.append(other)
    third.finish()

    assert " ".join(chat.visible_texts()[len(before) :]).split() == other.split()


def test_a_reply_that_is_stopped_ends_with_a_word(chat: WhatsAppTestChat) -> None:
    """After what was sent; what was not is not said."""
    reply = chat.open_reply()
    chat.write_reply(reply, LONG[:2000], size=10, seconds=0.02)
    before = chat.visible_texts()

    reply.cut_short("\n\n_(Stopped.)_")

    assert chat.visible_texts() == [*before, "_(Stopped.)_"]
    assert not chat.is_typing()


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_a_message_always_says_something(chat: WhatsAppTestChat, text: str) -> None:
    """WhatsApp takes no empty one."""
    chat.say_reply(text)

    assert chat.visible_texts() == ["…"]


def test_a_table_that_grows_too_long_for_a_message_is_several() -> None:
    """As a list it is longer than as Markdown."""
    chat = WhatsAppTestChat()
    head = "| " + " | ".join(f"a rather long heading {column}" for column in range(4)) + " |\n"
    rows = "".join(f"| {' | '.join(f'{row}.{column}' for column in range(4))} |\n" for row in range(150))

    chat.say_reply(head + "|---|---|---|---|\n" + rows)

    assert all(len(said) <= MAX_TEXT_CHARS for said in chat.visible_texts())
    assert all(
        f"{row}.{column}" in " ".join(chat.visible_texts()) for row in range(150) for column in range(4)
    )


# The 24 hours


def test_after_a_day_the_template_asks_to_write_again(chat: WhatsAppTestChat) -> None:
    """Once, however often the turn is tried; the reply itself is not seen, and not remembered as said."""
    chat.advance_time(DAY)
    reply = chat.open_reply()
    reply.append("Hello.")
    reply.finish()
    again = chat.open_reply(chat.kept)
    again.append("Hello.")
    again.finish()

    assert chat.visible_texts() == [f"[{TEMPLATE[0]}]"]
    assert not reply.is_started
    assert "more than 24 hours" in chat.log.getvalue()


def test_after_a_day_and_without_a_template_nothing_is_said() -> None:
    """No sign, no text, no picture, no buttons; the log says why."""
    chat = WhatsAppTestChat(template=("", ""))
    chat.advance_time(DAY)

    chat.replies.show_typing(chat.make_message())
    chat.replies.send_proposal(chat.make_message(), PROPOSAL)
    chat.replies.send_image(chat.make_message(), "turn-1", Image("p.png", "image/png", b"png", "A chart."))
    chat.say_reply("Hello.")

    assert not chat.recorded_calls()
    assert "more than 24 hours" in chat.log.getvalue()


def test_within_the_day_no_template_is_needed(chat: WhatsAppTestChat) -> None:
    """A minute before its end."""
    chat.advance_time(DAY - 120)

    chat.say_reply("Hello.")

    assert chat.visible_texts() == ["Hello."]


# Pictures and proposals


def test_a_picture_comes_with_what_is_on_it(chat: WhatsAppTestChat) -> None:
    """Kept there first, then sent."""
    chat.replies.send_image(
        chat.make_message(), "turn-1", Image("sales.png", "image/png", b"png", "Sales by month.")
    )

    (sent,) = chat.assistant_messages()
    assert (sent["kind"], sent["text"]) == ("image", "Sales by month.")
    assert [call["method"] for call in chat.recorded_calls()] == ["upload", "send"]


def test_what_is_not_shown_as_a_picture_comes_as_a_document(chat: WhatsAppTestChat) -> None:
    """With its name."""
    chat.replies.send_image(
        chat.make_message(), "turn-1", Image("sales.pdf", "application/pdf", b"pdf", "Sales.")
    )

    assert chat.assistant_messages()[0]["kind"] == "document"
    assert chat.recorded_calls("send")[0]["arguments"]["document"]["filename"] == "sales.pdf"


def test_a_proposal_has_two_buttons(chat: WhatsAppTestChat) -> None:
    """Which say what they decide on."""
    chat.replies.send_proposal(chat.make_message(), PROPOSAL)

    (asked,) = chat.assistant_messages()
    assert asked["text"] == "Book *desk 7*."
    assert asked["buttons"] == ["approve:p1", "decline:p1"]


def test_nobody_approves_what_they_have_not_seen_whole(chat: WhatsAppTestChat) -> None:
    """What does not fit above the buttons comes before them."""
    long = Proposal(
        id="p1", chat="c", approver="x", summary=LINE * 100, action="book", payload="{}", expires_at=0.0
    )

    chat.replies.send_proposal(chat.make_message(), long)

    *before, asked = chat.assistant_messages()
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
        (131047, InvalidArgument),
        (131051, InvalidArgument),
        (131053, InvalidArgument),
        (100, InvalidArgument),
        (131026, NotFound),
        (190, PermissionDenied),
        (131031, PermissionDenied),
        (368, PermissionDenied),
        (200, PermissionDenied),
        (131000, Unavailable),
        (131016, Unavailable),
        (99_999, InvalidArgument),
    ],
)
def test_codes_are_those_of_our_errors(chat: WhatsAppTestChat, code: int, error: type[Exception]) -> None:
    """And nothing that Meta says of them is in ours: it may name a number."""
    chat.fail_next_calls("send", code)

    with pytest.raises(error) as raised:
        chat.api.send_text(chat.make_message().platform, "Hello.")

    assert str(code) in str(raised.value)
    assert "as ordered" not in str(raised.value)


def test_every_code_that_is_known_says_what_it_means() -> None:
    """By itself, and with what to wait where waiting helps."""
    for code, kind in ERROR_KINDS_BY_CODE.items():
        error = error_from_code(code)
        assert isinstance(error, kind.error)
        assert (error.retry_after is not None) == isinstance(error, Throttled)


@pytest.mark.parametrize("status,error", [(500, Unavailable), (503, Unavailable), (429, Throttled)])
def test_an_unknown_code_goes_by_its_status(status: int, error: type[Exception]) -> None:
    """Meta adds codes."""
    assert isinstance(error_from_code(987_654, status=status), error)


def test_a_wrong_token_is_denied(chat: WhatsAppTestChat) -> None:
    """So that it is read again."""
    chat.whatsapp._token = "another"

    with pytest.raises(PermissionDenied):
        chat.say_reply("Hello.")


# On threads of its own


def test_what_is_due_later_is_done_beside_the_turn() -> None:
    """Unless it is called off."""
    done, never = threading.Event(), threading.Event()

    schedule_in_thread(60.0, never.set)()
    schedule_in_thread(0.0, done.set)

    assert done.wait(10)
    assert not never.is_set()
