"""What Slack posts, and what becomes of it: messages with all that belongs to them, openings, orders."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from local.sample_events import samples
from repartee.domain.message import ButtonPress, Message, Opening
from repartee.domain.proposal import PROPOSAL_VALID_SECONDS
from repartee.wiring import functions
from tests.support.inbox_builders import make_exchange
from tests.support.memory_handlers import NOW_SECONDS, SIGNING_SECRET, WebhookFunction, changed_payload
from tests.support.memory_proposals import make_proposal

GENERAL, THREAD = "slack:T0BUTLER:C0GENERAL", "slack:T0BUTLER:C0GENERAL:1789000000.000100"


def send(webhook: WebhookFunction, name: str) -> dict[str, Any]:
    """Posts a sample as it is in events/, in the form in which Slack posts it."""
    posted = samples.build_request(
        samples.find_event(f"slack/{name}"), NOW_SECONDS, SIGNING_SECRET, lambda: "0123456789abcdef"
    )
    return webhook.post_body(posted.body, dict(posted.headers), path=posted.path)


def press(webhook: WebhookFunction, name: str, **changes: Any) -> dict[str, Any]:
    """Presses a sample's button, of which something else is so."""
    pressed = json.loads(samples.find_event(f"slack/interactivity/{name}").read_text()) | changes
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    return webhook.post_body(body, path="/slack/interactivity")


def received(name: str) -> Message:
    """The message that a sample brings."""
    webhook = WebhookFunction()
    assert webhook.send_sample(f"slack/{name}")["statusCode"] == 200
    (message,) = webhook.parts.inbox.said_messages()
    return message


def stopped(webhook: WebhookFunction) -> dict[str, float]:
    """The chats in which somebody stopped the assistant, and when."""
    controls = webhook.parts.records.controls.items()
    return {chat: control.stopped_at for chat, control in controls if control.stopped_at}


def test_a_private_channel_is_a_channel() -> None:
    """A mention there is answered, and who else is named in it is known."""
    message = received("group_mention")

    assert message.addressed
    assert message.chat == "slack:T0BUTLER:G0SECRET:1789000800.000100"
    assert message.text == "@ada and <@U0CLEO> want to know: who is on call?"
    assert [person.id for person in message.mentions] == ["slack:T0BUTLER:U0ADA", "slack:T0BUTLER:U0CLEO"]


def test_in_a_conversation_of_several_people_the_assistant_is_mentioned() -> None:
    """It is not alone with anybody there: what does not mention it is not for it."""
    assert received("group_conversation_message").text == "what did we decide about the venue?"

    webhook = WebhookFunction()
    webhook.post_body(
        changed_payload("slack/group_conversation_message", text="what did we decide about the venue?")
    )
    assert webhook.parts.inbox.messages == {}


def test_a_reply_names_what_it_replies_to() -> None:
    """A message in a thread answers the thread's first message; a mention that begins one answers nothing."""
    assert received("assistant_thread_message").reply_to == "1789000820.000100"
    assert received("app_mention").reply_to == ""


def test_files_come_with_what_is_needed_to_fetch_them() -> None:
    """Kind, name, type and size of each, and its link; not those that are deleted or kept elsewhere."""
    voice, photo = received("voice_and_picture").attachments

    assert (voice.kind, voice.id, voice.mime, voice.size) == ("audio", "F0VOICE", "audio/mp4", 51234)
    assert (photo.kind, photo.name) == ("image", "whiteboard.png")
    assert photo.download_ref == {
        "link": "https://files.slack.com/files-pri/T0BUTLER-F0PHOTO/download/whiteboard.png"
    }
    (contract,) = received("file_share").attachments
    assert (contract.kind, contract.mime) == ("file", "application/pdf")


def test_a_message_may_come_from_another_company() -> None:
    """In Slack Connect the sender is of their own workspace, and the reply says so; files are asked for."""
    message = received("connect_message")

    assert message.room == "slack:T0BUTLER:C0SHARED"
    assert message.sender == "slack:T9PARTNER:U9MIA"
    assert message.platform["team"] == "T9PARTNER"
    (offer,) = message.attachments
    assert (offer.id, offer.download_ref) == ("F9OFFER", {})


