"""How a proposal looks in Slack and in Telegram, and what stands there once it is decided."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.errors import Throttled
from tests.support.proposals import proposal
from tests.support.slack import CHANNEL, Channel
from tests.support.telegram import GROUP, PRIVATE, Talk

SUMMARY = "**Change** [Desks](https://erp/1):\n- Stage: New → Won <!channel>"
TERMS = "Only the person who asked may decide, within ten minutes."


def slack_message(channel: Channel) -> dict[str, Any]:
    """The assistant's newest message."""
    found: dict[str, Any] = channel.slack.seen(CHANNEL)["messages"][-1]
    return found


def test_in_slack_two_buttons_decide() -> None:
    """Under the summary, in the thread, with the subject in each; nobody is pinged by it."""
    channel = Channel()

    channel.replies.propose(channel.message(), proposal("p17", summary=SUMMARY))

    (post,) = channel.calls("chat.postMessage")
    assert post["arguments"]["thread_ts"] == channel.message().platform["thread"]
    markdown, actions, context = post["arguments"]["blocks"]
    assert markdown["text"].startswith("**Change** [Desks](https://erp/1):")
    assert "<!channel>" not in markdown["text"]
    assert [button["value"] for button in actions["elements"]] == ["p17", "p17"]
    assert [button["action_id"] for button in actions["elements"]] == ["repartee_approve", "repartee_decline"]
    assert context["elements"][0]["text"] == TERMS


def test_in_slack_the_decision_takes_the_buttons_place() -> None:
    """In the message that was pressed."""
    channel = Channel()
    channel.replies.propose(channel.message(), proposal("p17", summary=SUMMARY))
    ts = slack_message(channel)["ts"]
    pressed = msgspec.structs.replace(
        channel.message(), platform={**channel.message().platform, "pressed": ts}
    )

    channel.replies.decided(pressed, proposal("p17", summary=SUMMARY), "✅ Approved")

    (update,) = channel.calls("chat.update")
    assert update["arguments"]["ts"] == ts
    assert [block["type"] for block in update["arguments"]["blocks"]] == ["markdown", "context"]
    assert update["ok"]


@pytest.mark.parametrize("method", ["chat.postMessage"])
def test_in_slack_a_limit_is_waited_for(method: str) -> None:
    """For as long as Slack says, if that is not too long."""
    channel = Channel()
    began = channel.now
    channel.fail(method, 3, None)
    channel.replies.propose(channel.message(), proposal())
    assert channel.now == began + 3

    channel.fail(method, 120)
    with pytest.raises(Throttled):
        channel.replies.propose(channel.message(), proposal())


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_in_telegram_two_buttons_decide(chat: int) -> None:
    """Under the summary, with the subject in each."""
    talk = Talk(chat)

    talk.replies.propose(talk.message(), proposal("p17", summary=SUMMARY))

    (said,) = talk.messages()
    assert said["text"].startswith("Change Desks:")
    assert said["text"].endswith(TERMS)
    assert said["buttons"] == ["✅ Approve", "Decline"]
    (sent,) = talk.calls("sendMessage")
    (row,) = sent["arguments"]["reply_markup"]["inline_keyboard"]
    assert [button["callback_data"] for button in row] == ["approve:p17", "decline:p17"]


def test_in_telegram_the_decision_takes_the_buttons_place() -> None:
    """In the message that was pressed."""
    talk = Talk(GROUP, topic=7)
    talk.replies.propose(talk.message(), proposal("p17", summary=SUMMARY))
    (said,) = talk.messages()
    assert said["topic"] == 7
    place = {**talk.message().platform, "pressed": str(said["id"])}

    talk.replies.decided(
        msgspec.structs.replace(talk.message(), platform=place),
        proposal("p17", summary=SUMMARY),
        "Declined",
    )

    (said,) = talk.messages()
    assert said["buttons"] == []
    assert said["text"].endswith("Declined")


def test_in_telegram_what_is_refused_as_html_is_sent_as_text() -> None:
    """A proposal that nobody could see would be worth nothing."""
    talk = Talk()
    talk.fail("sendMessage", "can't parse entities")

    talk.replies.propose(talk.message(), proposal("p17", summary=SUMMARY))

    (said,) = talk.messages()
    assert said["buttons"] == ["✅ Approve", "Decline"]
