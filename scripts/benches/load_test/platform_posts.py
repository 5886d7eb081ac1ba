"""Builds what each platform posts for a message of the load bench, signed, each chat with its own person.

In Slack each message is a new one of a direct conversation, which is one chat: a thread would bring the first
question along, and the scripted model would answer it again."""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from benches.load_test.answer_text import read_sentences
from benches.load_test.scenario import LoadMessage
from benches.load_test.seen_answers import SentAnswer
from local.sample_events import samples, telegram, whatsapp
from local.sample_events.samples import PostedRequest
from local.stack import LocalStack

FIRST_TELEGRAM_PERSON, FIRST_WHATSAPP_NUMBER = 5_000_000, 16_505_000_000
FIRST_TELEGRAM_MESSAGE = 10_000_000
"""Beyond the ids that the stand-in gives to its own messages."""

WHATSAPP_PERSON_PREFIX = "US.1349"
SAMPLES = {
    "slack": "slack/direct_message",
    "telegram": "telegram/private_message",
    "whatsapp": "whatsapp/text",
}


class PlatformPosts:
    """Builds the requests, and knows where each chat is. Owns what was posted: a redelivery is the same."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._posted: dict[str, PostedRequest] = {}
        self._lock = threading.Lock()

    def build_post(self, message: LoadMessage, at: float) -> dict[str, Any]:
        """Returns the event of the webhook's function. The first time the message is added to what the person
        sees; later it is the same post, signed anew."""
        with self._lock:
            posted = self._posted.get(message.token)
            if posted is None:
                posted = getattr(self, f"_build_{message.platform}_post")(message, at)
                self._stack.show_person_message(samples.extract_said(posted.body))
                self._posted[message.token] = posted
        if message.platform == "slack":
            headers = samples.sign_for_slack(posted.body, at, self._stack.signing_secret)
            posted = replace(posted, headers=headers)
        return dict(posted.as_lambda_event(at, str(uuid.uuid4())))

    def find_chat(self, name: str) -> int | None:
        """Returns the number of the chat that the product calls so; None for one of Slack."""
        for part in name.split(":"):
            if part.startswith(WHATSAPP_PERSON_PREFIX):
                return int(part.removeprefix(WHATSAPP_PERSON_PREFIX))
            if name.startswith("telegram") and part.isdecimal() and int(part) >= FIRST_TELEGRAM_PERSON:
                return int(part) - FIRST_TELEGRAM_PERSON
        return None

    def list_sent_answers(self) -> list[SentAnswer]:
        """Returns the messages with answers that Telegram and WhatsApp took, in order, drafts apart."""
        return [
            SentAnswer(call["at"], str(call["message_id"]), frozenset(tokens))
            for platform in ("telegram", "whatsapp")
            for call in self._stack.call_standins(f"{platform}/posts")
            if call.get("message_id")
            and "Draft" not in str(call.get("method"))
            and (tokens := [one.token for one in read_sentences([json.dumps(call.get("arguments"))])])
        ]

    def list_visible_texts(self, chat: int, platform: str) -> list[str]:
        """Returns the assistant's messages in the chat, as the person sees them."""
        return [one["text"] for one in self._read_chat(chat, platform)["messages"] if one["bot"]]

    def list_calls(self, chat: int, platform: str) -> list[dict[str, Any]]:
        """Returns all calls of the platform that name the chat, in order."""
        names = {
            "slack": [slack_channel(chat)],
            "telegram": [str(FIRST_TELEGRAM_PERSON + chat)],
            "whatsapp": [whatsapp_person(chat), str(FIRST_WHATSAPP_NUMBER + chat)],
        }[platform]
        calls = self._stack.call_standins("posts" if platform == "slack" else f"{platform}/posts")
        return [call for call in calls if any(name in json.dumps(call) for name in names)]

    def has_activity_sign(self, chat: int, platform: str) -> bool:
        """Returns whether the person sees that something is still written."""
        seen = self._read_chat(chat, platform)
        writing = any(one["streaming"] for one in seen["messages"])
        return bool(writing or seen.get("typing") or seen.get("statuses"))

    def _read_chat(self, chat: int, platform: str) -> Mapping[str, Any]:
        place = {
            "slack": f"channel/{slack_channel(chat)}",
            "telegram": f"telegram/chat/{FIRST_TELEGRAM_PERSON + chat}",
            "whatsapp": f"whatsapp/chat/{whatsapp_person(chat)}",
        }[platform]
        return dict(self._stack.call_standins(place))

    def _build_slack_post(self, message: LoadMessage, at: float) -> PostedRequest:
        envelope, stamp = _copy_sample("slack"), f"{at:.6f}"
        event = envelope["event"]
        event |= {"user": f"U0L{message.chat:06d}", "channel": slack_channel(message.chat)}
        event |= {"ts": stamp, "event_ts": stamp, "text": message.text, "client_msg_id": str(uuid.uuid4())}
        envelope |= {"event_id": f"Ev{uuid.uuid4().hex[:10].upper()}", "event_time": int(at)}
        body = _encode(envelope)
        return PostedRequest(
            "/slack/events", samples.sign_for_slack(body, at, self._stack.signing_secret), body
        )

    def _build_telegram_post(self, message: LoadMessage, at: float) -> PostedRequest:
        update, person = _copy_sample("telegram"), FIRST_TELEGRAM_PERSON + message.chat
        said = update["message"]
        said["from"]["id"] = said["chat"]["id"] = person
        said |= {"message_id": FIRST_TELEGRAM_MESSAGE + message.number, "date": int(at), "text": message.text}
        update["update_id"] = 1_000_000 + message.chat * 1000 + message.number
        headers = telegram.sign_headers(self._stack.platform_secret("telegram"))
        return PostedRequest(telegram.WEBHOOK_PATH, headers, _encode(update))

    def _build_whatsapp_post(self, message: LoadMessage, at: float) -> PostedRequest:
        batch = _copy_sample("whatsapp")
        value = batch["entry"][0]["changes"][0]["value"]
        number, person = str(FIRST_WHATSAPP_NUMBER + message.chat), whatsapp_person(message.chat)
        value["contacts"][0] |= {"wa_id": number, "user_id": person}
        value["messages"][0] |= {
            "from": number,
            "from_user_id": person,
            "id": f"wamid.{message.token}",
            "timestamp": str(int(at)),
            "text": {"body": message.text},
        }
        body = _encode(batch)
        headers = whatsapp.sign_headers(body, self._stack.platform_secret("whatsapp"))
        return PostedRequest(whatsapp.WEBHOOK_PATH, headers, body)


def slack_channel(chat: int) -> str:
    """Returns the direct conversation of the chat's person."""
    return f"D0L{chat:06d}"


def whatsapp_person(chat: int) -> str:
    """Returns the business-scoped id of the chat's person."""
    return f"{WHATSAPP_PERSON_PREFIX}{chat:016d}"


@cache
def _read_sample(platform: str) -> dict[str, Any]:
    return dict(json.loads(samples.find_event(SAMPLES[platform]).read_text()))


def _copy_sample(platform: str) -> dict[str, Any]:
    return copy.deepcopy(_read_sample(platform))


def _encode(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
