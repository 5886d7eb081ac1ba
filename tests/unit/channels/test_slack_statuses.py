"""What people in Slack see while an answer is on its way: what goes on, and the pictures that go with it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.channels.slack.images import file_name_for_turn
from repartee.channels.slack.replies import SlackReplySender
from repartee.channels.slack.workspace_limits import STREAM_INTERVAL_SECONDS
from repartee.domain.message import Message
from repartee.domain.reply import Image
from repartee.errors import BackendError, PermissionDenied
from standins.slack.limits import MAX_ALT_TEXT_CHARS, MAX_TASK_TITLE_CHARS
from tests.support.slack_channel import CHANNEL_ID, THREAD_TS, SlackChannel

TEXT = "The office opens at nine, and Ada has the keys. " * 4
CHART = Image("chart.png", "image/png", b"\x89PNG and more", "Desks by floor")


@pytest.fixture
def channel() -> SlackChannel:
    return SlackChannel()


def statuses(channel: SlackChannel) -> dict[str, str]:
    return dict(channel.slack.visible_channel(CHANNEL_ID)["statuses"])


def newest(channel: SlackChannel) -> dict[str, Any]:
    return dict(channel.slack.visible_channel(CHANNEL_ID)["messages"][-1])


def test_what_goes_on_is_shown_in_the_thread(channel: SlackChannel) -> None:
    """Instead of that it thinks, until the reply begins."""
    channel.replies.show_typing(channel.make_message())
    channel.replies.show_typing(channel.make_message(), "is asking the ERP…")
    assert statuses(channel) == {THREAD_TS: "is asking the ERP…"}

    channel.open_reply().append("Hello.")

    assert statuses(channel) == {}
    assert len(channel.recorded_calls("agents.sessions.setStatus")) == 1


def test_what_goes_on_in_a_reply_is_a_card_in_it(channel: SlackChannel) -> None:
    """In progress until the text goes on, and no part of the text."""
    reply = channel.open_reply()
    reply.append("I will look. ")
    channel.advance_time(1)
    channel.replies.show_typing(channel.make_message(), "Asking the ERP")
    channel.replies.show_typing(channel.make_message(), "Asking the calendar")
    assert newest(channel)["tasks"] == {"Asking the ERP": "in_progress", "Asking the calendar": "in_progress"}
    assert statuses(channel) == {}

    channel.advance_time(1)
    reply.append("There are seven.")
    reply.finish()

    assert newest(channel)["tasks"] == {"Asking the ERP": "complete", "Asking the calendar": "complete"}
    assert channel.visible_messages() == ["I will look. There are seven."]


def test_a_card_waits_for_its_turn(channel: SlackChannel) -> None:
    """It is one of the workspace's calls."""
    reply = channel.open_reply()
    reply.append("I will look. ")

    channel.replies.show_typing(channel.make_message(), "Asking the ERP")

    first, second = (call["at"] for call in channel.recorded_calls())
    assert second - first == pytest.approx(STREAM_INTERVAL_SECONDS)


def test_a_reply_that_ends_leaves_no_card_in_progress(channel: SlackChannel) -> None:
    """Also when nothing follows on it."""
    reply = channel.open_reply()
    reply.append("I will look. ")
    channel.replies.show_typing(channel.make_message(), "Asking the ERP" + "!" * MAX_TASK_TITLE_CHARS)

    reply.finish()

    assert list(newest(channel)["tasks"].values()) == ["complete"]


@pytest.mark.parametrize("trouble", ["down", 7, "message_not_in_streaming_state"])
def test_a_card_that_cannot_be_shown_is_no_failure(channel: SlackChannel, trouble: str | int) -> None:
    """The text is whole in any case."""
    reply = channel.open_reply()
    reply.append("I will look. ")
    channel.fail_next_calls("chat.appendStream", trouble)

    channel.replies.show_typing(channel.make_message(), "Asking the ERP")
    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == ["I will look. " + TEXT]


