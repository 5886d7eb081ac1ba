"""A reply in Slack, through the real client to its stand-in, when Slack takes it and when it does not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.slack.formatting import escape_mentions
from repartee.channels.slack.workspace_limits import STREAM_INTERVAL_SECONDS, UPDATE_INTERVAL_SECONDS
from repartee.domain.reply import VisibleState
from repartee.errors import BackendError
from standins.slack.limits import MAX_MARKDOWN_CHARS
from tests.support.slack_channel import CHANNEL_ID, SlackChannel

TEXT = "The office opens at nine, and Ada has the keys. " * 4


@pytest.fixture
def channel() -> SlackChannel:
    return SlackChannel()


def test_a_reply_streams_in_few_calls(channel: SlackChannel) -> None:
    """It begins with the first piece, grows no faster than the workspace's limit allows, and ends whole."""
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT, seconds=0.02)
    reply.finish()

    assert channel.visible_messages() == [TEXT]
    methods = [call["method"] for call in channel.recorded_calls()]
    assert methods[0] == "chat.startStream"
    assert methods[-1] == "chat.stopStream"
    assert set(methods[1:-1]) == {"chat.appendStream"}
    times = [call["at"] for call in channel.recorded_calls()[:-1]]
    assert all(b - a >= STREAM_INTERVAL_SECONDS for a, b in itertools.pairwise(times))


def test_the_turn_travels_in_the_messages_metadata(channel: SlackChannel) -> None:
    """By it a reply is found again after a crash."""
    reply = channel.open_reply()
    channel.write_reply(reply, "Hello there.")
    reply.finish()

    (stop,) = channel.recorded_calls("chat.stopStream")
    assert stop["arguments"]["metadata"] == {
        "event_type": "repartee_turn",
        "event_payload": {"turn": "turn-1"},
    }
    assert not any(call["ignored"] for call in channel.recorded_calls())


def test_what_is_visible_is_kept_with_its_ids(channel: SlackChannel) -> None:
    """Another worker can go on with it: which message, and what it says."""
    reply = channel.open_reply()
    channel.write_reply(reply, "Hello there.", size=6)

    (start,) = channel.recorded_calls("chat.startStream")
    assert list(channel.kept.message_ids.values()) == [start["ts"]]
    assert "Hello there.".startswith(channel.kept.text)
    assert channel.kept.text


def test_too_many_calls_slow_the_reply_down(channel: SlackChannel) -> None:
    """After a 429 nothing is sent before its Retry-After is over, and nothing of the text is lost."""
    channel.fail_next_calls("chat.appendStream", 7)
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == [TEXT]
    before, after = (call["at"] for call in channel.recorded_calls()[:2])
    assert after - before >= 7


def test_a_reply_waits_with_its_end_until_slack_takes_it(channel: SlackChannel) -> None:
    """The end is not dropped for being one call too many."""
    channel.fail_next_calls("chat.stopStream", 3, 3)
    reply = channel.open_reply()
    channel.write_reply(reply, "Hello there.")
    before = channel.now

    reply.finish()

    assert channel.visible_messages() == ["Hello there."]
    assert channel.now - before >= 6


@pytest.mark.parametrize("refusal", [30, "streaming_not_allowed", "missing_recipient_team_id"])
def test_where_nothing_may_stream_the_reply_is_posted_and_updated(
    channel: SlackChannel, refusal: str | int
) -> None:
    """Over the workspace's limit, or where streams are not allowed, people see a message that grows."""
    channel.fail_next_calls("chat.startStream", refusal)
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == [TEXT]
    methods = [call["method"] for call in channel.recorded_calls()]
    assert methods[0] == "chat.postMessage"
    assert set(methods[1:]) == {"chat.update"}
    times = [call["at"] for call in channel.recorded_calls()[:-1]]
    assert all(b - a >= UPDATE_INTERVAL_SECONDS for a, b in itertools.pairwise(times))


def test_a_stream_that_died_is_finished_by_an_update(channel: SlackChannel) -> None:
    """Slack ends streams by itself; the whole text is then the message's."""
    channel.fail_next_calls("chat.appendStream", None, "message_not_in_streaming_state")
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == [TEXT]


def test_a_stream_may_grow_too_old(channel: SlackChannel) -> None:
    """After some five minutes a stream dies however busy it is."""
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT, seconds=12.0)
    reply.finish()

    assert channel.visible_messages() == [TEXT]


@pytest.mark.parametrize("trouble", ["lost", "late", "down"])
@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream", "chat.update"])
def test_nothing_is_said_twice_when_an_answer_is_lost(
    channel: SlackChannel, method: str, trouble: str
) -> None:
    """Whether Slack took a call or not: the whole text is there, exactly once."""
    if method == "chat.update":
        channel.fail_next_calls("chat.appendStream", "message_not_in_streaming_state")
    reply = channel.open_reply()
    reply.append(TEXT[:20])
    channel.advance_time(1)
    channel.fail_next_calls(method, trouble)

    reply.append(TEXT[20:40])
    reply.append(TEXT[40:])
    reply.finish()

    assert channel.visible_messages() == [TEXT]


@pytest.mark.parametrize("trouble", ["lost", "late", "down"])
def test_a_first_message_whose_answer_is_lost_is_not_sent_again_blindly(
    channel: SlackChannel, trouble: str
) -> None:
    """A reply that is shown all at once at its end is found again, if Slack has it, before it is repeated."""
    channel.fail_next_calls("chat.startStream", trouble)
    reply = channel.open_reply()
    reply.append("https://lisbon.example/keys")  # held back: the address may go on

    reply.finish()

    assert channel.visible_messages() == ["https://lisbon.example/keys"]


