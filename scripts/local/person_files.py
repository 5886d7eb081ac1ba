"""Puts a person's file into the event of a message, as each platform tells of it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from local import sample_files
from repartee.console.try_it_stage import SaidFile

RECORDING_NAME = "voice.ogg"
OGG = "audio/ogg"
VOICE_TYPES = (OGG, "audio/webm")
"""The types of voice messages: that of Telegram and WhatsApp, and what a browser records. Other recordings
are files of music to them."""

FILE_PATHS = {
    "slack": "files/{id}/{name}",
    "telegram": "telegram/files/{id}",
    "whatsapp": "whatsapp/files/{id}",
}
"""Where the stand-in of a channel keeps a file."""


def read_recording() -> SaidFile:
    """Returns the recording among the sample events."""
    return SaidFile(RECORDING_NAME, OGG, sample_files.read_file(RECORDING_NAME))


def attach_to_slack(event: dict[str, Any], file: SaidFile, id: str) -> None:
    """Adds the file to a message of Slack."""
    said = event["event"]
    said |= {"type": "message", "subtype": "file_share", "upload": False}
    said["channel_type"] = "im" if said["channel"].startswith("D") else "channel"
    link = f"https://files.slack.com/files-pri/T0BUTLER-{id}/{file.name}"
    shared: dict[str, Any] = {
        "id": id,
        "name": file.name,
        "title": file.name,
        "mimetype": file.type,
        "mode": "hosted",
    }
    shared |= {"size": len(file.content), "user": said["user"], "is_external": False}
    shared |= {"url_private": link, "url_private_download": link}
    if file.kind == "audio":
        shared |= {"subtype": "slack_audio", "media_display_type": "audio"}
    said["files"] = [shared]
    sample_files.require_file_lookup(said)


def attach_to_telegram(event: dict[str, Any], file: SaidFile, id: str) -> None:
    """Adds the file to a message of Telegram; what was said is its caption."""
    said = event["message"]
    text, entities = said.pop("text", ""), said.pop("entities", None)
    if text:
        said["caption"] = text
    if entities:
        said["caption_entities"] = entities
    told: dict[str, Any] = {"file_id": id, "file_unique_id": f"u{id}", "file_size": len(file.content)}
    if file.kind == "image":
        said["photo"] = [told | {"width": 800, "height": 600}]
    elif file.kind == "audio":
        kind = "voice" if file.type in VOICE_TYPES else "audio"
        named = {} if kind == "voice" else {"file_name": file.name}
        said[kind] = told | {"duration": 4, "mime_type": file.type} | named
    else:
        said["document"] = told | {"mime_type": file.type, "file_name": file.name}


def attach_to_whatsapp(event: dict[str, Any], file: SaidFile, id: str) -> None:
    """Adds the file to a message of WhatsApp; what was said is its caption, which a recording has not."""
    message = event["entry"][0]["changes"][0]["value"]["messages"][0]
    text = message.pop("text", {}).get("body", "")
    kind = file.kind if file.kind in ("image", "audio") else "document"
    digest = b64encode(hashlib.sha256(file.content).digest()).decode()
    told: dict[str, Any] = {"id": id, "mime_type": file.type, "sha256": digest}
    if kind == "audio":
        told["voice"] = file.type in VOICE_TYPES
    elif text:
        told["caption"] = text
    if kind == "document":
        told["filename"] = file.name
    message |= {"type": kind, kind: told}


def web_attachment(file: SaidFile) -> Mapping[str, str]:
    """Returns the file as a client of the web chat posts it."""
    return {"name": file.name, "data": b64encode(file.content).decode()}
