"""What people in Slack see while an answer is on its way: what goes on, and the pictures that go with it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from local.slack_arguments import ALT_LIMIT, TASK_LIMIT
from repartee.channels.slack.deliver import SlackReplies
from repartee.channels.slack.pictures import named
from repartee.channels.slack.thread import STREAM_EVERY
from repartee.conversation.message import Message
from repartee.conversation.reply import Picture
from repartee.errors import BackendError, Denied
from tests.support.slack import CHANNEL, THREAD, Channel

TEXT = "The office opens at nine, and Ada has the keys. " * 4
CHART = Picture("chart.png", "image/png", b"\x89PNG and more", "Desks by floor")


@pytest.fixture
def channel() -> Channel:
    return Channel()


def statuses(channel: Channel) -> dict[str, str]:
    return dict(channel.slack.seen(CHANNEL)["statuses"])


def newest(channel: Channel) -> dict[str, Any]:
    return dict(channel.slack.seen(CHANNEL)["messages"][-1])


def test_what_goes_on_is_shown_in_the_thread(channel: Channel) -> None:
    """Instead of that it thinks, until the reply begins."""
    channel.replies.sign(channel.message())
    channel.replies.sign(channel.message(), "is asking the ERP…")
    assert statuses(channel) == {THREAD: "is asking the ERP…"}

    channel.open().add("Hello.")

    assert statuses(channel) == {}
    assert len(channel.calls("agents.sessions.setStatus")) == 1


def test_what_goes_on_in_a_reply_is_a_card_in_it(channel: Channel) -> None:
    """In progress until the text goes on, and no part of the text."""
    reply = channel.open()
    reply.add("I will look. ")
    channel.wait(1)
    channel.replies.sign(channel.message(), "Asking the ERP")
    channel.replies.sign(channel.message(), "Asking the calendar")
    assert newest(channel)["tasks"] == {"Asking the ERP": "in_progress", "Asking the calendar": "in_progress"}
    assert statuses(channel) == {}

    channel.wait(1)
    reply.add("There are seven.")
    reply.finish()

    assert newest(channel)["tasks"] == {"Asking the ERP": "complete", "Asking the calendar": "complete"}
    assert channel.visible() == ["I will look. There are seven."]


def test_a_card_waits_for_its_turn(channel: Channel) -> None:
    """It is one of the workspace's calls."""
    reply = channel.open()
    reply.add("I will look. ")

    channel.replies.sign(channel.message(), "Asking the ERP")

    first, second = (call["at"] for call in channel.calls())
    assert second - first == pytest.approx(STREAM_EVERY)


def test_a_reply_that_ends_leaves_no_card_in_progress(channel: Channel) -> None:
    """Also when nothing follows on it."""
    reply = channel.open()
    reply.add("I will look. ")
    channel.replies.sign(channel.message(), "Asking the ERP" + "!" * TASK_LIMIT)

    reply.finish()

    assert list(newest(channel)["tasks"].values()) == ["complete"]


@pytest.mark.parametrize("trouble", ["down", 7, "message_not_in_streaming_state"])
def test_a_card_that_cannot_be_shown_is_no_failure(channel: Channel, trouble: str | int) -> None:
    """The text is whole in any case."""
    reply = channel.open()
    reply.add("I will look. ")
    channel.fail("chat.appendStream", trouble)

    channel.replies.sign(channel.message(), "Asking the ERP")
    channel.write(reply, TEXT)
    reply.finish()

    assert channel.visible() == ["I will look. " + TEXT]


def test_in_a_posted_reply_there_are_no_cards(channel: Channel) -> None:
    """And no status that would stay behind."""
    channel.fail("chat.startStream", "missing_scope")
    reply = channel.open()
    reply.add("I will look. ")

    channel.replies.sign(channel.message(), "Asking the ERP")
    reply.add("Seven.")
    reply.finish()

    assert channel.visible() == ["I will look. Seven."]
    assert statuses(channel) == {}


def test_nobody_is_pinged_by_what_goes_on(channel: Channel) -> None:
    """A small model may have written it."""
    channel.replies.sign(channel.message(), "asks <!channel>")
    assert statuses(channel) == {THREAD: "asks <\u200b!channel>"}

    reply = channel.open()
    reply.add("I will look. ")
    channel.replies.sign(channel.message(), "asks <@U0BEN>")

    assert list(newest(channel)["tasks"]) == ["asks <\u200b@U0BEN>"]


# Titles


def in_the_assistant(channel: Channel, text: str, threaded: bool = True) -> Message:
    """What a person says in a thread with the assistant."""
    channel.wait(1)
    said = channel.slack.said("D0ADA", "U0ADA", text, thread_ts=THREAD)
    message = channel.message()
    return msgspec.structs.replace(
        message,
        text=text,
        sent=float(said.ts),
        threaded=threaded,
        platform={**message.platform, "channel": "D0ADA"},
    )


