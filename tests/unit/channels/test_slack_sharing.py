"""Slack's limits, shared by all who reply in a workspace; what it does not allow; and who stops a reply."""

from __future__ import annotations

import json
from threading import Thread
from typing import Any

import pytest
from slack_sdk.models.blocks import ActionsBlock, ContextActionsBlock

from repartee.channels.slack import buttons
from repartee.channels.slack.replies import SLOT_SECONDS
from repartee.channels.slack.workspace_limits import (
    MAX_GROWING_POSTS_PER_MINUTE,
    MAX_STREAM_STARTS_PER_MINUTE,
    STREAM_INTERVAL_SECONDS,
    STREAMING_DISABLED_SECONDS,
)
from repartee.channels.stream_slots import SLOT_LEASE_SECONDS, run_in_thread
from repartee.domain.control import ReplyStopped
from repartee.domain.reply import ActiveMessage, ActiveMessages, VisibleState
from repartee.errors import BackendError, PermissionDenied
from repartee.language.catalogue import LANGUAGES
from tests.support.slack_channel import CHANNEL_ID, THREAD_TS, SlackChannel

WORKSPACE = "slack:T0BUTLER"
TEXT = "The office opens at nine, and Ada has the keys. " * 4


@pytest.fixture
def channel() -> SlackChannel:
    return SlackChannel()


def crowd(channel: SlackChannel) -> ActiveMessages:
    return channel.records.read_control(WORKSPACE + ":C0GENERAL", "").active_messages


def others(channel: SlackChannel, count: int, kind: str = "stream") -> None:
    """So many other replies begin in the workspace."""
    for number in range(count):
        now = channel.now
        channel.records.publish_active(
            WORKSPACE,
            ActiveMessage(
                key=f"{kind}-{number}", kind=kind, started_at=now, ends_at=now + SLOT_LEASE_SECONDS
            ),
        )


def said(channel: SlackChannel) -> dict[str, Any]:
    """The assistant's newest message as people see it."""
    return dict(channel.slack.visible_channel(CHANNEL_ID)["messages"][-1])


def test_a_reply_has_its_seat_while_it_grows(channel: SlackChannel) -> None:
    """It is counted from before its first word until its end, if others are there to know."""
    others(channel, 1)
    reply = channel.open_reply()
    assert crowd(channel).active_count("stream", channel.now) == 2

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert crowd(channel).active_count("stream", channel.now) == 1


def test_a_reply_that_is_alone_leaves_its_seat_to_run_out(channel: SlackChannel) -> None:
    """Nobody waits for it: that it is over costs no write."""
    reply = channel.open_reply()
    channel.write_reply(reply, TEXT)
    reply.finish()
    assert crowd(channel).active_count("stream", channel.now) == 1

    channel.now += SLOT_SECONDS
    assert crowd(channel).active_count("stream", channel.now) == 0


def test_where_no_thread_can_be_started_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown beside a reply is then not shown."""

    def no_more(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", no_more)

    run_in_thread(lambda: None)


def test_a_worker_that_died_is_not_counted_for_long(channel: SlackChannel) -> None:
    """A seat that nobody holds any more is free after a minute; a worker that still writes keeps its own."""
    channel.open_reply().append("Hello.")
    long = channel.open_reply(turn="turn-2")

    channel.write_reply(long, TEXT, seconds=SLOT_LEASE_SECONDS / 30)

    assert crowd(channel).active_count("stream", channel.now) == 1


def test_a_reply_takes_its_part_of_the_workspaces_calls(channel: SlackChannel) -> None:
    """Among five it grows a fifth as often as alone, and as often as before when they are gone."""
    others(channel, 4)
    reply = channel.open_reply()
    reply.share_limits(crowd(channel))
    channel.write_reply(reply, TEXT, seconds=0.1)
    first, second = (call["at"] for call in channel.recorded_calls()[:2])
    assert second - first >= 5 * STREAM_INTERVAL_SECONDS

    reply.share_limits(ActiveMessages())
    before = len(channel.recorded_calls())
    channel.write_reply(reply, TEXT, seconds=0.1)
    assert len(channel.recorded_calls()) - before >= 3


def test_who_comes_after_the_streams_of_a_minute_posts(channel: SlackChannel) -> None:
    """Nobody has to be refused to know."""
    others(channel, MAX_STREAM_STARTS_PER_MINUTE)
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == [TEXT]
    assert {call["method"] for call in channel.recorded_calls()} == {"chat.postMessage", "chat.update"}
    assert crowd(channel).active_count("stream", channel.now) == MAX_STREAM_STARTS_PER_MINUTE


def test_where_many_messages_grow_the_next_is_posted_once_whole(channel: SlackChannel) -> None:
    """An update at the end of each is more than Slack takes; its buttons come with it."""
    others(channel, MAX_STREAM_STARTS_PER_MINUTE)
    others(channel, MAX_GROWING_POSTS_PER_MINUTE + 1, kind="post")
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    assert channel.visible_messages() == []
    reply.finish()

    assert channel.visible_messages() == [TEXT]
    (call,) = channel.recorded_calls()
    assert call["method"] == "chat.postMessage"
    given = call["arguments"]["blocks"]
    blocks = json.loads(given) if isinstance(given, str) else given
    assert blocks[-1] == buttons.feedback_block("turn-1", "en")
    assert crowd(channel).active_count("post", channel.now) == MAX_GROWING_POSTS_PER_MINUTE + 1


def test_a_whole_message_whose_answer_was_lost_is_not_posted_again(channel: SlackChannel) -> None:
    """It is found by its turn, and shown as it is."""
    others(channel, MAX_STREAM_STARTS_PER_MINUTE)
    others(channel, MAX_GROWING_POSTS_PER_MINUTE + 1, kind="post")
    channel.fail_next_calls("chat.postMessage", "lost")
    reply = channel.open_reply()

    channel.write_reply(reply, TEXT)
    reply.finish()

    assert channel.visible_messages() == [TEXT]


def test_all_of_a_busy_workspace_are_answered_and_none_is_refused(channel: SlackChannel) -> None:
    """Seventy replies begin within a minute, and Slack's limits hold none of them up."""
    waiting = []
    for number in range(70):
        waiting.append((channel.open_reply(turn=f"turn-{number}"), f"The {number}th answer. " * 8))
        channel.write_reply(*waiting[-1], seconds=0.02)
        if len(waiting) == 4:
            waiting.pop(0)[0].finish()
        channel.advance_time(0.2)
    for reply, _ in waiting:
        reply.finish()

    assert len(channel.visible_messages()) == 70
    assert [call["error"] for call in channel.recorded_calls() if not call["ok"]] == []
    assert channel.now - 1_789_000_000.0 < 100


