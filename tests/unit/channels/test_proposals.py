"""How a proposal looks in Slack and in Telegram, and what stands there once it is decided."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.errors import Throttled
from tests.support.memory_proposals import make_proposal
from tests.support.slack_channel import CHANNEL_ID, SlackChannel
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID, TelegramTestChat

SUMMARY = "**Change** [Desks](https://erp/1):\n- Stage: New → Won <!channel>"
TERMS = "Only the person who asked may decide, within 10 minutes."


def slack_message(channel: SlackChannel) -> dict[str, Any]:
    """The assistant's newest message."""
    found: dict[str, Any] = channel.slack.visible_channel(CHANNEL_ID)["messages"][-1]
    return found


def test_in_slack_two_buttons_decide() -> None:
    """Under the summary, in the thread, with the subject in each; nobody is pinged by it."""
    channel = SlackChannel()

    channel.replies.send_proposal(channel.make_message(), make_proposal("p17", summary=SUMMARY))

    (post,) = channel.recorded_calls("chat.postMessage")
    assert post["arguments"]["thread_ts"] == channel.make_message().platform["thread"]
    markdown, actions, context = post["arguments"]["blocks"]
    assert markdown["text"].startswith("**Change** [Desks](https://erp/1):")
    assert "<!channel>" not in markdown["text"]
    assert [button["value"] for button in actions["elements"]] == ["p17", "p17"]
    assert [button["action_id"] for button in actions["elements"]] == ["repartee_approve", "repartee_decline"]
    assert context["elements"][0]["text"] == TERMS


def test_in_slack_the_decision_takes_the_buttons_place() -> None:
    """In the message that was pressed."""
    channel = SlackChannel()
    channel.replies.send_proposal(channel.make_message(), make_proposal("p17", summary=SUMMARY))
    ts = slack_message(channel)["ts"]
    pressed = msgspec.structs.replace(
        channel.make_message(), platform={**channel.make_message().platform, "pressed": ts}
    )

    channel.replies.show_decision(pressed, make_proposal("p17", summary=SUMMARY), "✅ Approved")

    (update,) = channel.recorded_calls("chat.update")
    assert update["arguments"]["ts"] == ts
    assert [block["type"] for block in update["arguments"]["blocks"]] == ["markdown", "context"]
    assert update["ok"]


@pytest.mark.parametrize("method", ["chat.postMessage"])
def test_in_slack_a_limit_is_waited_for(method: str) -> None:
    """For as long as Slack says, if that is not too long."""
    channel = SlackChannel()
    began = channel.now
    channel.fail_next_calls(method, 3, None)
    channel.replies.send_proposal(channel.make_message(), make_proposal())
    assert channel.now == began + 3

    channel.fail_next_calls(method, 120)
    with pytest.raises(Throttled):
        channel.replies.send_proposal(channel.make_message(), make_proposal())


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_in_telegram_two_buttons_decide(chat: int) -> None:
    """Under the summary, with the subject in each."""
    talk = TelegramTestChat(chat)

    talk.replies.send_proposal(talk.make_message(), make_proposal("p17", summary=SUMMARY))

    (said,) = talk.assistant_messages()
    assert said["text"].startswith("Change Desks:")
    assert said["text"].endswith(TERMS)
    assert said["buttons"] == ["✅ Approve", "Decline"]
    (sent,) = talk.recorded_calls("sendMessage")
    (row,) = sent["arguments"]["reply_markup"]["inline_keyboard"]
    assert [button["callback_data"] for button in row] == ["approve:p17", "decline:p17"]


def test_in_telegram_the_decision_takes_the_buttons_place() -> None:
    """In the message that was pressed."""
    talk = TelegramTestChat(GROUP_CHAT_ID, topic=7)
    talk.replies.send_proposal(talk.make_message(), make_proposal("p17", summary=SUMMARY))
    (said,) = talk.assistant_messages()
    assert said["topic"] == 7
    place = {**talk.make_message().platform, "pressed": str(said["id"])}

    talk.replies.show_decision(
        msgspec.structs.replace(talk.make_message(), platform=place),
        make_proposal("p17", summary=SUMMARY),
        "Declined",
    )

    (said,) = talk.assistant_messages()
    assert said["buttons"] == []
    assert said["text"].endswith("Declined")


def test_in_telegram_what_is_refused_as_html_is_sent_as_text() -> None:
    """A proposal that nobody could see would be worth nothing."""
    talk = TelegramTestChat()
    talk.fail_next_calls("sendMessage", "can't parse entities")

    talk.replies.send_proposal(talk.make_message(), make_proposal("p17", summary=SUMMARY))

    (said,) = talk.assistant_messages()
    assert said["buttons"] == ["✅ Approve", "Decline"]
