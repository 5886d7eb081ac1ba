"""Describes what came along with a message, and the buttons below it, in a few words for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repartee.channels.slack import buttons

SLACK_LABELS = {buttons.APPROVE_ACTION_ID: "Approve", buttons.DECLINE_ACTION_ID: "Decline"}
KINDS = {
    "audio": "voice message",
    "voice": "voice message",
    "image": "picture",
    "photo": "picture",
    "sticker": "sticker",
    "video": "video",
    "video_note": "video",
    "document": "file",
    "location": "place",
}
"""The things that people post, by what the platforms call them."""


def describe_attachments(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns what a person posts in an event, besides words."""
    if "heard" in event:
        return (KINDS[event["type"]],) if event["type"] in KINDS else ()
    if "files" in event:
        return tuple(_describe_file(file) for file in event["files"] if file.get("name"))
    return tuple(
        f"{what} {event[kind]['file_name']}" if _has_file_name(event[kind]) else what
        for kind, what in KINDS.items()
        if kind in event
    )


def describe_message_extras(said: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Returns the files of a message that a stand-in shows, and the labels of its buttons."""
    if not said["bot"]:
        return [], []
    files = [f"picture {name}" for name in said.get("files", ())]
    files += [what for kind, what in KINDS.items() if said.get(kind) is True]
    files += [KINDS.get(said["kind"], said["kind"])] if said.get("media") else []
    labels = [SLACK_LABELS[action] for action in said.get("actions", ()) if action in SLACK_LABELS]
    return files, labels + _button_labels(said.get("buttons", ()))


def _button_labels(shown: Sequence[str]) -> list[str]:
    """Returns the labels of Telegram's buttons as they are, and WhatsApp's by what they do."""
    return [name.partition(":")[0].capitalize() if ":" in name else name for name in shown]


def _describe_file(file: Mapping[str, Any]) -> str:
    name, kind = file.get("name") or "", str(file.get("mimetype") or "").partition("/")[0]
    return f"{KINDS.get(kind, 'file')} {name}".strip()


def _has_file_name(found: Any) -> bool:
    return isinstance(found, Mapping) and bool(found.get("file_name"))
