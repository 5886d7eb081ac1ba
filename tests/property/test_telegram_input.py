"""Whatever is posted to Telegram's route: acknowledged, never a 4xx or 5xx, never a broken inbox."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.example_counts import example_count
from tests.support.memory_handlers import EVENTS_FOLDER, NO_LIMITS, MemoryWiring, WebhookFunction
from tests.support.mutated_events import json_values, mutated_events, sample_events

SECRET = "local-webhook-secret"

SAMPLES = sample_events(EVENTS_FOLDER / "telegram")

VALUES = json_values(
    ["private", "supergroup", "mention", "bot_command", "/mute 2h", "@repartee_bot stop", "🙂🙂"]
)


@pytest.fixture(scope="module")
def webhook() -> WebhookFunction:
    return WebhookFunction(
        MemoryWiring(TELEGRAM_WEBHOOK_SECRET=SECRET, TELEGRAM_BOT_TOKEN="7001:token", **NO_LIMITS)
    )


def post(webhook: WebhookFunction, body: bytes, secret: str = SECRET) -> dict[str, Any]:
    return webhook.post_body(body, {"x-telegram-bot-api-secret-token": secret}, path="/telegram/webhook")


def check(webhook: WebhookFunction, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) is not None
    for message in webhook.take_stored():
        assert int(message.id) > 0
        assert message.chat.startswith(message.room)
        assert int(message.sender.removeprefix("telegram:"))
        alone = f":e{message.platform['receiver']}" if "receiver" in message.platform else ""
        room = webhook.parts.chat_moves.first_id(f"telegram:{message.platform['chat']}")
        assert room + alone == message.room


@example_count(1500, thorough=30_000)
@given(update=mutated_events(SAMPLES, VALUES))
def test_mutated_updates_are_answered(webhook: WebhookFunction, update: Any) -> None:
    """An update with any of its fields gone or turned into something else is a 200."""
    check(webhook, post(webhook, json.dumps(update).encode("utf-8", "replace")))


@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(webhook: WebhookFunction, body: bytes) -> None:
    """Bytes of any kind are a 200."""
    check(webhook, post(webhook, body))


@given(cut=st.integers(0, 400), sample=st.sampled_from(SAMPLES))
def test_cut_off_updates_are_kept_aside(webhook: WebhookFunction, cut: int, sample: Any) -> None:
    """An update whose end is missing is a 200 too, and kept aside."""
    whole = json.dumps(sample).encode()

    letters = len(webhook.parts.wakes.dead_lettered)

    assert post(webhook, whole[: min(cut, len(whole) - 1)])["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == letters + 1


@given(secret=st.text(max_size=80))
def test_any_other_secret_is_refused(webhook: WebhookFunction, secret: str) -> None:
    """With a 401, whatever it is made of."""
    assert secret == SECRET or post(webhook, b"{}", secret)["statusCode"] == 401
