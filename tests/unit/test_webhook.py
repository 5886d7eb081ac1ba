"""What the webhook keeps, refuses and ignores."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from repartee.channels.slack.receiver import sign_body
from repartee.domain.meeting import Meeting
from repartee.errors import SettingError, Unavailable
from tests.support.memory_handlers import (
    NOW_SECONDS,
    SIGNING_SECRET,
    MemoryWiring,
    WebhookFunction,
    changed_payload,
    read_payload,
)

MENTION = "slack:T0BUTLER:C0GENERAL:1789000000.000100"


def kept(webhook: WebhookFunction) -> list[str]:
    return [message.text for message in webhook.parts.inbox.said_messages()]


def woken(webhook: WebhookFunction) -> list[str]:
    return webhook.parts.wakes.first_chats()


def test_a_mention_is_kept_and_its_thread_is_woken() -> None:
    """A mention is acknowledged, kept without the mention in its text, and wakes the chat of its thread."""
    webhook = WebhookFunction()

    answer = webhook.send_sample("slack/app_mention")

    assert answer["statusCode"] == 200
    (message,) = webhook.parts.inbox.said_messages()
    assert message.chat == MENTION
    assert message.room == "slack:T0BUTLER:C0GENERAL"
    assert message.sender == "slack:T0BUTLER:U0ADA"
    assert message.text == "when does the Lisbon office open, and who has the keys?"
    assert woken(webhook) == [MENTION]


def test_both_events_of_a_mention_are_one_message() -> None:
    """Slack sends `app_mention` and `message` for one mention: it is kept once, whichever comes first."""
    for first, second in (
        ("app_mention", "message_of_the_mention"),
        ("message_of_the_mention", "app_mention"),
    ):
        webhook = WebhookFunction()
        webhook.send_sample(f"slack/{first}")
        webhook.send_sample(f"slack/{second}")

        assert len(kept(webhook)) == 1


@pytest.mark.parametrize("retry", [{}, {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}])
def test_a_redelivery_of_an_open_message_wakes_again(retry: dict[str, str]) -> None:
    """A message that still waits is woken again by each delivery, with or without a retry header."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/app_mention")
    body = read_payload("slack/app_mention")

    webhook.post_body(body, signature(body) | retry)

    assert len(kept(webhook)) == 1
    assert woken(webhook) == [MENTION, MENTION]


def test_a_redelivery_of_an_answered_message_does_nothing() -> None:
    """A message that was answered is acknowledged, and nobody is woken."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/app_mention")
    webhook.parts.inbox.open.clear()

    answer = webhook.send_sample("slack/app_mention")

    assert answer["statusCode"] == 200
    assert len(woken(webhook)) == 1


def test_a_wake_that_cannot_be_sent_makes_the_platform_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the chat cannot be woken the answer is 503, and the next delivery wakes it."""
    webhook = WebhookFunction()

    def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("sqs", "down")

    with monkeypatch.context() as down:
        down.setattr(webhook.parts.wakes, "send", fail)
        assert webhook.send_sample("slack/app_mention")["statusCode"] == 503

    assert webhook.send_sample("slack/app_mention")["statusCode"] == 200
    assert woken(webhook) == [MENTION]


def test_a_direct_message_needs_no_mention() -> None:
    """In a direct conversation everything is said to the assistant, and the room is the chat."""
    webhook = WebhookFunction()

    webhook.send_sample("slack/direct_message")

    assert woken(webhook) == ["slack:T0BUTLER:D0ADA"]


def test_a_file_counts_as_a_message() -> None:
    """A message that shares a file is a message."""
    webhook = WebhookFunction()

    webhook.send_sample("slack/file_share")

    assert kept(webhook) == ["what does the contract say about parking?"]


def test_a_thread_goes_on_without_mentions() -> None:
    """In a thread where the assistant takes part, what people say is said to it too."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/thread_reply")
    assert kept(webhook) == []

    webhook.send_sample("slack/app_mention")
    webhook.send_sample("slack/thread_reply")

    assert kept(webhook)[-1] == "And is there parking?"
    assert set(woken(webhook)) == {MENTION}


@pytest.mark.parametrize(
    "name",
    [
        "channel_message",
        "own_message",
        "message_unfurled",
        "channel_join",
        "reaction_added",
        "app_rate_limited",
    ],
)
def test_what_is_not_said_to_the_assistant_is_acknowledged_and_ignored(name: str) -> None:
    """Chatter, own messages, unfurled links and unknown events get a 200, and nothing happens."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/app_mention")

    answer = webhook.send_sample(f"slack/{name}")

    assert answer["statusCode"] == 200
    assert len(kept(webhook)) == 1


