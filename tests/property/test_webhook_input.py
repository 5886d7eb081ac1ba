"""Whatever is posted, signed or not: an answer that says what is wrong, never a 5xx, never a broken inbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.handlers import EVENTS, Webhook

SAMPLES = [json.loads(path.read_text()) for path in sorted((EVENTS / "slack").glob("*.json"))]

PRESSED = [json.loads(path.read_text()) for path in sorted((EVENTS / "slack/interactivity").glob("*.json"))]

COMMANDS = [json.loads(path.read_text()) for path in sorted((EVENTS / "slack/commands").glob("*.json"))]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "message",
            "app_mention",
            "event_callback",
            "U0ADA",
            "D0ADA",
            "1789000000.000100",
            "<@U0REPARTEE> stop",
        ]
    ),
)

VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of everything in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in paths(one, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn, samples: Sequence[Any] = SAMPLES) -> Any:
    """A sample event in which up to three places hold something else, or nothing."""
    event = json.loads(json.dumps(draw(st.sampled_from(samples))))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from([path for path in paths(event) if path] or [("type",)]))
        holder = event
        for key in parents:
            holder = holder[key]
        if draw(st.booleans()):
            holder[last] = draw(VALUES)
        elif isinstance(holder, dict):
            del holder[last]
    return event


@pytest.fixture(scope="module")
def webhook() -> Webhook:
    return Webhook()


def check(webhook: Webhook, answer: dict[str, Any]) -> None:
    assert answer["statusCode"] in (200, 400, 401)
    assert answer["statusCode"] == 200 or json.loads(answer["body"])["error"]
    for message in webhook.parts.inbox.messages.values():
        assert message.id
        assert message.chat.startswith(message.room)
        assert message.sender.count(":") == 2


@settings(max_examples=1500)
@given(event=mutated())
def test_mutated_events_are_answered(webhook: Webhook, event: Any) -> None:
    """A signed event with any of its fields gone or turned into something else is a 200 or a 400."""
    check(webhook, webhook.post(json.dumps(event).encode("utf-8", "replace")))


@settings(max_examples=500)
@given(pressed=mutated(PRESSED))
def test_mutated_buttons_are_answered(webhook: Webhook, pressed: Any) -> None:
    """So is whatever comes from a button."""
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    check(webhook, webhook.post(body, path="/slack/interactivity"))


@settings(max_examples=500)
@given(fields=mutated(COMMANDS))
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
