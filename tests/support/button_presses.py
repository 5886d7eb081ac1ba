"""A press on one of the buttons that a conversation shows, as its platform posts it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from local.sample_events import samples
from local.sample_events import telegram as telegram_events
from repartee.channels.slack import buttons
from repartee.channels.slack.receiver import sign_body

PEOPLE_BY_PLATFORM = {
    "slack": {"Ada": "U0ADA", "Ben": "U0BEN"},
    "telegram": {"Ada": "4200042", "Ben": "4200043"},
}


def build_press(held: Any, button: str, by: str, secret: str, at: float) -> samples.PostedRequest:
    """The press of a button (`approve`, `decline`) of the newest proposal that the conversation shows."""
    person = PEOPLE_BY_PLATFORM[held.channel][by]
    if held.channel == "slack":
        return _build_slack_press(held.parts.slack_standin, button, person, secret, at)
    return _build_telegram_press(held.parts.telegram_standin, button, person, secret, at)


def _build_slack_press(slack: Any, button: str, person: str, secret: str, at: float) -> samples.PostedRequest:
    action = buttons.APPROVE_ACTION_ID if button == "approve" else buttons.DECLINE_ACTION_ID
    pressed = json.loads(samples.find_event("slack/interactivity/approve").read_text())
    post, value = _newest_slack_message(slack, action)
    thread = post["arguments"]["thread_ts"]
    pressed["user"]["id"] = person
    pressed["container"] |= {"message_ts": post["ts"], "thread_ts": thread}
    pressed["actions"][0] |= {"action_id": action, "value": value, "action_ts": f"{at:.6f}"}
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    timestamp = str(int(at))
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign_body(secret, timestamp, body),
    }
    return samples.PostedRequest("/slack/interactivity", headers, body)


def _newest_slack_message(slack: Any, action: str) -> tuple[dict[str, Any], str]:
    for post in reversed(slack.posts):
        for block in post["arguments"].get("blocks") or ():
            for element in block.get("elements", ()):
                if post["method"] == "chat.postMessage" and element.get("action_id") == action:
                    return post, element["value"]
    raise AssertionError("no proposal was shown")


def _build_telegram_press(
    telegram: Any, button: str, person: str, secret: str, at: float
) -> samples.PostedRequest:
    update = json.loads(samples.find_event(f"telegram/{button}").read_text())
    post = next(
        post
        for post in reversed(telegram.posts)
        if post["method"] == "sendMessage" and "reply_markup" in post["arguments"]
    )
    (row,) = post["arguments"]["reply_markup"]["inline_keyboard"]
    chat = post["arguments"]["chat_id"]
    query = update["callback_query"]
    query["id"] = str(int(at * 1000))
    query["from"]["id"] = int(person)
    query["message"] |= {"message_id": post["message_id"], "chat": {"id": chat, "type": "private"}}
    query["data"] = next(one["callback_data"] for one in row if one["callback_data"].startswith(button))
    return samples.PostedRequest(
        telegram_events.WEBHOOK_PATH, telegram_events.sign_headers(secret), json.dumps(update).encode()
    )