def test_an_organisations_installation_is_one_workspace() -> None:
    """Whatever workspace of it an event, a command or a button comes from, the room is the same."""
    assert received("org_wide_mention").room == "slack:E0GRID:C0ORG"
    webhook = WebhookFunction()

    send(webhook, "commands/org_wide_mute")
    send(webhook, "interactivity/org_wide_stop")

    assert webhook.parts.records.read_control("slack:E0GRID:C0GENERAL", "").is_muted(NOW_SECONDS + 1)
    assert list(stopped(webhook)) == ["slack:E0GRID:C0GENERAL:1789000000.000100"]


@pytest.mark.parametrize(
    "name, chat, thread",
    [
        ("assistant_thread_started", "slack:T0BUTLER:D0ADA:1789000820.000100", "1789000820.000100"),
        ("app_home_opened", "slack:T0BUTLER:D0ADA", ""),
    ],
)
def test_a_conversation_that_is_opened_is_kept_without_a_word(name: str, chat: str, thread: str) -> None:
    """So that the assistant can say what one may ask. It comes once, however often Slack delivers it."""
    webhook = WebhookFunction()
    webhook.send_sample(f"slack/{name}")
    webhook.send_sample(f"slack/{name}")

    (message,) = webhook.parts.inbox.messages.values()
    assert isinstance(message, Opening)
    assert message.chat == chat
    assert message.platform["thread"] == thread


def test_the_home_tab_is_left_as_it_is() -> None:
    """There is nothing of ours on it."""
    webhook = WebhookFunction()

    assert webhook.send_sample("slack/app_home_tab")["statusCode"] == 200
    assert webhook.parts.inbox.messages == {}


def test_slacks_own_stop_button_stops_the_thread() -> None:
    """What was said in the thread until then is not answered any more."""
    webhook = WebhookFunction()

    webhook.send_sample("slack/agent_session_stopped")

    assert stopped(webhook) == {THREAD: 1789000003.0014}


def test_in_a_direct_conversation_the_button_stops_the_conversation_too() -> None:
    """What is asked outside of threads is answered in one, while its chat is the whole conversation."""
    webhook = WebhookFunction()

    webhook.post_body(changed_payload("slack/agent_session_stopped", channel="D0ADA"))

    assert set(stopped(webhook)) == {"slack:T0BUTLER:D0ADA", "slack:T0BUTLER:D0ADA:1789000000.000100"}


def test_our_stop_button_stops_the_thread() -> None:
    """The one under a message that was posted acts like Slack's own."""
    webhook = WebhookFunction()

    assert send(webhook, "interactivity/stop_button")["statusCode"] == 200

    assert stopped(webhook) == {THREAD: NOW_SECONDS}


@pytest.mark.parametrize("name, state", [("approve", "approved"), ("decline", "declined")])
def test_a_decision_is_written_at_once_and_wakes_its_chat(name: str, state: str) -> None:
    """The turn finds a message that says nothing but on what was decided, and where the button is."""
    webhook = WebhookFunction()
    webhook.parts.proposals.put(
        make_proposal(
            "purchase:17", approver="slack:T0BUTLER:U0ADA", expires_at=NOW_SECONDS + PROPOSAL_VALID_SECONDS
        )
    )

    send(webhook, f"interactivity/{name}")

    assert webhook.parts.proposals.kept["purchase:17"].state == state
    ((_, message),) = webhook.parts.inbox.open.items()
    assert isinstance(message, ButtonPress)
    assert (message.proposal_id, message.chat) == ("purchase:17", THREAD)
    assert message.platform["pressed"] == "1789000001.000400"
    assert webhook.parts.wakes.first_chats() == [THREAD]


def test_a_press_that_decides_nothing_is_told_by_a_turn() -> None:
    """Another person's, a second one, a late one: nothing changes, and the chat is woken to say so."""
    webhook = WebhookFunction()
    webhook.parts.proposals.put(make_proposal("purchase:17", approver="slack:T0BUTLER:U0BEN"))

    send(webhook, "interactivity/approve")

    assert webhook.parts.proposals.kept["purchase:17"].state == "open"
    assert len(webhook.parts.inbox.open) == 1


