"""Whatever is posted, signed or not: an answer, never a 5xx, never a broken inbox."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.example_counts import example_count
from tests.support.memory_handlers import EVENTS_FOLDER, NO_LIMITS, MemoryWiring, WebhookFunction
from tests.support.mutated_events import json_values, mutated_events, sample_events

SAMPLES = sample_events(EVENTS_FOLDER / "slack")

PRESSED = sample_events(EVENTS_FOLDER / "slack/interactivity")

COMMANDS = sample_events(EVENTS_FOLDER / "slack/commands")

VALUES = json_values(
    [
        "message",
        "app_mention",
        "event_callback",
        "U0ADA",
        "D0ADA",
        "1789000000.000100",
        "<@U0REPARTEE> stop",
    ]
)


@pytest.fixture(scope="module")
def webhook() -> WebhookFunction:
    return WebhookFunction(MemoryWiring(**NO_LIMITS))


def check(webhook: WebhookFunction, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] in (200, 401)
    assert answer["statusCode"] == 200 or json.loads(answer["body"])["error"]
    for message in webhook.take_stored():
        assert message.id
        assert message.chat.startswith(message.room)
        assert message.sender.count(":") == 2


@example_count(1500, thorough=30_000)
@given(event=mutated_events(SAMPLES, VALUES))
def test_mutated_events_are_answered(webhook: WebhookFunction, event: Any) -> None:
    """A signed event with any of its fields gone or turned into something else is a 200."""
    check(webhook, webhook.post_body(json.dumps(event).encode("utf-8", "replace")))


@example_count(500, thorough=12_000)
@given(pressed=mutated_events(PRESSED, VALUES))
def test_mutated_buttons_are_answered(webhook: WebhookFunction, pressed: Any) -> None:
    """So is whatever comes from a button."""
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    check(webhook, webhook.post_body(body, path="/slack/interactivity"))


@example_count(500, thorough=12_000)
@given(fields=mutated_events(COMMANDS, VALUES))
def test_mutated_commands_are_answered(webhook: WebhookFunction, fields: Any) -> None:
    """So is whatever comes as a command."""
    body = urlencode(fields if isinstance(fields, dict) else {}, errors="replace").encode()
    check(webhook, webhook.post_body(body, path="/slack/commands"))


@pytest.mark.parametrize("path", ["/slack/events", "/slack/interactivity", "/slack/commands"])
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(webhook: WebhookFunction, path: str, body: bytes) -> None:
    """Signed bytes of any kind are a 200."""
    check(webhook, webhook.post_body(body, path=path))


@given(cut=st.integers(0, 600), sample=st.sampled_from(SAMPLES))
def test_cut_off_events_are_answered(webhook: WebhookFunction, cut: int, sample: Any) -> None:
    """An event whose end is missing is a 200 too, and kept aside."""
    check(webhook, webhook.post_body(json.dumps(sample).encode()[:cut]))


@given(
    headers=st.dictionaries(
        st.sampled_from(["x-slack-signature", "x-slack-request-timestamp", "x"]), st.text(max_size=80)
    )
)
def test_any_headers_are_answered(webhook: WebhookFunction, headers: dict[str, str]) -> None:
    """Headers of any kind are a 401, never more."""
    assert webhook.post_body(b"{}", headers)["statusCode"] == 401