def test_people_who_talk_in_a_meetings_thread_go_on_to_be_overheard() -> None:
    """What was filed of a thread does not make the assistant a part of it, during the meeting or after."""
    webhook = WebhookFunction()
    room = "slack:T0BUTLER:C0GENERAL"
    webhook.parts.records.save_meeting(room, Meeting.start(room, 1789000000.0))
    webhook.send_sample("slack/thread_reply")
    webhook.post_body(changed_payload("slack/thread_reply", ts="1789000200.000100"))
    webhook.parts.records.save_meeting(room, Meeting.start(room, 1789000000.0).end(1789000300.0))
    webhook.post_body(changed_payload("slack/thread_reply", ts="1789000400.000100"))

    overheard = [message.overheard for message in webhook.parts.inbox.said_messages()]
    assert overheard == [True, True]


def test_what_is_said_in_a_meeting_is_kept_as_overheard() -> None:
    """While a meeting goes on in the room, what people say to each other there is kept to be filed; an order
    that one gives another is none to the assistant."""
    webhook = WebhookFunction()
    room = "slack:T0BUTLER:C0GENERAL"
    webhook.parts.records.save_meeting(room, Meeting.start(room, 1789000000.0))

    webhook.send_sample("slack/channel_message")

    (message,) = webhook.parts.inbox.said_messages()
    assert message.overheard
    assert not message.addressed