@pytest.mark.parametrize("refusal", ["missing_scope", "unknown_method", "team_access_not_granted"])
def test_a_workspace_that_lets_nothing_stream_is_remembered(channel: SlackChannel, refusal: str) -> None:
    """By all workers, for some hours; then it is asked again."""
    channel.fail_next_calls("chat.startStream", refusal)
    first = channel.open_reply()
    channel.write_reply(first, TEXT)
    first.finish()

    second = channel.open_reply(turn="turn-2")
    channel.write_reply(second, TEXT)
    second.finish()
    assert channel.recorded_calls("chat.startStream") == []

    channel.advance_time(STREAMING_DISABLED_SECONDS)
    channel.open_reply(turn="turn-3").append(TEXT)
    assert len(channel.recorded_calls("chat.startStream")) == 1


@pytest.mark.parametrize(
    "refusal", ["user_not_found", "channel_type_not_supported", "missing_recipient_user_id"]
)
def test_a_refusal_of_this_one_stream_is_not_remembered(channel: SlackChannel, refusal: str) -> None:
    """The next may be for another sender."""
    channel.fail_next_calls("chat.startStream", refusal)
    channel.open_reply().append(TEXT)

    channel.open_reply(turn="turn-2").append(TEXT)

    assert len(channel.recorded_calls("chat.startStream")) == 1


def test_a_rejected_token_is_no_reason_to_post(channel: SlackChannel) -> None:
    """Nothing else would be taken either, and the secrets must be read again."""
    channel.fail_next_calls("chat.startStream", "token_revoked")

    with pytest.raises(PermissionDenied):
        channel.open_reply().append(TEXT)

    assert channel.recorded_calls("chat.postMessage") == []


def test_a_posted_message_has_a_stop_button_until_it_is_complete(channel: SlackChannel) -> None:
    """Then people may say what they think of it."""
    channel.fail_next_calls("chat.startStream", "missing_scope")
    reply = channel.open_reply()
    reply.append("Hello. ")
    assert said(channel)["actions"] == [buttons.STOP_ACTION_ID]

    reply.append("Ada has the keys.")
    reply.finish()

    assert said(channel)["actions"] == [buttons.FEEDBACK_ACTION_ID]


def test_a_stream_ends_with_feedback(channel: SlackChannel) -> None:
    """Under the last of its messages alone, with the turn that it is about."""
    text = "\n".join(f"{number}: {TEXT}" for number in range(80))
    reply = channel.open_reply()
    channel.write_reply(reply, text, size=700)
    reply.finish()

    *earlier, last = [
        message for message in channel.slack.visible_channel(CHANNEL_ID)["messages"] if message["bot"]
    ]
    assert earlier
    assert all(message["actions"] == [] for message in earlier)
    assert last["actions"] == [buttons.FEEDBACK_ACTION_ID]
    (block,) = channel.recorded_calls("chat.stopStream")[-1]["arguments"]["blocks"]
    assert block["elements"][0]["positive_button"]["value"] == "good:turn-1"


def test_nobody_is_asked_what_they_think_of_half_a_reply(channel: SlackChannel) -> None:
    """One that was stopped, or muted."""
    reply = channel.open_reply()
    reply.append("Hello. ")

    reply.cut_short("_(Stopped.)_")

    assert said(channel)["actions"] == []


