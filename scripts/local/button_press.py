"""The press of a button under a proposal, signed as the person's platform posts it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from local.sample_events import samples, telegram, whatsapp
from repartee.channels.slack import buttons
from repartee.channels.slack.receiver import sign_body

Posts = Sequence[Mapping[str, Any]]
FEEDBACK_BUTTONS = {"helpful": "positive_button", "unhelpful": "negative_button"}
SLACK_ACTIONS = {"approve": buttons.APPROVE_ACTION_ID, "decline": buttons.DECLINE_ACTION_ID}


def build_press(
    platform: str, posts: Posts, button: str, event: Mapping[str, Any], secret: str, at: float
) -> samples.PostedRequest | None:
    """Returns the press of a button (`approve`, `decline`) of the newest proposal among the calls to the
    platform, by the author of `event`. None if no proposal was shown."""
    if platform == "slack":
        return build_slack_press(posts, button, str(event.get("user", "")), secret, at)
    if platform == "telegram":
        return build_telegram_press(posts, button, int(event["from"]["id"]), secret, at)
    return build_whatsapp_press(posts, button, secret, at)


def build_slack_press(
    posts: Posts, button: str, person: str, secret: str, at: float
) -> samples.PostedRequest | None:
    """Returns the press of a button in Slack."""
    action = SLACK_ACTIONS[button]
    found = next(
        (
            (post, element["value"])
            for post in reversed(posts)
            if post["method"] == "chat.postMessage"
            for element in _slack_elements(post["arguments"].get("blocks") or ())
            if element.get("action_id") == action
        ),
        None,
    )
    if found is None:
        return None
    post, value = found
    place = {"message_ts": post["ts"], "thread_ts": post["arguments"].get("thread_ts") or post["ts"]}
    return _sign_slack_press(action, value, place, post["arguments"]["channel"], person, secret, at)


def build_slack_feedback(
    posts: Posts, message: Mapping[str, Any], button: str, person: str, secret: str, at: float
) -> samples.PostedRequest | None:
    """Returns the press of `helpful` or `unhelpful` under a reply, which is as the stand-in shows it."""
    found = (
        (post["arguments"]["channel"], element[FEEDBACK_BUTTONS[button]]["value"])
        for post in reversed(posts)
        if message["ts"] in (post.get("ts"), post["arguments"].get("ts"))
        for element in _slack_elements(post["arguments"].get("blocks") or ())
        if element.get("action_id") == buttons.FEEDBACK_ACTION_ID
    )
    channel, value = next(found, ("", ""))
    place = {"message_ts": message["ts"], "thread_ts": message["thread_ts"] or message["ts"]}
    action = buttons.FEEDBACK_ACTION_ID
    return _sign_slack_press(action, value, place, channel, person, secret, at) if channel else None


def _sign_slack_press(
    action: str, value: str, place: Mapping[str, str], channel: str, person: str, secret: str, at: float
) -> samples.PostedRequest:
    pressed = json.loads(samples.find_event("slack/interactivity/approve").read_text())
    pressed["user"]["id"] = person
    pressed["container"] |= {**place, "channel_id": channel}
    pressed["channel"]["id"] = channel
    pressed["actions"][0] |= {"action_id": action, "value": value, "action_ts": f"{at:.6f}"}
    body = urlencode({"payload": json.dumps(pressed)}).encode()
    timestamp = str(int(at))
    headers = {
        "Content-Type": samples.FORM_CONTENT_TYPE,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign_body(secret, timestamp, body),
    }
    return samples.PostedRequest("/slack/interactivity", headers, body)


def build_telegram_press(
    posts: Posts, button: str, person: int, secret: str, at: float
) -> samples.PostedRequest | None:
    """Returns the press of a button in Telegram."""
    post = next(
        (
            post
            for post in reversed(posts)
            if post["method"] == "sendMessage" and "reply_markup" in post["arguments"]
        ),
        None,
    )
    if post is None:
        return None
    update = json.loads(samples.find_event(f"telegram/{button}").read_text())
    (row,) = post["arguments"]["reply_markup"]["inline_keyboard"]
    chat = post["arguments"]["chat_id"]
    kind = "private" if int(chat) > 0 else "supergroup"
    query = update["callback_query"]
    query["id"] = str(int(at * 1000))
    query["from"]["id"] = person
    query["message"] |= {"message_id": post["message_id"], "chat": {"id": chat, "type": kind}}
    query["data"] = next(one["callback_data"] for one in row if one["callback_data"].startswith(button))
    return samples.PostedRequest(
        telegram.WEBHOOK_PATH, telegram.sign_headers(secret), json.dumps(update).encode()
    )


def build_whatsapp_press(posts: Posts, button: str, secret: str, at: float) -> samples.PostedRequest | None:
    """Returns the press of a button in WhatsApp, by the person of the sample."""
    batch = json.loads(samples.find_event(f"whatsapp/{button}").read_text())
    shown = [
        one["reply"]["id"]
        for post in reversed(posts)
        for one in (post["arguments"].get("interactive") or {}).get("action", {}).get("buttons", ())
        if one["reply"]["id"].startswith(f"{button}:")
    ]
    if not shown:
        return None
    message = batch["entry"][0]["changes"][0]["value"]["messages"][0]
    message["interactive"]["button_reply"]["id"] = shown[0]
    whatsapp.refresh_batch(batch, at, "")
    body = json.dumps(batch).encode()
    return samples.PostedRequest(whatsapp.WEBHOOK_PATH, whatsapp.sign_headers(body, secret), body)


def _slack_elements(blocks: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return (element for block in blocks for element in block.get("elements", ()))
