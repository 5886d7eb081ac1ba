"""A press on one of the buttons that a conversation shows, as its platform posts it."""

from __future__ import annotations

from typing import Any

from local import button_press
from local.sample_events import samples

PEOPLE_BY_PLATFORM = {
    "slack": {"Ada": "U0ADA", "Ben": "U0BEN"},
    "telegram": {"Ada": "4200042", "Ben": "4200043"},
}


def build_press(held: Any, button: str, by: str, secret: str, at: float) -> samples.PostedRequest:
    """The press of a button (`approve`, `decline`) of the newest proposal that the conversation shows."""
    person = PEOPLE_BY_PLATFORM[held.channel][by]
    if held.channel == "slack":
        pressed = button_press.build_slack_press(held.parts.slack_standin.posts, button, person, secret, at)
    else:
        posts = held.parts.telegram_standin.posts
        pressed = button_press.build_telegram_press(posts, button, int(person), secret, at)
    assert pressed, "no proposal was shown"
    return pressed
