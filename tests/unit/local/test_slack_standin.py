"""The Slack stand-in says what Slack says."""

from __future__ import annotations

from typing import Any

import pytest

from standins.slack.call_rates import WORKSPACE_POSTS_PER_MINUTE
from standins.slack.limits import MAX_STREAM_SECONDS
from standins.slack.server import BOT_TOKEN, SlackStandIn

CHANNEL, PARENT = "C0GENERAL", "1790000000.000100"
FOR_ADA = {"recipient_user_id": "U0ADA", "recipient_team_id": "T0BUTLER"}


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> SlackStandIn:
    return SlackStandIn(clock)


def call(slack: SlackStandIn, method: str, **arguments: Any) -> dict[str, Any]:
    return slack.handle_call(method, BOT_TOKEN, arguments).body


def start(slack: SlackStandIn, **more: Any) -> str:
    answer = call(slack, "chat.startStream", channel=CHANNEL, thread_ts=PARENT, **FOR_ADA, **more)
    return str(answer["ts"])


def texts(slack: SlackStandIn) -> list[str]:
    return [message["text"] for message in slack.visible_channel(CHANNEL)["messages"]]


@pytest.mark.parametrize("token, error", [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_token(slack: SlackStandIn, token: str, error: str) -> None:
    """A call without a token, or with a wrong one, is told apart."""
    answer = slack.handle_call("auth.test", token, {})

    assert answer.body == {"ok": False, "error": error}


def test_required_arguments(slack: SlackStandIn) -> None:
    """What is missing is named as Slack names it."""
    answer = call(slack, "chat.appendStream", channel=CHANNEL)

    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]


def test_unknown_argument(slack: SlackStandIn) -> None:
    """An argument that the method does not know changes nothing, and the record of the call says so."""
    start(slack, metadata={"event_type": "turn", "event_payload": {}})

    assert slack.posts[0]["ignored"] == ["metadata"]


def test_stream_is_one_growing_message(slack: SlackStandIn) -> None:
    """A stream's pieces become one message, which ends when it is stopped."""
    ts = start(slack, markdown_text="Good ")
    call(slack, "chat.appendStream", channel=CHANNEL, ts=ts, markdown_text="morn")
    stopped = call(slack, "chat.stopStream", channel=CHANNEL, ts=ts, markdown_text="ing")

    assert texts(slack) == ["Good morning"]
    assert stopped["message"]["streaming_state"] == "completed"


@pytest.mark.parametrize("missing", ["recipient_user_id", "recipient_team_id"])
def test_recipient(slack: SlackStandIn, missing: str) -> None:
    """In a channel a stream must say whom it is for."""
    recipient = {name: value for name, value in FOR_ADA.items() if name != missing}

    answer = call(slack, "chat.startStream", channel=CHANNEL, thread_ts=PARENT, **recipient)

    assert answer["error"] == f"missing_{missing}"


def test_direct_conversation(slack: SlackStandIn) -> None:
    """In a direct conversation a stream needs no recipient."""
    assert call(slack, "chat.startStream", channel="D0ADA", thread_ts=PARENT)["ok"]


def test_append_after_stop(slack: SlackStandIn) -> None:
    """What has been stopped takes no more."""
    ts = start(slack)
    call(slack, "chat.stopStream", channel=CHANNEL, ts=ts)

    answer = call(slack, "chat.appendStream", channel=CHANNEL, ts=ts, markdown_text="more")

    assert answer["error"] == "message_not_in_streaming_state"


def test_stream_dies_of_age(slack: SlackStandIn, clock: Clock) -> None:
    """A stream ends by itself, however busy it is, and can be updated from then on."""
    ts = start(slack, markdown_text="Hello")
    clock.now += MAX_STREAM_SECONDS + 1

    answer = call(slack, "chat.appendStream", channel=CHANNEL, ts=ts, markdown_text="more")
    updated = call(slack, "chat.update", channel=CHANNEL, ts=ts, markdown_text="Hello again")

    assert answer["error"] == "message_not_in_streaming_state"
    assert updated["ok"]
    assert texts(slack) == ["Hello again"]


def test_stopped_by_the_person(slack: SlackStandIn) -> None:
    """A person may press stop."""
    ts = start(slack)
    slack.end_stream(CHANNEL, ts, "stopped_by_user")

    answer = call(slack, "chat.appendStream", channel=CHANNEL, ts=ts, markdown_text="more")

    assert answer["error"] == "stopped_by_user"


def test_update_while_streaming(slack: SlackStandIn) -> None:
    """A message that still streams cannot be updated."""
    ts = start(slack)

    answer = call(slack, "chat.update", channel=CHANNEL, ts=ts, text="Hello")

    assert answer["error"] == "streaming_state_conflict"


def test_one_mode(slack: SlackStandIn) -> None:
    """A stream speaks Markdown or chunks, and stays with it."""
    ts = start(slack, markdown_text="Hello")

    answer = call(
        slack, "chat.appendStream", channel=CHANNEL, ts=ts, chunks=[{"type": "markdown_text", "text": "x"}]
    )

    assert answer["error"] == "streaming_mode_mismatch"


def test_foreign_message(slack: SlackStandIn) -> None:
    """Only one's own messages can be changed."""
    theirs = slack.add_person_message(CHANNEL, "U0ADA", "Hello").ts

    assert call(slack, "chat.update", channel=CHANNEL, ts=theirs, text="x")["error"] == "cant_update_message"
    assert call(slack, "chat.stopStream", channel=CHANNEL, ts=theirs)["error"] == "message_not_owned_by_app"


@pytest.mark.parametrize(
    "method, more, error",
    [
        ("chat.postMessage", {}, "no_text"),
        ("chat.postMessage", {"text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"text": "x", "markdown_text": "x"}, "markdown_text_conflict"),
        ("chat.postMessage", {"markdown_text": "x" * 12_001}, "msg_too_long"),
        ("chat.postMessage", {"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ("chat.postMessage", {"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_schema"),
        ("chat.postMessage", {"text": "x", "channel": "general"}, "channel_not_found"),
        ("chat.update", {"text": "x", "ts": "1.1"}, "message_not_found"),
        ("conversations.replies", {"ts": "1.1"}, "thread_not_found"),
        ("chat.startStream", {"thread_ts": "1.1", **FOR_ADA, "markdown_text": "x" * 12_001}, "msg_too_long"),
        ("chat.delete", {}, "unknown_method"),
        ("agents.sessions.setStatus", {"channel_id": CHANNEL, "status": "idle"}, "invalid_arguments"),
        (
            "assistant.threads.setSuggestedPrompts",
            {"channel_id": CHANNEL, "prompts": [{"title": "x"}]},
            "invalid_arguments",
        ),
    ],
)
def test_refusals(slack: SlackStandIn, method: str, more: dict[str, Any], error: str) -> None:
    """What Slack refuses is refused, by the same name."""
    assert call(slack, method, **{"channel": CHANNEL, **more})["error"] == error


def test_a_workspace_has_a_limit_on_messages_beside_each_channels(slack: SlackStandIn) -> None:
    """Also where every channel has but one."""
    answers = [
        slack.handle_call("chat.postMessage", BOT_TOKEN, {"channel": f"C0{number:04}", "text": "Hello."})
        for number in range(WORKSPACE_POSTS_PER_MINUTE + 1)
    ]

    assert [answer.status for answer in answers].count(429) == 1
    assert answers[-1].body["error"] == "ratelimited"


@pytest.mark.parametrize(
    "method, a_minute", [("chat.startStream", 20), ("chat.appendStream", 100), ("chat.stopStream", 20)]
)
def test_rate_limit(slack: SlackStandIn, clock: Clock, method: str, a_minute: int) -> None:
    """A workspace has so many calls a minute; then it is told how long to wait, and that is the truth."""
    answers = [slack.handle_call(method, BOT_TOKEN, {}) for _ in range(a_minute + 1)]

    refused = answers[-1]
    assert [answer.status for answer in answers[:-1]] == [200] * a_minute
    assert (refused.status, refused.body) == (429, {"ok": False, "error": "ratelimited"})

    clock.now += int(refused.headers["Retry-After"])
    assert slack.handle_call(method, BOT_TOKEN, {}).status == 200


def test_timestamps(slack: SlackStandIn) -> None:
    """Two messages of one moment have different names, in order."""
    names = [call(slack, "chat.postMessage", channel=CHANNEL, text="x")["ts"] for _ in range(5)]

    assert names == sorted(set(names))


def test_replies(slack: SlackStandIn) -> None:
    """A thread is read with its first message, and with metadata if asked for."""
    parent = slack.add_person_message(CHANNEL, "U0ADA", "Hello").ts
    slack.add_person_message(CHANNEL, "U0ADA", "Something else")
    turn = {"event_type": "turn", "event_payload": {"id": "1"}}
    call(slack, "chat.postMessage", channel=CHANNEL, thread_ts=parent, text="Hi", metadata=turn)

    thread = call(slack, "conversations.replies", channel=CHANNEL, ts=parent, include_all_metadata=True)

    assert [message["text"] for message in thread["messages"]] == ["Hello", "Hi"]
    assert thread["messages"][1]["metadata"] == turn


def test_status(slack: SlackStandIn, clock: Clock) -> None:
    """A status is seen until something is said, or two minutes have passed."""

    def show() -> None:
        call(
            slack, "assistant.threads.setStatus", channel_id=CHANNEL, thread_ts=PARENT, status="is thinking…"
        )

    show()
    assert slack.visible_channel(CHANNEL)["statuses"] == {PARENT: "is thinking…"}

    start(slack)
    assert slack.visible_channel(CHANNEL)["statuses"] == {}

    show()
    clock.now += 121
    assert slack.visible_channel(CHANNEL)["statuses"] == {}


def test_session(slack: SlackStandIn) -> None:
    """An agent's thread has a session, and prompts that people may choose from."""
    prompts = [{"title": "Keys", "message": "Who has the keys?"}]

    call(slack, "agents.sessions.setStatus", channel_id=CHANNEL, thread_ts=PARENT, status="processing")
    call(slack, "assistant.threads.setSuggestedPrompts", channel_id=CHANNEL, prompts=prompts)

    seen = slack.visible_channel(CHANNEL)
    assert (seen["sessions"], seen["prompts"]) == ({PARENT: "processing"}, prompts)


def test_names_of_people(slack: SlackStandIn) -> None:
    """A person has a full name, and a display name where they have set one."""
    assert call(slack, "users.info", user="U0ADA")["user"]["profile"]["display_name"] == "Ada"
    nameless = call(slack, "users.info", user="U0NEW")["user"]
    assert (nameless["profile"]["display_name"], nameless["real_name"]) == ("", "Full Name of U0NEW")
    assert call(slack, "users.info", user="nobody")["error"] == "user_not_found"


@pytest.mark.parametrize(
    "method, arguments, scope",
    [("users.info", {"user": "U0ADA"}, "users:read"), ("usergroups.list", {}, "usergroups:read")],
)
def test_names_need_their_scopes(
    slack: SlackStandIn, method: str, arguments: dict[str, str], scope: str
) -> None:
    """An app that was not granted the scope is told which one."""
    slack.people.scopes.discard(scope)

    answer = call(slack, method, **arguments)

    assert (answer["error"], answer["needed"]) == ("missing_scope", scope)


def test_a_thread_comes_in_pages(slack: SlackStandIn, clock: Clock) -> None:
    """The oldest posts first, with a cursor to those that follow."""
    clock.now += 1
    slack.add_person_message(CHANNEL, "U0ADA", "first", ts=PARENT)
    for number in range(1, 5):
        slack.add_person_message(CHANNEL, "U0BEN", f"post {number}", thread_ts=PARENT)

    page = call(slack, "conversations.replies", channel=CHANNEL, ts=PARENT, limit=3)
    cursor = page["response_metadata"]["next_cursor"]
    rest = call(slack, "conversations.replies", channel=CHANNEL, ts=PARENT, limit=3, cursor=cursor)

    assert [post["text"] for post in page["messages"]] == ["first", "post 1", "post 2"]
    assert ([post["text"] for post in rest["messages"]], rest["has_more"]) == (["post 3", "post 4"], False)
    assert (
        call(slack, "conversations.replies", channel=CHANNEL, ts=PARENT, cursor="?")["error"]
        == "invalid_cursor"
    )


def test_an_unlisted_app_reads_little_of_a_thread(slack: SlackStandIn, clock: Clock) -> None:
    """Outside of the Marketplace: 15 posts a call, and one call a minute."""
    slack.is_listed = False
    slack.add_person_message(CHANNEL, "U0ADA", "first", ts=PARENT)
    for number in range(20):
        slack.add_person_message(CHANNEL, "U0BEN", f"post {number}", thread_ts=PARENT)
    asked = {"channel": CHANNEL, "ts": PARENT, "limit": 200}

    assert len(call(slack, "conversations.replies", **asked)["messages"]) == 15
    refused = slack.handle_call("conversations.replies", BOT_TOKEN, asked)
    clock.now += 61

    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert call(slack, "conversations.replies", **asked)["ok"]
