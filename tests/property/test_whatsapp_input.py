"""Whatever is posted to WhatsApp's route: acknowledged, never a 4xx or 5xx, never a lost message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.whatsapp.signature import sign_body
from repartee.domain.message import Message
from tests.support.example_counts import example_count
from tests.support.inbox_builders import label_of
from tests.support.memory_handlers import EVENTS_FOLDER, NO_LIMITS, MemoryWiring, WebhookFunction
from tests.support.mutated_events import json_values, mutated_events, sample_events

SECRET = "local-app-secret"

SAMPLES = [sample for sample in sample_events(EVENTS_FOLDER / "whatsapp") if "entry" in sample]

VALUES = json_values(["text", "image", "approve:1", "mute 2h", "messages", "🙂🙂", "16505551234", "wamid.x"])

WHOLE = json.loads(
    json.dumps(next(one for one in SAMPLES if len(one["entry"]) == 2)).replace("wamid.", "wamid.w")
)
"""A batch whose messages are no other's."""


def is_json(value: Any) -> bool:
    """Whether it can be written so that others read it: there is no infinity in JSON."""
    try:
        return bool(json.dumps(value, allow_nan=False))
    except ValueError:
        return False


@pytest.fixture(scope="module")
def webhook() -> WebhookFunction:
    return WebhookFunction(
        MemoryWiring(WHATSAPP_APP_SECRET=SECRET, WHATSAPP_VERIFY_TOKEN="token", **NO_LIMITS)
    )


def post(webhook: WebhookFunction, body: bytes, secret: str = SECRET) -> dict[str, Any]:
    return webhook.post_body(body, {"x-hub-signature-256": sign_body(secret, body)}, path="/whatsapp/webhook")


def check(webhook: WebhookFunction, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] == 200
    for message in webhook.take_stored():
        channel, number, person = message.room.split(":")
        assert (channel, message.chat, message.sender) == ("whatsapp", message.room, f"whatsapp:{person}")
        assert message.platform["number"] == number
        assert message.platform.get("to") or message.platform.get("recipient")
        assert label_of(message) or not isinstance(message, Message) or message.attachments or message.context


@example_count(300, thorough=4_000)
@given(batch=mutated_events(SAMPLES, VALUES))
def test_mutated_batches_are_answered(webhook: WebhookFunction, batch: Any) -> None:
    """A batch with any of its fields gone or turned into something else is a 200."""
    check(webhook, post(webhook, json.dumps(batch).encode("utf-8", "replace")))


@example_count(500, thorough=12_000)
@given(broken=mutated_events(SAMPLES, VALUES).filter(is_json), first=st.booleans())
def test_a_valid_message_beside_a_broken_one_is_never_lost(
    webhook: WebhookFunction, broken: Any, first: bool
) -> None:
    """Whatever is wrong in another entry."""
    entries = broken.get("entry") if isinstance(broken, dict) else None
    others = entries if isinstance(entries, list) else [broken]
    webhook.parts.inbox.messages.clear()

    both = [*others, *WHOLE["entry"]] if first else [*WHOLE["entry"], *others]
    answer = post(webhook, json.dumps({**WHOLE, "entry": both}).encode("utf-8", "replace"))

    assert answer["statusCode"] == 200
    said = {message.text for message in webhook.parts.inbox.said_messages()}
    assert {"how many desks are free?"} <= said


@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(webhook: WebhookFunction, body: bytes) -> None:
    """Bytes of any kind are a 200."""
    check(webhook, post(webhook, body))


@given(cut=st.integers(0, 400), sample=st.sampled_from(SAMPLES))
def test_cut_off_batches_are_kept_aside(webhook: WebhookFunction, cut: int, sample: Any) -> None:
    """A batch whose end is missing is a 200 too, and kept aside."""
    whole = json.dumps(sample).encode()

    letters = len(webhook.parts.wakes.dead_lettered)

    assert post(webhook, whole[: min(cut, len(whole) - 1)])["statusCode"] == 200
    assert len(webhook.parts.wakes.dead_lettered) == letters + 1


@given(secret=st.text(max_size=80))
def test_any_other_signature_is_refused(webhook: WebhookFunction, secret: str) -> None:
    """With a 401, whatever signed it."""
    assert secret == SECRET or post(webhook, b"{}", secret)["statusCode"] == 401