def test_a_posted_message_whose_id_was_lost_is_found(channel: SlackChannel) -> None:
    """By the turn in its metadata: the next attempt goes on with it."""
    since = channel.now
    channel.records.disable_streaming(WORKSPACE, channel.now + 3600)
    channel.fail_next_calls("chat.postMessage", "lost")
    with pytest.raises(BackendError):
        channel.open_reply().append(TEXT)
    channel.advance_time(2)

    second = channel.open_reply(VisibleState(intent_at=since))
    channel.write_reply(second, TEXT)
    second.finish()

    assert channel.visible_messages() == [TEXT]
    assert said(channel)["actions"] == []


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_who_presses_stop_stops_the_reply(channel: SlackChannel, method: str) -> None:
    """Slack ends the stream at once, and says so with the next call: nothing more is written."""
    reply = channel.open_reply()
    reply.append("Hello. ")
    channel.slack.end_stream(CHANNEL_ID, said(channel)["ts"], "stopped_by_user")
    channel.advance_time(1)

    goes_on = reply.finish if method == "chat.stopStream" else lambda: reply.append("Ada has the keys.")
    with pytest.raises(ReplyStopped, match="stopped"):
        goes_on()
    reply.cut_short("_(Stopped.)_")

    assert channel.visible_messages() == ["Hello. _(Stopped.)_"]


def test_our_buttons_are_blocks_that_slacks_own_library_knows() -> None:
    """It checks what each may hold, in every language."""
    blocks = [
        block
        for language in LANGUAGES
        for block in (buttons.stop_block(language), buttons.decision_block("purchase:17", language))
    ]
    for block in blocks:
        ActionsBlock(**{name: value for name, value in block.items() if name != "type"}).validate_json()
    feedback = buttons.feedback_block("0123456789abcdef", "de")
    ContextActionsBlock(elements=feedback["elements"]).validate_json()


def test_the_sign_is_taken_back_when_there_is_no_reply(channel: SlackChannel) -> None:
    """Where the app is an agent, its session waits for the next question."""
    channel.replies.show_typing(channel.make_message())
    assert channel.slack.visible_channel(CHANNEL_ID)["statuses"] == {THREAD_TS: "is thinking…"}
    assert channel.slack.visible_channel(CHANNEL_ID)["sessions"] == {THREAD_TS: "processing"}

    channel.replies.clear_typing(channel.make_message())

    assert channel.slack.visible_channel(CHANNEL_ID)["statuses"] == {}
    assert channel.slack.visible_channel(CHANNEL_ID)["sessions"] == {THREAD_TS: "active"}


def test_a_session_ends_with_its_reply(channel: SlackChannel) -> None:
    """Slack shows its stop button for as long as there is something to stop."""
    channel.replies.show_typing(channel.make_message())
    reply = channel.open_reply()
    channel.write_reply(reply, TEXT)
    assert channel.slack.visible_channel(CHANNEL_ID)["sessions"] == {THREAD_TS: "processing"}

    reply.finish()

    assert channel.slack.visible_channel(CHANNEL_ID)["sessions"] == {THREAD_TS: "active"}
    (begun,) = channel.recorded_calls("agents.sessions.setStatus")  # the stream's own end has ended it
    assert begun["arguments"]["title"] == "hello"


def test_an_app_that_is_no_agent_has_no_sessions(channel: SlackChannel) -> None:
    """It is asked once in a while, and misses nothing."""
    channel.fail_next_calls("agents.sessions.setStatus", "not_allowed_token_type")
    channel.replies.show_typing(channel.make_message())

    channel.replies.show_typing(channel.make_message())

    assert channel.slack.visible_channel(CHANNEL_ID)["statuses"] == {THREAD_TS: "is thinking…"}
    assert channel.recorded_calls("agents.sessions.setStatus") == []


def test_who_opens_a_conversation_is_shown_what_to_ask(channel: SlackChannel) -> None:
    """And where the app has no such place, nothing happens."""
    channel.replies.greet(channel.make_message())
    assert len(channel.slack.visible_channel(CHANNEL_ID)["prompts"]) == 3

    channel.fail_next_calls("assistant.threads.setSuggestedPrompts", "missing_scope")
    channel.replies.greet(channel.make_message())


def test_a_seat_that_was_left_is_not_taken_for_another_reply(channel: SlackChannel) -> None:
    """A reply that is alone, soon after one of the same process, waits for nobody and writes nothing at its
    end: the seat of the first is known to be empty, and still counts among what began of late."""
    written: list[ActiveMessage] = []
    publish = channel.records.publish_active

    def note(workspace: str, showing: ActiveMessage) -> ActiveMessages:
        written.append(showing)
        return publish(workspace, showing)

    channel.records.publish_active = note  # type: ignore[method-assign, assignment]
    for number in range(3):
        reply = channel.open_reply(turn=f"turn-{number}")
        reply.append("Monday.")
        reply.finish()

    assert [one.key for one in written] == ["turn-0.0", "turn-1.0", "turn-2.0"]
    assert crowd(channel).started_since("stream", channel.now - 60) == 3