def titles(channel: Channel) -> dict[str, str]:
    return dict(channel.slack.seen("D0ADA")["titles"])


def test_a_thread_with_the_assistant_is_called_what_was_asked_first(channel: Channel) -> None:
    """Where the app is no agent; later questions change nothing, whichever process answers them."""
    channel.fail("agents.sessions.setStatus", "not_allowed_token_type")
    channel.replies.sign(in_the_assistant(channel, "Who has the keys? " * 5))
    assert titles(channel) == {THREAD: ("Who has the keys? " * 5)[:60]}

    channel.fail("agents.sessions.setStatus", "not_allowed_token_type")
    other = SlackReplies(channel.api, channel.records, lambda: channel.now, channel.wait, lambda work: work())
    for replies in (channel.replies, other):
        replies.sign(in_the_assistant(channel, "And who else?"))

    assert len(channel.calls("assistant.threads.setTitle")) == 1


def test_an_agents_threads_have_the_titles_of_their_sessions(channel: Channel) -> None:
    """Nobody is asked twice for the same."""
    channel.replies.sign(in_the_assistant(channel, "Who has the keys?"))

    assert channel.calls("assistant.threads.setTitle") == []


@pytest.mark.parametrize("trouble", ["missing_scope", "down"])
def test_a_title_that_is_not_taken_is_no_failure(channel: Channel, trouble: str) -> None:
    """The thread has none."""
    channel.fail("agents.sessions.setStatus", "unknown_method")
    channel.fail("assistant.threads.setTitle", trouble)

    channel.replies.sign(in_the_assistant(channel, "Who has the keys?"))

    assert titles(channel) == {}


def test_other_conversations_have_no_titles(channel: Channel) -> None:
    """A channel's threads, and what is said directly outside of threads."""
    channel.fail("agents.sessions.setStatus", "unknown_method")

    channel.replies.sign(channel.message())
    channel.replies.sign(in_the_assistant(channel, "Who has the keys?", threaded=False))

    assert channel.calls("assistant.threads.setTitle") == []


# Pictures


def test_a_picture_comes_into_the_thread(channel: Channel) -> None:
    """Under its name, and with words for those who do not see it."""
    channel.replies.attach(channel.message(), "turn-1", CHART)

    message = newest(channel)
    assert (message["files"], message["thread_ts"]) == (["chart.png"], THREAD)
    (asked,) = channel.calls("files.getUploadURLExternal")
    assert asked["arguments"]["alt_txt"] == CHART.alt
    assert not any(call["ignored"] for call in channel.calls())


def test_a_picture_that_is_there_is_not_sent_again(channel: Channel) -> None:
    """The next attempt finds it by its name, which is its turn's own."""
    channel.replies.attach(channel.message(), "turn-1", CHART)

    channel.replies.attach(channel.message(), "turn-1", CHART)
    assert len(channel.calls("files.completeUploadExternal")) == 1

    channel.replies.attach(channel.message(), "turn-2", CHART)
    assert len(channel.calls("files.completeUploadExternal")) == 2
    assert named("turn-1", CHART) != named("turn-2", CHART)


@pytest.mark.parametrize("trouble", ["missing_scope", "down"])
def test_where_nobody_can_tell_whether_it_is_there_a_picture_is_sent(channel: Channel, trouble: str) -> None:
    """Better twice than never."""
    channel.fail("conversations.replies", trouble)

    channel.replies.attach(channel.message(), "turn-1", CHART)

    assert newest(channel)["files"] == ["chart.png"]


def test_too_many_uploads_wait(channel: Channel) -> None:
    """As long as Slack says."""
    channel.fail("files.completeUploadExternal", 7)
    before = channel.now

    channel.replies.attach(channel.message(), "turn-1", CHART)

    assert newest(channel)["files"] == ["chart.png"]
    assert channel.now - before == 7


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_picture_that_slack_does_not_take_is_told(channel: Channel, method: str) -> None:
    """Without the scope `files:write`, for example."""
    channel.fail(method, "missing_scope")

    with pytest.raises(BackendError, match="missing_scope"):
        channel.replies.attach(channel.message(), "turn-1", CHART)


def test_nothing_is_uploaded_to_others(channel: Channel) -> None:
    """Wherever the link may lead."""
    channel.slack.url = "https://elsewhere.example/"

    with pytest.raises(Denied):
        channel.replies.attach(channel.message(), "turn-1", CHART)


def test_long_words_about_a_picture_are_cut(channel: Channel) -> None:
    """Slack takes a thousand characters."""
    long = Picture("chart", "image/png", b"x", "long " * ALT_LIMIT)

    channel.replies.attach(channel.message(), "turn-1", long)

    assert newest(channel)["files"] == ["chart"]
