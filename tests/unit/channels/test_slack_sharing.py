"""Slack's limits, shared by all who reply in a workspace; what it does not allow; and who stops a reply."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from slack_sdk.models.blocks import ActionsBlock, ContextActionsBlock

from repartee.channels.seat import HELD_FOR, in_a_thread
from repartee.channels.slack import buttons
from repartee.channels.slack.thread import FORBIDDEN_FOR, STARTS_A_MINUTE, STREAM_EVERY
from repartee.conversation.reply import Crowd, Showing, Shown
from repartee.conversation.watch import Halted
from repartee.errors import BackendError, Denied
from tests.support.slack import CHANNEL, THREAD, Channel

WORKSPACE = "slack:T0BUTLER"
TEXT = "The office opens at nine, and Ada has the keys. " * 4


@pytest.fixture
def channel() -> Channel:
    return Channel()


def crowd(channel: Channel) -> Crowd:
    return channel.records.control(WORKSPACE + ":C0GENERAL", "").crowd


def others(channel: Channel, count: int, kind: str = "stream") -> None:
    """So many other replies begin in the workspace."""
    for number in range(count):
        now = channel.now
        channel.records.show(
            WORKSPACE, Showing(key=f"other-{number}", kind=kind, since=now, until=now + HELD_FOR)
        )


def said(channel: Channel) -> dict[str, Any]:
    """The assistant's newest message as people see it."""
    return dict(channel.slack.seen(CHANNEL)["messages"][-1])


def test_a_reply_has_its_seat_while_it_grows(channel: Channel) -> None:
    """It is counted from before its first word until its end."""
    reply = channel.open()
    assert crowd(channel).growing("stream", channel.now) == 1

    channel.write(reply, TEXT)
    reply.finish()

    assert crowd(channel).growing("stream", channel.now) == 0


