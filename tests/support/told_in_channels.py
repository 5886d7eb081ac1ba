"""The same words as people send them in each channel: a sample with other words, read by the receiver."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import msgspec

from repartee.channels.slack.events import SlackEventReceiver
from repartee.channels.telegram.receiver import TelegramReceiver
from repartee.channels.web.bearer_tokens import BearerTokens
from repartee.channels.web.jwks import Jwks
from repartee.channels.web.receiver import WebReceiver
from repartee.channels.whatsapp.receiver import WhatsAppReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message, Person
from repartee.ports import StoredMedia
from repartee.ports.channels import Receiver
from repartee.privacy.identifiers import IdentifierHasher
from standins.oidc.server import AUDIENCE, OidcStandIn
from tests.support.inbox_builders import only_messages, parse_intake
from tests.support.memory_handlers import NOW_SECONDS, read_payload
from tests.support.memory_web_stores import MemoryRates

Payload = dict[str, Any]


def _now() -> float:
    return NOW_SECONDS


WEB_ISSUER = OidcStandIn(_now)


def _publish_keys(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=WEB_ISSUER.published_keys())


def _keep_medium(workspace: str, content: bytes) -> StoredMedia:
    return StoredMedia(key="file", content_type="text/plain", size=len(content))


def make_web_receiver(max_messages: int = 100, max_kilobytes: int = 4096) -> WebReceiver:
    """The web's receiver, for tokens of the issuer above."""
    keys = Jwks("https://issuer.example.com/", _now, httpx2.MockTransport(_publish_keys))
    return WebReceiver(
        BearerTokens(keys, AUDIENCE, _now, IdentifierHasher("a key for tests")),
        MemoryRates(_now),
        max_messages,
        max_kilobytes,
        lambda: "new",
        _keep_medium,
    )


def _slack_payload(text: str, number: int) -> Payload:
    payload: Payload = json.loads(read_payload("slack/direct_message"))
    payload["event"] |= {"text": text, "ts": f"{NOW_SECONDS + number:.6f}"}
    return payload


def _telegram_payload(text: str, number: int) -> Payload:
    payload: Payload = json.loads(read_payload("telegram/private_message"))
    payload["message"] |= {"text": text, "message_id": 100 + number, "date": int(NOW_SECONDS) + number}
    return payload


def _whatsapp_payload(text: str, number: int) -> Payload:
    payload: Payload = json.loads(read_payload("whatsapp/text"))
    (message,) = payload["entry"][0]["changes"][0]["value"]["messages"]
    message |= {"text": {"body": text}, "id": f"wamid.{number}", "timestamp": f"{NOW_SECONDS + number:.0f}"}
    return payload


def _web_payload(text: str, number: int) -> Payload:
    payload: Payload = json.loads(read_payload("web/message"))
    return payload | {"text": text, "id": f"message-{number}"}


PAYLOADS: Mapping[str, Callable[[str, int], Payload]] = {
    "slack": _slack_payload,
    "telegram": _telegram_payload,
    "whatsapp": _whatsapp_payload,
    "web": _web_payload,
}

RECEIVERS: Mapping[str, Callable[[], Receiver]] = {
    "slack": lambda: SlackEventReceiver(lambda: (), lambda: False),
    "telegram": lambda: TelegramReceiver(lambda: (), lambda: False, lambda: "7001:x", "repartee_bot"),
    "whatsapp": lambda: WhatsAppReceiver(
        lambda: (), lambda: (), lambda: False, lambda: "", IdentifierHasher("a key for tests")
    ),
    "web": make_web_receiver,
}

ADA = "Ada Lovelace"

NAMED_LATER = ("slack", "telegram", "web")
"""Channels whose receivers do not tell the sender's name: it is looked up elsewhere, or not at all yet."""


def tell(channel: str, text: str, number: int = 0) -> Message:
    """Ada's message in the channel, the so manieth of a conversation: one each second."""
    body = json.dumps(PAYLOADS[channel](text, number)).encode()
    headers = {"authorization": f"Bearer {WEB_ISSUER.issue_token()}"}
    request = HttpRequest("POST", "/", headers, body, NOW_SECONDS + number, f"request-{number}")
    (message,) = only_messages(RECEIVERS[channel]().parse(request).messages)
    if channel in NAMED_LATER:
        message = msgspec.structs.replace(message, sender_name=ADA)
    return parse_intake(msgspec.structs.replace(message, sent=NOW_SECONDS + number))


def other_person(channel: str, name: str) -> Person:
    """Another person, as the channel knows them."""
    return Person(f"{channel}:another", name)
