"""The body of an event, and its headers, as Standard Webhooks describes them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from repartee.domain.desk_event import DeskEvent, EventBatch, LaneState
from repartee.domain.message import Exchange, TeamAction

MAX_TEXT_CHARS = 4000
"""Characters of a message's words in an event: Standard Webhooks advises to keep bodies below 20 kB."""

KEY_PREFIX = "whsec_"
MIN_KEY_BYTES, MAX_KEY_BYTES = 24, 64
"""Bytes of a signing key, by Standard Webhooks."""


def decode_signing_key(secret: str) -> bytes | None:
    """Returns the key in a secret such as `whsec_…`. None where the secret is none: nothing is signed with
    what was made for something else."""
    if not secret.startswith(KEY_PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(KEY_PREFIX), validate=True)
    except binascii.Error:
        return None
    return key if MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES else None


def sign_body(event_id: str, at: float, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Returns the headers that prove who sent a body, and when: a signature with each key, so that a receiver
    that knows the former one alone accepts it too."""
    stamp = str(int(at))
    signed = f"{event_id}.{stamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def render_event(event: DeskEvent, batch: EventBatch, state: LaneState, texts: Mapping[str, str]) -> bytes:
    """Returns an event's body. After events that were given up it says which are missing. `texts` are the
    words that it may have, by the event."""
    data: dict[str, Any] = {"conversation": batch.chat, "number": batch.number, "channel": batch.channel}
    fields = {
        "customer": event.customer,
        "message": event.message,
        "revises": event.revises,
        "files": event.files,
        "sent_by": event.sent_by,
        "member": event.member,
        "handover": event.handover,
        "reason": event.reason,
        "outcome": event.outcome,
        "score": event.score,
        "text": texts.get(event.id, "")[:MAX_TEXT_CHARS],
    }
    body: dict[str, Any] = {
        "type": event.kind,
        "timestamp": datetime.fromtimestamp(event.at, UTC).isoformat().replace("+00:00", "Z"),
        "data": data | {name: value for name, value in fields.items() if value},
    }
    if state.missed_number:
        body["gap"] = {"missed": state.missed_number, "events": state.missed}
    return msgspec.json.encode(body)


def find_texts(batch: EventBatch, exchange: Exchange | None) -> dict[str, str]:
    """Returns the words that the events of a batch are about, as far as they are still there."""
    if exchange is None:
        return {}
    said = {one.id: getattr(one, "text", "") for one in exchange.messages}
    acted = {one.id for one in exchange.messages if isinstance(one, TeamAction)}
    found: dict[str, str] = {}
    for event in batch.events:
        if event.kind == "reply.sent" and event.sent_by == "assistant":
            found[event.id] = exchange.reply
        elif event.kind == "message.received" or event.message in acted:
            found[event.id] = said.get(event.message, "")
    return found