def test_where_no_thread_can_be_started_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown beside a reply is then not shown."""

    def no_more(thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", no_more)

    in_a_thread(lambda: None)


def test_a_worker_that_died_is_not_counted_for_long(channel: Channel) -> None:
    """A seat that nobody holds any more is free after a minute; whoever still writes keeps theirs."""
    channel.open().add("Hello.")
    long = channel.open(turn="turn-2")

    channel.write(long, TEXT, seconds=HELD_FOR / 30)

    assert crowd(channel).growing("stream", channel.now) == 1


def test_a_reply_takes_its_part_of_the_workspaces_calls(channel: Channel) -> None:
    """Among five it grows a fifth as often as alone, and as often as before when they are gone."""
    others(channel, 4)
    reply = channel.open()
    reply.among(crowd(channel))
    channel.write(reply, TEXT, seconds=0.1)
    first, second = (call["at"] for call in channel.calls()[:2])
    assert second - first >= 5 * STREAM_EVERY

    reply.among(Crowd())
    before = len(channel.calls())
    channel.write(reply, TEXT, seconds=0.1)
    assert len(channel.calls()) - before >= 3


def test_who_comes_after_the_twentieth_stream_of_a_minute_posts(channel: Channel) -> None:
    """Nobody has to be refused to know."""
    others(channel, STARTS_A_MINUTE)
    reply = channel.open()

    channel.write(reply, TEXT)
    reply.finish()

    assert channel.visible() == [TEXT]
    assert {call["method"] for call in channel.calls()} == {"chat.postMessage", "chat.update"}
    assert crowd(channel).growing("stream", channel.now) == STARTS_A_MINUTE


@pytest.mark.parametrize("refusal", ["missing_scope", "unknown_method", "team_access_not_granted"])
def test_a_workspace_that_lets_nothing_stream_is_remembered(channel: Channel, refusal: str) -> None:
    """By all workers, for some hours; then it is asked again."""
    channel.fail("chat.startStream", refusal)
    first = channel.open()
    channel.write(first, TEXT)
    first.finish()

    second = channel.open(turn="turn-2")
    channel.write(second, TEXT)
    second.finish()
    assert channel.calls("chat.startStream") == []

    channel.wait(FORBIDDEN_FOR)
    channel.open(turn="turn-3").add(TEXT)
    assert len(channel.calls("chat.startStream")) == 1


@pytest.mark.parametrize(
    "refusal", ["user_not_found", "channel_type_not_supported", "missing_recipient_user_id"]
)
def test_a_refusal_of_this_one_stream_is_not_remembered(channel: Channel, refusal: str) -> None:
    """The next may be for somebody else."""
    channel.fail("chat.startStream", refusal)
    channel.open().add(TEXT)

    channel.open(turn="turn-2").add(TEXT)

    assert len(channel.calls("chat.startStream")) == 1


def test_a_rejected_token_is_no_reason_to_post(channel: Channel) -> None:
    """Nothing else would be taken either, and the secrets must be read again."""
    channel.fail("chat.startStream", "token_revoked")

    with pytest.raises(Denied):
        channel.open().add(TEXT)

    assert channel.calls("chat.postMessage") == []


def test_a_posted_message_has_a_stop_button_until_it_is_complete(channel: Channel) -> None:
    """Then people may say what they think of it."""
    channel.fail("chat.startStream", "missing_scope")
    reply = channel.open()
    reply.add("Hello. ")
    assert said(channel)["actions"] == [buttons.STOP]

    reply.add("Ada has the keys.")
    reply.finish()

    assert said(channel)["actions"] == [buttons.FEEDBACK]


def test_a_stream_ends_with_feedback(channel: Channel) -> None:
    """Under the last of its messages alone, with the turn that it is about."""
    text = "\n".join(f"{number}: {TEXT}" for number in range(80))
    reply = channel.open()
    channel.write(reply, text, size=700)
    reply.finish()

    *earlier, last = [message for message in channel.slack.seen(CHANNEL)["messages"] if message["bot"]]
    assert earlier
    assert all(message["actions"] == [] for message in earlier)
    assert last["actions"] == [buttons.FEEDBACK]
    (block,) = channel.calls("chat.stopStream")[-1]["arguments"]["blocks"]
    assert block["elements"][0]["positive_button"]["value"] == "good:turn-1"


def test_nobody_is_asked_what_they_think_of_half_a_reply(channel: Channel) -> None:
    """One that was stopped, or muted."""
    reply = channel.open()
    reply.add("Hello. ")

    reply.cut("_(Stopped.)_")

    assert said(channel)["actions"] == []


def test_a_posted_message_whose_id_was_lost_is_found(channel: Channel) -> None:
    """By the turn in its metadata: the next attempt goes on with it."""
    since = channel.now
    channel.records.forbid_streams(WORKSPACE, channel.now + 3600)
    channel.fail("chat.postMessage", "lost")
    with pytest.raises(BackendError):
        channel.open().add(TEXT)
    channel.wait(2)

    second = channel.open(Shown(since=since))
    channel.write(second, TEXT)
    second.finish()

    assert channel.visible() == [TEXT]
    assert said(channel)["actions"] == []


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_who_presses_stop_stops_the_reply(channel: Channel, method: str) -> None:
    """Slack ends the stream at once, and says so with the next call: nothing more is written."""
    reply = channel.open()
    reply.add("Hello. ")
    channel.slack.end_stream(CHANNEL, said(channel)["ts"], "stopped_by_user")
    channel.wait(1)

    goes_on = reply.finish if method == "chat.stopStream" else lambda: reply.add("Ada has the keys.")
    with pytest.raises(Halted, match="stopped"):
        goes_on()
    reply.cut("_(Stopped.)_")

    assert channel.visible() == ["Hello. _(Stopped.)_"]


def test_our_buttons_are_blocks_that_slacks_own_library_knows() -> None:
    """It checks what each may hold."""
    for block in (buttons.stop(), buttons.decision("purchase:17")):
        ActionsBlock(**{name: value for name, value in block.items() if name != "type"}).validate_json()
    feedback = buttons.feedback("0123456789abcdef")
    ContextActionsBlock(elements=feedback["elements"]).validate_json()


def test_the_sign_is_taken_back_when_there_is_no_reply(channel: Channel) -> None:
    """Where the app is an agent, its session waits for the next question."""
    channel.replies.sign(channel.message())
    assert channel.slack.seen(CHANNEL)["statuses"] == {THREAD: "is thinking…"}
    assert channel.slack.seen(CHANNEL)["sessions"] == {THREAD: "processing"}

    channel.replies.unsign(channel.message())

    assert channel.slack.seen(CHANNEL)["statuses"] == {}
    assert channel.slack.seen(CHANNEL)["sessions"] == {THREAD: "active"}


def test_a_session_ends_with_its_reply(channel: Channel) -> None:
    """Slack shows its stop button for as long as there is something to stop."""
    channel.replies.sign(channel.message())
    reply = channel.open()
    channel.write(reply, TEXT)
    assert channel.slack.seen(CHANNEL)["sessions"] == {THREAD: "processing"}

    reply.finish()

    assert channel.slack.seen(CHANNEL)["sessions"] == {THREAD: "active"}
    (begun,) = channel.calls("agents.sessions.setStatus")  # the stream's own end has ended it
    assert begun["arguments"]["title"] == "hello"


def test_an_app_that_is_no_agent_has_no_sessions(channel: Channel) -> None:
    """It is asked once in a while, and misses nothing."""
    channel.fail("agents.sessions.setStatus", "not_allowed_token_type")
    channel.replies.sign(channel.message())

    channel.replies.sign(channel.message())

    assert channel.slack.seen(CHANNEL)["statuses"] == {THREAD: "is thinking…"}
    assert channel.calls("agents.sessions.setStatus") == []


def test_who_opens_a_conversation_is_shown_what_to_ask(channel: Channel) -> None:
    """And where the app has no such place, nothing happens."""
    channel.replies.welcome(channel.message())
    assert len(channel.slack.seen(CHANNEL)["prompts"]) == 3

    channel.fail("assistant.threads.setSuggestedPrompts", "missing_scope")
    channel.replies.welcome(channel.message())