def test_who_calls_the_assistant_by_its_name_is_known() -> None:
    """A mention is told from what is only said in its thread."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/app_mention")
    webhook.send_sample("slack/thread_reply")

    assert [message.mentioned for message in webhook.parts.inbox.said_messages()] == [True, False]


def test_another_bots_mention_is_ignored() -> None:
    """Two bots that mention each other would never end."""
    webhook = WebhookFunction()

    webhook.post_body(changed_payload("slack/app_mention", bot_id="B0OTHER"))

    assert kept(webhook) == []


def test_the_url_is_verified() -> None:
    """Slack's challenge is given back, signed like everything else."""
    webhook = WebhookFunction()

    answer = webhook.send_sample("slack/url_verification")

    assert json.loads(answer["body"]) == {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
    assert webhook.send_sample("slack/url_verification", headers={})["statusCode"] == 401


def test_mute_and_unmute_act_at_once() -> None:
    """An order is carried out before the message is kept, in the room where it is given."""
    webhook = WebhookFunction()
    room = "slack:T0BUTLER:C0GENERAL"

    webhook.send_sample("slack/mute")
    assert webhook.parts.records.read_control(room, "").muted_until == 1789000700.0011 + 7200

    webhook.send_sample("slack/unmute")
    webhook.send_sample("slack/mute")
    assert webhook.parts.records.read_control(room, "").muted_until == 0


def test_stop_ends_what_was_asked_before() -> None:
    """A stop in a thread is about what was said there until then."""
    webhook = WebhookFunction()
    webhook.send_sample("slack/app_mention")

    webhook.send_sample("slack/stop")

    control = webhook.parts.records.read_control("", MENTION)
    assert [control.is_stopped(message) for message in webhook.parts.inbox.said_messages()] == [True, True]


@pytest.mark.parametrize("in_base64", [True, False])
def test_the_raw_body_is_what_is_verified(in_base64: bool) -> None:
    """API Gateway may hand over a body in base64: its bytes are those that Slack signed."""
    webhook = WebhookFunction()

    answer = webhook.send_sample("slack/app_mention", in_base64=in_base64)

    assert answer["statusCode"] == 200


def signature(body: bytes, **changes: str) -> dict[str, str]:
    timestamp = changes.get("timestamp", str(int(NOW_SECONDS)))
    return {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": changes.get("signature", sign_body(SIGNING_SECRET, timestamp, body)),
    }


BODY = read_payload("slack/app_mention")

REFUSED = {
    "no headers": {},
    "no signature": {"x-slack-request-timestamp": str(int(NOW_SECONDS))},
    "no timestamp": {"x-slack-signature": "v0=00"},
    "wrong": signature(BODY, signature="v0=" + "0" * 64),
    "of another body": signature(b"{}"),
    "of another version": signature(BODY, signature="v1=" + "0" * 64),
    "empty": signature(BODY, signature=""),
    "not ASCII": signature(BODY, signature="v0=é"),
    "given twice": signature(
        BODY, signature=",".join([sign_body(SIGNING_SECRET, str(int(NOW_SECONDS)), BODY)] * 2)
    ),
    "stale": signature(BODY, timestamp=str(int(NOW_SECONDS) - 301)),
    "of tomorrow": signature(BODY, timestamp=str(int(NOW_SECONDS) + 301)),
    "timestamp not a number": signature(BODY, timestamp="now"),
    "timestamp in other digits": signature(BODY, timestamp="١٧٨٩٠٠٠٠٠٠"),
    "timestamp given twice": signature(BODY, timestamp=f"{int(NOW_SECONDS)},{int(NOW_SECONDS)}"),
    "timestamp without end": signature(BODY, timestamp="9" * 400),
    "timestamp negative": signature(BODY, timestamp="-1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_who_did_not_sign_is_refused(case: str) -> None:
    """A wrong, missing, stale or strange signature is a 401; the log says which, without the body."""
    webhook = WebhookFunction()

    answer = webhook.post_body(BODY, REFUSED[case])

    assert answer["statusCode"] == 401
    assert kept(webhook) == []
    logged = webhook.parts.log.getvalue()
    assert json.loads(answer["body"])["error"] in logged
    assert "Lisbon" not in logged


UNREADABLE = {
    "not JSON": b"{",
    "not UTF-8": b'{"type": "\xff\xfe"}',
    "not an object": b"[]",
    "nothing": b"",
    "no type": b"{}",
    "a challenge without one": b'{"type": "url_verification"}',
    "an event that is a text": b'{"type": "event_callback", "event": "hello"}',
    "an event without a type": b'{"type": "event_callback", "event": {}}',
    "nested without end": b'{"type": "event_callback", "event": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "text that is a number": changed_payload("slack/app_mention", text=5),
    "no user": changed_payload("slack/app_mention", user=None),
    "no channel": changed_payload("slack/app_mention", channel=None),
    "no time": changed_payload("slack/app_mention", ts=None),
    "a time that is none": changed_payload("slack/app_mention", ts="yesterday"),
    "a thread that is none": changed_payload("slack/app_mention", thread_ts="1e9"),
    "a channel that is none": changed_payload("slack/app_mention", channel="#turn"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_acknowledged_and_kept_aside(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed nonsense is a 200, a dead letter that says what is wrong with it, a metric and a log entry."""
    webhook = WebhookFunction()

    answer = webhook.post_body(UNREADABLE[case])

    assert answer["statusCode"] == 200
    assert kept(webhook) == []
    ((path, (update,), reason),) = webhook.parts.wakes.dead_lettered
    assert (path, len(update)) == ("/slack/events", 32)
    assert reason
    logged = webhook.parts.log.getvalue()
    assert "update_unreadable" in logged
    assert "Lisbon" not in logged + reason
    assert '"UnreadableUpdates"' in capsys.readouterr().out


def test_a_body_over_a_megabyte_is_acknowledged_and_kept_aside() -> None:
    """No platform sends that much. What nobody signed is refused."""
    webhook = WebhookFunction()

    assert webhook.post_body(b" " * (1024 * 1024 + 1))["statusCode"] == 200
    assert webhook.post_body(b" " * (1024 * 1024 + 1), {})["statusCode"] == 401
    assert len(webhook.parts.wakes.dead_lettered) == 1


def test_a_dead_letter_that_cannot_be_left_makes_the_platform_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is lost for a passing reason."""
    webhook = WebhookFunction()

    def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("sqs", "down")

    monkeypatch.setattr(webhook.parts.wakes, "dead_letter", fail)

    assert webhook.post_body(b"{")["statusCode"] == 503


@pytest.mark.parametrize("body,status", [("*", 401), (BODY.decode(), 200)])
def test_a_body_that_is_not_the_base64_it_claims_to_be_is_taken_as_it_is(body: str, status: int) -> None:
    """Whatever the gateway says of a body, the signature decides."""
    answer = WebhookFunction().post_body(BODY, handed_over=body, isBase64Encoded=True)

    assert answer["statusCode"] == status


def test_nothing_listens_elsewhere() -> None:
    """An unknown path is a 404."""
    assert WebhookFunction().send_sample("slack/app_mention", path="/elsewhere")["statusCode"] == 404


def test_a_missing_setting_stops_the_start() -> None:
    """Without the signing secret the function does not start, and says what it is for."""
    parts = MemoryWiring(SLACK_SIGNING_SECRET="")

    with pytest.raises(SettingError, match=r"SLACK_SIGNING_SECRET is not set. It proves that an event comes"):
        WebhookFunction(parts)


def test_no_message_text_is_logged() -> None:
    """The log of a kept message names it, and does not quote it."""
    webhook = WebhookFunction()

    webhook.send_sample("slack/app_mention")

    logged = webhook.parts.log.getvalue()
    assert "1789000000.000100" in logged
    assert "Lisbon" not in logged
    assert base64.b64encode(BODY).decode()[:40] not in logged
