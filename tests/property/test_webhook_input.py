"""Whatever is posted, signed or not: an answer that says what is wrong, never a 5xx, never a broken inbox."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.handlers import EVENTS, Webhook
from tests.support.mutations import mutated, samples, values

SAMPLES = samples(EVENTS / "slack")

PRESSED = samples(EVENTS / "slack/interactivity")

COMMANDS = samples(EVENTS / "slack/commands")

VALUES = values(
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
def webhook() -> Webhook:
    return Webhook()


def check(webhook: Webhook, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] in (200, 400, 401)
    assert answer["statusCode"] == 200 or json.loads(answer["body"])["error"]
    for message in webhook.taken():
        assert message.id
        assert message.chat.startswith(message.room)
        assert message.sender.count(":") == 2


@examples(1500, thorough=3000)
@given(event=mutated(SAMPLES, VALUES))
def test_mutated_events_are_answered(webhook: Webhook, event: Any) -> None:
    """A signed event with any of its fields gone or turned into something else is a 200 or a 400."""
    check(webhook, webhook.post(json.dumps(event).encode("utf-8", "replace")))


@examples(500, thorough=2000)
@given(pressed=mutated(PRESSED, VALUES))
def test_mutated_buttons_are_answered(webhook: Webhook, pressed: Any) -> None:
    """So is whatever comes from a button."""
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    check(webhook, webhook.post(body, path="/slack/interactivity"))


@examples(500, thorough=2000)
@given(fields=mutated(COMMANDS, VALUES))
def test_mutated_commands_are_answered(webhook: Webhook, fields: Any) -> None:
    """So is whatever comes as a command."""
    body = urlencode(fields if isinstance(fields, dict) else {}, errors="replace").encode()
    check(webhook, webhook.post(body, path="/slack/commands"))


@pytest.mark.parametrize("path", ["/slack/events", "/slack/interactivity", "/slack/commands"])
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(webhook: Webhook, path: str, body: bytes) -> None:
    """Signed bytes of any kind are a 200 or a 400."""
    check(webhook, webhook.post(body, path=path))


@given(cut=st.integers(0, 600), sample=st.sampled_from(SAMPLES))
def test_cut_off_events_are_answered(webhook: Webhook, cut: int, sample: Any) -> None:
    """An event whose end is missing is a 400."""
    check(webhook, webhook.post(json.dumps(sample).encode()[:cut]))


@given(
    headers=st.dictionaries(
        st.sampled_from(["x-slack-signature", "x-slack-request-timestamp", "x"]), st.text(max_size=80)
    )
)
def test_any_headers_are_answered(webhook: Webhook, headers: dict[str, str]) -> None:
    """Headers of any kind are a 401, never more."""
    assert webhook.post(b"{}", headers)["statusCode"] == 401