def test_a_press_that_is_delivered_again_changes_nothing() -> None:
    """It has the same id, so the inbox knows it."""
    webhook = WebhookFunction()

    send(webhook, "interactivity/approve")
    send(webhook, "interactivity/approve")

    assert len(webhook.parts.inbox.messages) == 1


def test_what_somebody_thinks_of_a_reply_is_kept_with_its_turn() -> None:
    """It is counted and decides nothing; of a reply that is not known nothing is."""
    webhook = WebhookFunction()
    counted: list[str] = []
    webhook.parts.get(functions.webhook)._count_metric = counted.append
    send(webhook, "interactivity/feedback")
    webhook.parts.inbox.exchanges["0123456789abcdef"] = make_exchange("0123456789abcdef")

    send(webhook, "interactivity/feedback")

    (given,) = webhook.parts.inbox.feedback["0123456789abcdef"].values()
    assert (given.person, given.helpful) == ("slack:T0BUTLER:U0ADA", False)
    assert given.chat.startswith("slack:T0BUTLER:")
    assert counted == ["FeedbackNotHelpful"]
    assert not webhook.parts.inbox.messages
    assert not webhook.parts.proposals.kept


@pytest.mark.parametrize("name", ["another_button", "shortcut"])
def test_what_is_pressed_elsewhere_is_acknowledged_and_ignored(name: str) -> None:
    """A button that is not ours orders nothing."""
    webhook = WebhookFunction()

    assert send(webhook, f"interactivity/{name}")["statusCode"] == 200
    assert not webhook.parts.records.controls
    assert not webhook.parts.inbox.feedback
    assert not webhook.parts.inbox.messages


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": None},
        {"channel": {"id": "../C1"}},
        {"team": None, "message": {"user": "U0REPARTEE"}},
        {"user": {"id": ""}},
        {"container": {}},
        {"actions": [{"action_id": "repartee_approve", "action_ts": "1.1", "value": ""}]},
        {"actions": [{"action_id": "repartee_stop", "action_ts": "now"}]},
        {"actions": "all"},
    ],
)
def test_a_button_without_its_place_is_kept_aside(changes: dict[str, Any]) -> None:
    """Acknowledged, with a dead letter that says why; and nothing is decided."""
    webhook = WebhookFunction()

    answer = press(webhook, "approve", **changes)

    assert answer["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == 1
    assert not webhook.parts.inbox.messages


def test_a_command_acts_at_once_and_is_answered_to_who_gave_it() -> None:
    """Mute and unmute, in the room where the command is typed; nobody else sees the answer."""
    webhook = WebhookFunction()

    muted = send(webhook, "commands/mute_command")
    assert webhook.parts.records.read_control(GENERAL, "").muted_until == NOW_SECONDS + 7200
    webhook.parts.now += 1
    send(webhook, "commands/unmute_command")
    assert not webhook.parts.records.read_control(GENERAL, "").is_muted(NOW_SECONDS + 2)

    answer = json.loads(muted["body"])
    assert answer["response_type"] == "ephemeral"
    assert "quiet" in answer["text"]
    assert muted["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize("name", ["help_command", "unknown_command"])
def test_help_says_what_there_is(name: str) -> None:
    """Asked for, or because nobody knows what was meant."""
    answer = json.loads(send(WebhookFunction(), f"commands/{name}")["body"])

    assert "/repartee mute" in answer["text"]
    assert ("do not know" in answer["text"]) == (name == "unknown_command")


@pytest.mark.parametrize("path", ["/slack/interactivity", "/slack/commands"])
def test_every_route_is_signed(path: str) -> None:
    """What nobody signed is a 401 there too, and what is no form is kept aside."""
    webhook = WebhookFunction()

    assert webhook.post_body(b"payload=%7B%7D", {}, path=path)["statusCode"] == 401
    assert webhook.post_body(b"text=mute&\xff", path=path)["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == 1