def test_what_streams_is_ended_when_the_reply_is_taken_up(channel: SlackChannel) -> None:
    """The next attempt's text replaces what an earlier one has streamed."""
    first = channel.open_reply()
    channel.write_reply(first, "The office is")

    second = channel.open_reply(channel.kept)
    channel.write_reply(second, TEXT)
    second.finish()

    assert channel.visible_messages() == [TEXT]
    assert len(channel.recorded_calls("chat.startStream")) == 1


def test_what_was_posted_is_updated_when_the_reply_is_taken_up(channel: SlackChannel) -> None:
    """A message that was never a stream goes on as one message."""
    channel.fail_next_calls("chat.startStream", "streaming_not_allowed")
    first = channel.open_reply()
    channel.write_reply(first, "The office is")

    second = channel.open_reply(channel.kept)
    channel.write_reply(second, TEXT)
    second.finish()

    assert channel.visible_messages() == [TEXT]


def test_what_has_ended_is_updated_when_the_reply_is_taken_up(channel: SlackChannel) -> None:
    """The crash may fall behind the end of the stream, and before anybody knew."""
    first = channel.open_reply()
    channel.write_reply(first, TEXT)
    first.finish()

    second = channel.open_reply(channel.kept)
    channel.write_reply(second, TEXT)
    second.finish()

    assert channel.visible_messages() == [TEXT]


def test_a_stub_whose_id_was_lost_is_found(channel: SlackChannel) -> None:
    """The intent was written before the first send: the next attempt looks for what came of it."""
    since = channel.now
    channel.fail_next_calls("chat.startStream", "lost")
    with pytest.raises(BackendError):
        channel.open_reply().append(TEXT)
    channel.advance_time(2)

    second = channel.open_reply(VisibleState(intent_at=since))
    channel.write_reply(second, TEXT)
    second.finish()

    assert channel.visible_messages() == [TEXT]


def test_another_turns_reply_is_not_taken_for_ones_own(channel: SlackChannel) -> None:
    """Replies that others ended in this thread meanwhile stay as they are."""
    other = channel.open_reply(turn="turn-0")
    other.append("Another answer.")
    other.finish()

    second = channel.open_reply(VisibleState(intent_at=channel.now))
    second.append("Hello.")
    second.finish()

    assert channel.visible_messages() == ["Another answer.", "Hello."]


def test_a_reply_that_is_cut_ends_with_what_was_visible(channel: SlackChannel) -> None:
    """What was not shown yet is not shown any more."""
    reply = channel.open_reply()
    reply.append("One. ")
    reply.append("Two. ")

    reply.cut_short("_(Stopped.)_")

    assert channel.visible_messages() == ["One. _(Stopped.)_"]


def test_a_long_reply_is_several_messages(channel: SlackChannel) -> None:
    """No call has more characters than Slack takes, and together they are the text."""
    text = "\n".join(f"{number}: {TEXT}" for number in range(150))
    reply = channel.open_reply()

    channel.write_reply(reply, text, size=700)
    reply.finish()

    assert "".join(channel.visible_messages()) == text
    sent = [
        chunk["text"] for call in channel.recorded_calls() for chunk in call["arguments"].get("chunks", ())
    ]
    assert 0 < max(len(one) for one in sent) <= MAX_MARKDOWN_CHARS


@pytest.mark.parametrize("refusal", [None, "missing_scope"])
def test_no_link_is_opened_by_itself(channel: SlackChannel, refusal: str | None) -> None:
    """Whoever tracks who reads a link would know: every call that makes a message says so."""
    channel.fail_next_calls("chat.startStream", refusal)
    reply = channel.open_reply()
    channel.write_reply(
        reply, "See https://tracker.example/?to=ada and ![this](https://tracker.example/1.gif). " * 150
    )
    reply.finish()

    made = [call["arguments"] for call in channel.recorded_calls() if call["method"] in MADE]
    assert len(made) > 1
    assert all(call["unfurl_links"] is call["unfurl_media"] is False for call in made)


MADE = {"chat.startStream", "chat.postMessage"}
"""The methods that make a message. Those that change one do not open its links."""

PINGS = st.sampled_from(["<!channel>", "<@U0BEN>", "<#C0GENERAL>", "<", "!here", "@U1>", "a ", "```\n", "\n"])


@given(st.lists(PINGS, max_size=30).map("".join), st.integers(1, 7))
def test_nothing_that_a_model_writes_pings_anybody(text: str, size: int) -> None:
    """In whatever pieces it comes, also when `<` ends one and what makes it a ping begins the next."""
    channel = SlackChannel()
    reply = channel.open_reply()
    channel.write_reply(reply, "So: " + text, size=size, seconds=1.0)
    reply.finish()

    visible = "".join(channel.visible_messages())

    assert not [ping for ping in ("<!", "<@", "<#") if ping in visible]
    assert visible.replace("\u200b", "").replace("&lt;", "<") == "So: " + text
    assert len(channel.visible_messages()) == 1


@given(st.text())
def test_harmless_text_says_the_same(text: str) -> None:
    """Only characters without width are added, and doing it twice changes nothing."""
    assert escape_mentions(text).replace("\u200b", "") == text.replace("\u200b", "")
    assert escape_mentions(escape_mentions(text)) == escape_mentions(text)


def test_a_wrong_token_is_told_as_denied(channel: SlackChannel) -> None:
    """So that the secrets are read again."""
    channel.fail_next_calls("chat.startStream", "invalid_auth")

    with pytest.raises(BackendError, match="invalid_auth"):
        channel.open_reply().append("Hello.")

    assert channel.slack.visible_channel(CHANNEL_ID)["messages"][1:] == []