def test_in_a_posted_reply_there_are_no_cards(channel: SlackChannel) -> None:
    """And no status that would stay behind."""
    channel.fail_next_calls("chat.startStream", "missing_scope")
    reply = channel.open_reply()
    reply.append("I will look. ")

    channel.replies.show_typing(channel.make_message(), "Asking the ERP")
    reply.append("Seven.")
    reply.finish()

    assert channel.visible_messages() == ["I will look. Seven."]
    assert statuses(channel) == {}


def test_nobody_is_pinged_by_what_goes_on(channel: SlackChannel) -> None:
    """A small model may have written it."""
    channel.replies.show_typing(channel.make_message(), "asks <!channel>")
    assert statuses(channel) == {THREAD_TS: "asks <\u200b!channel>"}

    reply = channel.open_reply()
    reply.append("I will look. ")
    channel.replies.show_typing(channel.make_message(), "asks <@U0BEN>")

    assert list(newest(channel)["tasks"]) == ["asks <\u200b@U0BEN>"]


# Titles


def in_the_assistant(channel: SlackChannel, text: str, threaded: bool = True) -> Message:
    """What a person says in a thread with the assistant."""
    channel.advance_time(1)
    said = channel.slack.add_person_message("D0ADA", "U0ADA", text, thread_ts=THREAD_TS)
    message = channel.make_message()
    return msgspec.structs.replace(
        message,
        text=text,
        sent=float(said.ts),
        threaded=threaded,
        platform={**message.platform, "channel": "D0ADA"},
    )


def titles(channel: SlackChannel) -> dict[str, str]:
    return dict(channel.slack.visible_channel("D0ADA")["titles"])


def test_a_thread_with_the_assistant_is_called_what_was_asked_first(channel: SlackChannel) -> None:
    """Where the app is no agent; later questions change nothing, whichever process answers them."""
    channel.fail_next_calls("agents.sessions.setStatus", "not_allowed_token_type")
    channel.replies.show_typing(in_the_assistant(channel, "Who has the keys? " * 5))
    assert titles(channel) == {THREAD_TS: ("Who has the keys? " * 5)[:60]}

    channel.fail_next_calls("agents.sessions.setStatus", "not_allowed_token_type")
    other = SlackReplySender(
        channel.api, channel.records, lambda: channel.now, channel.advance_time, lambda work: work()
    )
    for replies in (channel.replies, other):
        replies.show_typing(in_the_assistant(channel, "And who else?"))

    assert len(channel.recorded_calls("assistant.threads.setTitle")) == 1


def test_an_agents_threads_have_the_titles_of_their_sessions(channel: SlackChannel) -> None:
    """Nobody is asked twice for the same."""
    channel.replies.show_typing(in_the_assistant(channel, "Who has the keys?"))

    assert channel.recorded_calls("assistant.threads.setTitle") == []


@pytest.mark.parametrize("trouble", ["missing_scope", "down"])
def test_a_title_that_is_not_taken_is_no_failure(channel: SlackChannel, trouble: str) -> None:
    """The thread has none."""
    channel.fail_next_calls("agents.sessions.setStatus", "unknown_method")
    channel.fail_next_calls("assistant.threads.setTitle", trouble)

    channel.replies.show_typing(in_the_assistant(channel, "Who has the keys?"))

    assert titles(channel) == {}


def test_other_conversations_have_no_titles(channel: SlackChannel) -> None:
    """A channel's threads, and what is said directly outside of threads."""
    channel.fail_next_calls("agents.sessions.setStatus", "unknown_method")

    channel.replies.show_typing(channel.make_message())
    channel.replies.show_typing(in_the_assistant(channel, "Who has the keys?", threaded=False))

    assert channel.recorded_calls("assistant.threads.setTitle") == []


# Pictures


def test_a_picture_comes_into_the_thread(channel: SlackChannel) -> None:
    """Under its name, and with words for those who do not see it."""
    channel.replies.send_image(channel.make_message(), "turn-1", CHART)

    message = newest(channel)
    assert (message["files"], message["thread_ts"]) == (["chart.png"], THREAD_TS)
    (asked,) = channel.recorded_calls("files.getUploadURLExternal")
    assert asked["arguments"]["alt_txt"] == CHART.alt_text
    assert not any(call["ignored"] for call in channel.recorded_calls())


