"""Buttons in Telegram: a press is written at once, answered at once, and carried out by the turn."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from repartee.domain.message import ButtonPress
from repartee.domain.proposal import Verdict
from repartee.language.catalogue import LANGUAGES
from repartee.language.proposal_texts import refusal_text
from tests.support.memory_handlers import NOW_SECONDS, MemoryWiring, WebhookFunction, read_payload
from tests.support.memory_proposals import make_proposal

SECRET = "s3cret-Token"
ADA, GROUP = "telegram:4200042", "telegram:-1001234567890"


@pytest.fixture
def webhook() -> WebhookFunction:
    """Somebody has been asked whether p17 may be done."""
    webhook = WebhookFunction(MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, TELEGRAM_BOT_TOKEN="7001:token"))
    webhook.parts.proposals.put(make_proposal("p17", approver=ADA, expires_at=NOW_SECONDS + 600))
    return webhook


def post(webhook: WebhookFunction, body: bytes) -> dict[str, Any]:
    """What the webhook answers, which Telegram takes for a call."""
    headers = {"x-telegram-bot-api-secret-token": SECRET}
    answer = webhook.post_body(body, headers, path="/telegram/webhook")
    assert answer["statusCode"] == 200
    called: dict[str, Any] = json.loads(answer["body"])
    return called


def press(webhook: WebhookFunction, **changes: Any) -> dict[str, Any]:
    """Presses the sample's button, of which something else is so."""
    update = json.loads(read_payload("telegram/approve"))
    update["callback_query"] |= changes
    return post(webhook, json.dumps(update).encode())


@pytest.mark.parametrize("name, state", [("approve", "approved"), ("decline", "declined")])
def test_a_press_is_written_answered_and_wakes_its_chat(
    webhook: WebhookFunction, name: str, state: str
) -> None:
    """A word passes over the screen, and the turn finds on what was decided, and where the button is."""
    called = post(webhook, read_payload(f"telegram/{name}"))

    assert webhook.parts.proposals.kept["p17"].state == state
    assert (called["method"], called["text"].lower()) == ("answerCallbackQuery", state)
    assert called["callback_query_id"].startswith("180386349115632113")
    ((_, message),) = webhook.parts.inbox.open.items()
    assert isinstance(message, ButtonPress)
    assert (message.proposal_id, message.chat, message.sender) == ("p17", GROUP, ADA)
    assert message.platform["pressed"] == "1042"
    assert webhook.parts.wakes.first_chats() == [GROUP]


def test_a_press_in_a_topic_is_answered_there(webhook: WebhookFunction) -> None:
    """Its chat is the topic."""
    under = json.loads(read_payload("telegram/approve"))["callback_query"]["message"]

    press(webhook, message={**under, "message_thread_id": 7, "is_topic_message": True})

    ((_, message),) = webhook.parts.inbox.open.items()
    assert (message.chat, message.platform["topic"]) == (f"{GROUP}:7", "7")


def test_a_press_that_is_delivered_again_is_answered_the_same(webhook: WebhookFunction) -> None:
    """And wakes for the same message."""
    first = press(webhook)

    webhook.parts.now += 1.0
    assert press(webhook) == first

    assert len(webhook.parts.inbox.messages) == 1


@pytest.mark.parametrize(
    "changes, verdict",
    [
        ({"from": {"id": 55, "is_bot": False}}, "another's"),
        ({"data": "approve:p18"}, "unknown"),
        ({"id": "2"}, "decided"),
    ],
)
def test_a_press_that_decides_nothing_is_told_at_once(
    webhook: WebhookFunction, changes: dict[str, Any], verdict: Verdict
) -> None:
    """In a word that has to be dismissed, and no turn is woken for it."""
    if verdict == "decided":
        press(webhook)
    kept = len(webhook.parts.inbox.messages)

    called = press(webhook, **changes)

    assert (called["text"], called["show_alert"]) == (refusal_text(verdict, "en"), True)
    assert len(webhook.parts.inbox.messages) == kept


def test_a_press_that_comes_too_late(webhook: WebhookFunction) -> None:
    """After ten minutes nothing is done."""
    webhook.parts.now = NOW_SECONDS + 601

    assert press(webhook)["text"] == refusal_text("late", "en")
    assert webhook.parts.proposals.kept["p17"].state == "open"


def test_words_fit_into_what_telegram_shows() -> None:
    """An answer to a press has at most 200 characters, in every language."""
    assert all(len(refusal_text(one, code)) <= 200 for one in get_args(Verdict) for code in LANGUAGES)


def test_another_button_is_not_ours(webhook: WebhookFunction) -> None:
    """Nothing is decided, nothing is kept."""
    assert post(webhook, read_payload("telegram/another_button")) == {}
    assert press(webhook, message=None) == {}
    assert not webhook.parts.inbox.messages
