"""WhatsApp's sample events: made fresh, and signed as Meta signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from repartee.channels.whatsapp.message_text import message_text
from repartee.channels.whatsapp.payloads import WhatsAppMessage
from repartee.channels.whatsapp.signature import sign_body

WEBHOOK_PATH = "/whatsapp/webhook"
VERIFY_TOKEN = "local-standin-verify-token"
"""The word that Meta says when it subscribes, in events/whatsapp/subscribe.json."""

SAMPLE_FILES = {
    "audio": "standup.mp3",
    "document": "",
    "image": "photo.jpg",
    "sticker": "photo.jpg",
    "voice": "voice.ogg",
}
"""Sample files behind events that name none."""


def is_batch(event: Mapping[str, Any]) -> bool:
    """Whether this is what Meta posts."""
    return "entry" in event


def is_subscription(event: Mapping[str, Any]) -> bool:
    """Whether this is how Meta asks, before it posts anything: a query, with no body."""
    return "hub.mode" in event


def sign_headers(body: bytes, secret: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Hub-Signature-256": sign_body(secret, body)}


def refresh_batch(batch: dict[str, Any], at: float, say: str = "") -> None:
    """Gives each message a time and an id of its own, so that it is not a redelivery. `say` is what the
    person says in the last."""
    messages = list(_iterate_messages(batch))
    for number, (_, message) in enumerate(messages):
        message["id"] = f"wamid.{int(at * 1000) + number:X}"
        message["timestamp"] = str(int(at))
    if say and messages:
        message = messages[-1][1]
        message.pop(message["type"], None)
        message |= {"type": "text", "text": {"body": say}}


def extract_said(batch: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the text of an event, and each message's arguments for the stand-in. Empty if there is none."""
    messages = [_to_standin_message(value, message) for value, message in _iterate_messages(batch)]
    if not messages:
        return {}
    kind = next(message["type"] for _, message in _iterate_messages(batch))
    person = messages[-1]["user_id"] or messages[-1]["wa_id"]
    event = {"type": kind, "text": messages[-1]["text"], "heard": messages}
    return {**event, "chat": person, "name": _sender_name(batch)}


def _sender_name(batch: Mapping[str, Any]) -> str:
    """Returns the name of the newest message's sender."""
    contacts = [contact for value, _ in _iterate_messages(batch) for contact in value.get("contacts", ())]
    return str(contacts[-1]["profile"]["name"]).partition(" ")[0] if contacts else ""


def _iterate_messages(batch: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each message, with the value in which it stands."""
    for entry in batch.get("entry", ()):
        for change in entry.get("changes", ()):
            for message in change.get("value", {}).get("messages", ()):
                yield change["value"], message


def _to_standin_message(value: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    contact: Mapping[str, Any] = next(iter(value.get("contacts", ())), {})
    return {
        "id": message["id"],
        "wa_id": message.get("from") or contact.get("wa_id", ""),
        "user_id": message.get("from_user_id") or contact.get("user_id", ""),
        "text": message_text(msgspec.convert(dict(message), WhatsAppMessage)),
        "files": dict(_attached_files(message)),
    }


def _attached_files(message: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The type and the name of what came along, by the id under which it is asked for."""
    for kind in ("audio", "document", "image", "sticker"):
        if media := message.get(kind):
            of = "voice" if media.get("voice") else kind
            mime = media["mime_type"].partition(";")[0]
            yield media["id"], (mime, media.get("filename") or SAMPLE_FILES[of])