def test_a_picture_that_is_there_is_not_sent_again(channel: SlackChannel) -> None:
    """The next attempt finds it by its name, which is its turn's own."""
    channel.replies.send_image(channel.make_message(), "turn-1", CHART)

    channel.replies.send_image(channel.make_message(), "turn-1", CHART)
    assert len(channel.recorded_calls("files.completeUploadExternal")) == 1

    channel.replies.send_image(channel.make_message(), "turn-2", CHART)
    assert len(channel.recorded_calls("files.completeUploadExternal")) == 2
    assert file_name_for_turn("turn-1", CHART) != file_name_for_turn("turn-2", CHART)


@pytest.mark.parametrize("trouble", ["missing_scope", "down"])
def test_where_nobody_can_tell_whether_it_is_there_a_picture_is_sent(
    channel: SlackChannel, trouble: str
) -> None:
    """Better twice than never."""
    channel.fail_next_calls("conversations.replies", trouble)

    channel.replies.send_image(channel.make_message(), "turn-1", CHART)

    assert newest(channel)["files"] == ["chart.png"]


def test_too_many_uploads_wait(channel: SlackChannel) -> None:
    """As long as Slack says."""
    channel.fail_next_calls("files.completeUploadExternal", 7)
    before = channel.now

    channel.replies.send_image(channel.make_message(), "turn-1", CHART)

    assert newest(channel)["files"] == ["chart.png"]
    assert channel.now - before == 7


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_picture_that_slack_does_not_take_is_told(channel: SlackChannel, method: str) -> None:
    """Without the scope `files:write`, for example."""
    channel.fail_next_calls(method, "missing_scope")

    with pytest.raises(BackendError, match="missing_scope"):
        channel.replies.send_image(channel.make_message(), "turn-1", CHART)


def test_nothing_is_uploaded_to_others(channel: SlackChannel) -> None:
    """Wherever the link may lead."""
    channel.slack.url = "https://elsewhere.example/"

    with pytest.raises(PermissionDenied):
        channel.replies.send_image(channel.make_message(), "turn-1", CHART)


def test_long_words_about_a_picture_are_cut(channel: SlackChannel) -> None:
    """Slack takes a thousand characters."""
    long = Image("chart", "image/png", b"x", "long " * MAX_ALT_TEXT_CHARS)

    channel.replies.send_image(channel.make_message(), "turn-1", long)

    assert newest(channel)["files"] == ["chart"]


def test_no_sign_is_left_beside_a_reply_that_goes_on_in_an_earlier_message(channel: SlackChannel) -> None:
    """Its worker died; the next goes on in the same message, and in Slack only a new one ends the sign."""
    channel.replies.show_typing(channel.make_message())
    channel.open_reply().append("Hello. ")
    next_worker = SlackReplySender(
        channel.api, channel.records, lambda: channel.now, channel.advance_time, lambda work: work()
    )
    channel.fail_next_calls("agents.sessions.setStatus", "ratelimited")
    next_worker.show_typing(channel.make_message())
    reply = next_worker.open_reply(channel.make_message(), "turn-1", channel.kept, channel._record_visible)
    reply.append("Hello. Ada has the keys.")
    reply.finish()

    next_worker.end_typing(channel.make_message())

    seen = channel.slack.visible_channel(CHANNEL_ID)
    assert channel.visible_messages() == ["Hello. Ada has the keys."]
    assert (seen["statuses"], seen["sessions"]) == ({}, {THREAD_TS: "active"})


def test_no_sign_is_left_by_a_turn_that_says_nothing_now(channel: SlackChannel) -> None:
    """It is tried again later, and shows its sign then."""
    channel.replies.show_typing(channel.make_message())

    channel.replies.end_typing(channel.make_message())

    assert statuses(channel) == {}


def test_the_end_of_a_turn_costs_no_call_where_its_message_has_ended_the_sign(channel: SlackChannel) -> None:
    """Which is nearly always."""
    channel.replies.show_typing(channel.make_message())
    channel.open_reply().append("Hello.")
    before = len(channel.recorded_calls("assistant.threads.setStatus"))

    channel.replies.end_typing(channel.make_message())

    assert len(channel.recorded_calls("assistant.threads.setStatus")) == before
